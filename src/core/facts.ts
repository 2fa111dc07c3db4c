/** What a verdict rests on without the policy: it may be remembered, decisions never are. */
import { passed, skipped } from './describe.ts';
import { decide, type Policy } from './policy.ts';
import type { Check, Checks, LogProof, Signer, SigningTime, Verdict } from './verdict.ts';

export { type FactSubject, factKey } from './factKey.ts';
export { encodeFacts, parseFacts } from './factsFormat.ts';

/** A sound signature: every check but that of the identity was made. */
export interface Sound {
  readonly checks: Checks;
  readonly algorithm: Verdict['algorithm'];
  readonly signer: Signer;
  readonly signedAt: Date;
  readonly times: readonly SigningTime[];
  readonly proof: LogProof;
}

/** The verdict over anything else; no policy changes it. */
export type Unsound = Exclude<Verdict, { readonly status: 'good' | 'untrusted' }>;

export type Found = Sound | Unsound;

export function isSound(found: Sound | Unsound): found is Sound {
  return !('status' in found);
}

/**
 * What follows from the facts under a policy; what is not sound stays what it is. A policy file asks for the payload (or
 * the whole object) too.
 */
export function judge(found: Sound | Unsound, policy: Policy, payload?: Uint8Array): Verdict {
  if (!isSound(found)) return found;
  const decision = decide(policy, found, payload);
  switch (decision.decision) {
    case 'no-policy': {
      const identity = skipped('no policy says who may sign');
      return { status: 'good', policy: 'none', reason: '', ...withIdentity(found, identity) };
    }
    case 'allowed': {
      const identity = passed('the policy allows the signer');
      return { status: 'good', policy: 'allowed', reason: '', ...withIdentity(found, identity) };
    }
    case 'denied': {
      const { text: reason, reason: denial } = decision;
      const identity = { result: 'failed', detail: reason } as const;
      const revoked = denial === 'revoked';
      return { status: 'untrusted', revoked, denial, reason, ...withIdentity(found, identity) };
    }
  }
}

function withIdentity(sound: Sound, identity: Check): Sound {
  return { ...sound, checks: { ...sound.checks, identity } };
}
