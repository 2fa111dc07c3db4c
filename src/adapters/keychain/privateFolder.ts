import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** A folder that only its owner may read, write or enter. */
const MODE = 0o700;

/**
 * Absolute path of this program's own folder for small state without secrets (sockets, locks, marks), made
 * where it does not exist: `git-signet` in XDG_RUNTIME_DIR, else XDG_STATE_HOME, else ~/.local/state (LOCALAPPDATA
 * on Windows). Undefined where none of them is safe: a folder of another owner, or one that others may write,
 * is passed over, because whoever can swap the folder can pose as what lies in it.
 */
export function openPrivateFolder(env: NodeJS.ProcessEnv): string | undefined {
  for (const base of bases(env)) {
    const folder = join(base, 'git-signet');
    if (make(folder) && isPrivate(folder) && isOwn(base)) return folder;
  }
  return undefined;
}

/** Ours, a real folder (no link), and closed to everybody else. */
export function isPrivate(folder: string): boolean {
  const stats = look(folder);
  if (stats?.isDirectory() !== true) return false;
  return process.platform === 'win32' || (isMine(stats) && (stats.mode & 0o077) === 0);
}

/** True for a file or socket of the person who runs this program. */
export function isMine(stats: Stats): boolean {
  return process.getuid === undefined || stats.uid === process.getuid();
}

/** XDG Base Directory Specification: relative values are to be ignored. */
function bases(env: NodeJS.ProcessEnv): readonly string[] {
  const home = env['HOME'] ?? '';
  const names =
    process.platform === 'win32'
      ? [env['LOCALAPPDATA']]
      : [env['XDG_RUNTIME_DIR'], env['XDG_STATE_HOME'], home && join(home, '.local', 'state')];
  return names.filter((name) => name !== undefined && isAbsolute(name)) as string[];
}

/** A missing XDG_RUNTIME_DIR is made by the system at login or not at all: `recursive` would only fail later. */
function make(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: MODE });
    return true;
  } catch {
    return false;
  }
}

/** The folder around ours may be read by others, but not written: they could rename ours away. */
function isOwn(base: string): boolean {
  const stats = look(base);
  if (stats === undefined) return false;
  return process.platform === 'win32' || (isMine(stats) && (stats.mode & 0o022) === 0);
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
