/** Looking for entries in a log: what is asked, what is taken, and how little is believed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LogSourceOptions, logSource } from '../../src/adapters/rekorSearch.ts';
import { onlineQuery } from '../../src/core/evidence.ts';
import { splitObject } from '../../src/core/gitObject.ts';
import { leafHash } from '../../src/core/merkle.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import type { ObjectFormat, ObjectKind } from '../../src/core/verdict.ts';
import { verifyObject } from '../../src/core/verify.ts';
import type { EvidenceQuery } from '../../src/ports.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { requestSigner, upload } from '../sandbox/clients.ts';
import { UNHURRIED } from '../services/clients.ts';
import { JSON_TYPE, readBody, serve, type TestServer } from '../services/server.ts';
import { sharedPath } from '../shared.ts';
import { logOnline, signOnline } from './onlineSigner.ts';

const signal = AbortSignal.timeout(120_000);
const quick = (url: string, options: LogSourceOptions = {}) =>
  logSource(url, { patience: UNHURRIED, intervalMs: 0, ...options });

function queryOf(raw: Uint8Array, kind: ObjectKind, format: ObjectFormat): EvidenceQuery {
  const { payload, signature } = splitObject(raw, kind, format);
  const query = signature && onlineQuery(payload, signature);
  if (query === undefined) throw new Error('not signed');
  return { ...query, oid: 'f'.repeat(40) };
}

interface RecordedObject {
  readonly what: string;
  readonly kind: ObjectKind;
  readonly objectFormat: ObjectFormat;
  readonly raw_base64: string;
  readonly rekorSearch?: { readonly hash: string; readonly answer: readonly string[] };
  readonly rekorEntry?: Readonly<Record<string, { readonly body: string }>>;
}

const objectsPath = sharedPath('recordings/gitsign-objects.jsonl');
const RECORDED: readonly RecordedObject[] =
  objectsPath === undefined
    ? []
    : readFileSync(objectsPath, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
const ONLINE = RECORDED.filter(({ rekorSearch }) => rekorSearch !== undefined);

interface Asked {
  readonly path: string;
  readonly body: {
    readonly hash?: string;
    readonly publicKey?: { readonly content: string };
    readonly operator?: string;
    readonly entryUUIDs?: readonly string[];
  };
}

/** A log with these answers; notes what it was asked. */
async function logThat(answer: (asked: Asked) => unknown, seen: Asked[] = []): Promise<TestServer> {
  return serve(async (request, response) => {
    const asked = { path: request.url ?? '', body: JSON.parse(await readBody(request)) } as Asked;
    seen.push(asked);
    const value = answer(asked);
    const status = typeof value === 'number' ? value : 200;
    response.writeHead(status, JSON_TYPE);
    response.end(typeof value === 'number' ? `{"code":${value},"message":"no"}` : JSON.stringify(value));
  });
}

