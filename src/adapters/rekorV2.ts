/** A shard of Rekor version 2 (rekor-tiles): hashedrekord 0.0.2, its answer waits for a checkpoint over the entry. */
import { toBase64 } from '../core/bytes.ts';
import { MAX_CHECKPOINT_BYTES, MAX_PROOF_HASHES, REKOR_V2_PATIENCE } from '../core/limits.ts';
import { SignetError } from '../errors.ts';
import type { LogEntry, ProposedEntry, TransparencyLog } from '../ports.ts';
import {
  type JsonObject,
  objectIn,
  parseObject,
  stringIn,
  stringsIn,
  toBase64Bytes,
  wrong,
} from './answer.ts';
import { type Answer, type Service, type ServiceOptions, serviceAt } from './http.ts';
import { refusalOf } from './refusal.ts';
import { deadlineIn, requestPatiently } from './retry.ts';

/** Throws `config` for an address that is no https or loopback URL. */
export function rekorV2(baseUrl: string, options: ServiceOptions = {}): TransparencyLog {
  const service = serviceAt('Rekor v2', 'signet.rekor', baseUrl, options.insecureHttp ?? false);
  const patience = options.patience ?? REKOR_V2_PATIENCE;
  return {
    async upload(entry, signal) {
      const body = encodeRequest(entry);
      const request = { method: 'POST', path: 'api/v2/log/entries', body } as const;
      const answer = await requestPatiently(service, request, patience, deadlineIn(patience.totalMs, signal));
      if (answer.status !== 201) throw refusal(service, answer);
      return parseV2Entry(answer.body);
    },
  };
}

/** CreateEntryRequest of rekor-tiles. It takes no field that it does not know. */
function encodeRequest({ digest, signature, certificate }: ProposedEntry): string {
  const verifier = {
    x509Certificate: { rawBytes: toBase64(certificate) },
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
  };
  return JSON.stringify({
    hashedRekordRequestV002: {
      digest: toBase64(digest),
      signature: { content: toBase64(signature), verifier },
    },
  });
}

/**
 * TransparencyLogEntry in protobuf's JSON, in values; nothing about it is verified. Fields that hold their default may
 * be missing; a time or a promise, which such a log cannot give, is refused. Throws `service-answer`.
 */
export function parseV2Entry(bytes: Uint8Array): LogEntry {
  const entry = parseObject(bytes, "Rekor's entry");
  const { kind, version } = objectIn(entry, 'kindVersion').fields;
  if (kind !== 'hashedrekord' || version !== '0.0.2') throw wrong(entry.what, 'is not a hashedrekord 0.0.2');
  if (int64In(entry, 'integratedTime') !== 0n)
    throw wrong(entry.what, 'has a time, which logs of its kind do not give');
  if ((entry.fields['inclusionPromise'] ?? null) !== null) {
    throw wrong(entry.what, 'has a promise, which logs of its kind do not give');
  }
  return {
    body: base64In(entry, 'canonicalizedBody'),
    kindVersion: `${kind} ${version}`,
    logIndex: int64In(entry, 'logIndex'),
    logId: base64In(objectIn(entry, 'logId'), 'keyId', 32),
    integratedTime: 0n,
    signedEntryTimestamp: new Uint8Array(0),
    inclusionProof: parseProof(objectIn(entry, 'inclusionProof')),
  };
}

function parseProof(proof: JsonObject): LogEntry['inclusionProof'] {
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

/** protobuf's JSON has int64 as decimal text; a missing one is 0, and none here is negative. */
function int64In({ what, fields }: JsonObject, name: string): bigint {
  const value = fields[name] ?? '0';
  if (typeof value !== 'string' || !/^(0|[1-9]\d{0,18})$/.test(value) || BigInt(value) >= 1n << 63n) {
    throw wrong(what, `has no whole number in "${name}"`);
  }
  return BigInt(value);
}

function base64In(object: JsonObject, name: string, length?: number): Uint8Array {
  const bytes = toBase64Bytes(stringIn(object, name), `"${name}" in ${object.what}`);
  return length === undefined ? bytes : sized(bytes, length, object.what);
}

function sized(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length !== length) throw wrong(what, `has a hash or id that is not ${length} bytes long`);
  return bytes;
}

/**
 * 409: an attempt whose answer was lost had reached the log, which does not hand out that entry again. 405: the shard
 * is frozen.
 */
function refusal(service: Service, answer: Answer): SignetError {
  switch (answer.status) {
    case 409:
      return new SignetError(
        'already-logged',
        `${service.name} at ${service.baseUrl.origin} has this very entry already, and does not hand it out again.`,
        'Try again: a new signature makes a new entry.',
      );
    case 405: {
      const hint =
        'Set signet.rekor to the newer shard: this one takes no entries any more, or is no Rekor v2.';
      return refusalOf(service, answer, hint);
    }
    case 404:
    case 501: {
      const hint = 'Check that signet.rekor names a shard of Rekor v2, or set signet.rekorVersion to 1.';
      return refusalOf(service, answer, hint);
    }
    default:
      return refusalOf(service, answer);
  }
}
