/** The CMS that is written into objects, byte for byte the profile that gitsign writes. */
import { childrenOf, encodedOf, parseDer, SEQUENCE, SET } from './der.ts';
import {
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeTime,
  retag,
} from './derEncode.ts';
import {
  CONTENT_TYPE,
  DATA,
  ECDSA_WITH_SHA256,
  LOG_ENTRY,
  MESSAGE_DIGEST,
  SHA256,
  SIGNED_DATA,
  SIGNING_TIME,
  TIMESTAMP_TOKEN,
} from './oids.ts';
import { encodeTransparencyLogEntry, type LogEntry } from './rekorEntry.ts';

export interface CmsParts {
  /** As `encodeSignedAttrs` gives them. */
  readonly signedAttrs: Uint8Array;
  /** DER of the leaf. */
  readonly certificate: Uint8Array;
  /** DER ECDSA signature over `signedAttrs`. */
  readonly signature: Uint8Array;
  /** Embedded as unsigned attribute; without it the signature cannot be verified offline. */
  readonly logEntry: LogEntry | undefined;
  /** RFC 3161 TimeStampToken over `signature`, embedded as a second unsigned attribute. */
  readonly timestampToken?: Uint8Array | undefined;
  /** The payload, only when it shall travel inside the signature. */
  readonly content?: Uint8Array;
}

/**
 * SET OF contentType, signingTime, messageDigest: the artifact that is signed and logged.
 * `messageDigest` is the payload's SHA-256; `signingTime` is claimed only and proves nothing.
 */
export function encodeSignedAttrs(messageDigest: Uint8Array, signingTime: Date): Uint8Array {
  return encodeSet(
    encodeAttribute(CONTENT_TYPE, encodeOid(DATA)),
    encodeAttribute(SIGNING_TIME, encodeTime(signingTime)),
    encodeAttribute(MESSAGE_DIGEST, encodeOctetString(messageDigest)),
  );
}

/** ContentInfo with SignedData of one signer (RFC 5652 5.1); SHA-256 and P-256 only. */
export function encodeCms(parts: CmsParts): Uint8Array {
  const sha256 = encodeSequence(encodeOid(SHA256));
  const content = parts.content === undefined ? [] : [encodeContext(0, encodeOctetString(parts.content))];
  const signedData = encodeSequence(
    encodeInteger(1),
    encodeSet(sha256),
    encodeSequence(encodeOid(DATA), ...content),
    encodeContext(0, parts.certificate),
    encodeSet(encodeSignerInfo(parts, sha256)),
  );
  return encodeSequence(encodeOid(SIGNED_DATA), encodeContext(0, signedData));
}

function encodeSignerInfo(parts: CmsParts, digestAlgorithm: Uint8Array): Uint8Array {
  const { signedAttrs, certificate, signature, logEntry, timestampToken } = parts;
  const unsignedAttrs: Uint8Array[] = [];
  if (logEntry !== undefined) {
    const entry = encodeOctetString(encodeTransparencyLogEntry(logEntry));
    unsignedAttrs.push(encodeAttribute(LOG_ENTRY, entry));
  }
  if (timestampToken !== undefined) unsignedAttrs.push(encodeAttribute(TIMESTAMP_TOKEN, timestampToken));
  return encodeSequence(
    encodeInteger(1),
    encodeSignerId(certificate),
    digestAlgorithm,
    retag(signedAttrs, 0xa0),
    encodeSequence(encodeOid(ECDSA_WITH_SHA256)),
    encodeOctetString(signature),
    ...(unsignedAttrs.length === 0 ? [] : [retag(encodeSet(...unsignedAttrs), 0xa1)]),
  );
}

/** IssuerAndSerialNumber, bytes copied from the leaf. */
function encodeSignerId(certificate: Uint8Array): Uint8Array {
  const [tbs] = childrenOf(parseDer(certificate), SEQUENCE, 'the certificate', [3]);
  const [, serialNumber, , issuer] = childrenOf(tbs, SEQUENCE, 'the certificate', [7, 10]);
  if (serialNumber === undefined || issuer === undefined) throw new TypeError('unreachable');
  return encodeSequence(encodedOf(issuer), encodedOf(serialNumber));
}

function encodeAttribute(type: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(type), encodeElement(SET, value));
}
