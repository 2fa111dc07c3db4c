/** Mutations of the embedded log entry. */
import {
  at,
  attribute,
  attributeOf,
  branch,
  childrenOf,
  copyOf,
  LOG_ENTRY,
  leafNode,
  places,
  readTree,
  writeTree,
} from './derTree.ts';
import type { Table } from './mutations.ts';
import { derOf, entryValue, withCms, withEntry, withProof } from './signedObject.ts';
import { bytesOf, type Field, fieldOf, readWire, varint, writeWire } from './wireFields.ts';

const number = (fields: Field[], which: number, edit: (value: bigint) => bigint) => {
  const field = fieldOf(fields, which);
  field.value = edit(BigInt(field.value as bigint));
};
const drop = (fields: Field[], which: number) =>
  fields.splice(0, fields.length, ...fields.filter((field) => field.number !== which));
const insert = (fields: Field[], field: Field) =>
  fields.splice(
    fields.findIndex(({ number: n }) => n > field.number),
    0,
    field,
  );
const nested = (fields: Field[], which: number, edit: (inner: Field[]) => unknown) => {
  const field = fieldOf(fields, which);
  const inner = readWire(bytesOf(field));
  edit(inner);
  field.value = writeWire(inner);
};
const text = (value: string) => Buffer.from(value);
export const ENTRY: Table = [
  ['M95 other global index', (b) => withEntry(b, (f) => number(f, 1, (v) => v - 1n))],
  [
    'M95 promise and index of the donor',
    (b, d) =>
      withEntry(b, (f) => {
        const other = readWire(entryValue(readTree(derOf(d))).content);
        fieldOf(f, 5).value = fieldOf(other, 5).value;
        fieldOf(f, 1).value = fieldOf(other, 1).value;
      }),
  ],
  [
    "M95 global index in place of the proof's",
    (b) =>
      withEntry(b, (f) => {
        const index = fieldOf(f, 1).value;
        nested(f, 6, (proof) => {
          fieldOf(proof, 1).value = index;
        });
      }),
  ],
  [
    "M95 the proof's index in place of the global one",
    (b) =>
      withEntry(b, (f) => {
        const proof = readWire(bytesOf(fieldOf(f, 6)));
        fieldOf(f, 1).value = fieldOf(proof, 1).value;
      }),
  ],
  [
    'M95 whole entry of the donor',
    (b, d) =>
      withCms(b, (cms) => {
        entryValue(cms).content = entryValue(readTree(derOf(d))).content;
      }),
  ],
  [
    'M99 promise empty',
    (b) =>
      withEntry(b, (f) => {
        fieldOf(f, 5).value = Buffer.alloc(0);
      }),
  ],
  [
    'M99 promise of length zero within',
    (b) =>
      withEntry(b, (f) => {
        fieldOf(f, 5).value = Buffer.of(0x0a, 0);
      }),
  ],
  [
    'M99 promise and time missing',
    (b) =>
      withEntry(b, (f) => {
        drop(f, 5);
        drop(f, 4);
      }),
  ],
  [
    "M99 promise that repeats the checkpoint's signature",
    (b) =>
      withEntry(b, (f) => {
        const note = bytesOf(
          readWire(bytesOf(fieldOf(readWire(bytesOf(fieldOf(f, 6))), 5)))[0] as Field,
        ).toString();
        const signature = Buffer.from(/— \S+ (\S+)/.exec(note)?.[1] ?? '', 'base64').subarray(4);
        fieldOf(f, 5).value = writeWire([{ number: 1, value: signature }]);
      }),
  ],
  [
    'M99 promise with a second signature',
    (b) => withEntry(b, (f) => nested(f, 5, (i) => i.push({ ...(i[0] as Field) }))),
  ],

  ['M123 time before the certificate', (b) => withEntry(b, (f) => number(f, 4, (v) => v - 86400n))],
  ['M123 time negative', (b) => withEntry(b, (f) => number(f, 4, () => -1n))],
  ['M123 time of 2^62', (b) => withEntry(b, (f) => number(f, 4, () => 1n << 62n))],
  ['M123 time zero, spelled out', (b) => withEntry(b, (f) => number(f, 4, () => 0n))],
  [
    'M127 log id empty',
    (b) =>
      withEntry(b, (f) => {
        fieldOf(f, 2).value = Buffer.alloc(0);
      }),
  ],
  ['M127 log id missing', (b) => withEntry(b, (f) => drop(f, 2))],
  [
    'M127 log id cut',
    (b) =>
      withEntry(b, (f) =>
        nested(f, 2, (i) => {
          const k = i[0] as Field;
          k.value = bytesOf(k).subarray(0, 4);
        }),
      ),
  ],
  [
    'M127 log id longer',
    (b) =>
      withEntry(b, (f) =>
        nested(f, 2, (i) => {
          const k = i[0] as Field;
          k.value = Buffer.concat([bytesOf(k), Buffer.of(0)]);
        }),
      ),
  ],
  [
    'M127 log id twice',
    (b) => withEntry(b, (f) => nested(f, 2, (i) => i.unshift({ number: 1, value: Buffer.alloc(32) }))),
  ],
  ...['intoto', 'dsse', 'rekord', 'HashedRekord', 'hashedrekord ', ''].map(
    (kind) =>
      [
        `M130 kind "${kind}"`,
        (b: Parameters<typeof withEntry>[0]) =>
          withEntry(b, (f) =>
            nested(f, 3, (i) => {
              fieldOf(i, 1).value = text(kind);
            }),
          ),
      ] as const,
  ),
  ...['0.0.3', '0.0.1 ', '0.0.10', '', '0.0.2'].map(
    (version) =>
      [
        `M130 version "${version}"`,
        (b: Parameters<typeof withEntry>[0]) =>
          withEntry(b, (f) =>
            nested(f, 3, (i) => {
              fieldOf(i, 2).value = text(version);
            }),
          ),
      ] as const,
  ),
  [
    'M131 body of another kind',
    (b) => withEntry(b, (f) => f.push({ number: 7, value: text('{"kind":"dsse"}') })),
  ],
  ['M131 body empty, but there', (b) => withEntry(b, (f) => f.push({ number: 7, value: Buffer.alloc(0) }))],
  [
    'M134 same attribute twice',
    (b) =>
      withCms(b, (cms) => {
        const { unsignedAttrs } = places(cms);
        if (unsignedAttrs) childrenOf(unsignedAttrs).push(copyOf(attributeOf(unsignedAttrs, LOG_ENTRY)));
      }),
  ],
  [
    'M134 same value twice',
    (b) =>
      withCms(b, (cms) => {
        const { unsignedAttrs } = places(cms);
        if (unsignedAttrs)
          childrenOf(at(attributeOf(unsignedAttrs, LOG_ENTRY), 1)).push(copyOf(entryValue(cms)));
      }),
  ],
  [
    'M134 an empty unsigned attribute beside',
    (b) =>
      withCms(b, (cms) => {
        const { unsignedAttrs } = places(cms);
        if (unsignedAttrs) childrenOf(unsignedAttrs).push(attribute(LOG_ENTRY));
      }),
  ],
  [
    'M138 entry in a constructed OCTET STRING',
    (b) =>
      withCms(b, (cms) => {
        const value = entryValue(cms);
        value.children = [leafNode(4, value.content)];
        value.tag = 0x24;
      }),
  ],
  [
    'M138 entry as UTF8String',
    (b) =>
      withCms(b, (cms) => {
        entryValue(cms).tag = 0x0c;
      }),
  ],
  [
    'M138 entry in two OCTET STRINGs',
    (b) =>
      withCms(b, (cms) => {
        const v = entryValue(cms);
        v.content = writeTree(leafNode(4, v.content));
      }),
  ],
  [
    'M138 attribute in the signed data instead',
    (b) =>
      withCms(b, (cms) => {
        const { signer, signedData, unsignedAttrs } = places(cms);
        if (!unsignedAttrs) return;
        childrenOf(signer).pop();
        childrenOf(signedData).push(unsignedAttrs);
      }),
  ],
  [
    'M138 second set of unsigned attributes',
    (b) =>
      withCms(b, (cms) => {
        const { signer, unsignedAttrs } = places(cms);
        if (unsignedAttrs) childrenOf(signer).push(copyOf(unsignedAttrs));
      }),
  ],
  [
    'M138 unsigned attributes under the SET tag',
    (b) =>
      withCms(b, (cms) => {
        const { unsignedAttrs } = places(cms);
        if (unsignedAttrs) unsignedAttrs.tag = 0x31;
      }),
  ],
  [
    'M141 byte behind the entry',
    (b) =>
      withCms(b, (cms) => {
        const v = entryValue(cms);
        v.content = Buffer.concat([v.content, Buffer.of(0)]);
      }),
  ],
  [
    'M141 field of length zero behind',
    (b) => withEntry(b, (f) => f.push({ number: 0, value: Buffer.alloc(0) })),
  ],
  ['M141 group', (b) => withEntry(b, (f) => f.push({ number: 9, value: 0n, raw: Buffer.of(0x4b, 0x4c) }))],
  ['M141 fields out of order', (b) => withEntry(b, (f) => f.reverse())],
  [
    'M141 key in two octets',
    (b) =>
      withEntry(b, (f) => {
        const v = fieldOf(f, 1);
        v.raw = Buffer.concat([varint(8n, 1), varint(BigInt(v.value as bigint))]);
      }),
  ],
  [
    'M141 cut short',
    (b) =>
      withCms(b, (cms) => {
        const v = entryValue(cms);
        v.content = v.content.subarray(0, -1);
      }),
  ],
  [
    'M141 length that is too long',
    (b) =>
      withCms(b, (cms) => {
        const v = entryValue(cms);
        v.content = Buffer.concat([v.content, Buffer.of(0x3a, 0x7f)]);
      }),
  ],
  [
    'M141 endless varint',
    (b) =>
      withCms(b, (cms) => {
        const v = entryValue(cms);
        v.content = Buffer.concat([Buffer.of(8), Buffer.alloc(12, 0xff), v.content]);
      }),
  ],
  [
    'M141 fixed64 for the index',
    (b) =>
      withEntry(b, (f) => {
        fieldOf(f, 1).raw = Buffer.concat([Buffer.of(9), Buffer.alloc(8)]);
      }),
  ],
  ['M146 index twice', (b) => withEntry(b, (f) => insert(f, { ...fieldOf(f, 1) }))],
  ['M146 promise twice', (b) => withEntry(b, (f) => insert(f, { ...fieldOf(f, 5) }))],
  ['M146 log id twice', (b) => withEntry(b, (f) => insert(f, { ...fieldOf(f, 2) }))],
  ['M146 kind twice', (b) => withEntry(b, (f) => insert(f, { ...fieldOf(f, 3) }))],
  [
    'M147 checkpoint twice',
    (b) =>
      withProof(b, (p) => {
        p.push({ ...fieldOf(p, 5) });
      }),
  ],
  ['M147 root twice', (b) => withProof(b, (p) => insert(p, { ...fieldOf(p, 2) }))],
];

/** Unused fields of an entry moved elsewhere leave the signature without entry: not good, but unproven. */
export const WITHOUT_ENTRY: Table = [
  [
    'entry removed',
    (b) =>
      withCms(b, (cms) => {
        childrenOf(places(cms).signer).pop();
      }),
  ],
  [
    'entry under another type',
    (b) =>
      withCms(b, (cms) => {
        const { unsignedAttrs } = places(cms);
        if (unsignedAttrs) unsignedAttrs.children = [attribute('1.3.6.1.4.1.57264.3.99', entryValue(cms))];
      }),
  ],
];

/** Kept apart: an unused certificate or attribute changes the object's id, but nothing that is judged. */
export const HARMLESS: Table = [
  [
    'U03 unknown unsigned attribute',
    (b) =>
      withCms(b, (cms) => {
        const { unsignedAttrs } = places(cms);
        if (unsignedAttrs) childrenOf(unsignedAttrs).push(attribute('1.2.3', branch(0x30)));
      }),
  ],
];
