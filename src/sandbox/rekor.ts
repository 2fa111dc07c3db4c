import { toHex } from '../core/bytes.ts';
import { leafHash } from '../core/merkle.ts';
import {
  type Answer,
  EMPTY_404,
  isRecord,
  jsonAnswer,
  parseJsonBody,
  Refusal,
  type SandboxRequest,
  textAnswer,
} from './answer.ts';
import { emailKey, hashKey, indexKeysOf, openProposedEntry, publicKeyKey } from './hashedRekord.ts';
import type { Instance } from './instance.ts';
import { TransparencyLog } from './transparencyLog.ts';

/** Rekor v1's REST interface (protocols 3.3) over one log, in the forms of the recordings. */
export class Rekor {
  readonly #log: TransparencyLog;
  readonly #instance: Instance;
  /** Indexes of entries by hash, e-mail address and key. */
  readonly #found = new Map<string, number[]>();

  constructor(stateDir: string, instance: Instance) {
    this.#instance = instance;
    this.#log = new TransparencyLog(stateDir, instance);
    for (let index = 0; index < this.#log.size; index++) {
      const entry = this.#log.entry(index);
      if (entry !== undefined) this.#remember(indexKeysOf(entry.body), index);
    }
  }

  get treeSize(): number {
    return this.#log.size;
  }

  close(): void {
    this.#log.close();
  }

