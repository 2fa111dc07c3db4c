/** Proposed entries of Rekor v2: hashedRekordRequestV002 and the canonical body made of one (protocols 3.4). */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { toBase64 } from '../core/bytes.ts';
import { isRecord } from './answer.ts';
import { isSignedHash } from './hashedRekord.ts';

/** Why a request is refused, in the words of the real one. */
export class RequestProblem extends Error {}

/**
 * The canonical body of a request after all that Rekor checks: that each field is known, and that the
 * signature is the key's over the digest. Throws a RequestProblem.
 */
export async function openHashedRekordRequest(text: string, request: Fields): Promise<Uint8Array> {
  const { hashedRekordRequestV002: wanted } = only(text, request, ['hashedRekordRequestV002']);
  const { digest, signature } = only(text, wanted, ['digest', 'signature']);
  const { content, verifier } = only(text, signature, ['content', 'verifier']);
  const { x509Certificate, publicKey, keyDetails } = only(text, verifier, [
    'x509Certificate',
    'publicKey',
    'keyDetails',
  ]);
  const holder = x509Certificate === undefined ? 'publicKey' : 'x509Certificate';
  const { rawBytes } = only(text, x509Certificate ?? publicKey, ['rawBytes']);
  const der = Buffer.from(String(rawBytes), 'base64');
  const key = parseKey(der, holder === 'x509Certificate');
  const kind = KEY_KINDS.find((each) => each.keyDetails === keyDetails);
  const hash = Buffer.from(String(digest), 'base64');
  const bytes = Buffer.from(String(content), 'base64');
  const fits = kind?.curve === key?.asymmetricKeyDetails?.namedCurve && hash.length === kind?.digestLength;
  if (key === undefined || kind === undefined || !fits) throw INVALID;
  if ((await isSignedHash(key, hash, bytes)) !== true) throw INVALID;
  return encodeBody(kind, hash, bytes, { [holder]: { rawBytes: der.toString('base64') } });
}

export type Fields = Readonly<Record<string, unknown>>;

const INVALID = new RequestProblem('invalid hashedrekord request');

const KEY_KINDS = [
  { keyDetails: 'PKIX_ECDSA_P256_SHA_256', curve: 'prime256v1', algorithm: 'SHA2_256', digestLength: 32 },
  { keyDetails: 'PKIX_ECDSA_P384_SHA_384', curve: 'secp384r1', algorithm: 'SHA2_384', digestLength: 48 },
  { keyDetails: 'PKIX_ECDSA_P521_SHA_512', curve: 'secp521r1', algorithm: 'SHA2_512', digestLength: 64 },
] as const;

/** RFC 8785: names in order, no blanks. */
function encodeBody(
  { keyDetails, algorithm }: (typeof KEY_KINDS)[number],
  digest: Uint8Array,
  signature: Uint8Array,
  holder: Fields,
): Uint8Array {
  const verifier = { keyDetails, ...holder };
  const hashedRekordV002 = {
    data: { algorithm, digest: toBase64(digest) },
    signature: { content: toBase64(signature), verifier },
  };
  return Buffer.from(
    JSON.stringify({ apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002 } }),
  );
}

/** Go's protojson names the place of the first field that it does not know. */
function only(text: string, value: unknown, names: readonly string[]): Fields {
  if (!isRecord(value)) throw INVALID;
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown === undefined) return value;
  const before = text.slice(0, text.indexOf(JSON.stringify(unknown))).split('\n');
  const place = `line ${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  throw new RequestProblem(`proto: (${place}): unknown field ${JSON.stringify(unknown)}`);
}

function parseKey(der: Buffer, isCertificate: boolean): KeyObject | undefined {
  try {
    return isCertificate
      ? new X509Certificate(der).publicKey
      : createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
