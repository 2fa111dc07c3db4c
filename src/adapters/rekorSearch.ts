/**
 * Entries that a signature does not carry, found in Rekor v1 by its search index. gitsign's online mode logs a second
 * signature, over the object's id, and keeps nothing of it.
 */
import { encodePem } from '../core/armor.ts';
import { toHex } from '../core/bytes.ts';
import { encodeEvidenceEntry, type OnlineQuery } from '../core/evidence.ts';
import {
  MAX_FOUND_ENTRIES,
  MAX_RETRIEVED_ENTRIES,
  MAX_SAME_CERTIFICATE_ENTRIES,
  SEARCH_INTERVAL_MS,
  SEARCH_PATIENCE,
  SLOWEST_SEARCH_INTERVAL_MS,
} from '../core/limits.ts';
import { leafHash } from '../core/merkle.ts';
import { SignetError } from '../errors.ts';
import type { EvidenceSource, LogEntry } from '../ports.ts';
import { parseList, toObject, wrong } from './answer.ts';
import { type Answer, type Service, type ServiceOptions, serviceAt } from './http.ts';
import { paceOf } from './pace.ts';
import { refusalOf } from './refusal.ts';
import { isEntryId, toNamedEntry } from './rekor.ts';
import { deadlineIn, requestPatiently } from './retry.ts';

export interface LogSourceOptions extends ServiceOptions {
  /** For tests, which cannot wait. */
  readonly intervalMs?: number;
}

/** Posts a query and hands back the answer, whatever its final status. */
type Ask = (path: string, query: object, signal: AbortSignal) => Promise<Answer>;

/**
 * Looks for a signature's entry by the hash of the object's id and, where nothing has that, by its certificate. One
 * source keeps one pace, however many look at the same time. What it finds was sent by a stranger: entries that claim
 * this hash, with bodies that fit their ids, and nothing more.
 *
 * Throws `config` for an address that is no https or loopback URL; `find` throws `service-unreachable`,
 * `service-refused` (also where the log has no search) and `service-answer`.
 */
export function logSource(baseUrl: string, options: LogSourceOptions = {}): EvidenceSource {
  const service = serviceAt('Rekor', 'signet.rekor', baseUrl, options.insecureHttp ?? false);
  const patience = options.patience ?? SEARCH_PATIENCE;
  const pace = paceOf(options.intervalMs ?? SEARCH_INTERVAL_MS, SLOWEST_SEARCH_INTERVAL_MS);
  const ask: Ask = async (path, query, signal) => {
    await pace.turn(signal);
    const body = JSON.stringify(query);
    const request = { method: 'POST', path, body, rest: pace.rest } as const;
    return requestPatiently(service, request, patience, deadlineIn(patience.totalMs, signal));
  };
  return {
    name: `the log ${service.baseUrl.origin}`,
    async find(query, signal) {
      const entries = await findEntries(query, service, ask, signal);
      return { entries: entries.map(encodeEvidenceEntry) };
    },
  };
}

async function findEntries(
  { digest, certificate }: OnlineQuery,
  service: Service,
  ask: Ask,
  signal: AbortSignal,
): Promise<readonly LogEntry[]> {
  const hash = `sha256:${toHex(digest)}`;
  const publicKey = { format: 'x509', content: pemInBase64(certificate) };
  const search = async (query: object) =>
    parseIds(await ask('api/v1/index/retrieve', query, signal), service);
  const holding = async (ids: readonly string[]) =>
    (await retrieve(ids, service, ask, signal)).filter(({ body }) => claims(body, digest));
  const byHash = await search({ hash });
  if (byHash.length === 0) {
    // The newest first: an index that lags behind lacks those.
    const byCertificate = await search({ publicKey });
    return holding(byCertificate.slice(-MAX_SAME_CERTIFICATE_ENTRIES).reverse());
  }
  if (byHash.length === 1) return holding(byHash);
  // Others logged this hash too, perhaps to hide the one entry: nobody else has the certificate's key.
  const both = await search({ hash, publicKey, operator: 'and' });
  const leafs = new Set(both.map(leafOf));
  const narrowed = byHash.filter((id) => leafs.has(leafOf(id)));
  return holding((narrowed.length > 0 ? narrowed : byHash).slice(0, MAX_RETRIEVED_ENTRIES));
}

/** The ids of an answer to a search, each leaf once. Throws where there is no search, or no sense in its answer. */
function parseIds(answer: Answer, service: Service): readonly string[] {
  if ([404, 405, 501].includes(answer.status)) throw noSearch(service, answer.status);
  if (answer.status !== 200) throw refusalOf(service, answer);
  const what = "Rekor's answer to a search";
  const byLeaf = new Map<string, string>();
  for (const id of parseList(answer.body, what, MAX_FOUND_ENTRIES)) {
    if (typeof id !== 'string' || !isEntryId(id))
      throw wrong(what, 'holds something that is not an entry id');
    byLeaf.set(leafOf(id), id);
  }
  return [...byLeaf.values()];
}

/** The entries of these ids that the log has, ten at a time; none whose body does not hash to its id. */
async function retrieve(
  ids: readonly string[],
  service: Service,
  ask: Ask,
  signal: AbortSignal,
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let at = 0; at < ids.length && !signal.aborted; at += MAX_RETRIEVED_ENTRIES) {
    const entryUUIDs = ids.slice(at, at + MAX_RETRIEVED_ENTRIES);
    const answer = await ask('api/v1/log/entries/retrieve', { entryUUIDs }, signal);
    if (answer.status === 404) continue;
    if (answer.status !== 200) throw refusalOf(service, answer);
    entries.push(...parseEntries(answer, entryUUIDs));
  }
  return entries;
}

/** 64 digits name the leaf; 16 before them the tree, which a sharded log adds where it likes. */
function leafOf(id: string): string {
  return id.slice(-64);
}

function parseEntries(answer: Answer, asked: readonly string[]): readonly LogEntry[] {
  const what = "Rekor's answer to a search";
  const wanted = new Set(asked.map(leafOf));
  return parseList(answer.body, what, MAX_RETRIEVED_ENTRIES).map((value) => {
    const { id, entry } = toNamedEntry(toObject(value, what));
    if (!wanted.delete(leafOf(id))) throw wrong(what, 'holds an entry that was not asked for');
    if (toHex(leafHash(entry.body)) !== leafOf(id)) throw wrong(what, 'holds another entry than its id says');
    return entry;
  });
}

/** A search by certificate finds all that it signed; the core judges what is left. */
function claims(body: Uint8Array, digest: Uint8Array): boolean {
  return Buffer.from(body).includes(toHex(digest));
}

/** What the index is keyed by: base64 of the PEM text as Go writes it. */
function pemInBase64(certificate: Uint8Array): string {
  const pem = encodePem(certificate, '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----');
  return Buffer.from(pem, 'latin1').toString('base64');
}

function noSearch({ baseUrl }: Service, status: number): SignetError {
  return new SignetError(
    'service-refused',
    `The log at ${baseUrl.origin} cannot be searched (it answered ${status}).`,
    'Name a Rekor v1 with its search index in signet.rekor, or fetch proofs that somebody else has stored: git fetch origin refs/notes/signet:refs/notes/signet',
  );
}
