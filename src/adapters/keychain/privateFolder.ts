import { lstatSync, type Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { makeFolder } from '../makeFolder.ts';

/** A folder that only its owner may read, write or enter. */
const MODE = 0o700;

/**
 * Absolute path of this program's own folder for small state without secrets (sockets, locks, marks), made
 * where it does not exist: `git-signet/run` in XDG_RUNTIME_DIR, else XDG_STATE_HOME, else ~/.local/state
 * (LOCALAPPDATA on Windows). Undefined where none of them is safe: a folder that is open to others is passed over,
 * and so is one inside a folder that others may write, because whoever can swap it can pose as what lies in it.
 */
export function openPrivateFolder(env: NodeJS.ProcessEnv): string | undefined {
  for (const base of bases(env)) {
    const parent = join(base, 'git-signet');
    const folder = join(parent, 'run');
    if (make(folder) && isPrivate(folder) && isOwn(parent) && isOwn(base)) return folder;
  }
  return undefined;
}

/** True for a file or socket of the person who runs this program. */
export function isMine(stats: Stats): boolean {
  return process.getuid === undefined || stats.uid === process.getuid();
}

/** Ours, a real folder (no link), and closed to everybody else. */
function isPrivate(folder: string): boolean {
  const stats = look(folder);
  if (stats?.isDirectory() !== true) return false;
  return process.platform === 'win32' || (isMine(stats) && (stats.mode & 0o077) === 0);
}

/** XDG Base Directory Specification: relative values are to be ignored. */
function bases(env: NodeJS.ProcessEnv): readonly string[] {
  const home = env['HOME'] ?? '';
  const names =
    process.platform === 'win32'
      ? [env['LOCALAPPDATA']]
      : [env['XDG_RUNTIME_DIR'], env['XDG_STATE_HOME'], home && join(home, '.local', 'state')];
  return names.filter((name): name is string => name !== undefined && isAbsolute(name));
}

function make(folder: string): boolean {
  try {
    makeFolder(folder, MODE);
    return true;
  } catch {
    return false;
  }
}

/** Its group may write it, as with umask 002 (where each person has a group of their own); everybody may not. */
function isOwn(base: string): boolean {
  const stats = look(base);
  if (stats === undefined) return false;
  return process.platform === 'win32' || (isMine(stats) && (stats.mode & 0o002) === 0);
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