describe.skipIf(ONLINE.length === 0)('recorded online objects (needs ../shared/recordings)', () => {
  const trust = () =>
    parseTrustedRoot(readFileSync(sharedPath('recordings/trusted_root.json') ?? ''), { proven: false });
  const entriesOf = (object: RecordedObject) => [object.rekorEntry];
  const replay = (object: RecordedObject, seen: Asked[] = []) =>
    logThat(({ path, body }) => {
      if (path.endsWith('/entries/retrieve')) return entriesOf(object);
      return body.hash === object.rekorSearch?.hash ? object.rekorSearch?.answer : [];
    }, seen);

  test.each(ONLINE)('$what: found, and good with what was found', async (object) => {
    const raw = Buffer.from(object.raw_base64, 'base64');
    const seen: Asked[] = [];
    const server = await replay(object, seen);
    const evidence = await quick(server.url).find(queryOf(raw, object.kind, object.objectFormat), signal);
    const judge = (e?: typeof evidence) =>
      verifyObject(raw, object.kind, object.objectFormat, trust(), NO_POLICY, e);
    expect(judge().status).toBe('unproven');
    expect(judge(evidence)).toMatchObject({ status: 'good', proof: { source: 'evidence' } });
    expect(seen).toEqual([
      { path: '/api/v1/index/retrieve', body: { hash: object.rekorSearch?.hash } },
      { path: '/api/v1/log/entries/retrieve', body: { entryUUIDs: object.rekorSearch?.answer } },
    ]);
  });

  const [object] = ONLINE as [RecordedObject, ...RecordedObject[]];
  const raw = Buffer.from(object?.raw_base64 ?? '', 'base64');
  const query = () => queryOf(raw, object.kind, object.objectFormat);
  const [id = '', entry] = Object.entries(object?.rekorEntry ?? {})[0] ?? [];

  test('an id without the tree, as sharded logs have it, names the same entry', async () => {
    const short = id.slice(-64);
    const server = await logThat(({ path }) => (path.includes('index') ? [short, id] : [{ [id]: entry }]));
    expect((await quick(server.url).find(query(), signal)).entries).toHaveLength(1);
    const other = await logThat(({ path }) => (path.includes('index') ? [id] : [{ [short]: entry }]));
    expect((await quick(other.url).find(query(), signal)).entries).toHaveLength(1);
  });

  test('nothing by hash: what the certificate signed is looked through, ten at a time', async () => {
    const seen: Asked[] = [];
    const ids = Array.from({ length: 24 }, (_, i) => i.toString(16).padStart(64, '0'));
    const server = await logThat(({ path, body }) => {
      if (path.includes('index')) return body.hash === undefined ? [id, ...ids] : [];
      return body.entryUUIDs?.includes(id) ? [{ [id]: entry }] : [];
    }, seen);
    expect((await quick(server.url).find(query(), signal)).entries).toHaveLength(1);
    expect(seen[1]?.body.publicKey).toMatchObject({
      format: 'x509',
      content: expect.stringMatching(/^LS0tLS1CRUdJTi/),
    });
    expect(seen.slice(2).map(({ body }) => body.entryUUIDs?.length)).toEqual([10, 10, 5]);
  });

  test('entries of the same certificate over another hash are none of this object', async () => {
    const [, second] = ONLINE as [RecordedObject, RecordedObject];
    const server = await logThat(({ path, body }) => {
      if (path.includes('index')) return body.hash === undefined ? second.rekorSearch?.answer : [];
      return entriesOf(second);
    });
    expect((await quick(server.url).find(query(), signal)).entries).toEqual([]);
  });

  test('a hash that others logged too is narrowed down by the certificate', async () => {
    const seen: Asked[] = [];
    const others = Array.from({ length: 500 }, (_, i) => i.toString(16).padStart(80, '0'));
    const server = await logThat(({ path, body }) => {
      if (path.includes('index')) return body.operator === 'and' ? [id] : [...others, id];
      return [{ [id]: entry }];
    }, seen);
    expect((await quick(server.url).find(query(), signal)).entries).toHaveLength(1);
    expect(seen[1]?.body).toMatchObject({ hash: object.rekorSearch?.hash, operator: 'and' });
    expect(seen[2]?.body.entryUUIDs).toEqual([id]);
  });

  test.each([
    [
      'another body than its id',
      () => [
        {
          [id]: {
            ...entry,
            body: Buffer.from('{"kind":"hashedrekord","apiVersion":"0.0.1"}').toString('base64'),
          },
        },
      ],
      'another entry than its id says',
    ],
    ['an entry that was not asked for', () => [{ [`${'0'.repeat(79)}1`]: entry }], 'was not asked for'],
    ['the same entry twice', () => [{ [id]: entry }, { [id]: entry }], 'was not asked for'],
    ['two entries in one map', () => [{ [id]: entry, [`${'0'.repeat(79)}1`]: entry }], 'exactly one entry'],
    ['no list', () => ({ [id]: entry }), 'is not a JSON list'],
    ['a list of lists', () => [[id]], 'is not a JSON object'],
    [
      'more than ten entries',
      () => Array.from({ length: 11 }, () => ({ [id]: entry })),
      'more than 10 elements',
    ],
  ])('an answer with %s is refused', async (_, answer, words) => {
    const server = await logThat(({ path }) => (path.includes('index') ? [id] : answer()));
    await expect(quick(server.url).find(query(), signal)).rejects.toMatchObject({
      code: 'service-answer',
      message: expect.stringContaining(words),
    });
  });

  test.each([
    ['no list', { ids: [] }, 'is not a JSON list'],
    ['a number', [7], 'not an entry id'],
    ['a path', ['../../../etc/passwd'], 'not an entry id'],
    ['too many', Array.from({ length: 12_001 }, () => ''), 'more than 12000 elements'],
  ])('a search that answers with %s is refused', async (_, answer, words) => {
    const server = await logThat(() => answer);
    await expect(quick(server.url).find(query(), signal)).rejects.toMatchObject({
      code: 'service-answer',
      message: expect.stringContaining(words),
    });
  });

  test.each([404, 405, 501])('a log without search says so (%i), and is asked once', async (status) => {
    const server = await logThat(() => status);
    await expect(quick(server.url).find(query(), signal)).rejects.toMatchObject({
      code: 'service-refused',
      message: `The log at ${server.url} cannot be searched (it answered ${status}).`,
      hint: expect.stringContaining('git fetch origin refs/notes/signet'),
    });
    expect(server.hits()).toBe(1);
  });

  test.each([429, 500, 502, 503])('%i is waited out', async (status) => {
    let left = 2;
    const server = await logThat(({ path }) => {
      if (left-- > 0) return status;
      return path.includes('index') ? [id] : [{ [id]: entry }];
    });
    expect((await quick(server.url).find(query(), signal)).entries).toHaveLength(1);
    left = 1_000;
    await expect(quick(server.url).find(query(), signal)).rejects.toMatchObject({
      code: 'service-refused',
      exitCode: 5,
    });
  });

  test('a rest that the log asks for holds back everybody who shares the source', async () => {
    const times: number[] = [];
    const server = await serve((request, response) => {
      times.push(performance.now());
      const headers = times.length === 1 ? { ...JSON_TYPE, 'Retry-After': '1' } : JSON_TYPE;
      request.resume();
      response.writeHead(times.length === 1 ? 429 : 200, headers);
      response.end('[]');
    });
    const source = quick(server.url);
    const first = source.find(query(), signal);
    while (times.length === 0) await new Promise((next) => setTimeout(next, 5));
    // So that the answer has come.
    await new Promise((next) => setTimeout(next, 200));
    await Promise.all([first, source.find(query(), signal), source.find(query(), signal)]);
    expect(times.slice(1).every((time) => time - (times[0] ?? 0) >= 950)).toBe(true);
  });

  test('requests keep a distance, however many are wanted at once', async () => {
    const times: number[] = [];
    const server = await logThat(() => {
      times.push(performance.now());
      return [];
    });
    const source = quick(server.url, { intervalMs: 200 });
    await Promise.all(Array.from({ length: 4 }, () => source.find(query(), signal)));
    expect(times).toHaveLength(8);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(7 * 200 * 0.9);
  });

  test('a log that refuses what comes too soon is asked less often, until it answers all', async () => {
    let [freeAt, refused] = [0, 0];
    const server = await logThat(() => {
      const isTooSoon = performance.now() < freeAt;
      if (isTooSoon) refused += 1;
      else freeAt = performance.now() + 50;
      return isTooSoon ? 429 : [];
    });
    const patience = { attemptMs: 60_000, totalMs: 60_000, retries: 5, backoffMs: 20 };
    const source = logSource(server.url, { patience, intervalMs: 5 });
    const found = Array.from({ length: 24 }, () => source.find(query(), signal));
    expect((await Promise.allSettled(found)).filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(server.hits() - refused).toBe(48);
    expect(refused).toBeLessThan(48);
  });

  test('an aborted search ends at once', async () => {
    const server = await serve(() => {});
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const startedAt = performance.now();
    await expect(quick(server.url).find(query(), controller.signal)).rejects.toMatchObject({ exitCode: 5 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('the log of the sandbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-search-'));
  let sandbox: RunningSandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  });
  afterAll(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true });
  });

  const tree = '1'.repeat(40);
  const who = 'A <a@b> 1 +0000';
  const PAYLOADS = {
    commit: `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nmessage without end`,
    tag: `object ${tree}\ntype commit\ntag v1\ntagger ${who}\n\nmessage\n`,
  } as const;
  const CASES: readonly (readonly [ObjectKind, ObjectFormat])[] = [
    ['commit', 'sha1'],
    ['tag', 'sha1'],
    ['commit', 'sha256'],
    ['tag', 'sha256'],
  ];

  test.each(CASES)('%s of a %s repository', async (kind, format) => {
    const trust = parseTrustedRoot(readFileSync(sandbox.trustedRootPath), { proven: false });
    const signer = await requestSigner(sandbox);
    const object = signOnline(
      signer,
      kind,
      format,
      PAYLOADS[kind].replaceAll(tree, format === 'sha1' ? tree : '1'.repeat(64)),
    );
    const query = queryOf(object.raw, kind, format);
    const judge = async () => {
      const evidence = await quick(sandbox.rekorUrl).find(query, signal);
      return verifyObject(object.raw, kind, format, trust, NO_POLICY, evidence).status;
    };
    expect(query.objectId).toBe(object.sha1);
    expect(await judge()).toBe('unproven');
    // Somebody else logs the same hash: it proves nothing.
    await upload(sandbox, await requestSigner(sandbox, 'mallory@example.com'), object.sha1);
    expect(await judge()).toBe('unproven');
    await logOnline(sandbox, signer, object);
    expect(await judge()).toBe('good');
  });

  test('the leaf of an id is the hash of the body', async () => {
    const { id, entry } = await upload(sandbox, await requestSigner(sandbox), 'anything');
    expect(Buffer.from(leafHash(Buffer.from(entry.body, 'base64'))).toString('hex')).toBe(id.slice(-64));
  });
});
