import { createHash } from 'node:crypto';
import { nodeHash } from '../core/merkle.ts';

/**
 * A growing Merkle tree (RFC 6962 section 2.1) that can prove any of its leaves in, and any of its earlier
 * sizes consistent with, any size it has had. Hashes of whole subtrees are kept, so growing and proving cost
 * a logarithm. Sizes and indexes are numbers: a toy's log fits in memory.
 */
export class MerkleTree {
  /** levels[k][i] is the hash of the leaves i*2^k up to (i+1)*2^k. */
  readonly #levels: Uint8Array[][] = [[]];

  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  append(leafHash: Uint8Array): void {
    let hash = leafHash;
    for (let level = 0; ; level++) {
      const row = this.#levels[level] ?? [];
      this.#levels[level] = row;
      row.push(hash);
      const left = row[row.length - 2];
      if (row.length % 2 === 1 || left === undefined) return;
      hash = nodeHash(left, hash);
    }
  }

  /** The root of the first `size` leaves. */
  rootHash(size: number): Uint8Array {
    return size === 0 ? createHash('sha256').digest() : this.#hashOf(0, size);
  }

  /** The hash of the leaves index * 2^level up to (index + 1) * 2^level, while they are all there. */
  subtreeHash(level: number, index: number): Uint8Array | undefined {
    return this.#levels[level]?.[index];
  }

  /** PATH(index, D[size]), section 2.1.1; from the leaf upwards. */
  inclusionProof(index: number, size: number): Uint8Array[] {
    const path: Uint8Array[] = [];
    for (let [start, end] = [0, size]; end - start > 1; ) {
      const middle = start + splitSize(end - start);
      const right = index >= middle;
      path.unshift(right ? this.#hashOf(start, middle) : this.#hashOf(middle, end));
      [start, end] = right ? [middle, end] : [start, middle];
    }
    return path;
  }

  /** PROOF(first, D[second]), section 2.1.2; empty for equal sizes. */
  consistencyProof(first: number, second: number): Uint8Array[] {
    const path: Uint8Array[] = [];
    let [start, end] = [0, second];
    while (first !== end) {
      const middle = start + splitSize(end - start);
      const right = first > middle;
      path.unshift(right ? this.#hashOf(start, middle) : this.#hashOf(middle, end));
      [start, end] = right ? [middle, end] : [start, middle];
    }
    if (start > 0) path.unshift(this.#hashOf(start, end));
    return path;
  }

  /** MTH of the leaves `start` up to `end`, section 2.1. */
  #hashOf(start: number, end: number): Uint8Array {
    const count = end - start;
    const level = Math.log2(count);
    if (Number.isInteger(level) && start % count === 0) {
      const whole = this.#levels[level]?.[start / count];
      if (whole === undefined) throw new Error('no such leaves');
      return whole;
    }
    const middle = start + splitSize(count);
    return nodeHash(this.#hashOf(start, middle), this.#hashOf(middle, end));
  }
}

/** The largest power of two below `count`. */
function splitSize(count: number): number {
  return 2 ** Math.ceil(Math.log2(count) - 1);
}
