/** Log entries of Rekor: their body, their embedded form, and the proof that the log holds them. */
import { encodePem } from './armor.ts';
import { decodeText, sameBytes, toBase64, toHex, view } from './bytes.ts';
import { refuse } from './failure.ts';
import { isSignedBy } from './keys.ts';
import { type InclusionProof, leafHash, rootFromInclusionProof } from './merkle.ts';
import { type Checkpoint, openCheckpoint } from './note.ts';
import { encodeBytesField, encodeVarintField, type ProtoShape, readFields } from './protobuf.ts';
import { isWithin, type LogAuthority, type Trust } from './trustedRoot.ts';
import type { LogProof } from './verdict.ts';

/** What is sent to a Rekor v1 log as hashedrekord 0.0.1. */
export interface ProposedEntry {
  /** SHA-256 of the SET form of the signedAttrs, 32 bytes. */
  readonly digest: Uint8Array;
  /** DER ECDSA signature. */
  readonly signature: Uint8Array;
  /** DER of the leaf. */
  readonly certificate: Uint8Array;
}

/** A log's answer in values; nothing about it is verified yet. */
export interface LogEntry {
  readonly body: Uint8Array;
  /** Such as `hashedrekord 0.0.1`. In a signature it is the signer's claim, empty where missing. */
  readonly kindVersion: string;
  readonly logIndex: bigint;
  /** 32 bytes. */
  readonly logId: Uint8Array;
  readonly integratedTime: bigint;
  /** Empty where the log gave none. */
  readonly signedEntryTimestamp: Uint8Array;
  readonly inclusionProof: {
    /** Index within the shard's tree. */
    readonly logIndex: bigint;
    readonly rootHash: Uint8Array;
    readonly treeSize: bigint;
    readonly hashes: readonly Uint8Array[];
    /** The checkpoint, a signed note. */
    readonly checkpoint: string;
  };
}

/** An entry as a signature carries it: the body is left out, whoever verifies makes it anew. */
export type EmbeddedEntry = Omit<LogEntry, 'body'>;

export interface OpenedEntry {
  /** The log's own time. */
  readonly signedAt: Date;
  readonly proof: LogProof;
}

/**
 * Canonical body of a hashedrekord 0.0.1 entry (RFC 8785: no space, keys in order). It names digest,
 * signature and certificate, so an entry over it cannot be one of another signature.
 */
export function encodeHashedRekord(
  digest: Uint8Array,
  signature: Uint8Array,
  certificate: Uint8Array,
): Uint8Array {
  const pem = encodePem(certificate, '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----');
  const key = Buffer.from(pem, 'latin1').toString('base64');
  return Buffer.from(
    `{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"sha256","value":"${toHex(digest)}"}},` +
      `"signature":{"content":"${toBase64(signature)}","publicKey":{"content":"${key}"}}}}`,
    'latin1',
  );
}

/** dev.sigstore.rekor.v1.TransparencyLogEntry as gitsign embeds it: the body is cleared, a missing promise left out. */
export function encodeTransparencyLogEntry(entry: LogEntry): Uint8Array {
  const { inclusionProof: proof } = entry;
  const [kind = '', version = ''] = entry.kindVersion.split(' ');
  return Buffer.concat([
    encodeVarintField(1, entry.logIndex),
    encodeBytesField(2, encodeBytesField(1, entry.logId)),
    encodeBytesField(3, encodeBytesField(1, Buffer.from(kind)), encodeBytesField(2, Buffer.from(version))),
    encodeVarintField(4, entry.integratedTime),
    ...(entry.signedEntryTimestamp.length === 0
      ? []
      : [encodeBytesField(5, encodeBytesField(1, entry.signedEntryTimestamp))]),
    encodeBytesField(
      6,
      encodeVarintField(1, proof.logIndex),
      encodeBytesField(2, proof.rootHash),
      encodeVarintField(3, proof.treeSize),
      ...proof.hashes.map((sibling) => encodeBytesField(4, sibling)),
      encodeBytesField(5, encodeBytesField(1, Buffer.from(proof.checkpoint, 'utf8'))),
    ),
  ]);
}

/** gitsign labels entries of both kinds of log as 0.0.1; but a v1 log's checkpoint has a tree id behind its name. */
export function isV2({ kindVersion, inclusionProof }: EmbeddedEntry): boolean {
  return kindVersion === 'hashedrekord 0.0.2' || !/^[^\n]* - \d+\n/.test(inclusionProof.checkpoint);
}

/** Parses what a signature carries; every byte has one meaning, and everything that must be there is. */
export function parseTransparencyLogEntry(message: Uint8Array): EmbeddedEntry {
  const { body, ...entry } = parseEntry(message);
  return body === undefined ? entry : refuse('the log entry carries a body of its own');
}

