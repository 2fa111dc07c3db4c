/** Public keys and signatures over node:crypto: which algorithms count, and nothing that throws oddly. */
import { createPublicKey, type KeyObject, type PublicKeyInput, verify } from 'node:crypto';
import { assumed } from './assume.ts';
import { view } from './bytes.ts';
import { BIT_STRING, childrenOf, contentOf, type DerNode, encodedOf, oidOf, SEQUENCE } from './der.ts';
import { refuse } from './failure.ts';
import { EC_PUBLIC_KEY, ECDSA_WITH_SHA256, RSA_ENCRYPTION } from './oids.ts';
import { once } from './once.ts';

export type KeyType = 'P-256' | 'P-384' | 'P-521' | 'RSA' | 'Ed25519';
export type Digest = 'sha256' | 'sha384' | 'sha512';

export interface PublicKey {
  readonly type: KeyType;
  readonly spki: Uint8Array;
  /** Imported at first use and kept; refuses a point off the curve. */
  readonly key: () => KeyObject;
}

const ED25519 = '1.3.101.112';

/** Dotted name of each signature algorithm that counts (SHA-1 does not), its kind of key and its digest. */
export const SIGNATURE_ALGORITHMS: Readonly<
  Record<string, readonly ['EC' | 'RSA' | 'Ed25519', Digest | null]>
> = {
  [ECDSA_WITH_SHA256]: ['EC', 'sha256'],
  '1.2.840.10045.4.3.3': ['EC', 'sha384'],
  '1.2.840.10045.4.3.4': ['EC', 'sha512'],
  '1.2.840.113549.1.1.11': ['RSA', 'sha256'],
  '1.2.840.113549.1.1.12': ['RSA', 'sha384'],
  '1.2.840.113549.1.1.13': ['RSA', 'sha512'],
  [ED25519]: ['Ed25519', null],
};

const CURVES: Readonly<Record<string, KeyType>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

/** Makes a key of a SubjectPublicKeyInfo usable. Refuses other kinds of key. */
export function importKey(spki: DerNode): PublicKey {
  const what = 'the public key';
  const { 0: algorithm, 1: bits } = childrenOf(spki, SEQUENCE, what, [2]);
  const { 0: oid, 1: parameter } = childrenOf(algorithm, SEQUENCE, what, [1, 2]);
  const kind = oidOf(oid, what);
  const point = contentOf(bits, BIT_STRING, what).subarray(1);
  const type =
    kind === EC_PUBLIC_KEY
      ? CURVES[oidOf(parameter, what)]
      : kind === RSA_ENCRYPTION
        ? 'RSA'
        : kind === ED25519
          ? 'Ed25519'
          : undefined;
  if (type === undefined) return refuse(`${what} is of a kind that is not supported`);
  const der = encodedOf(spki);
  if (type.startsWith('P') && (point[0] !== 4 || point.length !== 1 + 2 * (COORDINATE[type] as number)))
    return refuse(`${what} cannot be used`);
  const key = once(() => {
    try {
      return type === 'P-256' ? toP256Key(point) : toKey(der, type);
    } catch {
      return refuse(`${what} cannot be used`);
    }
  });
  return { type, spki: der, key };
}

/**
 * Whether the signature is right: DER for ECDSA, PKCS#1 v1.5 for RSA. A malformed one is just wrong. Without
 * `digest` it is the one that logs use with such a key. Refuses a key that is a point off the curve.
 */
export function isSignedBy(
  publicKey: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
  digest: Digest | null = DEFAULT_DIGEST[publicKey.type],
): boolean {
  const { type, spki } = publicKey;
  if ((type === 'Ed25519') !== (digest === null)) return false;
  if (assumed !== undefined) {
    assumed.push({ digest, data, key: publicKey.key(), signature });
    return true;
  }
  if (unkept > 0 && type.startsWith('P')) {
    unkept--;
    if (isRight(digest, data, { key: view(spki), format: 'der', type: 'spki' }, signature)) return true;
  }
  return isRight(digest, data, publicKey.key(), signature);
}

/**
 * So many signatures are verified without keeping the key: making a KeyObject for each takes 0.3 ms of a process
 * that judges one commit. What is not right by such a key is looked at again by a kept one.
 */
let unkept = 6;

function isRight(
  digest: Digest | null,
  data: Uint8Array,
  key: KeyObject | PublicKeyInput,
  signature: Uint8Array,
): boolean {
  try {
    return verify(digest, data, key, signature);
  } catch {
    return false;
  }
}

/** The digest that goes with each curve, and what logs use with other keys. */
export const DEFAULT_DIGEST: Readonly<Record<KeyType, Digest | null>> = {
  'P-256': 'sha256',
  'P-384': 'sha384',
  'P-521': 'sha512',
  RSA: 'sha256',
  Ed25519: null,
};

const COORDINATE: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

/** Measured: node imports a P-256 key by its coordinates in 60 % of the time that DER takes, the others slower. */
function toP256Key(point: Uint8Array): KeyObject {
  const coordinate = (from: number) => view(point.subarray(from, from + 32)).toString('base64url');
  return createPublicKey({
    key: { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) },
    format: 'jwk',
  });
}

function toKey(spki: Uint8Array, type: KeyType): KeyObject {
  const key = createPublicKey({ key: view(spki), format: 'der', type: 'spki' });
  if (type !== 'RSA') return key;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  // An exponent as long as the modulus makes each signature take 200 times as long; with 1, every one is right.
  const binds = publicExponent >= 3n && publicExponent < 2n ** 64n;
  const usual = binds && modulusLength >= 2048 && modulusLength <= 8192;
  return usual ? key : refuse('the RSA key has an unusual size or exponent');
}
