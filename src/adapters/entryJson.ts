/** TransparencyLogEntry in protobuf's JSON, as Rekor v2 answers and Sigstore bundles hold it. */
import { MAX_CHECKPOINT_BYTES, MAX_PROOF_HASHES } from '../core/limits.ts';
import type { LogEntry } from '../ports.ts';
import { type JsonObject, objectIn, stringIn, stringsIn, toBase64Bytes, wrong } from './answer.ts';

/**
 * The entry in values; nothing about it is verified. Fields that hold their default may be missing. Throws
 * `service-answer`.
 */
export function toLogEntry(entry: JsonObject): LogEntry {
  const kind = objectIn(entry, 'kindVersion');
  return {
    body: base64In(entry, 'canonicalizedBody'),
    kindVersion: `${stringIn(kind, 'kind')} ${stringIn(kind, 'version')}`,
    logIndex: int64In(entry, 'logIndex'),
    logId: base64In(objectIn(entry, 'logId'), 'keyId', 32),
    integratedTime: int64In(entry, 'integratedTime'),
    signedEntryTimestamp: hasNone(entry, 'inclusionPromise')
      ? new Uint8Array(0)
      : base64In(objectIn(entry, 'inclusionPromise'), 'signedEntryTimestamp'),
    inclusionProof: toProof(objectIn(entry, 'inclusionProof')),
  };
}

/** A field that is missing; null is protobuf's other way of saying so. */
export function hasNone({ fields }: JsonObject, name: string): boolean {
  return (fields[name] ?? null) === null;
}

/** protobuf's JSON has int64 as decimal text; a missing one is 0, and none here is negative. */
export function int64In({ what, fields }: JsonObject, name: string): bigint {
  const value = fields[name] ?? '0';
  if (typeof value !== 'string' || !/^(0|[1-9]\d{0,18})$/.test(value) || BigInt(value) >= 1n << 63n) {
    throw wrong(what, `has no whole number in "${name}"`);
  }
  return BigInt(value);
}

/** Bytes, not none, and exactly `length` where that is given. */
export function base64In(object: JsonObject, name: string, length?: number): Uint8Array {
  const bytes = toBase64Bytes(stringIn(object, name), `"${name}" in ${object.what}`);
  return length === undefined ? bytes : sized(bytes, length, object.what);
}

function toProof(proof: JsonObject): LogEntry['inclusionProof'] {
  const checkpoint = stringIn(objectIn(proof, 'checkpoint'), 'envelope');
  if (Buffer.byteLength(checkpoint) > MAX_CHECKPOINT_BYTES) {
    throw wrong(proof.what, `has a checkpoint of more than ${MAX_CHECKPOINT_BYTES} bytes`);
  }
  const hashes =
    proof.fields['hashes'] === undefined ? [] : stringsIn(proof, 'hashes', { min: 0, max: MAX_PROOF_HASHES });
  return {
    logIndex: int64In(proof, 'logIndex'),
    rootHash: base64In(proof, 'rootHash', 32),
    treeSize: int64In(proof, 'treeSize'),
    hashes: hashes.map((hash) => sized(toBase64Bytes(hash, `a hash in ${proof.what}`), 32, proof.what)),
    checkpoint,
  };
}

function sized(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length !== length) throw wrong(what, `has a hash or id that is not ${length} bytes long`);
  return bytes;
}
