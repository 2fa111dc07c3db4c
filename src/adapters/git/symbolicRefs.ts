/** Symbolic refs that lead to nothing yet: git lists them nowhere, and whoever makes what they lead to moves them. */
import { type Dirent, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the symbolic refs of a repository lead to in the end, by their full names, whether it is there or not: as far as they
 * are files that begin with `ref:`, or links (git: refs/files-backend.c). `commonFolder`: where the repository's refs lie.
 */
export function symbolicRefs(commonFolder: string): ReadonlyMap<string, string> {
  const next = new Map<string, string>();
  const open = ['refs'];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of ifThere(() => readdirSync(join(commonFolder, folder), { withFileTypes: true })) ??
      []) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) open.push(name);
      else {
        const target = ifThere(() => readTarget(entry, join(commonFolder, name)));
        if (target !== undefined) next.set(name, target);
      }
    }
  }
  return new Map([...next].map(([name, target]) => [name, lastOf(target, next)]));
}

function readTarget(entry: Dirent, path: string): string | undefined {
  if (entry.isSymbolicLink()) return readlinkSync(path);
  return /^ref:\s*(.*?)\s*$/.exec(readFileSync(path, 'utf8'))?.[1];
}

/** Other pushes delete and pack refs meanwhile. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** They may lead around in a circle. */
function lastOf(target: string, next: ReadonlyMap<string, string>): string {
  let last = target;
  for (let left = next.size; left > 0; left -= 1) last = next.get(last) ?? last;
  return last;
}
