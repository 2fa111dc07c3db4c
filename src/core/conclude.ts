/** From what was found to the facts, or to the verdict where they are not sound. */
import { fingerprintOf } from './certificate.ts';
import { type MutableChecks, NOT_REACHED } from './describe.ts';
import type { EntryState } from './embeddedEntry.ts';
import type { Sound, Unsound } from './facts.ts';
import { CHECKS, type Signer, type SigningTime, type Verdict } from './verdict.ts';
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
  readonly times: readonly SigningTime[];
  /** Set once the chain verified. */
  readonly signer: Signer | undefined;
}

/** The verdict over what cannot be judged. */
export function unreadable(
  format: Extract<Verdict, { status: 'unreadable' }>['format'],
  reason: string,
  about?: About,
): Unsound {
  const algorithm = about?.algorithm ?? { publicKey: 0, hash: 0 };
  const verdict = { status: 'unreadable', format, reason, checks: NOT_REACHED, algorithm } as const;
  return about === undefined ? verdict : { ...verdict, fingerprint: fingerprintOf(about.leaf) };
}

/** What follows for a signature that names a trusted authority. */
export function conclude({ algorithm, leaf, checks, entry, times, signer }: Findings): Sound | Unsound {
  const failed = CHECKS.find((name) => checks[name].result === 'failed');
  if (failed !== undefined || signer === undefined) {
    const reason = checks[failed ?? 'certificate'].detail;
    const fingerprint = fingerprintOf(leaf);
    return { status: 'bad', reason, checks, algorithm, fingerprint, ...(signer && { signer }) };
  }
  const [first] = times;
  if (checks.sct.result === 'skipped' || entry?.kind !== 'logged' || first === undefined) {
    const reason = checks[checks.sct.result === 'skipped' ? 'sct' : 'logEntry'].detail;
    return { status: 'unproven', reason, checks, algorithm, signer };
  }
  return { checks, algorithm, signer, signedAt: first.at, times, proof: entry.proof };
}
