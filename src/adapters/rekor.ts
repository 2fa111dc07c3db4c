/** Rekor version 1, the transparency log, over its REST interface. */
import { MAX_CHECKPOINT_BYTES, MAX_PROOF_HASHES, type Patience, REKOR_PATIENCE } from '../core/limits.ts';
import { encodeHashedRekord } from '../core/rekorEntry.ts';
import type { SignetError } from '../errors.ts';
import type { LogEntry, TransparencyLog } from '../ports.ts';
import {
  integerIn,
  type JsonObject,
  objectIn,
  parseObject,
  stringIn,
  stringsIn,
  toBase64Bytes,
  toHexBytes,
  wrong,
} from './answer.ts';
import { type Answer, type Service, type ServiceOptions, serviceAt } from './http.ts';
import { refusalOf } from './refusal.ts';
import { type Deadline, deadlineIn, requestPatiently } from './retry.ts';

/** Throws `config` for an address that is no https or loopback URL. */
export function rekorV1(baseUrl: string, options: ServiceOptions = {}): TransparencyLog {
  const service = serviceAt('Rekor', 'signet.rekor', baseUrl, options.insecureHttp ?? false);
  const patience = options.patience ?? REKOR_PATIENCE;
  return {
    async upload({ digest, signature, certificate }, signal, onSent) {
      const body = encodeHashedRekord(digest, signature, certificate);
      const request = { method: 'POST', path: 'api/v1/log/entries', body, onSent } as const;
      const deadline = deadlineIn(patience.totalMs, signal);
      const answer = await requestPatiently(service, request, patience, deadline);
      if (answer.status === 409) return fetchExisting(service, answer, patience, deadline);
      if (answer.status !== 201) throw refusal(service, answer);
      return parseEntry(answer.body);
    },
  };
}

/**
 * The one entry of Rekor's answer (`{"<entryID>": {…}}`) in values; nothing about it is verified, and `body`
 * holds exactly the bytes that the log sent. Throws `service-answer`.
 */
export function parseEntry(bytes: Uint8Array): LogEntry {
  return toNamedEntry(parseObject(bytes, "Rekor's answer")).entry;
}

/** The one entry of such an object, and its entry id as the log spells it: 64 or 80 hex digits. */
export function toNamedEntry(map: JsonObject): { readonly id: string; readonly entry: LogEntry } {
  const [id, ...more] = Object.keys(map.fields);
  if (id === undefined || more.length > 0) throw wrong(map.what, 'does not hold exactly one entry');
  if (!isEntryId(id)) throw wrong(map.what, 'names its entry by something that is not an entry id');
  return { id, entry: toEntry({ ...objectIn(map, id), what: "Rekor's entry" }) };
}

function toEntry(entry: JsonObject): LogEntry {
  const verification = objectIn(entry, 'verification');
  const body = base64In(entry, 'body');
  const proposed = parseObject(body, 'the body of the log entry');
  return {
    body,
    kindVersion: `${stringIn(proposed, 'kind')} ${stringIn(proposed, 'apiVersion')}`,
    logIndex: integerIn(entry, 'logIndex'),
    logId: hexIn(entry, 'logID'),
    integratedTime: integerIn(entry, 'integratedTime'),
    signedEntryTimestamp: base64In(verification, 'signedEntryTimestamp'),
    inclusionProof: parseProof(objectIn(verification, 'inclusionProof')),
  };
}

function parseProof(proof: JsonObject): LogEntry['inclusionProof'] {
  const checkpoint = stringIn(proof, 'checkpoint');
  if (Buffer.byteLength(checkpoint) > MAX_CHECKPOINT_BYTES) {
    throw wrong(proof.what, `has a checkpoint of more than ${MAX_CHECKPOINT_BYTES} bytes`);
  }
  const hashes = stringsIn(proof, 'hashes', { min: 0, max: MAX_PROOF_HASHES });
  return {
    logIndex: integerIn(proof, 'logIndex'),
    rootHash: hexIn(proof, 'rootHash'),
    treeSize: integerIn(proof, 'treeSize'),
    hashes: hashes.map((hash) => toHexBytes(hash, 32, `a hash in ${proof.what}`)),
    checkpoint,
  };
}

/**
 * 409: the log has this very entry already, mostly from an attempt whose answer was lost. Its id stands in
 * `Location` or else in the message; only the id is taken from there, so that no answer can send us to another
 * host. Right after the upload the entry may not be in the tree yet: 404 passes here.
 */
async function fetchExisting(
  service: Service,
  conflict: Answer,
  patience: Patience,
  deadline: Deadline,
): Promise<LogEntry> {
  const id = idIn(conflict);
  if (id === undefined) {
    throw wrong("Rekor's answer 409", 'does not say which entry it has already');
  }
  const request = { method: 'GET', path: `api/v1/log/entries/${id}`, alsoPassing: [404] } as const;
  const answer = await requestPatiently(service, request, patience, deadline);
  if (answer.status !== 200) throw refusalOf(service, answer);
  return parseEntry(answer.body);
}

function idIn({ headers, body }: Answer): string | undefined {
  const place = /\/log\/entries\/([0-9a-f]+)$/.exec(headers['location'] ?? '')?.[1];
  const words = / with UUID ([0-9a-f]+)"/.exec(Buffer.from(body).toString('utf8'))?.[1];
  return [place, words].find((id) => id !== undefined && isEntryId(id));
}

/** 80 hex digits: the tree's id and the leaf's hash; 64 where the former is left out. */
export function isEntryId(text: string): boolean {
  return /^(?:[0-9a-f]{16})?[0-9a-f]{64}$/.test(text);
}

function base64In(object: JsonObject, name: string): Uint8Array {
  return toBase64Bytes(stringIn(object, name), `"${name}" in ${object.what}`);
}

function hexIn(object: JsonObject, name: string): Uint8Array {
  return toHexBytes(stringIn(object, name), 32, `"${name}" in ${object.what}`);
}

/** A shard of Rekor v2 has nothing at that path. */
function refusal(service: Service, answer: Answer): SignetError {
  if (answer.status !== 404) return refusalOf(service, answer);
  const hint = 'Check that signet.rekor names a Rekor of version 1, or set signet.rekorVersion to 2.';
  return refusalOf(service, answer, hint);
}
