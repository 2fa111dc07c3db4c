/**
 * The rules for a payload's header lines. A signature over an object that readers understand differently
 * (two trees, a parent after the author, a hidden tail) is worth nothing: GHSA-7rmh-48mx-2vwc.
 */
import { view } from './bytes.ts';
import { refuse } from './failure.ts';
import { type PayloadKind, payloadKind } from './gitObject.ts';
import { MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES } from './limits.ts';
import { once } from './once.ts';
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
  const end = bytes.indexOf('\n\n') + 1;
  if (end === 0) return refuse('the payload has no blank line after its header');
  if (end > MAX_HEADER_BYTES) return refuse('the header is larger than 2 MiB');
  const header = bytes.toString('latin1', 0, end);
  // The first line's id tells the hash where nobody else does; all ids must be of the same.
  const format = expected.objectFormat ?? (header.indexOf('\n') > 60 ? 'sha256' : 'sha1');
  const form = kind === 'push-certificate' ? PUSH_CERTIFICATE : FORMS[format][kind]();
  const match = form.exec(header);
  if (match === null) return refuse(`the header of the ${kind} is not as git writes it`);
  const again = AGAIN.exec(header.slice(match[0].length - 1));
  if (again === null) return kind;
  return refuse(`the header ${again[1] ?? again[2]} occurs twice or in the wrong place`);
}

/** Name, address, seconds, zone, as git's split_ident_line needs them; any bytes in the name. */
const PERSON = '[^<>\\n]*<[^<>\\n]*> -?\\d{1,19} [+-]\\d{4,}\\n';

/** git: commit.c, tag.c. A commit goes on with headers of other names, a tag does not. */
function formsOf(id: string): Readonly<Record<ObjectKind, () => RegExp>> {
  return {
    commit: once(
      () => new RegExp(`^tree ${id}\\n(?:parent ${id}\\n)*author ${PERSON}committer ${PERSON}(?! )`),
    ),
    tag: once(
      () => new RegExp(`^object ${id}\\ntype (?:commit|tree|blob|tag)\\ntag [^\\n]+\\ntagger ${PERSON}$`),
    ),
  };
}

/** Made at first use: most processes need one of the four. */
const FORMS: Readonly<Record<ObjectFormat, Readonly<Record<ObjectKind, () => RegExp>>>> = {
  sha1: formsOf('[0-9a-f]{40}'),
  sha256: formsOf('[0-9a-f]{64}'),
};

/** git: send-pack.c, generate_push_cert. */
const PUSH_CERTIFICATE =
  /^certificate version 0\.1\npusher [^\n]+\n(?:pushee [^\n]*\n)?(?:nonce [^\n]*\n)?(?:push-option [^\n]*\n)*$/;

/** Names that may not stand among the other headers of a commit. */
const AGAIN = /\n(?:(tree|parent|author|committer) |encoding [\s\S]*\n(encoding) )/;
