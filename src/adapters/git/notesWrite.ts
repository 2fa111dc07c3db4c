/** Adds log entries to the notes of many objects, in one commit. */
import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from '../../core/counted.ts';
import type { Evidence } from '../../core/evidence.ts';
import { MAX_NOTE_BYTES } from '../../core/limits.ts';
import { SignetError } from '../../errors.ts';
import { blobReader } from './blobReader.ts';
import { mergeNotes, NOTES_REF, notePaths } from './notesFormat.ts';
import { listNotes, type NotesTree } from './notesRead.ts';
import { runRawGit } from './rawGit.ts';

/** Others may write at the same time; each of them needs some hundredths of a second. */
const MAX_ATTEMPTS = 12;
const PAUSE_MS = 40;

/**
 * Adds these entries, by object id, to what the notes hold, and moves the ref on only from the commit that was read: if
 * somebody else was faster, both are merged and it is tried again. One `git fast-import` writes blobs, trees and commit;
 * it needs no identity and runs no hook. Throws SignetError `config` where git cannot write.
 */
export async function saveNotes(added: ReadonlyMap<string, Evidence>, env: NodeJS.ProcessEnv): Promise<void> {
  let said = '';
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await sleep(PAUSE_MS * attempt * (0.5 + Math.random()));
    const tree = await listNotes(env);
    const changes = await changesTo(tree, added, env);
    if (changes.length === 0) return;
    const stream = Buffer.concat([
      ...commitLines(tree, added.size, await committer(env)),
      ...changes,
      Buffer.from('done\n'),
    ]);
    const written = await runRawGit(['fast-import', '--quiet', '--done'], env, stream);
    if (written.status === 0) return;
    said = written.said;
  }
  throw new SignetError(
    'config',
    `git could not write the notes in ${NOTES_REF}: ${said}.`,
    'Check that this repository can be written to, and try again: what was saved before is kept.',
  );
}

/** git-fast-import(1): filemodify for each note that changes, filedelete for those that git had put elsewhere. */
async function changesTo(
  { places }: NotesTree,
  added: ReadonlyMap<string, Evidence>,
  env: NodeJS.ProcessEnv,
): Promise<readonly Buffer[]> {
  const blobs = blobReader(env, MAX_NOTE_BYTES);
  const changes: Buffer[] = [];
  try {
    for (const [oid, evidence] of added) {
      const known = places.get(oid) ?? [];
      const notes = await Promise.all(known.map(({ blob }) => blobs.read(blob)));
      const before = notes.filter((note) => note !== undefined);
      const text = mergeNotes(before, evidence);
      const [, path] = notePaths(oid);
      if (before.length === 1 && isText(before[0], text)) continue;
      changes.push(
        ...known.map((place) => Buffer.from(`D ${place.path}\n`)),
        Buffer.from(`M 100644 inline ${path}\n`),
        dataOf(text),
      );
    }
  } finally {
    blobs.close();
  }
  return changes;
}

function commitLines({ commit }: NotesTree, count: number, who: string): readonly Buffer[] {
  const seconds = Math.floor(Date.now() / 1000);
  return [
    Buffer.from(`commit ${NOTES_REF}\ncommitter ${who} ${seconds} +0000\n`),
    dataOf(`Log entries of ${counted(count, 'object')}, found by git-signet prove\n`),
    Buffer.from(commit === undefined ? '' : `from ${commit}\n`),
  ];
}

/** Whoever git would name; where it knows nobody, the notes are no less worth. */
async function committer(env: NodeJS.ProcessEnv): Promise<string> {
  const { status, stdout } = await runRawGit(['var', 'GIT_COMMITTER_IDENT'], env);
  const [, who] = /^([^<>\n]* <[^<>\n]*>) \d+ [+-]\d{4}\n$/.exec(stdout.toString('utf8')) ?? [];
  return status === 0 && who !== undefined ? who : 'git-signet <git-signet@localhost>';
}

function dataOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}

function isText(note: Uint8Array | undefined, text: string): boolean {
  return (
    note !== undefined &&
    note.length <= MAX_NOTE_BYTES &&
    Buffer.compare(note, Buffer.from(text, 'latin1')) === 0
  );
}
