/**
 * The files of remembered facts: 256 of many records each, by the first two digits of the record's key. Making more of
 * them would take longer than the signatures of a large push.
 *
 * A record is `length (2) || key (32) || HMAC-SHA-256 over key and facts (32) || facts`; new ones are appended in one
 * write, and a file that grows too long is replaced by its newest half.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { MAX_FACT_FILE_BYTES } from '../core/limits.ts';

export interface FactRecord {
  readonly key: Buffer;
  readonly code: Uint8Array;
  readonly facts: Uint8Array;
}

/** The files of one folder. Throws whatever the system throws. */
export interface FactFiles {
  /** Where the record of this key would be, oldest first. */
  read(key: Buffer): readonly FactRecord[];
  add(record: FactRecord): void;
}

/** Each record is read and written by itself: for a process that asks about one. */
export function plainFiles(folder: string, isGenuine: (record: FactRecord) => boolean): FactFiles {
  return {
    read: (key) => readFileOf(folder, key),
    add: (record) => append(fileOf(folder, record.key), encodeRecord(record), isGenuine),
  };
}

/** Of records that are held in memory, written or not. */
const MAX_HELD_BYTES = 8 << 20;

/**
 * Each file is read once, and written once with all of its new records, by `flush`: opening files takes a tenth of judging
 * a large push. What others write meanwhile is seen by the next process.
 */
export function heldFiles(
  folder: string,
  isGenuine: (record: FactRecord) => boolean,
  maxHeldBytes = MAX_HELD_BYTES,
): FactFiles & { flush(): void } {
  const files = new Map<string, { readonly records: FactRecord[]; written: number }>();
  let held = 0;
  const flush = (): void => {
    for (const [path, file] of files) {
      const fresh = newest(file.records.slice(file.written));
      file.written = file.records.length;
      if (fresh.length === 0) continue;
      try {
        append(path, Buffer.concat(fresh.map(encodeRecord)), isGenuine);
      } catch {
        // The others may be written all the same.
      }
    }
  };
  const hold = (bytes: number): void => {
    held += bytes;
    if (held <= maxHeldBytes) return;
    flush();
    files.clear();
    held = 0;
  };
  const recordsFor = (key: Buffer): FactRecord[] => {
    const path = fileOf(folder, key);
    const known = files.get(path);
    if (known !== undefined) return known.records;
    const records = readIfThere(folder, key);
    hold(sizeOf(records));
    files.set(path, { records, written: records.length });
    return records;
  };
  return {
    read: recordsFor,
    add: (record) => {
      hold(sizeOf([record]));
      recordsFor(record.key).push(record);
    },
    flush,
  };
}

/** As many as one file should begin with. */
function newest(records: readonly FactRecord[]): readonly FactRecord[] {
  let bytes = 0;
  const first = records.findLastIndex((record) => {
    bytes += sizeOf([record]);
    return bytes > MAX_FACT_FILE_BYTES / 2;
  });
  return records.slice(first + 1);
}

function readIfThere(folder: string, key: Buffer): FactRecord[] {
  try {
    return [...readFileOf(folder, key)];
  } catch {
    return [];
  }
}

const HEAD_BYTES = 2 + 32 + 32;

/** In bytes, as they are written. */
function sizeOf(records: readonly FactRecord[]): number {
  return records.reduce((sum, { facts }) => sum + HEAD_BYTES + facts.length, 0);
}

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
  if (sizeOf(records) !== bytes.length) rmSync(path, { force: true });
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
    const length = sizeOf([old]);
    if (bytes + length > MAX_FACT_FILE_BYTES / 2) break;
    if (!isGenuine(old)) continue;
    kept.unshift(encodeRecord(old));
    bytes += length;
  }
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, Buffer.concat(kept), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function fileOf(folder: string, key: Buffer): string {
  return join(folder, key.toString('hex', 0, 1));
}
