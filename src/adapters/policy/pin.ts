/**
 * The policy that was trusted in this clone, as one file in the folder that all work trees of the repository share. Not in a
 * ref: `git clone --mirror` copies those from whoever is cloned. It is believed as `.git/config` is, so it must be the
 * person's own, and closed to others.
 */
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_PIN_BYTES } from '../../core/limits.ts';
import type { PolicyFile } from '../../core/policyFile.ts';
import { SignetError } from '../../errors.ts';
import { isMine } from '../keychain/privateFolder.ts';
import { makeFolder } from '../makeFolder.ts';

/** Another one with each change of what is written, or of what a policy means. */
const FORMAT = 'git-signet/pinned-policy/v1';

export interface Pin {
  readonly format: typeof FORMAT;
  /** Full name of the ref that the policy comes from. */
  readonly ref: string;
  /** The commit that a person trusted by its id. */
  readonly introduction: string;
  /** The newest commit up to which the ref's changes of the policy were looked at, each signed by an editor. */
  readonly tip: string;
  readonly policy: PolicyFile;
}

/** Undefined where nothing is pinned. Throws SignetError `config` for what is not as `savePin` left it. */
export function readPin(commonFolder: string): Pin | undefined {
  let fd: number;
  try {
    fd = openSync(pathIn(commonFolder), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    const isClosed = process.platform === 'win32' || (isMine(stats) && (stats.mode & 0o077) === 0);
    if (!isClosed) throw broken('it belongs to somebody else, or others can reach it');
    if (stats.size > MAX_PIN_BYTES) throw broken('it is too large');
    return parsePin(readFileSync(fd, 'utf8'));
  } finally {
    closeSync(fd);
  }
}

export function savePin(commonFolder: string, pin: Omit<Pin, 'format'>): void {
  const path = pathIn(commonFolder);
  makeFolder(join(commonFolder, 'signet'), 0o700);
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, `${JSON.stringify({ format: FORMAT, ...pin })}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function parsePin(text: string): Pin {
  try {
    const pin = JSON.parse(text) as Pin;
    if (pin.format === FORMAT && pin.policy.version === 1) return pin;
  } catch {
    // said below
  }
  throw broken('it is not of this version of git-signet');
}

function pathIn(commonFolder: string): string {
  return join(commonFolder, 'signet', 'policy.json');
}

function broken(why: string): SignetError {
  return new SignetError(
    'config',
    `The policy that was trusted in this clone cannot be used: ${why}.`,
    'Trust it again: git-signet policy trust',
  );
}
