/** Requests for timestamps, as sigstore's authority takes them: DER (RFC 3161 section 2.4.1) or its own JSON. */
import {
  BOOLEAN,
  childrenOf,
  contentOf,
  encodedOf,
  INTEGER,
  OBJECT_ID,
  OCTET_STRING,
  oidOf,
  parseDer,
  SEQUENCE,
} from '../core/der.ts';
import { encodeElement, encodeInteger, encodeOid, encodeSequence } from '../core/derEncode.ts';
import { isCheckFailure } from '../core/failure.ts';
import { isRecord } from './answer.ts';
import type { TimestampRequest } from './timestampToken.ts';

/** A request, or the words in which the authority refuses it. */
export type ParsedRequest = TimestampRequest | { readonly refusal: string };

/**
 * TimeStampReq { version, messageImprint { hashAlgorithm, hashedMessage }, [reqPolicy], [nonce],
 * [certReq], [extensions] }.
 */
export function parseTimestampQuery(der: Uint8Array): ParsedRequest {
  try {
    const [, imprint, ...optional] = childrenOf(parseDer(der), SEQUENCE, 'the request', [2, 6]);
    const { 0: algorithm, 1: hash } = childrenOf(imprint, SEQUENCE, 'the imprint', [2]);
    const { 0: oid } = childrenOf(algorithm, SEQUENCE, 'the algorithm', [1, 2]);
    const digest = contentOf(hash, OCTET_STRING, 'the hash');
    const known = HASHES.find((each) => each.oid === oidOf(oid, 'the algorithm'));
    if (known === undefined || algorithm === undefined) return WEAK;
    if (digest.length !== known.length) return UNREADABLE;
    const [nonce] = optional.filter(({ tag }) => tag === INTEGER);
    const [certReq] = optional.filter(({ tag }) => tag === BOOLEAN);
    if (optional.some(({ tag }) => ![INTEGER, BOOLEAN, OBJECT_ID, EXTENSIONS].includes(tag)))
      return UNREADABLE;
    return {
      algorithm: encodedOf(algorithm),
      digest,
      nonce: nonce && encodedOf(nonce),
      certificates: certReq !== undefined && contentOf(certReq, BOOLEAN, 'certReq')[0] === 0xff,
    };
  } catch (error) {
    if (isCheckFailure(error)) return UNREADABLE;
    throw error;
  }
}

/** `{"artifactHash": base64, "hashAlgorithm": "sha256", "certificates": boolean, "nonce": number}` */
export function parseTimestampJson(text: string): ParsedRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return UNREADABLE;
  }
  if (!isRecord(value)) return UNREADABLE;
  const known = HASHES.find(({ name }) => name === String(value.hashAlgorithm).toLowerCase());
  if (known === undefined) return WEAK;
  const digest = Buffer.from(String(value.artifactHash), 'base64');
  if (digest.length !== known.length) return UNREADABLE;
  // Taken out of the text: it may be larger than a number can be.
  const nonce = /"nonce"\s*:\s*(\d+)/.exec(text)?.[1];
  return {
    algorithm: encodeSequence(encodeOid(known.oid), encodeElement(0x05)),
    digest,
    nonce: nonce === undefined ? undefined : encodeInteger(BigInt(nonce)),
    certificates: value.certificates === true,
  };
}

const WEAK = { refusal: 'Weak hash algorithm in timestamp request' } as const;
const UNREADABLE = { refusal: 'Error generating timestamp response' } as const;
const EXTENSIONS = 0xa0;

const HASHES = [
  { name: 'sha256', oid: '2.16.840.1.101.3.4.2.1', length: 32 },
  { name: 'sha384', oid: '2.16.840.1.101.3.4.2.2', length: 48 },
  { name: 'sha512', oid: '2.16.840.1.101.3.4.2.3', length: 64 },
] as const;
