/** What a verdict rests on without the policy: it may be remembered, decisions never are. */
import { type Evidence, NO_EVIDENCE } from './evidence.ts';
import type { Policy } from './policy.ts';
import type { Trust } from './trustedRoot.ts';
import type { Checks, LogProof, ObjectFormat, ObjectKind, Signer, SigningTime, Verdict } from './verdict.ts';

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

/** What follows from the facts under a policy. */
export function judge(_sound: Sound, _policy: Policy): Verdict {
  throw new TypeError('not yet');
}

/** The form in which facts are kept; says nothing of who wrote it, so whoever keeps it must know. */
export function encodeFacts(_sound: Sound): Uint8Array {
  throw new TypeError('not yet');
}

/** Undefined for whatever `encodeFacts` of this version does not write, byte for byte. */
export function parseFacts(_bytes: Uint8Array): Sound | undefined {
  return undefined;
}

/** What was judged: a whole object, or what git hands to its program. */
export type FactSubject =
  | { readonly raw: Uint8Array; readonly kind: ObjectKind; readonly objectFormat: ObjectFormat }
  | { readonly payload: Uint8Array; readonly armored: Uint8Array };

/** Names everything that facts follow from: SHA-256, lower-case hex. */
export function factKey(_subject: FactSubject, _trust: Trust, _evidence: Evidence = NO_EVIDENCE): string {
  throw new TypeError('not yet');
}
