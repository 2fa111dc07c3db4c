/** What is remembered between runs: only what this person's program wrote, as it wrote it. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cacheFolder, openFactCache } from '../../src/adapters/factCache.ts';
import { isSound, type Sound } from '../../src/core/facts.ts';
import { MAX_FACT_FILE_BYTES } from '../../src/core/limits.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { examineObject } from '../../src/core/verify.ts';
import type { RawObject } from '../../src/ports.ts';
import { hasCorpus, readCorpus, readTrust } from '../core/corpus.ts';
import { sharedPath } from '../shared.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newEnv(): { XDG_CACHE_HOME: string } {
  const folder = mkdtempSync(join(tmpdir(), 'signet-facts-'));
  folders.push(folder);
  return { XDG_CACHE_HOME: folder };
}

/** The files that hold records. */
function files(env: NodeJS.ProcessEnv): readonly string[] {
  const all = readdirSync(cacheFolder(env), { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile() && entry.name.length === 2)
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe.runIf(hasCorpus)('facts', () => {
  const trust = hasCorpus ? readTrust('corpus/trusted_root.json') : (undefined as never);
  const good = readCorpus('corpus/signatures.jsonl.gz').filter(
    ({ expected }) => expected === 'valid-offline',
  );
  const pairs = good.map(({ id, kind, objectFormat, raw }) => {
    const object: RawObject = { oid: id, kind, objectFormat, raw };
    const found = examineObject(raw, kind, objectFormat, trust);
    if (!isSound(found)) throw new Error(found.reason);
    return [object, found] as const;
  });
  // The body runs where there is no corpus too, only its tests do not.
  const [object, sound] = (pairs[0] ?? []) as unknown as readonly [RawObject, Sound];

  function open(env: NodeJS.ProcessEnv) {
    const cache = openFactCache(env, trust);
    if (cache === undefined) throw new Error('no cache');
    return cache;
  }

  /** An environment whose cache holds the first object. */
  function filled() {
    const env = newEnv();
    open(env).save(object, sound);
    expect(open(env).load(object)).toEqual(sound);
    return env;
  }

  test('come back as they were, to another process too', () => {
    const env = newEnv();
    const cache = open(env);
    for (const [one, found] of pairs) cache.save(one, found);
    expect(pairs.map(([one]) => open(env).load(one))).toEqual(pairs.map(([, found]) => found));
  });

  test('belong to exact bytes, kind, evidence and trust', () => {
    const env = filled();
    const raw = Buffer.from(object.raw);
    raw[raw.length - 1] = (raw.at(-1) ?? 0) ^ 1;
    expect(open(env).load({ ...object, raw })).toBeUndefined();
    expect(open(env).load({ ...object, kind: object.kind === 'tag' ? 'commit' : 'tag' })).toBeUndefined();
    expect(open(env).load({ ...object, objectFormat: 'sha256' })).toBeUndefined();
    expect(open(env).load(object, { entries: [Buffer.of(1)] })).toBeUndefined();
    const other = readFileSync(sharedPath('corpus/trusted_root.json') ?? '', 'utf8');
    const sameButNot = parseTrustedRoot(Buffer.from(`${other} `));
    expect(openFactCache(env, sameButNot)?.load(object)).toBeUndefined();
  });

  test('are of nobody but their owner', () => {
    const env = filled();
    expect(statSync(cacheFolder(env)).mode & 0o777).toBe(0o700);
    for (const name of [...files(env), join(cacheFolder(env), 'key')])
      expect(statSync(name).mode & 0o777).toBe(0o600);
  });

  test('that were edited anywhere, or cut, are none', () => {
    const env = filled();
    const [file = ''] = files(env);
    const bytes = readFileSync(file);
    const cache = open(env);
    for (let at = 0; at < bytes.length; at += 1) {
      const edited = Buffer.from(bytes);
      edited[at] = (edited[at] ?? 0) ^ 1;
      writeFileSync(file, edited);
      expect([at, cache.load(object)]).toEqual([at, undefined]);
    }
    for (const length of [0, 1, 65, 66, bytes.length - 1]) {
      writeFileSync(file, bytes.subarray(0, length));
      expect(open(env).load(object)).toBeUndefined();
    }
    writeFileSync(file, bytes);
    expect(open(env).load(object)).toEqual(sound);
  });

  test('of another folder are none: its key is another', () => {
    const [theirs, ours] = [filled(), newEnv()];
    open(ours).save(object, sound);
    const [from = ''] = files(theirs);
    const [to = ''] = files(ours);
    writeFileSync(to, readFileSync(from));
    expect(open(ours).load(object)).toBeUndefined();
  });

  test('of one object are not those of another', () => {
    const env = newEnv();
    const [other] = pairs[1] as readonly [RawObject, Sound];
    open(env).save(object, sound);
    const [file = ''] = files(env);
    const record = readFileSync(file);
    open(env).save(other, sound);
    const otherFile = files(env).find((name) => name !== file) ?? '';
    const key = readFileSync(otherFile).subarray(2, 34);
    writeFileSync(otherFile, Buffer.concat([record.subarray(0, 2), key, record.subarray(34)]));
    expect(open(env).load(other)).toBeUndefined();
  });

  test('are refused where others could have written', () => {
    for (const mode of [0o755, 0o770, 0o707]) {
      const env = filled();
      chmodSync(cacheFolder(env), mode);
      expect(openFactCache(env, trust)).toBeUndefined();
    }
    const openKey = filled();
    chmodSync(join(cacheFolder(openKey), 'key'), 0o644);
    expect(openFactCache(openKey, trust)).toBeUndefined();
    const shortKey = filled();
    writeFileSync(join(shortKey.XDG_CACHE_HOME, 'git-signet/facts/key'), 'short');
    expect(openFactCache(shortKey, trust)).toBeUndefined();
    const openParent = filled();
    chmodSync(openParent.XDG_CACHE_HOME, 0o777);
    expect(openFactCache(openParent, trust)).toBeUndefined();
    const link = newEnv();
    mkdirSync(join(link.XDG_CACHE_HOME, 'git-signet'));
    symlinkSync(cacheFolder(filled()), cacheFolder(link));
    expect(openFactCache(link, trust)).toBeUndefined();
  });

  test('are not kept in CI, nor where no folder can be made', () => {
    const env = { ...newEnv(), CI: 'true' };
    expect(openFactCache(env, trust)).toBeUndefined();
    expect(existsSync(cacheFolder(env))).toBe(false);
    expect(openFactCache({ XDG_CACHE_HOME: '/dev/null' }, trust)).toBeUndefined();
    const relative = { XDG_CACHE_HOME: 'here', HOME: newEnv().XDG_CACHE_HOME };
    expect(cacheFolder(relative)).toBe(join(relative.HOME, '.cache/git-signet/facts'));
  });

  test('take a bounded place: the newest stay', () => {
    const env = newEnv();
    const cache = open(env);
    // The same key again and again fills one file.
    for (let i = 0; i < 200; i += 1) cache.save(object, sound);
    expect(files(env)).toHaveLength(1);
    for (const file of files(env)) expect(statSync(file).size).toBeLessThanOrEqual(MAX_FACT_FILE_BYTES);
    expect(readdirSync(cacheFolder(env), { recursive: true })).toHaveLength(2); // the key, a file
    expect(open(env).load(object)).toEqual(sound);
  });

  test.skipIf(process.platform === 'win32')('are not waited for where a named pipe is in their place', () => {
    const env = filled();
    const [file = ''] = files(env);
    rmSync(file);
    execFileSync('mkfifo', [file]);
    expect(open(env).load(object)).toBeUndefined();
    open(env).save(object, sound);
    expect(open(env).load(object)).toBeUndefined();
  });

  test('of a certificate beyond all measure are not kept, and displace no others', () => {
    const env = filled();
    const [other] = pairs[1] as readonly [RawObject, Sound];
    const huge = { ...sound, signer: { ...sound.signer, certificate: new Uint8Array(8 << 10) } };
    open(env).save(other, huge);
    expect(open(env).load(other)).toBeUndefined();
    expect(open(env).load(object)).toEqual(sound);
  });

  test('can be kept again when a file was cut', () => {
    const env = filled();
    const [file = ''] = files(env);
    writeFileSync(file, readFileSync(file).subarray(0, 100));
    expect(open(env).load(object)).toBeUndefined();
    open(env).save(object, sound);
    expect(open(env).load(object)).toEqual(sound);
  });
});
