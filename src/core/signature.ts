/** The signature itself: from the payload's digest over the signed attributes to the leaf's key (RFC 5652 5.4). */
import { hash } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import type { CmsSignature } from './cms.ts';
import { contentOf, expectTag, oidOf, TAG, timeOf } from './der.ts';
import { refuse } from './failure.ts';
import { isSignedBy, type KeyType } from './keys.ts';
import { OID } from './oids.ts';
import type { Certificate } from './x509.ts';

type Digest = 'sha256' | 'sha384' | 'sha512';

const DIGESTS = new Map<string, Digest>([
  [OID.sha256, 'sha256'],
  [OID.sha384, 'sha384'],
  [OID.sha512, 'sha512'],
]);

/** Which digest a signature algorithm demands; undefined where it leaves that to the digest algorithm. */
const SIGNATURES = new Map<string, { readonly digest: Digest | undefined; readonly rsa: boolean }>([
  [OID.ecPublicKey, { digest: undefined, rsa: false }],
  [OID.ecdsaWithSha256, { digest: 'sha256', rsa: false }],
  [OID.ecdsaWithSha384, { digest: 'sha384', rsa: false }],
  [OID.ecdsaWithSha512, { digest: 'sha512', rsa: false }],
  [OID.rsaEncryption, { digest: undefined, rsa: true }],
  [OID.sha256WithRsa, { digest: 'sha256', rsa: true }],
  [OID.sha384WithRsa, { digest: 'sha384', rsa: true }],
  [OID.sha512WithRsa, { digest: 'sha512', rsa: true }],
]);

/** Each curve goes with one digest; RSA with any. */
const DIGEST_OF_CURVE: Partial<Record<KeyType, Digest>> = {
  'P-256': 'sha256',
  'P-384': 'sha384',
  'P-521': 'sha512',
};

/** Checks that the leaf's key signed this payload; returns the algorithm in words. */
export function checkSignature(cms: CmsSignature, leaf: Certificate, payload: Uint8Array): string {
  const digest = DIGESTS.get(cms.digestAlgorithm);
  const algorithm = SIGNATURES.get(cms.signatureAlgorithm);
  if (digest === undefined) return refuse('the digest algorithm does not count');
  if (algorithm === undefined) return refuse('the signature algorithm does not count');
  const key = leaf.publicKey();
  const fitsDigest = algorithm.digest === undefined || algorithm.digest === digest;
  const fitsKey = algorithm.rsa ? key.type === 'RSA' : DIGEST_OF_CURVE[key.type] === digest;
  if (!fitsDigest || !fitsKey) return refuse('key, digest and signature algorithm do not fit together');
  checkAttributes(cms, hash(digest, payload, 'buffer'));
  if (!isSignedBy(key, digest, cms.artifact, cms.signature)) {
    return refuse('the signature is not by the key in the certificate');
  }
  return `${algorithm.rsa ? 'RSA' : `ECDSA ${key.type}`} with ${digest.toUpperCase()}`;
}

/** RFC 4880 numbers, as git's status lines carry them; 0 for what is unknown. */
export function algorithmNumbers(cms: CmsSignature): { readonly publicKey: number; readonly hash: number } {
  const rsa = SIGNATURES.get(cms.signatureAlgorithm)?.rsa;
  const digest = DIGESTS.get(cms.digestAlgorithm);
  return {
    publicKey: rsa === undefined ? 0 : rsa ? 1 : 19,
    hash: digest === undefined ? 0 : { sha256: 8, sha384: 9, sha512: 10 }[digest],
  };
}

/**
 * contentType, messageDigest and at most signingTime, in DER order. Whatever else a signer asserts would
 * be something that we show to nobody; an entry or a token in there would be overlooked.
 */
function checkAttributes({ signedAttrs, sorted }: CmsSignature, digest: Uint8Array): void {
  const contentType = signedAttrs.get(OID.contentType);
  if (oidOf(contentType, 'the signed content type') !== OID.data) {
    refuse('the signed content type is not plain data');
  }
  const messageDigest = expectTag(
    signedAttrs.get(OID.messageDigest),
    TAG.octetString,
    'the signed digest of the payload',
  );
  const signingTime = signedAttrs.get(OID.signingTime);
  if (signingTime !== undefined) timeOf(signingTime, 'the claimed signing time');
  if (signedAttrs.size > (signingTime === undefined ? 2 : 3)) {
    refuse('the signed attributes hold one that no git signature has');
  }
  if (!sorted) refuse('the signed attributes are not in DER order');
  if (!sameBytes(contentOf(messageDigest), digest)) refuse('the payload is not the one that was signed');
}
