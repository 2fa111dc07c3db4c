/** What an object says of itself, for people: nothing here is verified, and the bytes are a stranger's. */
import { view } from './bytes.ts';

export interface ObjectClaims {
  /** Milliseconds, from the committer or tagger line; 0 where there is no usable one. */
  readonly claimedAt: number;
  /** First line of the message. */
  readonly subject: string;
  /** What a tag calls itself. */
  readonly tag: string | undefined;
}

const MAX_SUBJECT_BYTES = 512;

/** Reads an object as `git cat-file` prints it; total. */
export function claimsOf(raw: Uint8Array): ObjectClaims {
  const bytes = view(raw);
  const end = bytes.indexOf('\n\n');
  const header = bytes.toString('utf8', 0, end < 0 ? bytes.length : end + 1);
  const [, seconds = '0'] = /^(?:committer|tagger) [^\n]*> (\d{1,12}) [+-]\d{4}$/m.exec(header) ?? [];
  const [, tag] = /^object [^\n]*\ntype [^\n]*\ntag ([^\n]*)/.exec(header) ?? [];
  const message = end < 0 ? '' : bytes.toString('utf8', end + 2, end + 2 + MAX_SUBJECT_BYTES);
  return { claimedAt: Number(seconds) * 1000, subject: message.split('\n')[0] ?? '', tag };
}

/** Whether this is the ref that a tag calls itself by. Of bytes that are no UTF-8 nobody can say: others read the same. */
export function isTagOf(name: string | undefined, ref: string): boolean {
  return name !== undefined && !name.includes('\ufffd') && `refs/tags/${name}` === ref;
}
