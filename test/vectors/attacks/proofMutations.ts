import type { Table } from './mutations.ts';
import { withCheckpoint, withEntry, withProof } from './signedObject.ts';
import { bytesOf, type Field, fieldOf } from './wireFields.ts';

const number = (fields: Field[], which: number, edit: (value: bigint) => bigint) => {
  const field = fieldOf(fields, which);
  field.value = edit(BigInt(field.value as bigint));
};
const drop = (fields: Field[], which: number) =>
  fields.splice(0, fields.length, ...fields.filter((field) => field.number !== which));
/** origin, size, root, blank line, signature lines */
const lines = (edit: (all: string[]) => unknown) => (note: string) => {
  const all = note.split('\n');
  edit(all);
  return all.join('\n');
};
const set = (all: string[], place: number, edit: (line: string) => string) => {
  all[place] = edit(all[place] ?? '');
};
const own = (all: readonly string[]) => all.findIndex((line) => line.startsWith('— '));
const forged = (line: string) => {
  const [dash = '', name = '', base64 = ''] = line.split(' ');
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return `${dash} ${name} ${bytes.toString('base64')}`;
};

export const PROOF: Table = [
  [
    'M101 other tree size in the text',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 1, (size) => `${BigInt(size) + 1n}`)),
      ),
  ],
  [
    'M101 line added to the text',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => l.splice(3, 0, 'Timestamp: 1')),
      ),
  ],
  [
    'M101 zeros before the tree size',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 1, (size) => `0${size}`)),
      ),
  ],
  [
    'M101 plus before the tree size',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 1, (size) => `+${size}`)),
      ),
  ],
  [
    'M101 space after the tree size',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 1, (size) => `${size} `)),
      ),
  ],
  [
    'M101 tree size in hex',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 1, (size) => `0x${BigInt(size).toString(16)}`)),
      ),
  ],
  [
    'M101 tree size with an exponent',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 1, (size) => `${size}e0`)),
      ),
  ],
  [
    'M101 Arabic digits',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 1, (size) => size.replace(/\d/g, (c) => String.fromCharCode(0x660 + Number(c))))),
      ),
  ],
  [
    'M101 root without padding',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 2, (root) => root.replace('=', ''))),
      ),
  ],
  [
    'M101 root in base64url',
    (b) =>
      withCheckpoint(b, (note) =>
        note.replace(/\n[^\n]{44}\n/, (root) => `${root.slice(0, 5)}_${root.slice(6)}`),
      ),
  ],
  ['M101 CRLF', (b) => withCheckpoint(b, (note) => note.replaceAll('\n', '\r\n'))],
  ['M101 second blank line', (b) => withCheckpoint(b, (note) => note.replace('\n\n', '\n\n\n'))],
  ['M101 no final line feed', (b) => withCheckpoint(b, (note) => note.slice(0, -1))],
  ['M101 text in front', (b) => withCheckpoint(b, (note) => `x\n1\nAAAA\n\n${note}`)],
  ['M101 another note behind', (b) => withCheckpoint(b, (note) => `${note}\n${note}`)],
  ['M101 byte order mark', (b) => withCheckpoint(b, (note) => `\ufeff${note}`)],
  ['M101 NUL', (b) => withCheckpoint(b, (note) => `${note}\0`)],
  ['M101 empty', (b) => withCheckpoint(b, () => '')],
  [
    'M105 other origin',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, 0, (origin) => origin.replace(/\d$/, (c) => `${(Number(c) + 1) % 10}`))),
      ),
  ],
  [
    'M105 other name, in both places',
    (b) => withCheckpoint(b, (note) => note.replaceAll('rekor.', 'rekoR.')),
  ],
  [
    'M105 zero-width character in the name',
    (b) => withCheckpoint(b, (note) => note.replaceAll('rekor.', 'rekor\u200b.')),
  ],
  [
    'M105 name in the signature line only',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, own(l), (line) => line.replace('rekor', 'witness'))),
      ),
  ],
  [
    'M106 hint of zeros',
    (b) =>
      withCheckpoint(
        b,
        lines((l) =>
          set(l, own(l), (line) => {
            const [dash, name, base64 = ''] = line.split(' ');
            const bytes = Buffer.from(base64, 'base64');
            bytes.fill(0, 0, 4);
            return `${dash} ${name} ${bytes.toString('base64')}`;
          }),
        ),
      ),
  ],
  [
    'M109 forged line behind the true one',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => l.splice(own(l) + 1, 0, forged(l[own(l)] ?? ''))),
      ),
  ],
  [
    'M109 forged line before the true one',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => l.splice(own(l), 0, forged(l[own(l)] ?? ''))),
      ),
  ],
  [
    'M109 forged line alone',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, own(l), forged)),
      ),
  ],
  [
    'M109 line of a hint alone',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => l.splice(own(l) + 1, 0, '— x AAAAAA==')),
      ),
  ],
  [
    'M109 signature line with a hyphen',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, own(l), (line) => line.replace('— ', '- '))),
      ),
  ],
  [
    'M109 signature line in non-canonical base64',
    (b) =>
      withCheckpoint(
        b,
        lines((l) => set(l, own(l), (line) => `${line}=`)),
      ),
  ],
  ['M109 seventy lines', (b) => withCheckpoint(b, (note) => note + '— w AAAAAAAA\n'.repeat(70))],
  [
    'M109 signature lines without the blank line',
    (b) => withCheckpoint(b, (note) => note.replace('\n\n', '\n')),
  ],

  [
    'M112 hashes swapped',
    (b) =>
      withProof(b, (p) => {
        const hashes = p.filter((f) => f.number === 4);
        const [first, second] = hashes;
        if (first && second) [first.value, second.value] = [second.value, first.value];
      }),
  ],
  [
    'M112 hashes reversed',
    (b) =>
      withProof(b, (p) => {
        const hashes = p.filter((f) => f.number === 4);
        const values = hashes.map((f) => f.value).reverse();
        hashes.forEach((f, i) => {
          f.value = values[i] ?? f.value;
        });
      }),
  ],
  [
    'M112 hash with another bit',
    (b) =>
      withProof(b, (p) => {
        const hash = bytesOf(fieldOf(p, 4));
        hash.writeUInt8(hash.readUInt8(0) ^ 1, 0);
      }),
  ],
  [
    'M112 short hash',
    (b) =>
      withProof(b, (p) => {
        const f = fieldOf(p, 4);
        f.value = bytesOf(f).subarray(0, 31);
      }),
  ],
  [
    'M112 empty hash',
    (b) =>
      withProof(b, (p) => {
        fieldOf(p, 4).value = Buffer.alloc(0);
      }),
  ],
  ['M112 first hash twice', (b) => withProof(b, (p) => insertBefore(p, 4))],
  [
    'M112 two hashes in one',
    (b) =>
      withProof(b, (p) => {
        const [first, second] = p.filter((f) => f.number === 4);
        if (!first || !second) return;
        first.value = Buffer.concat([bytesOf(first), bytesOf(second)]);
        p.splice(p.indexOf(second), 1);
      }),
  ],
  [
    'M116 index beyond the tree',
    (b) => withProof(b, (p) => number(p, 1, () => BigInt(fieldOf(p, 3).value as bigint))),
  ],
  ['M116 index of 2^62', (b) => withProof(b, (p) => number(p, 1, () => 1n << 62n))],
  ['M116 index of 2^63', (b) => withProof(b, (p) => number(p, 1, () => 1n << 63n))],
  ['M116 index absent', (b) => withProof(b, (p) => drop(p, 1))],
  ['M118 tree size of 2^63', (b) => withProof(b, (p) => number(p, 3, () => 1n << 63n))],
  ['M118 tree size absent', (b) => withProof(b, (p) => drop(p, 3))],
  ['M118 tree size negative', (b) => withProof(b, (p) => number(p, 3, () => -1n))],
  ['M117 root absent', (b) => withProof(b, (p) => drop(p, 2))],
  [
    'M117 root longer',
    (b) =>
      withProof(b, (p) => {
        const f = fieldOf(p, 2);
        f.value = Buffer.concat([bytesOf(f), Buffer.of(0)]);
      }),
  ],
  ['M108 checkpoint absent', (b) => withProof(b, (p) => drop(p, 5))],
  [
    'M97 inclusion proof empty',
    (b) =>
      withEntry(b, (f) => {
        fieldOf(f, 6).value = Buffer.alloc(0);
      }),
  ],
];

function insertBefore(fields: Field[], which: number): void {
  const field = fieldOf(fields, which);
  fields.splice(fields.indexOf(field), 0, { ...field });
}
