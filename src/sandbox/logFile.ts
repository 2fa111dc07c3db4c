import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { toBase64, toHex } from '../core/bytes.ts';
import { leafHash } from '../core/merkle.ts';
import { SignetError } from '../errors.ts';
import { MerkleTree } from './merkleTree.ts';

/** What a log keeps of an entry; everything else is made anew from it for each answer, as Rekor does. */
export interface StoredEntry {
  readonly body: Uint8Array;
  /** Seconds since 1970; 0 in a log that knows no time. */
  readonly integratedTime: number;
}

/** An open log: a file that only grows, and in memory the tree over it. Close it when done. */
export class LogFile {
  readonly tree = new MerkleTree();
  readonly #entries: StoredEntry[] = [];
  readonly #indexByHash = new Map<string, number>();
  readonly #file: number;
  /** Bytes of acknowledged entries. */
  #length: number;

  /**
   * A last line that is not whole was never acknowledged and is cut off; any other damage throws `config`.
   */
  constructor(path: string) {
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    this.#length = bytes.lastIndexOf('\n') + 1;
    for (const line of bytes.subarray(0, this.#length).toString().split('\n').slice(0, -1)) {
      this.#remember(parseLine(line, path));
    }
    this.#file = openSync(path, 'a', 0o600);
    ftruncateSync(this.#file, this.#length);
  }

  get size(): number {
    return this.#entries.length;
  }

  entry(index: number): StoredEntry | undefined {
    return this.#entries[index];
  }

  /** By the hex of its leaf hash. */
  indexOf(hash: string): number | undefined {
    return this.#indexByHash.get(hash);
  }

  /** Adds an entry and returns its index once the system has it: a killed process loses none, a power cut may. */
  append(entry: StoredEntry): number {
    const body = toBase64(entry.body);
    const line = `${JSON.stringify({ body, integratedTime: entry.integratedTime })}\n`;
    try {
      writeFileSync(this.#file, line);
    } catch (error) {
      // A full disk: the next entry must not continue half of this one.
      ftruncateSync(this.#file, this.#length);
      throw error;
    }
    this.#length += Buffer.byteLength(line);
    return this.#remember(entry);
  }

  close(): void {
    closeSync(this.#file);
  }

  #remember(entry: StoredEntry): number {
    const hash = leafHash(entry.body);
    this.tree.append(hash);
    this.#indexByHash.set(toHex(hash), this.#entries.length);
    return this.#entries.push(entry) - 1;
  }
}

function parseLine(line: string, path: string): StoredEntry {
  try {
    const { body, integratedTime } = JSON.parse(line) as { body: string; integratedTime: number };
    return { body: Buffer.from(body, 'base64'), integratedTime };
  } catch (cause) {
    throw new SignetError(
      'config',
      `The sandbox's log ${path} is damaged.`,
      'Restore it, or begin anew.',
      cause,
    );
  }
}
