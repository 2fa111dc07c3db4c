/**
 * Facts about sound signatures, kept between runs: who signed, when, where it is logged. Never decisions, and
 * nothing about what is not sound. A record names everything that it follows from (`factKey`) and is authenticated with
 * a key that lies beside it, so that what others wrote, and what was cut or edited, is no record.
 *
 * 256 files of many records each, by the first two digits of the record's key: making more of them would take longer than
 * the signatures of a large push.
 * A record is `length (2) || key (32) || HMAC-SHA-256 over key and facts (32) || facts`; new ones are appended in one
 * write, and a file that grows too long is replaced by its newest half.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type FactSubject, factKey } from '../core/factKey.ts';
import { encodeFacts, parseFacts } from '../core/factsFormat.ts';
import { MAX_FACT_FILE_BYTES } from '../core/limits.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Evidence, FactCache } from '../ports.ts';
import { isMine } from './keychain/privateFolder.ts';
import { makeFolder } from './makeFolder.ts';

/**
 * The cache of this person; undefined where there is no safe place for it, and in CI, where the jobs of strangers
 * share folders. Whatever goes wrong with it later, it has nothing, and keeps nothing.
 */
export function openFactCache(env: NodeJS.ProcessEnv, trust: Pick<Trust, 'digest'>): FactCache | undefined {
  if (env['CI']) return undefined;
  try {
    const folder = cacheFolder(env);
    makeFolder(folder, 0o700);
    if (!isSafe(folder)) return undefined;
    return cacheIn(folder, readKey(folder), trust);
  } catch {
    return undefined;
  }
}

/** XDG Base Directory Specification: a relative value is to be ignored. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'] ?? '';
  const home = env['HOME'] ?? process.getBuiltinModule('node:os').homedir();
  return join(isAbsolute(base) ? base : join(home, '.cache'), 'git-signet', 'facts');
}

function cacheIn(folder: string, secret: Uint8Array, trust: Pick<Trust, 'digest'>): FactCache {
  const mac = (key: Uint8Array, facts: Uint8Array): Uint8Array =>
    createHmac('sha256', secret).update(key).update(facts).digest();
  const isGenuine = ({ key, code, facts }: FactRecord): boolean => timingSafeEqual(mac(key, facts), code);
  const keyOf = (subject: FactSubject, evidence?: Evidence): Buffer =>
    Buffer.from(factKey(subject, trust, evidence), 'hex');
  return {
    load: (subject, evidence) => {
      const key = keyOf(subject, evidence);
      const record = attempt(() => readFileOf(folder, key))?.findLast((one) => one.key.equals(key));
      return record !== undefined && isGenuine(record) ? parseFacts(record.facts) : undefined;
    },
    save: (subject, sound, evidence) => {
      const key = keyOf(subject, evidence);
      const facts = encodeFacts(sound);
      // Nobody's certificate is that large by chance, and it would displace others.
      if (facts.length > MAX_REMEMBERED_BYTES) return;
      attempt(() =>
        append(fileOf(folder, key), encodeRecord({ key, code: mac(key, facts), facts }), isGenuine),
      );
    },
  };
}

interface FactRecord {
  readonly key: Buffer;
  readonly code: Uint8Array;
  readonly facts: Uint8Array;
}

const HEAD_BYTES = 2 + 32 + 32;

/** Of the facts of one record, whose length has two bytes. */
const MAX_REMEMBERED_BYTES = 8 << 10;

function encodeRecord({ key, code, facts }: FactRecord): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(facts.length);
  return Buffer.concat([length, key, code, facts]);
}

/** The records of the file for this key. Nothing that is written behind a cut record could be read: such a file goes. */
function readFileOf(folder: string, key: Buffer): readonly FactRecord[] {
  const path = fileOf(folder, key);
  const bytes = readPlainFile(path);
  const records = readRecords(bytes);
  const end = records.reduce((sum, { facts }) => sum + HEAD_BYTES + facts.length, 0);
  if (end !== bytes.length) rmSync(path, { force: true });
  return records;
}

/** Nothing that is waited for: a named pipe in its place would keep git waiting. */
function readPlainFile(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | NO_WAIT);
  try {
    if (!fstatSync(fd).isFile()) throw new Error('not a file');
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Windows has neither. */
const NO_WAIT = (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** The records of a file up to the first one that is not whole. */
function readRecords(bytes: Buffer): readonly FactRecord[] {
  const records: FactRecord[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const end = at + HEAD_BYTES + bytes.readUInt16BE(at);
    if (end > bytes.length) break;
    records.push({
      key: bytes.subarray(at + 2, at + 34),
      code: bytes.subarray(at + 34, at + HEAD_BYTES),
      facts: bytes.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return records;
}

/** One write at the end of the file: other processes do the same, and none of them waits for another. */
function append(path: string, record: Buffer, isGenuine: (record: FactRecord) => boolean): void {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_WAIT;
  const fd = openSync(path, flags, 0o600);
  try {
    const { size } = fstatSync(fd);
    if (size + record.length <= MAX_FACT_FILE_BYTES) {
      writeSync(fd, record);
      return;
    }
  } finally {
    closeSync(fd);
  }
  shorten(path, record, isGenuine);
}

/** Keeps the newest records, up to half of what fits, and no others than genuine ones. */
function shorten(path: string, record: Buffer, isGenuine: (record: FactRecord) => boolean): void {
  const kept = [record];
  let bytes = record.length;
  for (const old of readRecords(readPlainFile(path)).toReversed()) {
    const length = HEAD_BYTES + old.facts.length;
    if (bytes + length > MAX_FACT_FILE_BYTES / 2) break;
    if (!isGenuine(old)) continue;
    kept.unshift(encodeRecord(old));
    bytes += length;
  }
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, Buffer.concat(kept), { mode: 0o600, flag: 'wx' });
  renameSync(temporary, path);
}

function fileOf(folder: string, key: Buffer): string {
  return join(folder, key.toString('hex', 0, 1));
}

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
  writeFileSync(temporary, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  try {
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
