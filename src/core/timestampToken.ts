/**
 * The place of RFC 3161 timestamp tokens. They are recognised and not yet checked, so a signature that
 * carries one is not judged: what is present must hold.
 */
import type { Attributes } from './cms.ts';
import { childrenOf, oidOf, SEQUENCE } from './der.ts';
import { refuse } from './failure.ts';
import { SIGNED_DATA, TIMESTAMP_TOKEN } from './oids.ts';
import type { Trust } from './trustedRoot.ts';

export type TokenState = 'none' | 'unchecked';

/** Refuses what is no ContentInfo with SignedData; the parser has refused a second token. */
export function findTimestampToken(unsignedAttrs: Attributes): TokenState {
  const token = unsignedAttrs.get(TIMESTAMP_TOKEN);
  if (token === undefined) return 'none';
  const { 0: type } = childrenOf(token, SEQUENCE, 'the timestamp token', [2]);
  const right = oidOf(type, 'the timestamp token') === SIGNED_DATA;
  return right ? 'unchecked' : refuse('the timestamp token is no CMS SignedData');
}

/** A token that verified. */
export interface OpenedToken {
  /** genTime; fractions of a millisecond are dropped. */
  readonly at: Date;
  /** URI of the authority in the trusted root, or the name of its certificate where it has none. */
  readonly by: string;
  readonly nonce: bigint | undefined;
}

/**
 * Opens the DER of a TimeStampToken over `signature`, the octets of a CMS signature value. `nonce` is the one that was
 * sent, for whoever asked for the token. Throws a CheckFailure with one sentence.
 */
export function openTimestampToken(
  _token: Uint8Array,
  _signature: Uint8Array,
  _trust: Trust,
  _options: { readonly nonce?: bigint } = {},
): OpenedToken {
  return refuse('the timestamp token cannot be checked yet');
}

/** The nonce in a token, for whoever asked for it; undefined where it has none. Throws a CheckFailure. */
export function nonceOf(_token: Uint8Array): bigint | undefined {
  return refuse('the timestamp token cannot be read yet');
}
