/** The note of one object, for git's verify call: one `git cat-file` in whatever repository git started us in. */
import { type Evidence, NO_EVIDENCE } from '../../core/evidence.ts';
import { readBatch } from './batchOutput.ts';
import { NOTES_REF, notePaths, parseNote } from './notesFormat.ts';
import { callRawGit } from './rawGit.ts';

/** A few notes of the largest size, and something that is none. */
const MAX_OUTPUT_BYTES = 4 << 20;
const TIMEOUT_MS = 10_000;

/**
 * What the notes hold for an object that is known by one of these names (its SHA-1 and its SHA-256 one: a repository
 * has only one of them). None outside a repository, and where git cannot be run. Never throws, asks no network.
 */
export function readNotesOf(oids: readonly string[], env: NodeJS.ProcessEnv): Evidence {
  // Where we write it first: what somebody put into the other places, too large to be read, comes after it.
  const paths = [1, 0, 2, 3].flatMap((form) => oids.map((oid) => notePaths(oid)[form]));
  const names = paths.map((path) => `${NOTES_REF}:${path}\n`);
  try {
    const bounds = { input: names.join(''), maxBuffer: MAX_OUTPUT_BYTES, timeout: TIMEOUT_MS };
    const { status, stdout, error } = callRawGit(['cat-file', '--batch'], env, bounds);
    const isCut = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOBUFS';
    if (status !== 0 && !isCut) return NO_EVIDENCE;
    const notes = [...readBatch(stdout)].filter(({ type }) => type === 'blob');
    return { entries: notes.flatMap(({ content }) => parseNote(content).entries) };
  } catch {
    return NO_EVIDENCE;
  }
}
