/** Log entries of Rekor: their body, their embedded form, and the proof that the log holds them. */
import { encodePem } from './armor.ts';
import { decodeText, sameBytes, toBase64, toHex } from './bytes.ts';
import { refuse } from './failure.ts';
import { isSignedBy } from './keys.ts';
import { leafHash, rootFromInclusionProof } from './merkle.ts';
import { openCheckpoint } from './note.ts';
import { encodeBytesField, encodeVarintField, type ProtoField, readFields } from './protobuf.ts';
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
export interface EmbeddedEntry extends Omit<LogEntry, 'body'> {
  /** Such as `hashedrekord 0.0.1`: the signer's claim, empty where missing. */
  readonly kindVersion: string;
}

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

/** dev.sigstore.rekor.v1.TransparencyLogEntry as gitsign embeds it: the body is cleared. */
export function encodeTransparencyLogEntry(entry: LogEntry): Uint8Array {
  const { inclusionProof: proof } = entry;
  return Buffer.concat([
    encodeVarintField(1, entry.logIndex),
    encodeBytesField(2, encodeBytesField(1, entry.logId)),
    encodeBytesField(
      3,
      encodeBytesField(1, Buffer.from('hashedrekord')),
      encodeBytesField(2, Buffer.from('0.0.1')),
    ),
    encodeVarintField(4, entry.integratedTime),
    encodeBytesField(5, encodeBytesField(1, entry.signedEntryTimestamp)),
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

/** Parses what a signature carries; every byte has one meaning, and everything that must be there is. */
export function parseTransparencyLogEntry(bytes: Uint8Array): EmbeddedEntry {
  const what = 'the log entry';
  const fields = byNumber(
    readFields(
      bytes,
      { 1: 'varint', 2: 'message', 3: 'message', 4: 'varint', 5: 'message', 6: 'message', 7: 'message' },
      what,
    ),
  );
  if (fields.has(7)) return refuse('the log entry carries a body of its own');
  if (!fields.has(6)) return refuse('the log entry has no inclusion proof');
  const { 1: logId } = readStrings(bytesOf(fields, 2), 1, 'the log id');
  const { 1: kind, 2: version } = readStrings(bytesOf(fields, 3), 2, 'the kind of the log entry');
  const { 1: promise } = readStrings(bytesOf(fields, 5), 1, 'the inclusion promise');
  if (logId?.length !== 32) return refuse('the log id is not 32 bytes long');
  return {
    logIndex: numberOf(fields, 1),
    logId,
    kindVersion: [kind, version]
      .map((part) => decodeText(part ?? EMPTY, 'the kind of the log entry'))
      .join(' '),
    integratedTime: numberOf(fields, 4),
    signedEntryTimestamp: promise ?? EMPTY,
    inclusionProof: parseInclusionProof(bytesOf(fields, 6)),
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
  const log = findLog(entry, trust, signedAt);
  openPromise(entry, body, log);
  openInclusionProof(entry, body, log);
  const logId = log.logId;
  return { signedAt, proof: { logIndex: entry.logIndex, logId, logUrl: log.baseUrl } };
}

/** Logs that the entry names: none, or those of that id, whatever their time. */
export function logsOf(entry: Pick<LogEntry, 'logId'>, trust: Trust): readonly LogAuthority[] {
  const id = toHex(entry.logId);
  return trust.logs.filter((log) => log.logId === id);
}

/** The entry's leaf leads to the root of a checkpoint that the log signed. */
export function openInclusionProof(
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
  const root = rootFromInclusionProof(leafHash(body), inclusionProof);
  if (!sameBytes(root, checkpoint.rootHash)) {
    return refuse('the inclusion proof does not lead from this signature to the root of the log');
  }
}

const EMPTY = new Uint8Array(0);

function findLog(entry: Pick<LogEntry, 'logId'>, trust: Trust, at: Date): LogAuthority {
  const named = logsOf(entry, trust);
  if (named.length === 0) return refuse('the log entry is of a log that is not in the trusted root');
  const log = named.find(({ validFor }) => isWithin(validFor, at.getTime()));
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

function parseInclusionProof(bytes: Uint8Array): EmbeddedEntry['inclusionProof'] {
  const all = readFields(
    bytes,
    { 1: 'varint', 2: 'bytes', 3: 'varint', 4: 'many', 5: 'message' },
    'the inclusion proof',
  );
  const fields = byNumber(all);
  const { 1: envelope } = readStrings(bytesOf(fields, 5), 1, 'the checkpoint');
  if (envelope === undefined) return refuse('the inclusion proof has no checkpoint');
  return {
    logIndex: numberOf(fields, 1),
    rootHash: bytesOf(fields, 2),
    treeSize: numberOf(fields, 3),
    hashes: all.filter(({ number }) => number === 4).map(({ value }) => value as Uint8Array),
    checkpoint: decodeText(envelope, 'the checkpoint'),
  };
}

/** A message of byte strings 1 to `count`, each once. */
function readStrings(bytes: Uint8Array, count: 1 | 2, what: string): { 1?: Uint8Array; 2?: Uint8Array } {
  const fields = readFields(bytes, count === 1 ? { 1: 'bytes' } : { 1: 'bytes', 2: 'bytes' }, what);
  return Object.fromEntries(fields.map(({ number, value }) => [number, value]));
}

function byNumber(fields: readonly ProtoField[]): ReadonlyMap<number, bigint | Uint8Array> {
  return new Map(fields.map(({ number, value }) => [number, value]));
}

function numberOf(fields: ReadonlyMap<number, bigint | Uint8Array>, number: number): bigint {
  return (fields.get(number) ?? 0n) as bigint;
}

function bytesOf(fields: ReadonlyMap<number, bigint | Uint8Array>, number: number): Uint8Array {
  return (fields.get(number) ?? EMPTY) as Uint8Array;
}
