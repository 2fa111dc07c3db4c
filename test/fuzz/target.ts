import { inspect } from 'node:util';
import { isSignetError } from '../../src/errors.ts';

/** What is fuzzed: one parser, check or exchange. */
export interface Target {
  readonly name: string;
  /** Good inputs, which are mangled. */
  readonly seeds: () => readonly Buffer[];
  /** Throws a BrokenPromise, or anything else that must not be thrown. */
  readonly run: (input: Buffer) => void | Promise<void>;
  /** How many cases of it there are for each of the others'; 1 where not said. Exchanges are slow. */
  readonly share?: number;
}

/** Something came back that must not. */
export class BrokenPromise extends Error {}

/** Runs what may refuse its input, with a SignetError and nothing else; undefined where it did. */
export function orRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (isSignetError(error)) return checkWords(error);
    throw error;
  }
}

export async function orRefusedLater<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (isSignetError(error)) return checkWords(error);
    throw error;
  }
}

/** A SignetError says something. */
function checkWords(error: Error): undefined {
  if (error.message === '') throw new BrokenPromise('an error without a message');
}

export function mustEqual(got: Uint8Array | string, wanted: Uint8Array | string, what: string): void {
  if (Buffer.compare(Buffer.from(got), Buffer.from(wanted)) === 0) return;
  throw new BrokenPromise(`${what}: ${inspect(got).slice(0, 300)} is not ${inspect(wanted).slice(0, 300)}`);
}
