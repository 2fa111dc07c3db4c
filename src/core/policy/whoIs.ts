/** Which signers of a policy a verified signature is by, at its time; or the nearest reason why it is by none. */
import { isoTime } from '../isoTime.ts';
import type { ClaimRule, PolicyFile, SignerIdentity } from '../policyFile.ts';
import type { Reason } from '../reasons.ts';
import type { SignatureFacts } from './signature.ts';

/** A signer of the policy, and the identity of theirs that was found. */
export interface Known {
  readonly name: string;
  readonly forge: boolean;
  readonly identity: SignerIdentity;
}

export type Standing =
  /** At least one; the same identity may stand under several names. */
  { readonly known: readonly Known[] } | { readonly reason: Reason };

/** From the farthest to the nearest miss: the nearest is told. */
const MISSES = [
  'identity-not-listed',
  'issuer-mismatch',
  'claim-mismatch',
  'not-yet-valid',
  'expired',
] as const satisfies readonly Reason[];

type Miss = (typeof MISSES)[number];

/** Decides by the policy alone, whatever the ref. Windows and revocations go by the time of the facts. */
export function whoIs(facts: SignatureFacts, policy: PolicyFile): Standing {
  if (facts.type === 'sigstore' && !policy.instances.includes(facts.instance))
    return { reason: 'other-instance' };
  const at = isoTime(facts.at);
  const known: Known[] = [];
  let nearest = 0;
  for (const { name, forge, identities } of policy.signers) {
    for (const identity of identities) {
      const miss = missOf(identity, facts) ?? outsideWindow(identity, at);
      if (miss === undefined) known.push({ name, forge, identity });
      else nearest = Math.max(nearest, MISSES.indexOf(miss));
    }
  }
  if (known.length === 0) return { reason: MISSES[nearest] ?? 'identity-not-listed' };
  // One name of several is enough: whoever was thrown out under one must not come in under another.
  const isRevoked = policy.revocations.some(
    ({ signer, after }) => known.some(({ name }) => name === signer) && after <= at,
  );
  return isRevoked ? { reason: 'revoked' } : { known };
}

/** Undefined where all of the mark is what was signed with. */
function missOf(mark: SignerIdentity, facts: SignatureFacts): Miss | undefined {
  switch (mark.type) {
    case 'ssh':
      return facts.type === 'ssh' && facts.key === mark.key ? undefined : 'identity-not-listed';
    case 'openpgp':
      return facts.type === 'openpgp' && facts.fingerprint === mark.fingerprint
        ? undefined
        : 'identity-not-listed';
    case 'email':
    case 'uri':
    case 'username':
    case 'email-domain': {
      if (facts.type !== 'sigstore' || !isSubject(mark, facts.identity.subject)) return 'identity-not-listed';
      if (facts.identity.issuer !== mark.issuer) return 'issuer-mismatch';
      return mark.claims.every((rule) => isClaimed(rule, facts.claims)) ? undefined : 'claim-mismatch';
    }
  }
}

/** Types never mix: a URI that reads `alice@example.com` is somebody else. */
function isSubject(
  mark: { readonly type: 'email' | 'uri' | 'username' | 'email-domain'; readonly value: string },
  subject: { readonly type: string; readonly value: string },
): boolean {
  if (mark.type !== 'email-domain') return subject.type === mark.type && subject.value === mark.value;
  // With two @, which of them ends the local part is anybody's guess.
  const [local, domain, ...more] = subject.value.split('@');
  return subject.type === 'email' && local !== '' && domain === mark.value && more.length === 0;
}

function isClaimed({ number, values }: ClaimRule, claims: ReadonlyMap<number, string>): boolean {
  const value = claims.get(number);
  return value !== undefined && values.includes(value);
}

/** `valid-from` is inside, `valid-until` outside. The time is cut to whole seconds, as the instants are. */
function outsideWindow({ validFrom, validUntil }: SignerIdentity, at: string): Miss | undefined {
  if (validFrom !== undefined && at < validFrom) return 'not-yet-valid';
  return validUntil !== undefined && at >= validUntil ? 'expired' : undefined;
}
