/**
 * A Sigstore bundle v0.3 (protobuf-specs: sigstore_bundle.proto) over a message: what other Sigstore programs verify.
 * It says nothing about a git object: its artifact is what was signed there, not the object.
 */
import { hash } from 'node:crypto';
import { toBase64 } from './bytes.ts';
import {
  childrenOf,
  encodedOf,
  expectTag,
  OBJECT_ID,
  parseDer,
  SEQUENCE,
  SET,
  smallIntegerOf,
} from './der.ts';
import {
  encodeContext,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  retag,
} from './derEncode.ts';
import { refuse } from './failure.ts';
import { LOG_ENTRY, TIMESTAMP_TOKEN } from './oids.ts';
import { encodeTransparencyLogEntry, type LogEntry } from './rekorEntry.ts';

/** A bundle in values; nothing about it is verified. */
export interface Bundle {
  /** DER of the leaf. */
  readonly certificate: Uint8Array;
  /** Said to be SHA-256 of the artifact. */
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly entries: readonly LogEntry[];
  /** DER of RFC 3161 TimeStampTokens over the signature. */
  readonly timestampTokens: readonly Uint8Array[];
}

export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** The bundle over this artifact, as protobuf's JSON: int64 as text, bytes as base64, empty fields left out. */
export function encodeBundle({ certificate, digest, signature, entries, timestampTokens }: Bundle): string {
  const stamps = timestampTokens.map((token) => ({ signedTimestamp: toBase64(toTimestampResponse(token)) }));
  const json = {
    mediaType: BUNDLE_MEDIA_TYPE,
    verificationMaterial: {
      certificate: { rawBytes: toBase64(certificate) },
      tlogEntries: entries.map(toEntryJson),
      ...(stamps.length > 0 && { timestampVerificationData: { rfc3161Timestamps: stamps } }),
    },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: toBase64(digest) },
      signature: toBase64(signature),
    },
  };
  return `${JSON.stringify(json)}\n`;
}

/** SHA-256 of an artifact, as bundles name it. */
export function bundleDigest(artifact: Uint8Array): Uint8Array {
  return hash('sha256', artifact, 'buffer');
}

function toEntryJson(entry: LogEntry) {
  const [kind, version] = entry.kindVersion.split(' ');
  const { logIndex, rootHash, treeSize, hashes, checkpoint } = entry.inclusionProof;
  const { integratedTime, signedEntryTimestamp: promise } = entry;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: toBase64(entry.logId) },
    kindVersion: { kind, version },
    ...(integratedTime > 0n && { integratedTime: String(integratedTime) }),
    ...(promise.length > 0 && { inclusionPromise: { signedEntryTimestamp: toBase64(promise) } }),
    inclusionProof: {
      logIndex: String(logIndex),
      rootHash: toBase64(rootHash),
      treeSize: String(treeSize),
      hashes: hashes.map(toBase64),
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: toBase64(entry.body),
  };
}

/** TimeStampResp ::= SEQUENCE { status PKIStatusInfo { granted(0) }, timeStampToken } (RFC 3161 2.4.2) */
function toTimestampResponse(token: Uint8Array): Uint8Array {
  return encodeSequence(encodeSequence(encodeInteger(0)), token);
}

/** The token in a TimeStampResp, or the token itself, which gitsign puts in its place. Throws a CheckFailure. */
export function toTimestampToken(der: Uint8Array): Uint8Array {
  const what = 'the timestamp response';
  const { 0: first, 1: token } = childrenOf(parseDer(der), SEQUENCE, what, [2]);
  if (first?.tag === OBJECT_ID) return der;
  const { 0: status } = childrenOf(first, SEQUENCE, what, [1, 3]);
  // granted, or granted with modifications
  if (smallIntegerOf(status, what) > 1) return refuse('the timestamp was not granted');
  return encodedOf(expectTag(token, SEQUENCE, 'the timestamp token'));
}

/** The same CMS signature (which parses) with nothing but this entry and these tokens beside what was signed. */
export function withProof(
  der: Uint8Array,
  entry: LogEntry,
  timestampTokens: readonly Uint8Array[],
): Uint8Array {
  const what = 'the signature';
  const { 0: type, 1: wrapped } = childrenOf(parseDer(der), SEQUENCE, what, [2]);
  const { 0: signedData } = childrenOf(wrapped, 0xa0, what, [1]);
  const parts = childrenOf(signedData, SEQUENCE, what, [5]);
  const { 0: signerInfo } = childrenOf(parts[4], SET, what, [1]);
  const signed = childrenOf(signerInfo, SEQUENCE, what, [6, 7]).slice(0, 6).map(encodedOf);
  const unsigned = encodeSet(
    encodeAttribute(LOG_ENTRY, encodeOctetString(encodeTransparencyLogEntry(entry))),
    ...(timestampTokens.length === 0 ? [] : [encodeAttribute(TIMESTAMP_TOKEN, ...timestampTokens)]),
  );
  const signer = encodeSequence(...signed, retag(unsigned, 0xa1));
  const again = encodeSequence(...parts.slice(0, 4).map(encodedOf), encodeSet(signer));
  return encodeSequence(encodedOf(expectTag(type, OBJECT_ID, what)), encodeContext(0, again));
}

function encodeAttribute(type: string, ...values: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeOid(type), encodeSet(...values));
}
