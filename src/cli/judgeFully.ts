/** git's verifying call for the signatures that the hot file leaves out: the complete verifier, loaded for them alone. */
import type { Policy } from '../core/policy.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Verdict } from '../core/verdict.ts';
import { verifySignature } from '../core/verify.ts';

/** Judges from the start. Never throws but for a bug. */
export async function judgeFully(
  payload: Uint8Array,
  armored: Uint8Array,
  trust: Trust,
  policy: Policy,
): Promise<Verdict> {
  return verifySignature(payload, armored, trust, policy);
}
