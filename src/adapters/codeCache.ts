/**
 * V8's compiled form of our own bundles, kept in `dist/cache` beside them: compiling is a third of what one of
 * git's calls takes. It can never stand for other code than its bundle:
 *
 *  - its name says for which bundle, version of Node and machine it was made, and its first bytes bind it to the
 *    SHA-256 of the bundle, to its own SHA-256 and to the program `node` that made it, by size;
 *  - it counts only where it belongs to the owner of the bundle and nobody else may write it. Who can plant one
 *    all the same can as well change the bundle.
 *
 * Whatever is not as it should be, the bundle is compiled as if there were no cache. (Node's own compile cache is
 * another thing: by default it lies in a shared temporary folder, and is not checked against the source.)
 */
import { isAscii } from 'node:buffer';
import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { Script } from 'node:vm';

/** V8 copies what is not aligned to eight bytes. */
const HEADER_BYTES = 256;

/** The bundles are 5 to 220 kB, their caches two to three times that. */
const MAX_BYTES = 4 << 20;

/** What a CommonJS module is a function of, in this order. */
export type CompiledModule = (
  exports: unknown,
  require: (name: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void;

/** Where the cache of a bundle lies, for this Node on this kind of machine. */
export function cacheFileOf(bundle: string): string {
  const { platform, arch, version } = process;
  // node:path would be compiled first, which takes longer than all the rest here.
  const nameAt = Math.max(bundle.lastIndexOf('/'), bundle.lastIndexOf('\\')) + 1;
  const name = bundle.slice(nameAt, -'.cjs'.length);
  return `${bundle.slice(0, nameAt)}cache/${name}-${platform}-${arch}-${version}.bin`;
}

/** The bundle (absolute path) from its cache, or undefined where it has to be compiled. Never throws. */
export function loadCached(bundle: string): CompiledModule | undefined {
  try {
    const source = readOwned(bundle);
    const cache = readOwned(cacheFileOf(bundle));
    // On Windows nobody is uid 0 and access is not in the mode: there the folder's own rules protect both.
    if (source.owner !== cache.owner || (cache.mode & 0o022 && process.platform !== 'win32'))
      return undefined;
    const compiled = cache.bytes.subarray(HEADER_BYTES);
    const header = cache.bytes.toString('latin1', 0, HEADER_BYTES);
    if (header !== headerOf(source.bytes, compiled)) return undefined;
    const script = toScript(source.bytes, bundle, compiled);
    return script.cachedDataRejected === false ? script.runInThisContext() : undefined;
  } catch {
    return undefined;
  }
}

/** What a cache of this source with these bytes begins with: text, padded with spaces. */
export function headerOf(source: Buffer, compiled: Buffer): string {
  const { version, platform, arch, execPath } = process;
  const node = `${version} ${platform} ${arch} ${statSync(execPath).size}`;
  const text = `git-signet code cache 1\n${node}\n${hash('sha256', source)}\n${hash('sha256', compiled)}\n`;
  return text.padEnd(HEADER_BYTES);
}

/** The module as Node wraps it. Nearly all of them are ASCII, which is read faster. */
export function toScript(source: Buffer, filename: string, cachedData?: Buffer): Script {
  const code = `(function(exports,require,module,__filename,__dirname){${source.toString(isAscii(source) ? 'latin1' : 'utf8')}\n})`;
  return new Script(code, cachedData === undefined ? { filename } : { filename, cachedData });
}

/** The descriptor that is looked at is the one that is read: nobody can swap files in between. */
function readOwned(path: string): { bytes: Buffer; owner: number; mode: number } {
  const fd = openSync(path, 'r');
  try {
    const { uid: owner, mode, size }: Stats = fstatSync(fd);
    if (size > MAX_BYTES) throw new Error('too large for a bundle or a cache');
    const bytes = Buffer.allocUnsafeSlow(size);
    if (readSync(fd, bytes, 0, size, 0) !== size) throw new Error('it was cut just now');
    return { bytes, owner, mode };
  } finally {
    closeSync(fd);
  }
}
