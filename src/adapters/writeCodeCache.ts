/** Writes what codeCache.ts reads: by the build, and by `git-signet setup` where the program's own folder may be written. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { cacheFileOf, headerOf, toScript } from './codeCache.ts';

/** The loader itself, the library, and the sandbox: what no call of git's loads. */
const NOT_CACHED = /^(start|index|sandbox-.*)\.cjs$/;

/**
 * Compiles the bundles in `folder` and puts the results beside them, each whole or not at all; those of other
 * versions of Node stay. Returns the files written. Throws the system's error where that cannot be.
 */
export function writeCodeCaches(folder: string): readonly string[] {
  const bundles = readdirSync(folder).filter((name) => name.endsWith('.cjs') && !NOT_CACHED.test(name));
  mkdirSync(join(folder, 'cache'), { recursive: true });
  return bundles.map((name) => writeCodeCache(join(folder, name)));
}

/** The same for one bundle. */
export function writeCodeCache(bundle: string): string {
  const source = readFileSync(bundle);
  const compiled = compileWhole(source, bundle);
  const path = cacheFileOf(bundle);
  const temporary = join(dirname(path), `${basename(path)}.${process.pid}.new`);
  try {
    writeFileSync(temporary, Buffer.concat([Buffer.from(headerOf(source, compiled), 'latin1'), compiled]));
    chmodSync(temporary, 0o644);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  return path;
}

/**
 * V8 leaves functions inside of functions for their first call, which then takes longer than all of them together
 * do here. The flag is set back before the cache is made: V8 rejects caches that were made under other flags.
 */
function compileWhole(source: Buffer, bundle: string): Buffer {
  setFlagsFromString('--no-lazy');
  try {
    const script = toScript(source, bundle);
    setFlagsFromString('--lazy');
    return script.createCachedData();
  } finally {
    setFlagsFromString('--lazy');
  }
}
