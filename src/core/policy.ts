/**
 * Who may sign. Decides over verified facts only; never sees bytes.
 *
 * Today's only source is `signet.allow`; the repository policy file gets its own variant of `Policy`
 * and its own case in `decide`.
 */
import type { Identity, San } from './verdict.ts';

export type Policy =
  /** Nobody said who may sign: sound signatures are good, but trusted by no one. */
  | { readonly kind: 'none' }
  /** Exactly these identities, byte for byte. */
  | { readonly kind: 'allow'; readonly identities: readonly Identity[] };

export const NO_POLICY: Policy = { kind: 'none' };

export type Decision =
  | { readonly decision: 'no-policy' }
  | { readonly decision: 'allowed' }
  | { readonly decision: 'denied'; readonly reason: DenyReason; readonly text: string };

/** The closed list of reasons for a refusal. */
export const DENY_REASONS = ['identity-not-listed', 'issuer-mismatch'] as const;
export type DenyReason = (typeof DENY_REASONS)[number];

/** Decides whether a policy allows a verified identity. */
export function decide(policy: Policy, identity: Identity): Decision {
  switch (policy.kind) {
    case 'none':
      return { decision: 'no-policy' };
    case 'allow':
      return decideByList(policy.identities, identity);
  }
}

function decideByList(allowed: readonly Identity[], identity: Identity): Decision {
  const sameSubject = allowed.filter((entry) => sameSan(entry.subject, identity.subject));
  if (sameSubject.some((entry) => entry.issuer === identity.issuer)) return { decision: 'allowed' };
  return sameSubject.length > 0
    ? {
        decision: 'denied',
        reason: 'issuer-mismatch',
        text: 'the signer is listed, but vouched for by another issuer',
      }
    : {
        decision: 'denied',
        reason: 'identity-not-listed',
        text: 'the signer is not one that the policy names',
      };
}

/** Exact bytes and the same type: `alice@example.com` as a URI is somebody else. */
function sameSan(a: San, b: San): boolean {
  return a.type === b.type && a.value === b.value;
}
