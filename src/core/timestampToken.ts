/**
 * The place of RFC 3161 timestamp tokens. They are recognised and not yet checked, so a signature that
 * carries one is not judged: what is present must hold.
 */
import type { Attributes } from './cms.ts';
import { childrenOf, oidOf, TAG } from './der.ts';
import { refuse } from './failure.ts';
import { OID } from './oids.ts';

export type TokenState = 'none' | 'unchecked';

/** Refuses what is no ContentInfo with SignedData; the parser has refused a second token. */
export function findTimestampToken(unsignedAttrs: Attributes): TokenState {
  const token = unsignedAttrs.get(OID.timestampToken);
  if (token === undefined) return 'none';
  const [type] = childrenOf(token, TAG.sequence, 'the timestamp token', [2, 2]);
  const right = oidOf(type, 'the timestamp token') === OID.signedData;
  return right ? 'unchecked' : refuse('the timestamp token is no CMS SignedData');
}
