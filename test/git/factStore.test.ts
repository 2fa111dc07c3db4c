/** What many objects leave behind: read once, written once, and otherwise what the cache of one object is. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cacheFolder, openFactCache, openFactStore } from '../../src/adapters/factCache.ts';
import { type FactRecord, heldFiles, plainFiles } from '../../src/adapters/factFiles.ts';
import { isSound, type Sound } from '../../src/core/facts.ts';
import { MAX_FACT_FILE_BYTES } from '../../src/core/limits.ts';
import { examineObject } from '../../src/core/verify.ts';
import type { RawObject } from '../../src/ports.ts';
import { hasCorpus, readCorpus, readTrust } from '../core/corpus.ts';

// Each store writes when the process ends.
process.setMaxListeners(0);
const folders: string[] = [];
afterAll(() => {
  process.setMaxListeners(10);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signet-facts-'));
  folders.push(folder);
  return folder;
}

/** Records whose keys begin with `file`, and go on with their number. */
function record(file: number, number: number, size = 100): FactRecord {
  const key = Buffer.alloc(32, file);
  key.writeUInt32BE(number, 28);
  return { key, code: Buffer.alloc(32, 1), facts: Buffer.alloc(size, number) };
}

const genuine = () => true;
const keysIn = (folder: string, { key }: FactRecord) =>
  plainFiles(folder, genuine)
    .read(key)
    .map((one) => one.key.readUInt32BE(28));

describe('files that are held', () => {
  test('have what was added at once, and others when it is written', () => {
    const folder = newFolder();
    const files = heldFiles(folder, genuine);
    const added = [record(1, 1), record(1, 2), record(2, 3)] as const;
    for (const one of added) files.add(one);
    expect(files.read(added[0].key)).toEqual(added.slice(0, 2));
    expect(readdirSync(folder)).toEqual([]);
    files.flush();
    expect(readdirSync(folder)).toEqual(['01', '02']);
    expect(keysIn(folder, added[0])).toEqual([1, 2]);
    files.flush();
    expect(keysIn(folder, added[0])).toEqual([1, 2]);
  });

  test('go on with what is there, and lose nothing that others wrote meanwhile', () => {
    const folder = newFolder();
    plainFiles(folder, genuine).add(record(1, 1));
    const files = heldFiles(folder, genuine);
    expect(files.read(record(1, 0).key)).toHaveLength(1);
    plainFiles(folder, genuine).add(record(1, 2));
    files.add(record(1, 3));
    files.flush();
    expect(keysIn(folder, record(1, 0))).toEqual([1, 2, 3]);
  });

  test('are written and let go when too much is held', () => {
    const folder = newFolder();
    const files = heldFiles(folder, genuine, 4000);
    for (let number = 0; number < 100; number += 1) files.add(record(number % 7, number));
    const written = readdirSync(folder).flatMap((name) => keysIn(folder, record(Number(name), 0)));
    expect(written.length).toBeGreaterThan(80);
    expect(written.length).toBeLessThan(100);
    for (let number = 0; number < 100; number += 1)
      expect(files.read(record(number % 7, 0).key)).toContainEqual(record(number % 7, number));
    files.flush();
    const all = readdirSync(folder).flatMap((name) => keysIn(folder, record(Number(name), 0)));
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, number) => number));
  });

  test('stay below their bound, with the newest records', () => {
    const folder = newFolder();
    const files = heldFiles(folder, genuine);
    for (let number = 0; number < 400; number += 1) files.add(record(1, number, 1000));
    files.flush();
    expect(statSync(join(folder, '01')).size).toBeLessThanOrEqual(MAX_FACT_FILE_BYTES);
    expect(keysIn(folder, record(1, 0)).at(-1)).toBe(399);
  });

  test('that cannot be written keep no other from being written', () => {
    const folder = newFolder();
    mkdirSync(join(folder, '01'));
    const files = heldFiles(folder, genuine);
    for (const file of [1, 2]) files.add(record(file, file));
    files.flush();
    expect(keysIn(folder, record(2, 0))).toEqual([2]);
  });
});

describe.runIf(hasCorpus)('facts of many objects', () => {
  const trust = hasCorpus ? readTrust('corpus/trusted_root.json') : (undefined as never);
  const good = readCorpus('corpus/signatures.jsonl.gz').filter(
    ({ expected }) => expected === 'valid-offline',
  );
  const pairs = good.map(({ id, kind, objectFormat, raw }) => {
    const object: RawObject = { oid: id, kind, objectFormat, raw };
    return [object, examineObject(raw, kind, objectFormat, trust)] as const;
  });

  /** With the end of its process. */
  function open(env: NodeJS.ProcessEnv) {
    const store = openFactStore(env, trust);
    if (store === undefined) throw new Error('no store');
    const end = process.listeners('exit').at(-1);
    return { ...store, end: () => end?.(0) };
  }

  test('come back as they were, and to others when the process has ended', () => {
    const env = { XDG_CACHE_HOME: newFolder() };
    const store = open(env);
    for (const [object, found] of pairs) if (isSound(found)) store.save(object, found);
    const found = pairs.map(([, one]) => one);
    expect(pairs.map(([object]) => store.load(object))).toEqual(found);
    expect(pairs.map(([object]) => openFactCache(env, trust)?.load(object))).toEqual(
      pairs.map(() => undefined),
    );
    store.end();
    expect(pairs.map(([object]) => openFactCache(env, trust)?.load(object))).toEqual(found);
    expect(pairs.map(([object]) => open(env).load(object))).toEqual(found);
  });

  test('are none where anything of them was edited', () => {
    const env = { XDG_CACHE_HOME: newFolder() };
    const [object, found] = pairs[0] as readonly [RawObject, Sound];
    const store = open(env);
    store.save(object, found);
    store.end();
    const [name = ''] = readdirSync(cacheFolder(env)).filter((one) => one.length === 2);
    const file = join(cacheFolder(env), name);
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at += 7) {
      const edited = Buffer.from(bytes);
      edited[at] = (edited[at] ?? 0) ^ 1;
      writeFileSync(file, edited);
      expect([at, open(env).load(object)]).toEqual([at, undefined]);
    }
  });
});
