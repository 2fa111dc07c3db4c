import { generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { toBase64, toHex } from '../core/bytes.ts';
import { leafHash } from '../core/merkle.ts';
import { logIdOf } from './certificateAuthority.ts';
import type { Authority } from './certificates.ts';
import type { Instance } from './instance.ts';
import { LogFile } from './logFile.ts';

/** The log of Rekor v1: what it says of its entries, and promises. */
export class TransparencyLog extends LogFile {
  readonly #instance: Instance;

  constructor(stateDir: string, instance: Instance) {
    super(join(stateDir, 'rekor-v1.jsonl'));
    this.#instance = instance;
  }

  /** 16 hex digits, the first part of every entryID. */
  get treeIdHex(): string {
    return this.#instance.treeId.toString(16).padStart(16, '0');
  }

  /** The signed note for a size of the tree (protocols 3.5): origin `<host> - <tree id>`. */
  checkpoint(size: number, signer: Authority = this.#instance.rekor): string {
    const host = new URL(this.#instance.url).host;
    const root = toBase64(this.tree.rootHash(size));
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
    const entry = this.entry(index);
    if (entry === undefined) throw new Error('no such entry');
    const unsigned = {
      body: toBase64(entry.body),
      integratedTime: entry.integratedTime,
      logID: toHex(logIdOf(this.#instance.rekor.publicKey)),
      logIndex: index,
    };
    const promised =
      fault === 'wrongSet' ? { ...unsigned, integratedTime: entry.integratedTime + 1 } : unsigned;
    const set = sign('sha256', Buffer.from(JSON.stringify(promised)), this.#instance.rekor.privateKey);
    const verification = {
      inclusionProof: this.#proofOf(index, fault),
      signedEntryTimestamp: set.toString('base64'),
    };
    const uuid = toHex(leafHash(entry.body));
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
      hashes: hashes.map(toHex),
      logIndex: index,
      rootHash: toHex(this.tree.rootHash(this.size)),
      treeSize: this.size,
    };
  }
}
