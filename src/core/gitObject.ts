/**
 * Takes a git object apart into what was signed and the signature, on bytes, as git does
 * (git: commit.c parse_buffer_signed_by_header, gpg-interface.c parse_signed_buffer).
 */
import { view } from './bytes.ts';
import { MAX_HEADER_BYTES } from './limits.ts';
import type { ObjectFormat, ObjectKind } from './verdict.ts';

export type SignatureFormat = 'none' | 'pgp' | 'ssh' | 'cms' | 'malformed';

export interface SplitObject {
  /** The object without signature headers and, for a tag, without the signature at its end. */
  readonly payload: Uint8Array;
  /** The armored signature, of whatever format; undefined where there is none or several. */
  readonly signature: Uint8Array | undefined;
  readonly format: SignatureFormat;
  /** One sentence unless `format` is `cms`. */
  readonly reason?: string;
}

/** The four first lines that git knows, and whose they are. */
const ARMOR_LINES: readonly (readonly [string, SignatureFormat])[] = [
  ['-----BEGIN SIGNED MESSAGE-----', 'cms'],
  ['-----BEGIN PGP SIGNATURE-----', 'pgp'],
  ['-----BEGIN PGP MESSAGE-----', 'pgp'],
  ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
];

/** The header that signs the object's form in each hash function. */
const SIGNATURE_HEADER = { sha1: 'gpgsig', sha256: 'gpgsig-sha256' } as const satisfies Record<
  ObjectFormat,
  string
>;

const SIGNATURE_HEADERS: readonly string[] = Object.values(SIGNATURE_HEADER);

const LF = 0x0a;
const SPACE = 0x20;

/** Splits a raw object, as `git cat-file` prints it, into payload and signature. */
export function splitObject(raw: Uint8Array, kind: ObjectKind, objectFormat: ObjectFormat): SplitObject {
  return kind === 'commit' ? splitCommit(view(raw), objectFormat) : splitTag(view(raw));
}

export type PayloadKind = 'commit' | 'tag' | 'push-certificate' | 'unknown';

/** What a payload is, by its first word. */
export function payloadKind(payload: Uint8Array): PayloadKind {
  const line = view(payload).toString('latin1', 0, 20);
  if (line.startsWith('tree ')) return 'commit';
  if (line.startsWith('object ')) return 'tag';
  return line === 'certificate version ' ? 'push-certificate' : 'unknown';
}

/**
 * Whether a server could take the payload for a push certificate. git's receive-pack never looks at its first
 * line: whatever has commands after the first blank line, `old new ref`, passes for one (receive-pack.c,
 * queue_commands_from_cert), so the signature of a commit must not.
 */
export function mayBePushCertificate(payload: Uint8Array): boolean {
  const kind = payloadKind(payload);
  if (kind !== 'commit' && kind !== 'tag') return true;
  const bytes = view(payload);
  const body = bytes.indexOf('\n\n') + 2;
  return /^[0-9a-f]{40,64} [0-9a-f]{40,64} /i.test(bytes.toString('latin1', body, body + 130));
}

/** The address in the committer's (or tagger's) line; nothing proves it. */
export function committerAddress(payload: Uint8Array): string | undefined {
  const bytes = view(payload);
  const headerEnd = bytes.indexOf('\n\n');
  const header = bytes.subarray(0, headerEnd < 0 ? bytes.length : headerEnd).toString('utf8');
  return /^(?:committer|tagger) [^\n<]*<([^\n<>]*)>/m.exec(header)?.[1];
}

function splitCommit(raw: Buffer, objectFormat: ObjectFormat): SplitObject {
  const headers = stripSignatureHeaders(raw);
  if (typeof headers === 'string') return { ...NOTHING, payload: raw, reason: headers };
  const { payload, values, twice } = headers;
  const name = SIGNATURE_HEADER[objectFormat];
  const signature = values.get(name);
  if (signature === undefined) {
    const reason =
      values.size > 0
        ? `the signature is in ${[...values.keys()].join()}, not in ${name}`
        : 'the commit is not signed';
    return { payload, signature, format: 'none', reason };
  }
  const format = formatOf(signature);
  if (twice !== undefined) {
    const several = format === 'cms' ? 'malformed' : format;
    return { payload, signature: undefined, format: several, reason: `the header ${twice} occurs twice` };
  }
  return toSplit(payload, signature, format);
}

