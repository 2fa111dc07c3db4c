/**
 * Facts about sound signatures, kept between runs: who signed, when, where it is logged. Never decisions, and
 * nothing about what is not sound. A record names everything that it follows from (`factKey`) and is authenticated with
 * a key that lies beside it, so that what others wrote, and what was cut or edited, is no record.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, lstatSync, readFileSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type FactSubject, factKey } from '../core/factKey.ts';
import { encodeFacts, parseFacts } from '../core/factsFormat.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Evidence, FactCache } from '../ports.ts';
import { type FactRecord, heldFiles, plainFiles } from './factFiles.ts';
import { isMine } from './keychain/privateFolder.ts';
import { makeFolder } from './makeFolder.ts';

/**
 * The cache of this person; undefined where there is no safe place for it, and in CI, where the jobs of strangers
 * share folders. Whatever goes wrong with it later, it has nothing, and keeps nothing.
 */
export function openFactCache(env: NodeJS.ProcessEnv, trust: Pick<Trust, 'digest'>): FactCache | undefined {
  return attempt(() => {
    const folder = safeFolder(env);
    return folder === undefined ? undefined : cacheIn(folder, trust, plainFiles);
  });
}

/** The same for many objects: what is new is written when the process ends, or much of it is there. */
export function openFactStore(env: NodeJS.ProcessEnv, trust: Pick<Trust, 'digest'>): FactCache | undefined {
  return attempt(() => {
    const folder = safeFolder(env);
    return folder === undefined ? undefined : cacheIn(folder, trust, filesUntilExit);
  });
}

const filesUntilExit: typeof plainFiles = (folder, isGenuine) => {
  const files = heldFiles(folder, isGenuine);
  process.once('exit', files.flush);
  return files;
};

function safeFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (env['CI']) return undefined;
  const folder = cacheFolder(env);
  makeFolder(folder, 0o700);
  return isSafe(folder) ? folder : undefined;
}

/** XDG Base Directory Specification: a relative value is to be ignored. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'] ?? '';
  const home = env['HOME'] ?? process.getBuiltinModule('node:os').homedir();
  return join(isAbsolute(base) ? base : join(home, '.cache'), 'git-signet', 'facts');
}

function cacheIn(folder: string, trust: Pick<Trust, 'digest'>, openFiles: typeof plainFiles): FactCache {
  const secret = readKey(folder);
  const mac = (key: Uint8Array, facts: Uint8Array): Uint8Array =>
    createHmac('sha256', secret).update(key).update(facts).digest();
  const isGenuine = ({ key, code, facts }: FactRecord): boolean => timingSafeEqual(mac(key, facts), code);
  const keyOf = (subject: FactSubject, evidence?: Evidence): Buffer =>
    Buffer.from(factKey(subject, trust, evidence), 'hex');
  const files = openFiles(folder, isGenuine);
  return {
    load: (subject, evidence) => {
      const key = keyOf(subject, evidence);
      const record = attempt(() => files.read(key))?.findLast((one) => one.key.equals(key));
      return record !== undefined && isGenuine(record) ? parseFacts(record.facts) : undefined;
    },
    save: (subject, sound, evidence) => {
      const key = keyOf(subject, evidence);
      const facts = encodeFacts(sound);
      // Nobody's certificate is that large by chance, and it would displace others.
      if (facts.length > MAX_REMEMBERED_BYTES) return;
      attempt(() => files.add({ key, code: mac(key, facts), facts }));
    },
  };
}

/** Of the facts of one record, whose length has two bytes. */
const MAX_REMEMBERED_BYTES = 8 << 10;

const KEY_BYTES = 32;

/** The key of this folder, made with the folder. Whoever is first to put one there has made it. */
function readKey(folder: string): Uint8Array {
  const path = join(folder, 'key');
  try {
    return checkedKey(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const temporary = join(folder, `key.${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(temporary, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return checkedKey(path);
}

/** Everybody who can read it can write records that pass for ours. */
function checkedKey(path: string): Uint8Array {
  const stats = lstatSync(path);
  if (!stats.isFile() || !isPrivate(stats)) throw new Error('the key is open to others');
  const key = readFileSync(path);
  if (key.length !== KEY_BYTES) throw new Error('the key is cut short');
  return key;
}

/** The folder itself is ours and closed; those above it cannot be written by everybody. */
function isSafe(folder: string): boolean {
  const own = lstatSync(folder);
  if (!own.isDirectory() || !isPrivate(own)) return false;
  if (process.platform === 'win32') return true;
  const above = [dirname(folder), dirname(dirname(folder))].map((path) => lstatSync(path));
  return above.every((stats) => stats.isDirectory() && isMine(stats) && (stats.mode & 0o002) === 0);
}

function isPrivate(stats: Stats): boolean {
  return process.platform === 'win32' || (isMine(stats) && (stats.mode & 0o077) === 0);
}

/** A cache that fails is one that has nothing. */
function attempt<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}
