/**
 * gitsign's online mode (gitsign: internal/git/git.go, LegacySHASign): what it logs is a second signature by the
 * same key, over the name that the finished object will have. The object itself stores nothing of it.
 */
import { hash } from 'node:crypto';
import { view } from './bytes.ts';
import { payloadKind } from './gitObject.ts';
import type { ObjectFormat } from './verdict.ts';

/**
 * The 40 hex digits that are signed: the SHA-1 name of the object with its signature as git stores it in SHA-1
 * repositories, and in SHA-256 repositories too, where nothing has that name. Undefined where the payload is no
 * commit or tag.
 */
export function onlineObjectId(payload: Uint8Array, armored: Uint8Array): string | undefined {
  return signedObjectId(payload, armored, 'sha1');
}

/**
 * Name of the object that git makes of a payload and its signature, in a repository of this format; undefined where
 * the payload is no commit or tag. (An object that carries a second signature, for its form in the other format, has
 * another name: the payload does not tell.)
 */
export function signedObjectId(
  payload: Uint8Array,
  armored: Uint8Array,
  format: ObjectFormat,
): string | undefined {
  const kind = payloadKind(payload);
  if (kind !== 'commit' && kind !== 'tag') return undefined;
  const header = format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
  const object = kind === 'commit' ? insertSignature(view(payload), armored, header) : [payload, armored];
  const length = object?.reduce((sum, part) => sum + part.length, 0);
  if (object === undefined) return undefined;
  return hash(format, Buffer.concat([Buffer.from(`${kind} ${length}\0`), ...object]), 'hex');
}

/** As git does (git: commit.c, add_header_signature): before the blank line, each further line after a space. */
function insertSignature(
  payload: Buffer,
  armored: Uint8Array,
  header: string,
): readonly Uint8Array[] | undefined {
  const at = payload.indexOf('\n\n') + 1;
  if (at === 0) return undefined;
  const value = view(armored).toString('latin1').replace(/\n$/, '').replaceAll('\n', '\n ');
  return [payload.subarray(0, at), Buffer.from(`${header} ${value}\n`, 'latin1'), payload.subarray(at)];
}
