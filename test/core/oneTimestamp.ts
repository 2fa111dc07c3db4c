/** One signature, and an authority that stamps it: what came of each changed part. */
import { createHash } from 'node:crypto';
import { encodeElement, encodeOid, encodeSequence } from '../../src/core/derEncode.ts';
import { openTimestampToken } from '../../src/core/timestampToken.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { ToySigstore } from './toySigstore.ts';
import { type TokenParts, ToyAuthority, withAuthorities } from './toyTimestamps.ts';

export const toy = new ToySigstore();
export const tsa = new ToyAuthority();
export const SIGNATURE = Buffer.from('the octets of a signature');
export const trustOf = (...authorities: readonly unknown[]) =>
  parseTrustedRoot(withAuthorities(toy.trustedRoot(), authorities));
export const trust = trustOf(tsa.inTrustedRoot());
/** Whoever leads to the root. */
export const rootTrust = trustOf(tsa.inTrustedRoot([tsa.root]));

export const open = (token: Uint8Array, by = trust) => openTimestampToken(token, SIGNATURE, by);
/** `good`, or the reason. */
export const outcome = (parts: TokenParts, by = trust) => {
  try {
    open(tsa.makeToken(SIGNATURE, parts), by);
    return 'good';
  } catch (error) {
    if ((error as Error).name !== 'CheckFailure') throw error;
    return (error as Error).message;
  }
};
export const sequence = (...oids: readonly string[]) => encodeSequence(...oids.map(encodeOid));
export const SHA1 = sequence('1.3.14.3.2.26');
export const SHA256 = sequence('2.16.840.1.101.3.4.2.1');
export const SHA512 = sequence('2.16.840.1.101.3.4.2.3');
export const NULL = encodeElement(5);
export const digest = (algorithm: string) => createHash(algorithm).update(SIGNATURE).digest();
