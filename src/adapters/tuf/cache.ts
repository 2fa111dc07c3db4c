/**
 * What was verified of a TUF repository, as git's verify call finds it: `state.json` says which file beside it
 * is the trusted root. Files are named by their digest and never change, so nobody can meet half an update.
 */
import { hash } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { refuse } from '../../core/failure.ts';
import { MAX_TRUSTED_ROOT_BYTES } from '../../core/limits.ts';
import { readFileBytes } from '../readBytes.ts';

export const STATE_FILE = 'state.json';

/** Digests are SHA-256 in lower-case hex, times as `Date` prints them in JSON. */
export interface CacheState {
  readonly mirror: string;
  /** Digest of the root.json that somebody trusted to begin with. */
  readonly initialRoot: string;
  /** Digests of the targets. */
  readonly trustedRoot: string;
  /** Empty where the repository has none. */
  readonly signingConfig: string;
  /** Every authority in the trusted root was found to lead to its root. */
  readonly proven: boolean;
  readonly refreshedAt: string;
  /** When the first of the four roles ends. */
  readonly expiresAt: string;
}

/** The state of a folder; undefined where none was ever made. Throws CheckFailure with what is wrong. */
export function readState(folder: string): CacheState | undefined {
  const bytes = readIfThere(join(folder, STATE_FILE), 4096);
  if (bytes === undefined) return undefined;
  refuseShared(folder);
  const state = parseJson(bytes);
  const { initialRoot, trustedRoot, signingConfig, refreshedAt, expiresAt } = state;
  const right = /^(?:[\da-f]{64} ){2}(?:[\da-f]{64})?$/.test(
    `${initialRoot} ${trustedRoot} ${signingConfig}`,
  );
  return right && Date.parse(refreshedAt) + Date.parse(expiresAt) > 0 ? state : refuse(DAMAGED);
}

/** Bytes of the target with this digest. Throws CheckFailure. */
export function readTarget(folder: string, name: TargetName, digest: string): Uint8Array {
  const file = targetFile(name, digest);
  const bytes = readIfThere(join(folder, file), MAX_TRUSTED_ROOT_BYTES);
  return bytes && hash('sha256', bytes, 'hex') === digest
    ? bytes
    : refuse(`${file} is missing or was changed`);
}

export type TargetName = 'trusted_root' | 'signing_config';

export function targetFile(name: TargetName, digest: string): string {
  return `${name}-${digest}.json`;
}

/**
 * Throws CheckFailure where others may write into the folder or one above it, up to the person's folder for data:
 * they could say who is trusted. Windows keeps other people out of that folder by itself.
 */
export function refuseShared(folder: string): void {
  const me = process.getuid?.();
  if (me === undefined) return;
  let path = folder;
  for (const ours of [true, true, true, false]) {
    // The last one is not of our making: it may be a link, and its group may write it, as with umask 002.
    const stats = ours ? lstatSync(path) : statSync(path);
    if (!stats.isDirectory() || stats.uid !== me || (stats.mode & (ours ? 0o022 : 0o002)) !== 0)
      refuse(`others may write into ${path}`);
    path = dirname(path);
  }
}

const DAMAGED = `${STATE_FILE} is damaged`;

function readIfThere(path: string, maxBytes: number): Uint8Array | undefined {
  try {
    // Most people never fetched any, and making the system's error takes longer than all the rest: 0.4 ms.
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    return readFileBytes(path, maxBytes);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return ['ENOENT', 'ENOTDIR'].includes(code) ? undefined : refuse(`${path} cannot be read (${code})`);
  }
}

function parseJson(bytes: Uint8Array): CacheState {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return refuse(DAMAGED);
  }
}
