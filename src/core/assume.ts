/**
 * Examining first, and verifying the signatures that it rests on afterwards: each is taken as right, and what came of it
 * counts once all of them are. They can then be verified by other threads; and in this one it is faster, since nothing
 * else runs between them.
 */
import { type KeyObject, verify } from 'node:crypto';

/** A signature that was taken as right, and what it takes to look at it. */
interface AssumedSignature {
  readonly digest: string | null;
  readonly data: Uint8Array;
  readonly key: KeyObject;
  readonly signature: Uint8Array;
}

/** Where signatures are noted down instead of looked at; undefined: they are looked at. */
export let assumed: AssumedSignature[] | undefined;

/**
 * Gives what came of `examine` once the signatures that it rests on were verified by the threads of node:crypto;
 * undefined where one is wrong. What `examine` has remembered rests on them too: it counts for nothing, then.
 */
export async function assumingSignatures<T>(examine: () => T): Promise<T | undefined> {
  const { result, signatures } = noteDown(examine);
  const right = await Promise.all(signatures.map(isRightElsewhere));
  return right.every(Boolean) ? result : undefined;
}

/** The same in this thread. Within another examination it adds to what that one rests on. */
export function assumingSignaturesHere<T>(examine: () => T): T | undefined {
  if (assumed !== undefined) return examine();
  const { result, signatures } = noteDown(examine);
  return signatures.every(isRight) ? result : undefined;
}

/** Nothing is taken as right in there: for what outlives the examination. */
export function assumingNothing<T>(make: () => T): T {
  const outer = assumed;
  assumed = undefined;
  try {
    return make();
  } finally {
    assumed = outer;
  }
}

function noteDown<T>(examine: () => T): {
  readonly result: T;
  readonly signatures: readonly AssumedSignature[];
} {
  const signatures: AssumedSignature[] = [];
  assumed = signatures;
  try {
    return { result: examine(), signatures };
  } finally {
    assumed = undefined;
  }
}

function isRight({ digest, data, key, signature }: AssumedSignature): boolean {
  try {
    return verify(digest, data, key, signature);
  } catch {
    return false;
  }
}

function isRightElsewhere({ digest, data, key, signature }: AssumedSignature): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      verify(digest, data, key, signature, (error, right) => resolve(error === null && right));
    } catch {
      resolve(false);
    }
  });
}
