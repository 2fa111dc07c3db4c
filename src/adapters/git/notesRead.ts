/** All notes of a repository: where each object's are, and what is in them when somebody asks. */
import { type Evidence, NO_EVIDENCE } from '../../core/evidence.ts';
import { MAX_NOTE_BYTES, MAX_NOTE_ENTRIES, MAX_NOTES_LIST_BYTES } from '../../core/limits.ts';
import { SignetError } from '../../errors.ts';
import type { EvidenceSource } from '../../ports.ts';
import { blobReader } from './blobReader.ts';
import { NOTES_REF, notePaths, parseNote } from './notesFormat.ts';
import { runRawGit } from './rawGit.ts';

export interface NotePlace {
  readonly path: string;
  /** Object id of the note's blob. */
  readonly blob: string;
}

/** The notes' tree as it was at one commit. */
export interface NotesTree {
  /** Undefined where there are no notes yet. */
  readonly commit: string | undefined;
  /** By object id; several where a merge left them. */
  readonly places: ReadonlyMap<string, readonly NotePlace[]>;
}

export interface NotesSource extends EvidenceSource {
  /** Ends git. */
  close(): void;
}

/**
 * The notes of the repository that `env` and the current folder name, as evidence: listed once, at the first
 * question, each read when it is asked for. `at`: a commit of them that no ref names yet. `find` throws SignetError
 * `config` where git cannot read them.
 */
export function notesSource(env: NodeJS.ProcessEnv, at: string = NOTES_REF): NotesSource {
  const blobs = blobReader(env, MAX_NOTE_BYTES);
  let tree: Promise<NotesTree> | undefined;
  return {
    name: `git notes (${NOTES_REF})`,
    async find({ oid }): Promise<Evidence> {
      tree ??= listNotes(env, at);
      const places = (await tree).places.get(oid);
      if (places === undefined) return NO_EVIDENCE;
      // Where we write it first: sixteen lines of rubbish in another place must not come before it.
      const [, ours] = notePaths(oid);
      const inOrder = places.toSorted((a, b) => Number(b.path === ours) - Number(a.path === ours));
      const notes = await Promise.all(inOrder.map(({ blob }) => blobs.read(blob)));
      const entries = notes.flatMap((note) => (note === undefined ? [] : parseNote(note).entries));
      return { entries: entries.slice(0, MAX_NOTE_ENTRIES) };
    },
    close: () => blobs.close(),
  };
}

/** Throws SignetError `config` where there is no repository, or its notes cannot be listed. */
export async function listNotes(env: NodeJS.ProcessEnv, at: string = NOTES_REF): Promise<NotesTree> {
  const found = await runRawGit(['rev-parse', '--verify', '--quiet', `${at}^{commit}`], env);
  const commit = found.stdout.toString('latin1').trim();
  if (found.status === 1) return { commit: undefined, places: new Map() };
  if (found.status !== 0) throw unreadable(found.said);
  const list = ['ls-tree', '-r', '-z', '--full-tree', commit];
  const listed = await runRawGit(list, env, '', MAX_NOTES_LIST_BYTES);
  if (listed.status !== 0) throw unreadable(listed.said);
  return { commit, places: parseTree(listed.stdout) };
}

/** `MODE SP TYPE SP OID TAB PATH NUL`; a note is a blob whose path without slashes is an object id. */
function parseTree(output: Buffer): NotesTree['places'] {
  const places = new Map<string, NotePlace[]>();
  for (const line of output.toString('latin1').split('\0')) {
    const [, blob = '', path = ''] = /^\d{6} blob ([0-9a-f]{40,64})\t([0-9a-f/]{40,128})$/.exec(line) ?? [];
    const oid = path.replaceAll('/', '');
    if (oid.length !== blob.length || blob === '') continue;
    const known = places.get(oid);
    if (known === undefined) places.set(oid, [{ path, blob }]);
    else known.push({ path, blob });
  }
  return places;
}

function unreadable(said: string): SignetError {
  return new SignetError(
    'config',
    `git cannot read the notes in ${NOTES_REF}: ${said}.`,
    'Run this inside a repository; git fsck shows whether something in it is broken.',
  );
}
