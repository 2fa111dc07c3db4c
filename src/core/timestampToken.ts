/**
 * The place of RFC 3161 timestamp tokens. They are recognised and not yet checked, so a signature that
 * carries one is not judged: what is present must hold.
 */
import type { Attributes } from './cms.ts';
import { childrenOf, oidOf, SEQUENCE } from './der.ts';
import { refuse } from './failure.ts';
import { SIGNED_DATA, TIMESTAMP_TOKEN } from './oids.ts';

export type TokenState = 'none' | 'unchecked';

/** Refuses what is no ContentInfo with SignedData; the parser has refused a second token. */
export function findTimestampToken(unsignedAttrs: Attributes): TokenState {
  const token = unsignedAttrs.get(TIMESTAMP_TOKEN);
  if (token === undefined) return 'none';
  const { 0: type } = childrenOf(token, SEQUENCE, 'the timestamp token', [2]);
  const right = oidOf(type, 'the timestamp token') === SIGNED_DATA;
  return right ? 'unchecked' : refuse('the timestamp token is no CMS SignedData');
}
