/**
 * The rules for a payload's header lines. A signature over an object that readers understand differently
 * (two trees, a parent after the author, a hidden tail) is worth nothing: GHSA-7rmh-48mx-2vwc.
 */
import { view } from './bytes.ts';
import { refuse } from './failure.ts';
import { type PayloadKind, payloadKind } from './gitObject.ts';
import { MAX_PAYLOAD_BYTES } from './limits.ts';
import type { ObjectFormat, ObjectKind } from './verdict.ts';

/** What the payload must be; undefined where the caller cannot know. */
export interface ExpectedPayload {
  readonly kind: ObjectKind | undefined;
  readonly objectFormat: ObjectFormat | undefined;
}

/** Checks the payload's form and gives its kind; refuses what git or another reader could take two ways. */
export function checkPayload(payload: Uint8Array, expected: ExpectedPayload): PayloadKind {
  const bytes = view(payload);
  if (bytes.length > MAX_PAYLOAD_BYTES) return refuse('the payload is larger than 64 MiB');
  const kind = payloadKind(bytes);
  if (expected.kind !== undefined && expected.kind !== kind) {
    return refuse(`the payload of the ${expected.kind} does not begin like one`);
  }
  if (kind === 'unknown') return kind;
  if (bytes.includes(0)) return refuse('the payload holds a NUL byte');
  const end = bytes.indexOf('\n\n');
  if (end < 0) return refuse('the payload has no blank line after its header');
  const lines = bytes.toString('latin1', 0, end).split('\n');
  switch (kind) {
    case 'commit':
      checkCommit(lines, expected.objectFormat);
      break;
    case 'tag':
      checkTag(lines, expected.objectFormat);
      break;
    case 'push-certificate':
      checkPushCertificate(lines);
      break;
  }
  return kind;
}

const ID = { sha1: /^[0-9a-f]{40}$/, sha256: /^[0-9a-f]{64}$/, any: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/ };
/** Name, address, seconds, zone, as git's split_ident_line needs them; any bytes in the name. */
const PERSON = /^[^<>]*<[^<>]*> -?\d{1,19} [+-]\d{4,}$/;

/** tree, parent*, author, committer, [encoding], others; none of these names again (git: commit.c). */
function checkCommit(lines: readonly string[], objectFormat: ObjectFormat | undefined): void {
  const id = ID[objectFormat ?? 'any'];
  let at = takeId(lines, 0, 'tree', id);
  while (nameOf(lines[at]) === 'parent') at = takeId(lines, at, 'parent', id);
  at = takePerson(lines, at, 'author');
  at = takePerson(lines, at, 'committer');
  const once = new Set(['tree', 'parent', 'author', 'committer']);
  for (const line of lines.slice(at)) {
    if (line.startsWith(' ')) continue;
    const name = nameOf(line);
    if (once.has(name)) refuse(`the header ${name} occurs twice or in the wrong place`);
    if (name === 'encoding') once.add(name);
    if (name === '') refuse('a header line of the payload has no name');
  }
  if (lines[at]?.startsWith(' ')) refuse('the committer goes on in a second line');
}

/** object, type, tag, tagger and nothing else (git: tag.c). */
function checkTag(lines: readonly string[], objectFormat: ObjectFormat | undefined): void {
  let at = takeId(lines, 0, 'object', ID[objectFormat ?? 'any']);
  if (!/^type (?:commit|tree|blob|tag)$/.test(lines[at++] ?? '')) refuse('the tag has no right type line');
  if (!/^tag ./.test(lines[at++] ?? '')) refuse('the tag has no name');
  at = takePerson(lines, at, 'tagger');
  if (at < lines.length) refuse('the tag has a header that tags do not have');
}

/** git: send-pack.c, generate_push_cert. */
function checkPushCertificate(lines: readonly string[]): void {
  if (lines[0] !== 'certificate version 0.1') refuse('the push certificate has an unknown version');
  const names = lines.slice(1).map(nameOf);
  const order = ['pusher', 'pushee', 'nonce', 'push-option'];
  let last = -1;
  for (const name of names) {
    const place = order.indexOf(name);
    if (place < 0) refuse('the push certificate has an unknown header');
    if (place < last || (place === last && name !== 'push-option')) {
      refuse(`the push certificate's ${name} occurs twice or in the wrong place`);
    }
    last = place;
  }
  if (names[0] !== 'pusher') refuse('the push certificate names no pusher');
}

function takeId(lines: readonly string[], at: number, name: string, id: RegExp): number {
  const line = lines[at] ?? '';
  if (nameOf(line) !== name) return refuse(`the header ${name} is missing`);
  return id.test(line.slice(name.length + 1)) ? at + 1 : refuse(`the header ${name} is no object id`);
}

function takePerson(lines: readonly string[], at: number, name: string): number {
  const line = lines[at] ?? '';
  if (nameOf(line) !== name) return refuse(`the header ${name} is missing`);
  const right = PERSON.test(line.slice(name.length + 1));
  return right ? at + 1 : refuse(`the header ${name} has no address and date`);
}

function nameOf(line: string | undefined): string {
  return line === undefined ? '' : line.slice(0, Math.max(0, line.indexOf(' ')));
}
