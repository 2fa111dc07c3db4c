/** git's verifying call for the signatures that the hot file leaves out: the complete verifier, loaded for them alone. */
import { readNotesOf } from '../adapters/git/notesLookup.ts';
import { type Found, isSound } from '../core/facts.ts';
import { signedObjectId } from '../core/onlineEntry.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { examineSignature } from '../core/verify.ts';
import type { Subject } from './callFacts.ts';

/**
 * Examines from the start. Where nothing in the signature proves it, the notes of the repository are looked into, never
 * the network; anybody may have written them, so all they can do is to prove it. Never throws but for a bug.
 */
export function examineFully({ payload, armored }: Subject, trust: Trust, env: NodeJS.ProcessEnv): Found {
  const alone = examineSignature(payload, armored, trust);
  if (isSound(alone) || alone.status !== 'unproven') return alone;
  const oids = (['sha1', 'sha256'] as const).map((format) => signedObjectId(payload, armored, format));
  const notes = readNotesOf(
    oids.filter((oid) => oid !== undefined),
    env,
  );
  const noted = examineSignature(payload, armored, trust, notes);
  return isSound(noted) ? noted : alone;
}
