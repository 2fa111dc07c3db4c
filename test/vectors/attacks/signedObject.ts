/** A signed git object in pieces of latin1 text, to be changed and put together again, also wrongly. */
import type { ObjectKind } from '../../../src/core/verdict.ts';
import { at, attributeOf, LOG_ENTRY, places, readTree, type Tree, writeTree } from './derTree.ts';
import { bytesOf, type Field, fieldOf, readWire, writeWire } from './wireFields.ts';

export interface Pieces {
  readonly kind: ObjectKind;
  /** What stands before the signature (for a commit: before its header line) and after it. */
  readonly before: string;
  readonly after: string;
  /** With LF at the end of each line. */
  readonly armor: string;
  /** Name of the header of a commit's signature. */
  readonly header: string;
}

const BEGIN = '-----BEGIN SIGNED MESSAGE-----\n';
const END = '-----END SIGNED MESSAGE-----\n';

export function takeApart(raw: Uint8Array, kind: ObjectKind): Pieces {
  const text = Buffer.from(raw).toString('latin1');
  if (kind === 'tag') {
    const start = text.lastIndexOf(BEGIN);
    return { kind, before: text.slice(0, start), after: '', armor: text.slice(start), header: '' };
  }
  const match = /\n(gpgsig(?:-sha256)?) (-----BEGIN SIGNED(?:[^\n]*\n )*[^\n]*\n)/.exec(text);
  if (match === null) throw new Error('no signature');
  const [whole, header = '', folded = ''] = match;
  return {
    kind,
    before: text.slice(0, match.index + 1),
    after: text.slice(match.index + whole.length),
    armor: folded.replaceAll('\n ', '\n'),
    header,
  };
}

export function putTogether({ kind, before, after, armor, header }: Pieces): Buffer {
  if (kind === 'tag') return Buffer.from(before + armor, 'latin1');
  return Buffer.from(before + foldHeader(header, armor) + after, 'latin1');
}

export function foldHeader(header: string, armor: string): string {
  return `${header} ${armor.replace(/\n$/, '').replaceAll('\n', '\n ')}\n`;
}

export function payloadOf({ before, after }: Pieces): Buffer {
  return Buffer.from(before + after, 'latin1');
}

export function derOf({ armor }: Pieces): Buffer {
  return Buffer.from(armor.slice(BEGIN.length, armor.indexOf('\n-----END')), 'base64');
}

export function armorOf(der: Uint8Array, width = 64): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
  return `${BEGIN}${lines.map((line) => `${line}\n`).join('')}${END}`;
}

/** With other DER in its armor. */
export function withDer(pieces: Pieces, der: Uint8Array): Buffer {
  return putTogether({ ...pieces, armor: armorOf(der) });
}

/** With its CMS changed in place. */
export function withCms(pieces: Pieces, change: (cms: Tree) => unknown): Buffer {
  const cms = readTree(derOf(pieces));
  change(cms);
  return withDer(pieces, writeTree(cms));
}

/** With the fields of its log entry changed in place. */
export function withEntry(pieces: Pieces, change: (fields: Field[]) => unknown): Buffer {
  return withCms(pieces, (cms) => {
    const value = entryValue(cms);
    const fields = readWire(value.content);
    change(fields);
    value.content = writeWire(fields);
  });
}

/** With the fields of the entry's inclusion proof changed in place. */
export function withProof(pieces: Pieces, change: (fields: Field[]) => unknown): Buffer {
  return withEntry(pieces, (fields) => {
    const field = fieldOf(fields, 6);
    const proof = readWire(bytesOf(field));
    change(proof);
    field.value = writeWire(proof);
  });
}

export function withCheckpoint(pieces: Pieces, change: (note: string) => string): Buffer {
  return withProof(pieces, (proof) => {
    const field = fieldOf(proof, 5);
    const [envelope] = readWire(bytesOf(field));
    if (envelope === undefined) throw new Error('no checkpoint');
    envelope.value = Buffer.from(change(bytesOf(envelope).toString('utf8')));
    field.value = writeWire([envelope]);
  });
}

/** The OCTET STRING around the log entry. */
export function entryValue(cms: Tree): Tree {
  const { unsignedAttrs } = places(cms);
  if (unsignedAttrs === undefined) throw new Error('no unsigned attributes');
  return at(attributeOf(unsignedAttrs, LOG_ENTRY), 1, 0);
}

export function hasEntry(pieces: Pieces): boolean {
  return places(readTree(derOf(pieces))).unsignedAttrs !== undefined;
}
