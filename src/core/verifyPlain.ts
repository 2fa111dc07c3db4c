/**
 * git's verifying call: git makes it for every commit of a log, so it starts with as little code as nearly every
 * signature needs. For the rest it says so, and verify.ts judges from the start.
 */
import { isSound, type Sound } from './facts.ts';
import type { LeafMemory } from './leafChecks.ts';
import type { RareChecks } from './rare.ts';
import type { Trust } from './trustedRoot.ts';
import { examineSignatureWith } from './verifyWith.ts';

/**
 * As `examineSignature` of verify.ts without evidence; undefined where a timestamp token, an entry of a Rekor v2 log
 * or no entry at all is met, and where the signature is not sound.
 */
export function examinePlainSignature(
  payload: Uint8Array,
  armored: Uint8Array,
  trust: Trust,
  leafs?: LeafMemory,
): Sound | undefined {
  try {
    const found = examineSignatureWith({ trust, rare: ELSEWHERE, leafs }, payload, armored);
    return isSound(found) ? found : undefined;
  } catch (error) {
    if (error === IS_RARE) return undefined;
    throw error;
  }
}

/** No CheckFailure, so that it ends the examination; no Error, whose stack each start would pay for. */
const IS_RARE = Symbol('this signature needs verify.ts');

const stop = (): never => {
  throw IS_RARE;
};

const ELSEWHERE: RareChecks = {
  openTokens: stop,
  openEntry: stop,
  openMissingSct: stop,
  unreadable: stop,
  unreadableArmor: stop,
  conclude: stop,
};