  async answer(request: SandboxRequest): Promise<Answer> {
    const uuid = /^\/api\/v1\/log\/entries\/(.+)$/.exec(request.path)?.[1];
    switch (`${request.method} ${request.path}`) {
      case 'POST /api/v1/log/entries':
        return this.#create(request);
      case 'POST /api/v1/log/entries/retrieve':
        return this.#retrieve(request);
      case 'POST /api/v1/index/retrieve':
        return this.#search(request);
      case 'GET /api/v1/log/entries':
        return this.#present(wholeNumber(request, 'logIndex', undefined), request.fault);
      case 'GET /api/v1/log':
        return this.#info();
      case 'GET /api/v1/log/proof':
        return this.#consistency(request);
      case 'GET /api/v1/log/publicKey':
        return textAnswer(200, 'application/x-pem-file', pemOf(this.#instance));
      default:
        if (request.method === 'GET' && uuid !== undefined) return this.#byId(uuid, request.fault);
        throw refusal(404, 404, `path ${request.path} was not found`);
    }
  }

  async #create(request: SandboxRequest): Promise<Answer> {
    const { body, keys } = await openProposedEntry(parseBody(request));
    const integratedTime = Math.floor(request.at.getTime() / 1000);
    const known = this.#log.indexOf(toHex(leafHash(body)));
    if (known !== undefined) {
      const id = this.#idOf(known);
      const message = `an equivalent entry already exists in the transparency log with UUID ${id}`;
      return jsonAnswer(409, { code: 409, message }, '\n', { location: `/api/v1/log/entries/${id}` });
    }
    // A log that says it took something else has that in its tree, proven and promised.
    if (request.fault === 'noEntry') return jsonAnswer(201, {}, '\n');
    const logged = request.fault === 'otherBody' ? otherHash(body) : body;
    const index =
      this.#log.indexOf(toHex(leafHash(logged))) ?? this.#log.append({ body: logged, integratedTime });
    this.#remember(request.fault === 'otherBody' ? [] : keys, index);
    const id = this.#idOf(index);
    const headers = { etag: id, location: `/api/v1/log/entries/${id}` };
    return jsonAnswer(201, this.#log.present(index, request.fault), '\n', headers);
  }

  #byId(id: string, fault: string | undefined): Answer {
    const pattern = '^([0-9a-fA-F]{64}|[0-9a-fA-F]{80})$';
    if (!new RegExp(pattern).test(id)) throw refusal(422, 605, `entryUUID in path should match '${pattern}'`);
    return this.#present(this.#indexOf(id), fault);
  }

  #present(index: number | undefined, fault: string | undefined): Answer {
    if (index === undefined || index >= this.#log.size) return EMPTY_404;
    if (fault === 'noEntry') return jsonAnswer(200, {}, '\n');
    const shown = fault === 'otherBody' ? (index + 1) % this.#log.size : index;
    return jsonAnswer(200, this.#log.present(shown, fault), '\n');
  }

  async #retrieve(request: SandboxRequest): Promise<Answer> {
    const { entryUUIDs, logIndexes, entries } = parseBody(request);
    const indexes = [
      ...listOf(entryUUIDs).map((id) => this.#indexOf(String(id))),
      ...listOf(logIndexes).map((index) => Number(index)),
    ];
    for (const entry of listOf(entries)) {
      const { body } = await openProposedEntry(isRecord(entry) ? entry : {});
      indexes.push(this.#log.indexOf(toHex(leafHash(body))));
    }
    if (indexes.length > MAX_RETRIEVED) {
      throw refusal(422, 609, `entries in body should have at most ${MAX_RETRIEVED} items`);
    }
    const found = indexes.filter((index) => index !== undefined && this.#log.entry(index) !== undefined);
    const shown = (request.fault === 'noEntry' ? [] : found).map((index) =>
      this.#log.present(Number(index), request.fault),
    );
    return jsonAnswer(200, shown, '\n');
  }

  #search(request: SandboxRequest): Answer {
    const { hash, email, publicKey, operator } = parseBody(request);
    const wanted: string[] = [];
    if (hash !== undefined) wanted.push(searchedHash(String(hash)));
    if (email !== undefined) wanted.push(emailKey(String(email)));
    if (isRecord(publicKey)) wanted.push(publicKeyKey(Buffer.from(String(publicKey.content), 'base64')));
    const lists = wanted.map((key) => new Set(this.#found.get(key)));
    const all = [...new Set(lists.flatMap((list) => [...list]))];
    const chosen = operator === 'or' ? all : all.filter((index) => lists.every((list) => list.has(index)));
    return jsonAnswer(
      200,
      chosen.map((index) => this.#idOf(index)),
      '\n',
    );
  }

  #info(): Answer {
    const info = {
      inactiveShards: null,
      rootHash: toHex(this.#log.tree.rootHash(this.#log.size)),
      signedTreeHead: this.#log.checkpoint(this.#log.size),
      treeID: this.#instance.treeId.toString(),
      treeSize: this.#log.size,
    };
    return jsonAnswer(200, info, '\n');
  }

  /** As recorded, `rootHash` is that of the tree as it is now, not of `lastSize`. */
  #consistency(request: SandboxRequest): Answer {
    const first = wholeNumber(request, 'firstSize', 1);
    const last = wholeNumber(request, 'lastSize', undefined);
    if (first > last) throw badSize(`firstSize(${first}) must be less than lastSize(${last})`);
    if (last > this.#log.size)
      throw badSize(`lastSize(${last}) must be at most the tree size ${this.#log.size}`);
    const hashes = this.#log.tree.consistencyProof(first, last).map(toHex);
    const rootHash = toHex(this.#log.tree.rootHash(this.#log.size));
    return jsonAnswer(200, { hashes, rootHash }, '\n');
  }

  #indexOf(id: string): number | undefined {
    const lower = id.toLowerCase();
    if (lower.length === 80 && !lower.startsWith(this.#log.treeIdHex)) return undefined;
    return this.#log.indexOf(lower.slice(-64));
  }

  #idOf(index: number): string {
    const entry = this.#log.entry(index);
    if (entry === undefined) throw new Error('no such entry');
    return this.#log.treeIdHex + toHex(leafHash(entry.body));
  }

  #remember(keys: readonly string[], index: number): void {
    for (const key of keys) this.#found.set(key, [...(this.#found.get(key) ?? []), index]);
  }
}

/** Rekor's own limit. */
const MAX_RETRIEVED = 10;

/** go-openapi looks at the type first, then at the JSON, and has no newline after its own refusals. */
function parseBody(request: SandboxRequest): Readonly<Record<string, unknown>> {
  const [type = ''] = String(request.headers['content-type'] ?? 'application/json').split(';');
  if (type.trim() !== 'application/json') {
    throw refusal(415, 415, `unsupported media type "${type.trim()}", only [application/json] are allowed`);
  }
  return parseJsonBody(request.body, (message) => refusal(500, 500, message));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function searchedHash(hash: string): string {
  const pattern = '^(sha512:)?[0-9a-fA-F]{128}$|^(sha256:)?[0-9a-fA-F]{64}$|^(sha1:)?[0-9a-fA-F]{40}$';
  if (!new RegExp(pattern).test(hash)) throw refusal(422, 605, `hash in body should match '${pattern}'`);
  const [hex = '', algorithm] = hash.split(':').reverse();
  return hashKey(algorithm ?? { 40: 'sha1', 64: 'sha256', 128: 'sha512' }[hex.length] ?? '', hex);
}

function wholeNumber(request: SandboxRequest, name: string, otherwise: number | undefined): number {
  const text = request.query.get(name);
  if (text === null && otherwise !== undefined) return otherwise;
  if (text === null) throw refusal(422, 602, `${name} in query is required`);
  if (!/^\d{1,15}$/.test(text)) throw refusal(422, 601, `${name} in query must be of type int64: "${text}"`);
  return Number(text);
}

/** The entry with the last digit of its hash changed. */
function otherHash(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString();
  return Buffer.from(text.replace(/[0-9a-f](?="}})/, (digit) => (digit === '0' ? '1' : '0')));
}

function pemOf(instance: Instance): string {
  return instance.rekor.publicKey.export({ type: 'spki', format: 'pem' }) as string;
}

function badSize(message: string): Refusal {
  return new Refusal(jsonAnswer(400, { code: 400, message }, '\n'));
}

function refusal(status: number, code: number, message: string): Refusal {
  return new Refusal(jsonAnswer(status, { code, message }, ''));
}
