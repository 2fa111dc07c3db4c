/** git's verifying call for the signatures that the hot file leaves out: the complete verifier, loaded for them alone. */
import { readNotesOf } from '../adapters/git/notesLookup.ts';
import { signedObjectId } from '../core/onlineEntry.ts';
import type { Policy } from '../core/policy.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Verdict } from '../core/verdict.ts';
import { verifySignature } from '../core/verify.ts';

/** What git handed over, and what it is judged by. */
export interface Question {
  readonly payload: Uint8Array;
  readonly armored: Uint8Array;
  readonly trust: Trust;
  readonly policy: Policy;
}

/**
 * Judges from the start. Where nothing in the signature proves it, the notes of the repository are looked into, never the
 * network; anybody may have written them, so all they can do is to prove it. Never throws but for a bug.
 */
export async function judgeFully(
  { payload, armored, trust, policy }: Question,
  env: NodeJS.ProcessEnv,
): Promise<Verdict> {
  const alone = verifySignature(payload, armored, trust, policy);
  if (alone.status !== 'unproven') return alone;
  const oids = (['sha1', 'sha256'] as const).map((format) => signedObjectId(payload, armored, format));
  const notes = readNotesOf(
    oids.filter((oid) => oid !== undefined),
    env,
  );
  const verdict = verifySignature(payload, armored, trust, policy, notes);
  return verdict.status === 'good' || verdict.status === 'untrusted' ? verdict : alone;
}
