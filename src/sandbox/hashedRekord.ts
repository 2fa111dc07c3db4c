import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isRecord, jsonAnswer, Refusal } from './answer.ts';

/** A hashedrekord 0.0.1 after all that Rekor checks before it logs one. */
export interface HashedRekord {
  /** The canonical body (protocols 2.5). */
  readonly body: Uint8Array;
  /** Under what the search index finds it. */
  readonly keys: readonly string[];
}

/**
 * A proposed entry, or Rekor's refusal of it. Unknown fields are dropped. The signature is verified against the
 * hash that is said, with the key of the certificate or the key itself.
 */
export async function openProposedEntry(proposed: Readonly<Record<string, unknown>>): Promise<HashedRekord> {
  const { kind, apiVersion } = proposed;
  if (kind !== 'hashedrekord') {
    const message = `invalid kind value: ${JSON.stringify(kind ?? '')}`;
    throw new Refusal(jsonAnswer(422, { code: 422, message }, ''));
  }
  if (apiVersion !== '0.0.1') {
    throw cannotProcess(
      `entry kind 'hashedrekord' does not support inserting entries of version '${apiVersion}'`,
    );
  }
  const { algorithm, digest, signature, publicKey } = readSpec(proposed.spec);
  const pem = parsePem(publicKey);
  await verifyPrehashed(pem.key, digest, signature);
  const spec = {
    data: { hash: { algorithm, value: digest.toString('hex') } },
    signature: {
      content: signature.toString('base64'),
      publicKey: { content: Buffer.from(pem.text).toString('base64') },
    },
  };
  const body = Buffer.from(JSON.stringify({ apiVersion, kind, spec }));
  return { body, keys: [hashKey(algorithm, spec.data.hash.value), ...pem.keys] };
}

/** The keys of an entry that is logged already. */
export function indexKeysOf(body: Uint8Array): readonly string[] {
  const { algorithm, digest, publicKey } = readSpec(JSON.parse(Buffer.from(body).toString()).spec);
  return [hashKey(algorithm, digest.toString('hex')), ...parsePem(publicKey).keys];
}

export const hashKey = (algorithm: string, hex: string) => `${algorithm}:${hex.toLowerCase()}`;
export const emailKey = (email: string) => `email:${email}`;

/** The key of a certificate or public key in PEM; a Refusal where it is none. */
export function publicKeyKey(pem: Uint8Array): string {
  return keyOfText(parsePem(pem).text);
}

interface ParsedPem {
  /** As Rekor writes it, whatever blanks it came with. */
  readonly text: string;
  readonly key: KeyObject;
  readonly keys: readonly string[];
}

const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 };

function readSpec(spec: unknown) {
  const data = isRecord(spec) && isRecord(spec.data) ? spec.data : {};
  const hash = isRecord(data.hash) ? data.hash : {};
  const signature = isRecord(spec) && isRecord(spec.signature) ? spec.signature : {};
  const publicKey = isRecord(signature.publicKey) ? signature.publicKey : {};
  const algorithm = String(hash.algorithm);
  const digest = Buffer.from(String(hash.value), 'hex');
  if (digest.length === 0 || digest.length !== DIGEST_LENGTHS[algorithm]) {
    throw cannotProcess('invalid value for hash');
  }
  if (typeof signature.content !== 'string') throw cannotProcess('signature object not specified');
  if (typeof publicKey.content !== 'string') throw cannotProcess('public key object not specified');
  return {
    algorithm,
    digest,
    signature: Buffer.from(signature.content, 'base64'),
    publicKey: Buffer.from(publicKey.content, 'base64'),
  };
}

function parsePem(bytes: Uint8Array): ParsedPem {
  const pem = Buffer.from(bytes).toString();
  try {
    if (pem.includes('-----BEGIN CERTIFICATE-----')) {
      const certificate = new X509Certificate(pem);
      const emails = certificate.subjectAltName?.match(/(?<=(^|, )email:)[^,]+/g) ?? [];
      const text = certificate.toString();
      return { text, key: certificate.publicKey, keys: [keyOfText(text), ...emails.map(emailKey)] };
    }
    const key = createPublicKey({ key: pem, format: 'pem' });
    const text = key.export({ type: 'spki', format: 'pem' }) as string;
    return { text, key, keys: [keyOfText(text)] };
  } catch {
    throw cannotProcess('invalid public key: failure decoding PEM');
  }
}

function keyOfText(pem: string): string {
  return `key:${createHash('sha256').update(pem.trim()).digest('hex')}`;
}

async function verifyPrehashed(key: KeyObject, digest: Uint8Array, signature: Uint8Array): Promise<void> {
  const good = await isSignedHash(key, digest, signature);
  if (good === undefined) throw cannotProcess('unsupported public key type');
  if (!good) {
    throw cannotProcess('verifying signature: invalid signature when validating ASN.1 encoded signature');
  }
}

/**
 * Verifies over a hash that is given as such, for which node:crypto has nothing. Undefined for another key than
 * one of ECDSA.
 */
export async function isSignedHash(
  key: KeyObject,
  digest: Uint8Array,
  signature: Uint8Array,
): Promise<boolean | undefined> {
  const curves = await import('@noble/curves/nist.js');
  const curve = { prime256v1: curves.p256, secp384r1: curves.p384, secp521r1: curves.p521 }[
    key.asymmetricKeyDetails?.namedCurve ?? ''
  ];
  if (curve === undefined) return undefined;
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = [Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  const options = { prehash: false, lowS: false, format: 'der' } as const;
  try {
    return curve.verify(signature, digest, Buffer.concat(point), options);
  } catch {
    // Not DER: no signature either.
    return false;
  }
}

function cannotProcess(reason: string): Refusal {
  return new Refusal(jsonAnswer(400, { code: 400, message: `error processing entry: ${reason}` }, '\n'));
}
