/**
 * Git notes under `refs/notes/signet`: the log entries of objects that carry none. Text, one line for each entry:
 *
 *     entry-v1 BASE64
 *
 * with the protobuf encoding of a TransparencyLogEntry that has its canonicalized_body. Lines of any other kind are
 * passed over, so later versions can stand beside them; every line says all of itself, so that git's own merge of
 * notes (`cat_sort_uniq`) joins two of them. Anybody may have written any of it: nothing here is believed.
 */
import type { Evidence } from '../../core/evidence.ts';
import { MAX_NOTE_BYTES, MAX_NOTE_ENTRIES } from '../../core/limits.ts';

export const NOTES_REF = 'refs/notes/signet';

const PREFIX = 'entry-v1 ';

/** The entries of one note; what cannot be read is passed over. Never throws. */
export function parseNote(note: Uint8Array): Evidence {
  if (note.length > MAX_NOTE_BYTES) return { entries: [] };
  const lines = linesOf(note).filter((line) => line.startsWith(PREFIX));
  const entries = lines.slice(0, MAX_NOTE_ENTRIES).flatMap((line) => {
    const base64 = line.slice(PREFIX.length).trimEnd();
    const entry = Buffer.from(base64, 'base64');
    return entry.length > 0 && entry.toString('base64') === base64 ? [entry] : [];
  });
  return { entries };
}

/** A note's text with these entries added to what others wrote; lines sorted, each once, as git's merge has them. */
export function mergeNotes(notes: readonly Uint8Array[], { entries }: Evidence): string {
  const added = entries.map((entry) => PREFIX + Buffer.from(entry).toString('base64'));
  const kept = notes.filter((note) => note.length <= MAX_NOTE_BYTES).flatMap(linesOf);
  const text = toText([...added, ...kept]);
  // So much rubbish that nobody would read our lines any more: they stand alone then.
  const isReadable = text.length <= MAX_NOTE_BYTES && text.split(`${PREFIX}`).length <= MAX_NOTE_ENTRIES + 1;
  return isReadable ? text : toText(added);
}

/**
 * Where git may keep the note of an object: directories of two digits, as many as it finds useful. The second form is
 * the one that we write.
 */
export function notePaths(oid: string): readonly [string, string, string, string] {
  const parts = [oid.slice(0, 2), oid.slice(2, 4), oid.slice(4, 6)] as const;
  return [
    oid,
    `${parts[0]}/${oid.slice(2)}`,
    `${parts[0]}/${parts[1]}/${oid.slice(4)}`,
    `${parts.join('/')}/${oid.slice(6)}`,
  ];
}

/** Latin-1 keeps the bytes of whatever others wrote. */
function linesOf(note: Uint8Array): readonly string[] {
  return Buffer.from(note)
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
}

function toText(lines: readonly string[]): string {
  return [...new Set(lines)]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((line) => `${line}\n`)
    .join('');
}
