/** Instances that a policy counts, and that the trusted root beside it cannot judge. */
import type { PolicyFile } from '../policyFile.ts';
import { PUBLIC_INSTANCES } from './readPolicy.ts';

/**
 * SHA-256 of the root certificates that the policy counts and `known` has not. None where it lists keys alone; the
 * public Sigstore's count as one, since an older one of them may go.
 */
export function findMissingInstances(
  { instances, signers }: Pick<PolicyFile, 'instances' | 'signers'>,
  known: readonly string[],
): readonly string[] {
  const isKey = (type: string): boolean => type === 'ssh' || type === 'openpgp';
  if (signers.every(({ identities }) => identities.every(({ type }) => isKey(type)))) return [];
  const isPublic = (instance: string): boolean => PUBLIC_INSTANCES.includes(instance);
  const knowsPublic = known.some(isPublic);
  return instances.filter((one) => !known.includes(one) && !(isPublic(one) && knowsPublic));
}
