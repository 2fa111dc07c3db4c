/** Writing into a mirror's folder: private, each file whole or not at all, and never back to an older version. */

import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSignetError, SignetError } from '../../errors.ts';
import { makeFolder } from '../makeFolder.ts';
import { writeAll } from '../writeBytes.ts';
import { refuseShared } from './cache.ts';

/** Work of a process that was killed is cleared away by a later one, but never that of one which still runs. */
const ABANDONED_MS = 10 * 60_000;

/** Names of everything that is not finished. */
const UNFINISHED = '.new-';

/** Makes the folder where it is missing. Throws SignetError `config` where it cannot be made or is open to others. */
export function openMirrorFolder(folder: string): void {
  try {
    makeFolder(folder, 0o700);
    refuseShared(folder);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** An empty folder inside, for one update; whoever made it removes it. */
export function makeWorkFolder(folder: string): string {
  clearAbandoned(folder);
  const work = join(folder, `${UNFINISHED}${randomUUID()}`);
  try {
    makeFolder(work, 0o700);
  } catch (error) {
    throw unwritable(folder, error);
  }
  return work;
}

/** Puts a file in the place of the one of that name, whole, and on the disk before it has its name. */
export function writeWhole(folder: string, name: string, bytes: Uint8Array): void {
  const temporary = join(folder, `${UNFINISHED}${randomUUID()}`);
  try {
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      writeAll(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, join(folder, name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(folder, error);
  }
}

/** Removes the targets of earlier updates, but for these. */
export function clearTargets(folder: string, keep: readonly string[]): void {
  for (const name of readdirSync(folder)) {
    const isTarget = /^(trusted_root|signing_config)-[\da-f]{64}\.json$/.test(name);
    if (isTarget && !keep.includes(name)) rmSync(join(folder, name), { force: true });
  }
}

/**
 * For what the system said when a file could not be kept; undefined for any other error. tuf-js puts its words into those
 * of an error of its own, and of another one around that.
 */
export function keepingFailure(folder: string, error: unknown): SignetError | undefined {
  const { syscall, message = '' } = error as NodeJS.ErrnoException;
  const [, code] =
    /^(?:Unable to load .*?)?Failed to persist metadata \S+ error: Error: (E[A-Z]+):/.exec(message) ?? [];
  if (code !== undefined) return unwritable(folder, Object.assign(new Error(message), { code }));
  return syscall === undefined ? undefined : unwritable(folder, error);
}

/** In words for the person, whatever the system said. */
function unwritable(folder: string, error: unknown): SignetError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new SignetError(
    'config',
    `Trust material cannot be kept in ${folder}: ${WORDS[code] ?? (isSignetError(error) ? message : code)}.`,
    'Give the folder back to yourself (chmod 700), make room, or name another place in TUF_ROOT.',
    error,
  );
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is full',
  EFBIG: 'files may not become that large',
  EROFS: 'it can only be read',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
};

function clearAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(UNFINISHED)) continue;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}
