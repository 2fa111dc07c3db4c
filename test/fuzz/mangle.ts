/**
 * Changes inputs along their structure: what looks like an armor, DER, protobuf, JSON or lines of text is taken apart,
 * changed in one place – in whatever lies within it too – and put together again with right lengths.
 */
import { armorOf } from '../vectors/attacks/signedObject.ts';
import { MAX_INPUT_BYTES, mangleBytes } from './mangleBytes.ts';
import { mangleDer } from './mangleDer.ts';
import { mangleJson } from './mangleJson.ts';
import { mangleText } from './mangleText.ts';
import { mangleWire } from './mangleWire.ts';
import type { Random } from './random.ts';

/** One to four changes. */
export function mangle(input: Buffer, random: Random, donor: Buffer): Buffer {
  let bytes = input;
  for (let left = 1 + (random.chance(60) ? 0 : random.int(4)); left > 0; left--) {
    const next = mangleOnce(bytes, random, donor, 0);
    if (next.length <= MAX_INPUT_BYTES) bytes = next;
  }
  return bytes;
}

/** One change to a part that lies `depth` parts deep. */
export type Inner = (part: Buffer) => Buffer;

export function mangleOnce(bytes: Buffer, random: Random, donor: Buffer, depth: number): Buffer {
  if (depth > 12 || bytes.length < 2 || random.chance(15)) return mangleBytes(bytes, random, donor);
  const inner: Inner = (part) => mangleOnce(part, random, donor, depth + 1);
  for (const change of [mangleArmor, mangleDer, mangleJson, mangleText, mangleWire]) {
    const changed = change(bytes, random, inner, donor);
    if (changed !== undefined) return changed;
  }
  return mangleBytes(bytes, random, donor);
}

const ARMOR = /-----BEGIN SIGNED MESSAGE-----\n([A-Za-z0-9+/=\n ]*)-----END SIGNED MESSAGE-----\n/;

/** Mostly the DER of the first armor; in a commit's header, whose lines begin with a space, too. */
function mangleArmor(bytes: Buffer, random: Random, inner: Inner): Buffer | undefined {
  if (random.chance(30)) return undefined;
  const text = bytes.toString('latin1');
  const match = ARMOR.exec(text);
  if (match?.[1] === undefined) return undefined;
  const folded = match[1].startsWith(' ');
  const armor = armorOf(inner(Buffer.from(match[1].replace(/[\n ]/g, ''), 'base64')));
  const again = folded ? `${armor.slice(0, -1).replaceAll('\n', '\n ')}\n` : armor;
  return Buffer.from(
    text.slice(0, match.index) + again + text.slice(match.index + match[0].length),
    'latin1',
  );
}
