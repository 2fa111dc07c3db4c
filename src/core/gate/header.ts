/** What the gate reads of a commit or tag beside its signature. The signature is over it, or nothing of it is believed. */
import { MAX_HEADER_BYTES } from '../limits.ts';

export interface CommitHeader {
  readonly tree: string;
  readonly parents: readonly string[];
  /** Addresses in the header lines; undefined where a line is not as git writes it. */
  readonly author: string | undefined;
  readonly committer: string | undefined;
  /** First line of the text, cut: a stranger's, for people. */
  readonly subject: string;
}

export interface TagHeader {
  readonly target: string;
  readonly targetType: string;
  readonly name: string;
  readonly tagger: string | undefined;
}

const ADDRESS = '[^\\n<>]*<([^\\n<>]*)>[^\\n<>]*\\n';
const COMMIT = new RegExp(
  `^tree ([0-9a-f]{40,64})\\n((?:parent [0-9a-f]{40,64}\\n)*)(?:author ${ADDRESS}(?:committer ${ADDRESS})?)?`,
);
const TAG = new RegExp(`^object ([0-9a-f]{40,64})\\ntype ([a-z]+)\\ntag ([^\\n]*)\\n(?:tagger ${ADDRESS})?`);

/** The fixed lines at the start (git: commit.c, parse_commit_buffer); undefined where it does not begin like a commit. */
export function parseCommitHeader(raw: Uint8Array): CommitHeader | undefined {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const end = bytes.indexOf('\n\n');
  const [, tree, parents = '', author, committer] = COMMIT.exec(headerOf(bytes, end)) ?? [];
  if (tree === undefined) return undefined;
  const ids = parents.split('\n').slice(0, -1);
  return {
    tree,
    parents: ids.map((line) => line.slice('parent '.length)),
    author,
    committer,
    subject: end < 0 ? '' : firstLine(bytes, end + 2),
  };
}

/** The fixed lines at the start of a tag; undefined where it does not begin like one. */
export function parseTagHeader(raw: Uint8Array): TagHeader | undefined {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const end = bytes.indexOf('\n\n');
  const [, target, targetType, name, tagger] = TAG.exec(headerOf(bytes, end)) ?? [];
  if (target === undefined || targetType === undefined || name === undefined) return undefined;
  return { target, targetType, name, tagger };
}

/** Nothing of one that no signature counts under: a million parents are more than a pattern can hold. */
function headerOf(bytes: Buffer, end: number): string {
  const length = end < 0 ? bytes.length : end + 1;
  return length > MAX_HEADER_BYTES ? '' : bytes.toString('utf8', 0, length);
}

const MAX_SUBJECT_BYTES = 200;

function firstLine(bytes: Buffer, start: number): string {
  const end = bytes.indexOf(0x0a, start);
  const stop = end < 0 ? bytes.length : end;
  return bytes.toString('utf8', start, Math.min(stop, start + MAX_SUBJECT_BYTES));
}
