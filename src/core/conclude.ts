/** From what was found to the verdict. */
import { fingerprintOf } from './certificate.ts';
import { type MutableChecks, NOT_REACHED, passed, skipped } from './describe.ts';
import type { EntryState } from './embeddedEntry.ts';
import { decide, type Policy } from './policy.ts';
import type { TokenState } from './timestampToken.ts';
import { CHECKS, type Signer, type Verdict } from './verdict.ts';
import type { Certificate } from './x509.ts';

/** What is known of a signature once it was read. */
interface About {
  readonly algorithm: Verdict['algorithm'];
  readonly leaf: Certificate;
}

/** What the checks found; a value is undefined where its check failed. */
export interface Findings extends About {
  readonly checks: MutableChecks;
  readonly entry: EntryState | undefined;
  readonly token: TokenState | undefined;
  /** Set once the chain verified. */
  readonly signer: Signer | undefined;
}

/** The verdict over what cannot be judged. */
export function unreadable(
  format: Extract<Verdict, { status: 'unreadable' }>['format'],
  reason: string,
  about?: About,
): Verdict {
  const algorithm = about?.algorithm ?? { publicKey: 0, hash: 0 };
  const verdict = { status: 'unreadable', format, reason, checks: NOT_REACHED, algorithm } as const;
  return about === undefined ? verdict : { ...verdict, fingerprint: fingerprintOf(about.leaf) };
}

/** The verdict over a signature that names a trusted authority. */
export function conclude(
  { algorithm, leaf, checks, entry, token, signer }: Findings,
  policy: Policy,
): Verdict {
  const failed = CHECKS.find((name) => checks[name].result === 'failed');
  if (failed !== undefined || signer === undefined) {
    const reason = checks[failed ?? 'certificate'].detail;
    const fingerprint = fingerprintOf(leaf);
    return { status: 'bad', reason, checks, algorithm, fingerprint, ...(signer && { signer }) };
  }
  if (token !== 'none') return unreadable('cms', checks.timestamp.detail, { algorithm, leaf });
  if (checks.sct.result === 'skipped' || entry?.kind !== 'logged') {
    const reason = checks[checks.sct.result === 'skipped' ? 'sct' : 'logEntry'].detail;
    return { status: 'unproven', reason, checks, algorithm, signer };
  }
  const { signedAt, proof } = entry;
  const times = [{ source: 'log', at: signedAt, by: proof.logUrl }] as const;
  const sound = { checks, algorithm, signer, signedAt, times, proof };
  const decision = decide(policy, signer.identity);
  switch (decision.decision) {
    case 'no-policy':
      checks.identity = skipped('no policy says who may sign');
      return { status: 'good', policy: 'none', reason: '', ...sound };
    case 'allowed':
      checks.identity = passed('the policy allows the signer');
      return { status: 'good', policy: 'allowed', reason: '', ...sound };
    case 'denied':
      checks.identity = { result: 'failed', detail: decision.text };
      return { status: 'untrusted', revoked: false, reason: decision.text, ...sound };
  }
}