/** The signature of a tag is the last armor that starts on a line of its own; all before it is payload. */
function splitTag(raw: Buffer): SplitObject {
  let at = raw.lastIndexOf('-----BEGIN ');
  while (at >= 0 && !((at === 0 || raw[at - 1] === LF) && armorAt(raw, at) !== undefined)) {
    at = at === 0 ? -1 : raw.lastIndexOf('-----BEGIN ', at - 1);
  }
  const headers = stripSignatureHeaders(at < 0 ? raw : raw.subarray(0, at));
  if (typeof headers === 'string') return { ...NOTHING, payload: raw, reason: headers };
  const { payload, twice } = headers;
  if (at < 0) return { payload, signature: undefined, format: 'none', reason: 'the tag is not signed' };
  if (twice !== undefined) return { ...NOTHING, payload, reason: `the header ${twice} occurs twice` };
  const signature = raw.subarray(at);
  if (signature[signature.length - 1] !== LF) {
    return { ...NOTHING, payload, reason: 'the signature does not end in a line feed' };
  }
  return toSplit(payload, signature, armorAt(raw, at) ?? 'malformed');
}

const NOTHING = { signature: undefined, format: 'malformed' } as const;

function toSplit(payload: Uint8Array, signature: Uint8Array, format: SignatureFormat): SplitObject {
  switch (format) {
    case 'cms':
      return { payload, signature, format };
    case 'pgp':
      return { payload, signature, format, reason: 'the signature is made with OpenPGP' };
    case 'ssh':
      return { payload, signature, format, reason: 'the signature is made with SSH' };
    case 'none':
    case 'malformed':
      return { payload, signature, format, reason: 'the signature begins with no known armor line' };
  }
}

interface Headers {
  readonly payload: Uint8Array;
  /** Value of each signature header, continuation spaces taken off. */
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** A signature header that occurs more than once: git joins them, so their meaning is anyone's guess. */
  readonly twice: string | undefined;
}

/** Takes the signature headers out, or says why the header cannot be read. */
function stripSignatureHeaders(raw: Buffer): Headers | string {
  const end = raw[0] === LF ? 0 : raw.indexOf('\n\n') + 1;
  if (end === 0) return 'the header has no end';
  if (end > MAX_HEADER_BYTES) return 'the header is larger than 2 MiB';
  const header = raw.subarray(0, end);
  const values = new Map<string, Uint8Array>();
  const kept: Uint8Array[] = [];
  let keptFrom = 0;
  let twice: string | undefined;
  for (let at = findSignatureHeader(header, 0); at >= 0; at = findSignatureHeader(header, keptFrom)) {
    const name = wordAt(header, at);
    // git drops such a header from what it verifies: unsigned text that looks signed.
    if (header[at + name.length] !== SPACE || !SIGNATURE_HEADERS.includes(name)) {
      return 'the object has an unknown header that begins with gpgsig';
    }
    // git writes it after all others; in front, git fsck does not take the object for one.
    if (at === 0) return 'the signature stands before the first header';
    kept.push(raw.subarray(keptFrom, at));
    keptFrom = header.indexOf(LF, at) + 1;
    while (header[keptFrom] === SPACE) keptFrom = header.indexOf(LF, keptFrom) + 1;
    if (values.has(name)) twice = name;
    else values.set(name, unfold(header.subarray(at + name.length + 1, keptFrom)));
  }
  const payload = kept.length === 0 ? raw : Buffer.concat([...kept, raw.subarray(keptFrom)]);
  return { payload, values, twice };
}

/** Where the next line starts that begins like the header of a signature; -1 for nowhere. `from` starts a line. */
function findSignatureHeader(header: Buffer, from: number): number {
  if (from === 0 && header.toString('latin1', 0, 6) === 'gpgsig') return 0;
  const before = header.indexOf('\ngpgsig', Math.max(from - 1, 0));
  return before < 0 ? -1 : before + 1;
}

/** Up to the next space or line feed. */
function wordAt(bytes: Buffer, start: number): string {
  let end = start;
  while (bytes[end] !== SPACE && bytes[end] !== LF) end++;
  return bytes.toString('latin1', start, end);
}

/** Takes exactly one space off each line but the first. */
function unfold(folded: Uint8Array): Uint8Array {
  return Buffer.from(view(folded).toString('latin1').replaceAll('\n ', '\n'), 'latin1');
}

/** By the first line that git would know; only a CMS must begin with it. */
function formatOf(signature: Uint8Array): SignatureFormat {
  const bytes = view(signature);
  for (let at = 0; at < bytes.length; ) {
    const format = armorAt(bytes, at);
    if (format !== undefined) return format === 'cms' && at > 0 ? 'malformed' : format;
    at = bytes.indexOf('\n-----BEGIN ', at) + 1 || bytes.length;
  }
  return 'malformed';
}

/** Format of a signature by its first line. */
export function armorFormat(signature: Uint8Array): SignatureFormat {
  return armorAt(view(signature), 0) ?? 'malformed';
}

function armorAt(bytes: Buffer, at: number): SignatureFormat | undefined {
  const line = bytes.toString('latin1', at, at + 32);
  return ARMOR_LINES.find(([begin]) => line.startsWith(begin))?.[1];
}
