import { generateKeyPairSync, sign } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { leafHash } from '../core/merkle.ts';
import { SignetError } from '../errors.ts';
import { logIdOf } from './certificateAuthority.ts';
import type { Authority } from './certificates.ts';
import type { Instance } from './instance.ts';
import { MerkleTree } from './merkleTree.ts';

/** What the log keeps of an entry; everything else is made anew from it for each answer, as Rekor does. */
export interface StoredEntry {
  readonly body: Uint8Array;
  /** Seconds since 1970. */
  readonly integratedTime: number;
}

/** An open log: a file that only grows, and in memory the tree over it. Close it when done. */
export class TransparencyLog {
  readonly tree = new MerkleTree();
  readonly #entries: StoredEntry[] = [];
  readonly #indexByUuid = new Map<string, number>();
  readonly #file: number;
  /** Bytes of acknowledged entries. */
  #length: number;
  readonly #instance: Instance;

  /**
   * Opens the log of a folder. A last line that is not whole was never acknowledged and is cut off; any other
   * damage throws `config`.
   */
  constructor(stateDir: string, instance: Instance) {
    const path = join(stateDir, 'rekor-v1.jsonl');
    this.#instance = instance;
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

  /** 16 hex digits, the first part of every entryID. */
  get treeIdHex(): string {
    return this.#instance.treeId.toString(16).padStart(16, '0');
  }

  entry(index: number): StoredEntry | undefined {
    return this.#entries[index];
  }

  /** By the hex of its leaf hash. */
  indexOf(uuid: string): number | undefined {
    return this.#indexByUuid.get(uuid);
  }

  /** Adds an entry and returns its index, once it is on the disk. */
  append(entry: StoredEntry): number {
    const body = Buffer.from(entry.body).toString('base64');
    const line = `${JSON.stringify({ body, integratedTime: entry.integratedTime })}\n`;
    try {
      writeFileSync(this.#file, line);
      fdatasyncSync(this.#file);
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

  /** The signed note for a size of the tree (protocols 3.5): origin `<host> - <tree id>`. */
  checkpoint(size: number, signer: Authority = this.#instance.rekor): string {
    const host = new URL(this.#instance.url).host;
    const root = Buffer.from(this.tree.rootHash(size)).toString('base64');
    const text = `${host} - ${this.#instance.treeId}\n${size}\n${root}\n`;
    const hint = logIdOf(signer.publicKey).subarray(0, 4);
    const signature = Buffer.concat([hint, sign('sha256', Buffer.from(text), signer.privateKey)]);
    return `${text}\n— ${host} ${signature.toString('base64')}\n`;
  }

  /**
   * Rekor's representation of an entry in the tree as it is now (protocols 3.3), keys in the order in which
   * Rekor writes them. `fault` names what is to be wrong with it.
   */
  present(index: number, fault?: string): Readonly<Record<string, unknown>> {
    const entry = this.#entries[index];
    if (entry === undefined) throw new Error('no such entry');
    const unsigned = {
      body: Buffer.from(entry.body).toString('base64'),
      integratedTime: entry.integratedTime,
      logID: Buffer.from(logIdOf(this.#instance.rekor.publicKey)).toString('hex'),
      logIndex: index,
    };
    const promised =
      fault === 'wrongSet' ? { ...unsigned, integratedTime: entry.integratedTime + 1 } : unsigned;
    const set = sign('sha256', Buffer.from(JSON.stringify(promised)), this.#instance.rekor.privateKey);
    const verification = {
      inclusionProof: this.#proofOf(index, fault),
      signedEntryTimestamp: set.toString('base64'),
    };
    const uuid = hexOf(leafHash(entry.body));
    return { [`${this.treeIdHex}${uuid}`]: { ...unsigned, verification } };
  }

  #proofOf(index: number, fault: string | undefined) {
    const hashes = this.tree.inclusionProof(index, this.size);
    if (fault === 'wrongProof') hashes[0] = (hashes[0] ?? new Uint8Array(32)).map((byte) => byte ^ 1);
    const checkpoint =
      fault === 'staleCheckpoint'
        ? this.checkpoint(index)
        : fault === 'otherKeyCheckpoint'
          ? this.checkpoint(this.size, generateKeyPairSync('ec', { namedCurve: 'P-256' }))
          : this.checkpoint(this.size);
    return {
      checkpoint,
      hashes: hashes.map(hexOf),
      logIndex: index,
      rootHash: hexOf(this.tree.rootHash(this.size)),
      treeSize: this.size,
    };
  }

  #remember(entry: StoredEntry): number {
    const hash = leafHash(entry.body);
    this.tree.append(hash);
    this.#indexByUuid.set(hexOf(hash), this.#entries.length);
    return this.#entries.push(entry) - 1;
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
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
