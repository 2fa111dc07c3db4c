import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cacheFileOf, headerOf, loadCached, toScript } from '../../src/adapters/codeCache.ts';
import { writeCodeCache, writeCodeCaches } from '../../src/adapters/writeCodeCache.ts';
import { root } from './install.ts';

/** Equally long, as V8 itself compares no more of a source than its length. */
const SOURCE = Buffer.from(`process.stdout.write('source'); process.exitCode = 3;`);
const OTHER = Buffer.from(`process.stdout.write('cached'); process.exitCode = 0;`);

let folder: string;
let bundle: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signet-cache-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'dist/cache'), { recursive: true });
  copyFileSync(join(root, 'bin/git-signet.cjs'), join(folder, 'bin/git-signet.cjs'));
  copyFileSync(join(root, 'dist/start.cjs'), join(folder, 'dist/start.cjs'));
  bundle = join(folder, 'dist/main.cjs');
  writeFileSync(bundle, SOURCE, { mode: 0o644 });
  cache = cacheFileOf(bundle);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(folder, 'bin/git-signet.cjs')], { encoding: 'utf8' });
}

const RUNS_SOURCE = { status: 3, stdout: 'source', stderr: '' };
const RUNS_CACHE = { status: 0, stdout: 'cached', stderr: '' };

/** What nobody but the owner of the bundle can make: a cache of another program under the header of this one. */
function plant(): Buffer {
  const compiled = toScript(OTHER, bundle).createCachedData();
  const bytes = Buffer.concat([Buffer.from(headerOf(SOURCE, compiled)), compiled]);
  writeFileSync(cache, bytes);
  chmodSync(cache, 0o644);
  return bytes;
}

describe('a code cache', () => {
  test('is what runs where everything fits: the control of all tests below', () => {
    plant();
    expect(start()).toMatchObject(RUNS_CACHE);
  });

  test('is made by the writer, accepted, and does the same as its source', () => {
    expect(loadCached(bundle)).toBeUndefined();
    expect(writeCodeCache(bundle)).toBe(cache);
    expect(loadCached(bundle)).toBeTypeOf('function');
    expect(start()).toMatchObject(RUNS_SOURCE);
  });

  test('need not be there', () => {
    expect(start()).toMatchObject(RUNS_SOURCE);
    rmSync(join(folder, 'dist/cache'), { recursive: true });
    expect(start()).toMatchObject(RUNS_SOURCE);
  });

  test('of an older source is not used', () => {
    plant();
    writeFileSync(bundle, `${SOURCE.toString().replace('3', '4')}`);
    expect(start()).toMatchObject({ ...RUNS_SOURCE, status: 4 });
  });

  test('of another program is not used', () => {
    const compiled = toScript(OTHER, bundle).createCachedData();
    writeFileSync(cache, Buffer.concat([Buffer.from(headerOf(OTHER, compiled)), compiled]), { mode: 0o644 });
    expect(start()).toMatchObject(RUNS_SOURCE);
  });

  test.each([
    ['the version of its own format', 'cache 1', 'cache 0'],
    ['the version of Node', process.version, process.version.replace(/\d$/, (d) => String((+d + 1) % 10))],
    ['the kind of processor', ` ${process.arch} `, ` ${process.arch.replace(/.$/, '#')} `],
  ])('with another word for %s is not used', (_, right, wrong) => {
    const bytes = plant();
    const at = bytes.indexOf(right);
    expect(at).toBeGreaterThan(0);
    bytes.write(wrong, at);
    writeFileSync(cache, bytes);
    expect(start()).toMatchObject(RUNS_SOURCE);
  });

  test.each([0, 0.3, 0.6, 1])('with a byte flipped at %d of its length is not used', (where) => {
    const bytes = plant();
    const at = Math.round((bytes.length - 1) * where);
    bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
    writeFileSync(cache, bytes);
    expect(start()).toMatchObject(RUNS_SOURCE);
  });

  test.each([0, 100, 256, 300, -1])('cut after %d bytes is not used', (length) => {
    writeFileSync(cache, plant().subarray(0, length));
    expect(start()).toMatchObject(RUNS_SOURCE);
  });

  test('that V8 rejects is not used', () => {
    const compiled = toScript(Buffer.concat([OTHER, Buffer.from(' ')]), bundle).createCachedData();
    writeFileSync(cache, Buffer.concat([Buffer.from(headerOf(SOURCE, compiled)), compiled]), { mode: 0o644 });
    expect(start()).toMatchObject(RUNS_SOURCE);
  });

  test.skipIf(process.platform === 'win32').each([0o664, 0o646, 0o666])(
    'that others may write (%o) is not used',
    (mode) => {
      plant();
      chmodSync(cache, mode);
      expect(start()).toMatchObject(RUNS_SOURCE);
    },
  );

  test.skipIf(process.getuid?.() !== 0)('of another owner than the program is not used (needs root)', () => {
    plant();
    chownSync(cache, 65534, 65534);
    expect(start()).toMatchObject(RUNS_SOURCE);
    chownSync(bundle, 65534, 65534);
    expect(start()).toMatchObject(RUNS_CACHE);
  });

  test('serves the bundles that another one loads', () => {
    const lazy = join(folder, 'dist/lazy.cjs');
    const text = `exports.say = () => process.stdout.write('from ' + require('node:path').basename(__filename));`;
    writeFileSync(lazy, text);
    writeFileSync(
      bundle,
      `require('./lazy.cjs').say(); if (require('./lazy.cjs') !== require('./lazy.cjs')) throw 1;`,
    );
    writeCodeCaches(join(folder, 'dist'));
    expect(existsSync(cacheFileOf(lazy))).toBe(true);
    expect(start()).toMatchObject({ status: 0, stdout: 'from lazy.cjs', stderr: '' });
    // What it does is what its source says, whichever of the two was there first.
    writeFileSync(lazy, text.replace('from', 'FROM'));
    expect(start()).toMatchObject({ status: 0, stdout: 'FROM lazy.cjs' });
  });

  test('is made of a source that is not ASCII too', () => {
    writeFileSync(bundle, `process.stdout.write('sourc\u00e9'); process.exitCode = 3;`);
    writeCodeCache(bundle);
    expect(loadCached(bundle)).toBeTypeOf('function');
    expect(start()).toMatchObject({ ...RUNS_SOURCE, stdout: 'sourc\u00e9' });
  });

  test('is written whole, with nothing left beside it, readable by all and writable by its owner', () => {
    writeCodeCaches(join(folder, 'dist'));
    const names = readdirSync(join(folder, 'dist/cache'));
    expect(names).toEqual([cache.slice(join(folder, 'dist/cache/').length)]);
    expect(readFileSync(cache).toString('latin1', 0, 256)).toContain(process.version);
  });
});

test('a build by this node leaves caches that are used', { timeout: 120_000 }, () => {
  const out = join(folder, 'built');
  const build = [join(root, 'scripts/build.mjs'), '--no-types', '--out', out];
  expect(spawnSync(process.execPath, build, { cwd: root }).status).toBe(0);
  for (const name of ['main', 'sign']) {
    const copy = join(out, `${name}.cjs`);
    expect(existsSync(cacheFileOf(copy))).toBe(true);
    expect(loadCached(copy), name).toBeTypeOf('function');
  }
});
