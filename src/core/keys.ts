/** Public keys and signatures over node:crypto: which algorithms count, and nothing that throws oddly. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { childrenOf, contentOf, type DerNode, encodedOf, expectTag, oidOf, parseDer, TAG } from './der.ts';
import { refuse } from './failure.ts';
import { OID } from './oids.ts';

export type KeyType = 'P-256' | 'P-384' | 'P-521' | 'RSA' | 'Ed25519';

export interface PublicKey {
  readonly type: KeyType;
  readonly key: KeyObject;
}

/** A hash function, and for which kind of key it is used; Ed25519 brings its own. */
export interface SignatureAlgorithm {
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
  readonly keyTypes: readonly KeyType[];
}

const EC: readonly KeyType[] = ['P-256', 'P-384', 'P-521'];

/** Signature algorithms that count, for certificates and for the signature itself. SHA-1 does not. */
const SIGNATURE_ALGORITHMS = new Map<string, SignatureAlgorithm>([
  [OID.ecdsaWithSha256, { hash: 'sha256', keyTypes: EC }],
  [OID.ecdsaWithSha384, { hash: 'sha384', keyTypes: EC }],
  [OID.ecdsaWithSha512, { hash: 'sha512', keyTypes: EC }],
  [OID.sha256WithRsa, { hash: 'sha256', keyTypes: ['RSA'] }],
  [OID.sha384WithRsa, { hash: 'sha384', keyTypes: ['RSA'] }],
  [OID.sha512WithRsa, { hash: 'sha512', keyTypes: ['RSA'] }],
  [OID.ed25519, { hash: null, keyTypes: ['Ed25519'] }],
]);

const CURVES = new Map<string, KeyType>([
  ['1.2.840.10045.3.1.7', 'P-256'],
  ['1.3.132.0.34', 'P-384'],
  ['1.3.132.0.35', 'P-521'],
]);

/** Undefined for an algorithm that does not count. */
export function signatureAlgorithm(oid: string): SignatureAlgorithm | undefined {
  return SIGNATURE_ALGORITHMS.get(oid);
}

/** Kind of key of a SubjectPublicKeyInfo; undefined for one that is not used in Sigstore. */
export function keyTypeOf(spki: DerNode): KeyType | undefined {
  const [algorithm, bits] = childrenOf(spki, TAG.sequence, 'the public key', [2, 2]);
  expectTag(bits, TAG.bitString, 'the public key');
  const [oid, parameters] = childrenOf(algorithm, TAG.sequence, 'the algorithm of the public key', [1, 2]);
  switch (oidOf(oid, 'the algorithm of the public key')) {
    case OID.ecPublicKey:
      return parameters?.tag === TAG.oid ? CURVES.get(oidOf(parameters, 'the curve')) : undefined;
    case OID.rsaEncryption:
      return parameters?.tag === TAG.null ? 'RSA' : undefined;
    case OID.ed25519:
      return parameters === undefined && bits !== undefined && contentOf(bits).length === 33
        ? 'Ed25519'
        : undefined;
    default:
      return undefined;
  }
}

/** Makes a key usable. Refuses other kinds of key, points off the curve and RSA below 2048 bits. */
export function importKey(spki: DerNode): PublicKey {
  const type = keyTypeOf(spki);
  if (type === undefined) return refuse('the public key is of an unsupported kind');
  const key = toKeyObject(encodedOf(spki));
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (type === 'RSA' && (bits === undefined || bits < 2048 || bits > 8192)) {
    return refuse('the RSA key has the wrong size');
  }
  return { type, key };
}

export function importSpki(spki: Uint8Array): PublicKey {
  return importKey(parseDer(spki));
}

/** Whether the signature is right: DER for ECDSA, PKCS#1 v1.5 for RSA. A malformed one is just wrong. */
export function isSignedBy(
  { type, key }: PublicKey,
  algorithm: SignatureAlgorithm['hash'],
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if ((type === 'Ed25519') !== (algorithm === null)) return false;
  try {
    return verify(algorithm, data, key, signature);
  } catch {
    return false;
  }
}

/** The hash that logs use with a kind of key. */
export function logHash(type: KeyType): SignatureAlgorithm['hash'] {
  switch (type) {
    case 'P-256':
    case 'RSA':
      return 'sha256';
    case 'P-384':
      return 'sha384';
    case 'P-521':
      return 'sha512';
    case 'Ed25519':
      return null;
  }
}

function toKeyObject(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: spki as Buffer, format: 'der', type: 'spki' });
  } catch {
    return refuse('the public key cannot be used');
  }
}
