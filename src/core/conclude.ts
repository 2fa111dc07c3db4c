/** From what was found to the verdict, in words for people. */

import type { EntryState } from './embeddedEntry.ts';
import type { PayloadKind } from './gitObject.ts';
import { decide, type Policy } from './policy.ts';
import type { OpenedSct } from './sct.ts';
import type { TokenState } from './timestampToken.ts';
import { CHECKS, type Check, type CheckName, type Checks, type Signer, type Verdict } from './verdict.ts';

type MutableChecks = Record<CheckName, Check>;

/** What the checks found; a value is undefined where its check failed or could not run. */
export interface Findings {
  readonly checks: MutableChecks;
  readonly payload: PayloadKind | undefined;
  /** The algorithm in words. */
  readonly signature: string | undefined;
  readonly entry: EntryState | undefined;
  /** Undefined also where the certificate is older than embedded SCTs. */
  readonly sct: OpenedSct | undefined;
  readonly token: TokenState | undefined;
  /** Set once the chain verified. */
  readonly signer: Signer | undefined;
}

interface About {
  readonly algorithm: Verdict['algorithm'];
  readonly fingerprint: string;
}

const UNKNOWN_ALGORITHM = { publicKey: 0, hash: 0 };

export function noChecks(): MutableChecks {
  const skipped: Check = { result: 'skipped', detail: 'not reached' };
  return Object.fromEntries(CHECKS.map((name) => [name, skipped])) as MutableChecks;
}

/** The verdict over what cannot be judged. */
export function unreadable(
  format: Extract<Verdict, { status: 'unreadable' }>['format'],
  reason: string,
  about?: About,
): Verdict {
  return { status: 'unreadable', format, reason, checks: noChecks(), algorithm: UNKNOWN_ALGORITHM, ...about };
}

/** The verdict over a signature of a trusted authority. */
export function conclude(found: Findings & About, policy: Policy): Verdict {
  const { signer, entry, algorithm, fingerprint } = found;
  const checks = describeAll(found);
  const common = { checks, algorithm };
  const failed = CHECKS.find((name) => checks[name].result === 'failed');
  if (failed !== undefined || signer === undefined) {
    const reason = checks[failed ?? 'certificate'].detail;
    return { status: 'bad', ...common, reason, fingerprint, ...(signer && { signer }) };
  }
  if (found.token === 'unchecked') {
    return unreadable('cms', checks.timestamp.detail, { algorithm, fingerprint });
  }
  if (checks.sct.result === 'skipped' || entry?.kind !== 'logged') {
    const reason = checks[checks.sct.result === 'skipped' ? 'sct' : 'logEntry'].detail;
    return { status: 'unproven', ...common, reason, signer };
  }
  const { signedAt, proof } = entry;
  const sound = { algorithm, signer, signedAt, proof };
  const decision = decide(policy, signer.identity);
  switch (decision.decision) {
    case 'no-policy': {
      const identity: Check = { result: 'skipped', detail: 'no policy says who may sign' };
      return { status: 'good', policy: 'none', reason: '', checks: { ...checks, identity }, ...sound };
    }
    case 'allowed': {
      const identity: Check = { result: 'passed', detail: 'the policy allows the signer' };
      return { status: 'good', policy: 'allowed', reason: '', checks: { ...checks, identity }, ...sound };
    }
    case 'denied': {
      const { text } = decision;
      const identity: Check = { result: 'failed', detail: text };
      return { status: 'untrusted', revoked: false, reason: text, checks: { ...checks, identity }, ...sound };
    }
  }
}

/** Says of each check that did not fail what came of it. */
function describeAll({ checks, payload, signature, entry, sct, token, signer }: Findings): Checks {
  const passed = { ...checks };
  if (payload !== undefined) passed.payload = describePayload(payload);
  if (signature !== undefined) passed.signature = { result: 'passed', detail: signature };
  if (signer !== undefined) passed.certificate = { result: 'passed', detail: describeSigner(signer) };
  if (sct !== undefined) {
    const detail = `published in ${sct.logUrl} at ${sct.timestamp.toISOString()}`;
    passed.sct = { result: 'passed', detail };
  } else if (checks.sct.result === 'passed') {
    passed.sct = {
      result: 'skipped',
      detail: 'the certificate is from before 2022-06-02 and carries no SCT',
    };
  }
  if (entry !== undefined) passed.logEntry = describeEntry(entry);
  if (token !== undefined) passed.timestamp = { result: 'skipped', detail: TOKEN[token] };
  return passed;
}

const TOKEN: Record<TokenState, string> = {
  none: 'no timestamp token is embedded',
  unchecked: 'the signature carries a timestamp token, which this version does not check',
};

function describePayload(kind: PayloadKind): Check {
  return kind === 'unknown'
    ? { result: 'skipped', detail: 'the payload is no git object, so only its bytes were checked' }
    : { result: 'passed', detail: kind };
}

function describeSigner({ identity, authority }: Signer): string {
  return `${identity.subject.value}, vouched for by ${identity.issuer}, certified by ${authority}`;
}

function describeEntry(entry: EntryState): Check {
  switch (entry.kind) {
    case 'logged': {
      const { signedAt, proof } = entry;
      return {
        result: 'passed',
        detail: `entry ${proof.logIndex} of ${proof.logUrl} at ${signedAt.toISOString()}`,
      };
    }
    case 'timeless':
      return { result: 'skipped', detail: 'Rekor v2 entries need a timestamp token' };
    case 'draft':
      return { result: 'skipped', detail: 'the log entry is in a draft encoding that no release wrote' };
    case 'none':
      return { result: 'skipped', detail: 'no log entry is embedded, so nothing proves when it was signed' };
  }
}
