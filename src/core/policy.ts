/**
 * Who may sign, in the two shapes that git's verifying call needs at once: nobody said it, or `signet.allow` did. What a
 * policy file says is decided by code of its own (core/policy/), handed in, so that git's call loads it only where
 * there is one. Decides over verified facts only.
 */
import type { Sound } from './facts.ts';
import type { Reason } from './reasons.ts';
import type { Identity, San } from './verdict.ts';

export type Policy =
  /** Nobody said who may sign: sound signatures are good, but trusted by no one. */
  | { readonly kind: 'none' }
  /** Exactly these identities, byte for byte. */
  | { readonly kind: 'allow'; readonly identities: readonly Identity[] }
  /** A policy file: see policy/knownSigner.ts. */
  | {
      readonly kind: 'file';
      readonly decide: (sound: Decidable, payload: Uint8Array | undefined) => Decision;
    };

/** What decisions are made over. */
export type Decidable = Pick<Sound, 'signer' | 'signedAt'>;

export const NO_POLICY: Policy = { kind: 'none' };

export type Decision =
  | { readonly decision: 'no-policy' }
  | { readonly decision: 'allowed' }
  | { readonly decision: 'denied'; readonly reason: Reason; readonly text: string };

/** What `signet.allow` can refuse by; the whole list is in reasons.ts, which git's call does not load. */
export function denyText(reason: 'identity-not-listed' | 'issuer-mismatch'): string {
  return reason === 'issuer-mismatch'
    ? wrongSigner('the signer is listed, but vouched for by another issuer')
    : wrongSigner('the signer is not one that the policy names');
}

/** By its name the build knows that these sentences are said rarely, and leaves them out of the hot file. */
function wrongSigner(text: string): string {
  return text;
}

/**
 * Decides whether a policy allows a verified signature. `payload` is what was signed, or the whole object: a policy file
 * has rules for tags, and for committers.
 */
export function decide(policy: Policy, sound: Decidable, payload?: Uint8Array): Decision {
  switch (policy.kind) {
    case 'none':
      return { decision: 'no-policy' };
    case 'allow':
      return decideByList(policy.identities, sound.signer.identity);
    case 'file':
      return policy.decide(sound, payload);
  }
}

function decideByList(allowed: readonly Identity[], identity: Identity): Decision {
  const sameSubject = allowed.filter((entry) => sameSan(entry.subject, identity.subject));
  if (sameSubject.some((entry) => entry.issuer === identity.issuer)) return { decision: 'allowed' };
  const reason = sameSubject.length > 0 ? 'issuer-mismatch' : 'identity-not-listed';
  return { decision: 'denied', reason, text: denyText(reason) };
}

/** Exact bytes and the same type: `alice@example.com` as a URI is somebody else. */
function sameSan(a: San, b: San): boolean {
  return a.type === b.type && a.value === b.value;
}
