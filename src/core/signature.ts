/** The signature itself: from the payload's digest over the signed attributes to the leaf's key (RFC 5652 5.4). */
import { hash } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import type { CmsSignature } from './cms.ts';
import { contentOf, OCTET_STRING, oidOf, timeOf } from './der.ts';
import { refuse } from './failure.ts';
import { DEFAULT_DIGEST, type Digest, isSignedBy, SIGNATURE_ALGORITHMS } from './keys.ts';
import {
  CONTENT_TYPE,
  DATA,
  EC_PUBLIC_KEY,
  MESSAGE_DIGEST,
  RSA_ENCRYPTION,
  SHA256,
  SIGNING_TIME,
} from './oids.ts';
import type { Certificate } from './x509.ts';

/** Dotted name of each digest, with its number in RFC 4880. */
export const DIGESTS: Readonly<Record<string, readonly [Digest, number]>> = {
  [SHA256]: ['sha256', 8],
  '2.16.840.1.101.3.4.2.2': ['sha384', 9],
  '2.16.840.1.101.3.4.2.3': ['sha512', 10],
};

/** Checks that the leaf's key signed this payload; returns the algorithm in words. */
export function checkSignature(cms: CmsSignature, leaf: Certificate, payload: Uint8Array): string {
  const { kind, digest } = algorithmsOf(cms);
  if (kind === undefined || digest === undefined)
    return refuse('the algorithm of the signature does not count');
  const key = leaf.publicKey();
  // Each curve goes with one digest; RSA with any.
  const fits = kind === 'RSA' ? key.type === kind : key.type !== 'RSA' && DEFAULT_DIGEST[key.type] === digest;
  if (!fits) return refuse('key, digest and signature algorithm do not fit together');
  checkAttributes(cms, hash(digest, payload, 'buffer'));
  if (!isSignedBy(key, cms.artifact, cms.signature, digest)) {
    return refuse('the signature is not by the key in the certificate');
  }
  return `${key.type} with ${digest}`;
}

/** RFC 4880 numbers, as git's status lines carry them; 0 for what is unknown. */
export function algorithmNumbers(cms: CmsSignature): { readonly publicKey: number; readonly hash: number } {
  const { kind } = algorithmsOf(cms);
  return {
    publicKey: kind === undefined ? 0 : kind === 'RSA' ? 1 : 19,
    hash: DIGESTS[cms.digestAlgorithm]?.[1] ?? 0,
  };
}

/** Some name the kind of key only and leave the digest to the digest algorithm; others must agree with it. */
function algorithmsOf(cms: CmsSignature): {
  readonly kind: 'EC' | 'RSA' | undefined;
  readonly digest: Digest | undefined;
} {
  const digest = DIGESTS[cms.digestAlgorithm]?.[0];
  if (cms.signatureAlgorithm === EC_PUBLIC_KEY) return { kind: 'EC', digest };
  if (cms.signatureAlgorithm === RSA_ENCRYPTION) return { kind: 'RSA', digest };
  const [kind, own] = SIGNATURE_ALGORITHMS[cms.signatureAlgorithm] ?? [undefined, undefined];
  return { kind: kind === 'Ed25519' ? undefined : kind, digest: own === digest ? digest : undefined };
}

/**
 * contentType, messageDigest and at most signingTime, in DER order. Whatever else a signer asserts would
 * be something that we show to nobody; an entry or a token in there would be overlooked.
 */
function checkAttributes({ signedAttrs, sorted }: CmsSignature, digest: Uint8Array): void {
  if (oidOf(signedAttrs.get(CONTENT_TYPE), 'the signed content type') !== DATA) {
    refuse('the signed content type is not plain data');
  }
  const signed = contentOf(signedAttrs.get(MESSAGE_DIGEST), OCTET_STRING, 'the signed digest');
  const signingTime = signedAttrs.get(SIGNING_TIME);
  if (signingTime !== undefined) timeOf(signingTime, 'the claimed signing time');
  if (signedAttrs.size > (signingTime === undefined ? 2 : 3)) {
    refuse('the signed attributes hold one that no git signature has');
  }
  if (!sorted) refuse('the signed attributes are not in DER order');
  if (!sameBytes(signed, digest)) refuse('the payload is not the one that was signed');
}
