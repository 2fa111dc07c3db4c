/**
 * Examining now, and having signatures verified meanwhile by other threads: each is taken as right, and what came of it
 * counts once all of them are.
 */
import { type KeyObject, verify } from 'node:crypto';

/** A signature that was taken as right, and what it takes to look at it. */
export interface AssumedSignature {
  readonly digest: string | null;
  readonly data: Uint8Array;
  readonly key: KeyObject;
  readonly signature: Uint8Array;
}

/** Where signatures are noted down instead of looked at; undefined: they are looked at. */
export let assumed: AssumedSignature[] | undefined;

/**
 * Examines now, with each signature taken as right, and gives what came of it once all are; undefined where one is not.
 * What `examine` remembers rests on the same signatures: it counts for nothing either, then.
 */
export async function assumingSignatures<T>(examine: () => T): Promise<T | undefined> {
  const signatures: AssumedSignature[] = [];
  assumed = signatures;
  let result: T;
  try {
    result = examine();
  } finally {
    assumed = undefined;
  }
  const right = await Promise.all(signatures.map(isRight));
  return right.every(Boolean) ? result : undefined;
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

function isRight({ digest, data, key, signature }: AssumedSignature): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      verify(digest, data, key, signature, (error, right) => resolve(error === null && right));
    } catch {
      resolve(false);
    }
  });
}
