/** Merkle trees of RFC 6962 section 2.1 over SHA-256. Sizes and indexes are bigint: they exceed 2^31 today. */
import { hash } from 'node:crypto';
import { view } from './bytes.ts';
import { refuse } from './failure.ts';
import { MAX_PROOF_HASHES } from './limits.ts';

/** 01 and room for two hashes, filled anew for every node: nothing of it outlives a call. */
const NODE = new Uint8Array(65).fill(1);

/** SHA-256(00 || data). */
export function leafHash(data: Uint8Array): Uint8Array {
  const leaf = new Uint8Array(1 + data.length);
  leaf.set(data, 1);
  return hash('sha256', leaf, 'buffer');
}

/** SHA-256(01 || left || right), both 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE.set(left, 1);
  NODE.set(right, 33);
  return Buffer.from(hash('sha256', NODE, 'binary'), 'latin1');
}

export interface InclusionProof {
  /** Index of the leaf in the tree, below `treeSize`. */
  readonly logIndex: bigint;
  readonly treeSize: bigint;
  /** 32 bytes each, from the leaf upwards. */
  readonly hashes: readonly Uint8Array[];
}

/** The root that the proof leads to; worth something only once compared with a signed one. */
export function rootFromInclusionProof(leaf: Uint8Array, proof: InclusionProof): Uint8Array {
  const { logIndex, treeSize, hashes } = proof;
  if (logIndex < 0n || logIndex >= treeSize) return refuse('the inclusion proof points beyond the tree');
  if (hashes.length > MAX_PROOF_HASHES) return refuse('the inclusion proof has too many hashes');
  // Below `inner` the paths of this leaf and of the last one differ; above, only left siblings exist.
  const inner = bitLength(logIndex ^ (treeSize - 1n));
  const border = countOnes(logIndex >> BigInt(inner));
  if (hashes.length < inner + border) return refuse('the inclusion proof has too few hashes');
  if (hashes.length > inner + border) return refuse('the inclusion proof has too many hashes');
  const turns = logIndex.toString(2).padStart(inner, '0');
  // As text: a Buffer for each hash on the way would keep the garbage collector busy (measured).
  let root = view(leaf).toString('latin1');
  let level = 0;
  for (const sibling of hashes) {
    if (sibling.length !== 32) return refuse('the inclusion proof has a hash that is not 32 bytes long');
    level++;
    const isLeft = level <= inner && turns[turns.length - level] === '0';
    const place = isLeft ? 1 : 33;
    for (let at = 0; at < 32; at++) NODE[place + at] = root.charCodeAt(at);
    NODE.set(sibling, isLeft ? 33 : 1);
    root = hash('sha256', NODE, 'binary');
  }
  return Buffer.from(root, 'latin1');
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function countOnes(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}