/** The same with the body, where there is one. */
export function parseEntry(message: Uint8Array): EmbeddedEntry & { readonly body: Uint8Array | undefined } {
  const { numbers, bytes } = readFields(message, ENTRY, 'the log entry');
  if (!bytes[6]) return refuse('the log entry has no inclusion proof');
  const [, logId] = readFields(bytes[2] ?? EMPTY, ONE, 'the log id').bytes;
  if (logId?.length !== 32) return refuse('the log id is not 32 bytes long');
  const kind = readFields(bytes[3] ?? EMPTY, TWO, 'the kind of the log entry').bytes;
  return {
    body: bytes[7],
    logIndex: numbers[1] ?? 0n,
    logId,
    kindVersion: `${view(kind[1] ?? EMPTY)} ${view(kind[2] ?? EMPTY)}`,
    integratedTime: numbers[4] ?? 0n,
    signedEntryTimestamp: readFields(bytes[5] ?? EMPTY, ONE, 'the inclusion promise').bytes[1] ?? EMPTY,
    inclusionProof: parseInclusionProof(bytes[6]),
  };
}

/**
 * Opens an entry of a Rekor v1 log over `body`: (1) the log is one of ours, and was at that time, (2) it
 * promised the entry at a time (SET), (3) the entry is in the tree (4) that the log signed.
 */
export function openLogEntry(
  entry: Omit<LogEntry, 'body'> & { readonly body?: Uint8Array },
  body: Uint8Array,
  trust: Trust,
): OpenedEntry {
  if (entry.body !== undefined && !sameBytes(entry.body, body)) {
    return refuse('the log entry holds another body than was sent');
  }
  if (entry.integratedTime <= 0n || entry.integratedTime > 253402300799n) {
    return refuse('the log entry has no time');
  }
  const signedAt = new Date(Number(entry.integratedTime) * 1000);
  const log = findLog(entry, trust, [signedAt]);
  openPromise(entry, body, log);
  openInclusionProof(entry, body, log);
  const logId = log.logId;
  return { signedAt, proof: { logIndex: entry.logIndex, logId, logUrl: log.baseUrl, source: 'embedded' } };
}

/** The entry's leaf leads to the root of a checkpoint that the log signed. */
function openInclusionProof(
  { inclusionProof }: Pick<LogEntry, 'inclusionProof'>,
  body: Uint8Array,
  log: LogAuthority,
): undefined {
  const checkpoint = openCheckpoint(inclusionProof.checkpoint, log);
  if (inclusionProof.treeSize !== checkpoint.treeSize) {
    return refuse('the inclusion proof is for another tree size than the checkpoint');
  }
  if (!sameBytes(inclusionProof.rootHash, checkpoint.rootHash)) {
    return refuse('the inclusion proof is for another root than the checkpoint');
  }
  checkInclusion(body, inclusionProof, checkpoint);
}

/** The body's leaf leads to the checkpoint's root. */
export function checkInclusion(
  body: Uint8Array,
  proof: InclusionProof,
  { rootHash }: Pick<Checkpoint, 'rootHash'>,
): undefined {
  const root = rootFromInclusionProof(leafHash(body), proof);
  if (!sameBytes(root, rootHash)) {
    return refuse('the inclusion proof does not lead from this signature to the root of the log');
  }
}

/** The log that the entry names, if it was trusted at all of these times. */
export function findLog(entry: Pick<LogEntry, 'logId'>, trust: Trust, times: readonly Date[]): LogAuthority {
  const id = toHex(entry.logId);
  const named = trust.logs.filter((log) => log.logId === id);
  if (named.length === 0) return refuse('the log entry is of a log that is not in the trusted root');
  const log = named.find(({ validFor }) => times.every((at) => isWithin(validFor, at.getTime())));
  return log ?? refuse('the log was not trusted at the time of the entry');
}

/** The SET: the log's signature over body, time, log id and index, as RFC 8785 JSON. */
function openPromise(entry: Omit<LogEntry, 'body'>, body: Uint8Array, log: LogAuthority): void {
  const { signedEntryTimestamp, integratedTime, logIndex } = entry;
  if (signedEntryTimestamp.length === 0) refuse('the log entry has no signed entry timestamp');
  const promised = Buffer.from(
    `{"body":"${toBase64(body)}","integratedTime":${integratedTime},"logID":"${log.logId}","logIndex":${logIndex}}`,
    'latin1',
  );
  const { publicKey } = log.key();
  if (!isSignedBy(publicKey, promised, signedEntryTimestamp)) {
    refuse("the signed entry timestamp is not the log's signature over this entry");
  }
}

function parseInclusionProof(message: Uint8Array): EmbeddedEntry['inclusionProof'] {
  const { numbers, bytes, many } = readFields(message, PROOF, 'the inclusion proof');
  const [, envelope] = readFields(bytes[5] ?? EMPTY, ONE, 'the checkpoint').bytes;
  return {
    logIndex: numbers[1] ?? 0n,
    rootHash: bytes[2] ?? EMPTY,
    treeSize: numbers[3] ?? 0n,
    hashes: many,
    checkpoint: decodeText(envelope ?? EMPTY, 'the checkpoint'),
  };
}

const EMPTY = new Uint8Array(0);
const ONE: ProtoShape = { 1: 'bytes' };
const TWO: ProtoShape = { 1: 'bytes', 2: 'bytes' };
const PROOF: ProtoShape = { 1: 'varint', 2: 'bytes', 3: 'varint', 4: 'many', 5: 'message' };
const ENTRY: ProtoShape = {
  1: 'varint',
  2: 'message',
  3: 'message',
  4: 'varint',
  5: 'message',
  6: 'message',
  7: 'message',
};
