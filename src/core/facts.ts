/** What a verdict rests on without the policy: it may be remembered, decisions never are. */
import { hash } from 'node:crypto';
import { passed, skipped } from './describe.ts';
import { type Evidence, NO_EVIDENCE } from './evidence.ts';
import { FACTS_VERSION } from './factsFormat.ts';
import { decide, type Policy } from './policy.ts';
import type { Trust } from './trustedRoot.ts';
import type {
  Check,
  Checks,
  LogProof,
  ObjectFormat,
  ObjectKind,
  Signer,
  SigningTime,
  Verdict,
} from './verdict.ts';

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

/** What was judged: a whole object, or what git hands to its program. */
export type FactSubject =
  | { readonly raw: Uint8Array; readonly kind: ObjectKind; readonly objectFormat: ObjectFormat }
  | { readonly payload: Uint8Array; readonly armored: Uint8Array };

/**
 * Names everything that facts follow from: SHA-256, lower-case hex. With the evidence, so that a signature whose entry
 * is not at hand any more is unproven again; and never by the object's id, which is worth no more than its hash.
 */
export function factKey(subject: FactSubject, trust: Trust, evidence: Evidence = NO_EVIDENCE): string {
  const what = 'raw' in subject ? [subject.kind, subject.objectFormat] : ['detached'];
  const bytes = 'raw' in subject ? [subject.raw] : [subject.payload, subject.armored];
  const digests = [...bytes, ...evidence.entries].map((part) => hash('sha256', part, 'hex'));
  return hash('sha256', [FACTS_VERSION, trust.digest, ...what, ...digests].join('\n'), 'hex');
}
