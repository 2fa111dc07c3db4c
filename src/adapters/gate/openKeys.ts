/** Keys that open a shell on a server: their owners choose what a push starts there, and so go around every hook. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** An account, as its system has it. */
export interface Account {
  readonly homedir: string;
  /** Login shell; null where there is none. */
  readonly shell: string | null;
}

/** Login shells that start nothing of the pusher's choice. */
const CLOSED = /(^|\/)(git-shell|nologin|false)$/;

/** What is open, in a sentence each; nothing where it cannot be seen. */
export function findOpenKeys(account: Account = userInfo()): readonly string[] {
  const { homedir, shell } = account;
  if (shell !== null && CLOSED.test(shell)) return [];
  const path = join(homedir, '.ssh', 'authorized_keys');
  const open = countOpenKeys(readOrNothing(path));
  if (open === 0) return [];
  const keys = open === 1 ? '1 key opens' : `${open} keys open`;
  return [`${keys} a shell (${shell ?? 'unknown'}), having no command="…" before it in ${path}.`];
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** sshd(8), AUTHORIZED_KEYS FILE FORMAT: `[options] type base64 [comment]`; spaces in options stand in quotes only. */
function countOpenKeys(text: string): number {
  return text.split('\n').filter((line) => /^[^#\s]/.test(line.trim()) && !hasCommand(line.trim())).length;
}

function hasCommand(line: string): boolean {
  const [options = ''] = line.replaceAll(/"(?:\\"|[^"])*"/g, '""').split(/\s/);
  return options.split(',').some((option) => option.toLowerCase() === 'command=""');
}
