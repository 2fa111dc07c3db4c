/** Signatures and log entries that are signed right, but are of something else, or out of form. */

import { randomBytes, sign } from 'node:crypto';
import { encodeSignedAttrs } from '../../../src/core/cms.ts';
import { encodeHashedRekord } from '../../../src/core/rekorEntry.ts';
import { NOW, newKey, sha256, spkiOf } from '../../core/toySigstore.ts';
import {
  at,
  attribute,
  attributeOf,
  branch,
  CONTENT_TYPE,
  childrenOf,
  LOG_ENTRY,
  leafNode,
  MESSAGE_DIGEST,
  oid,
  places,
  readTree,
  SIGNING_TIME,
  sortSet,
  type Tree,
  writeTree,
} from './derTree.ts';
import { forgeLeaf, toy } from './forge.ts';
import type { Case } from './leafForgeries.ts';
import { bytesOf, fieldOf, readWire, writeWire } from './wireFields.ts';

const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
/** The other s that verifies over the same data. */
const negated = (signature: Uint8Array): Buffer => {
  const [r, s] = childrenOf(readTree(signature)) as [Tree, Tree];
  const other = (ORDER - BigInt(`0x${s.content.toString('hex')}`)).toString(16).padStart(64, '0');
  const bytes = Buffer.from(other, 'hex');
  const first = bytes.findIndex((octet) => octet !== 0);
  const short = bytes.subarray(first);
  return writeTree(
    branch(0x30, r, leafNode(2, short.readUInt8(0) > 0x7f ? Buffer.concat([Buffer.of(0), short]) : short)),
  );
};
const attrs = (edit: (set: Tree) => unknown, sorted = true) => ({
  signedAttrs: (right: Uint8Array) => {
    const set = readTree(right);
    edit(set);
    if (sorted) sortSet(set);
    return writeTree(set);
  },
});
const without = (type: string) =>
  attrs((set) => {
    const gone = attributeOf(set, type);
    set.children = childrenOf(set).filter((c) => c !== gone);
  });
const signingTime = (value: Tree) =>
  attrs((set) => {
    at(attributeOf(set, SIGNING_TIME), 1).children = [value];
  });
const digestOf = (bytes: Uint8Array) =>
  attrs((set) => {
    at(attributeOf(set, MESSAGE_DIGEST), 1, 0).content = sha256(bytes);
  });
const logged = (edit: (json: string) => string) => ({
  body: (digest: Uint8Array, signature: Uint8Array, certificate: Uint8Array) =>
    Buffer.from(edit(Buffer.from(encodeHashedRekord(digest, signature, certificate)).toString())),
});
const text = (edit: (lines: string[]) => unknown) => ({
  log: {
    text: (origin: string, size: bigint, root: string) => {
      const lines = [origin, `${size}`, root];
      edit(lines);
      return lines.map((line) => `${line}\n`).join('');
    },
  },
});
const set = (place: number, edit: (line: string) => string) =>
  text((lines) => {
    lines[place] = edit(lines[place] ?? '');
  });
const lines = (edit: (right: string) => string) => ({ log: { lines: edit } });
const random = (count: number) => Array.from({ length: count }, () => randomBytes(32));
const proof = (edit: (fields: ReturnType<typeof readWire>) => unknown) => ({
  entry: (fields: ReturnType<typeof readWire>) => {
    const field = fieldOf(fields, 6);
    const inner = readWire(bytesOf(field));
    edit(inner);
    field.value = writeWire(inner);
    return fields;
  },
});
const toyHint = sha256(spkiOf(toy.logKey)).subarray(0, 4);
const stranger = newKey();
const line = (name: string, hint: Uint8Array, data: string) =>
  `— ${name} ${Buffer.concat([hint, sign('sha256', Buffer.from(data), stranger)]).toString('base64')}\n`;

export const SIGNATURE_CASES: readonly Case[] = [
  ['M31 the other s, logged as it is', 'good', { signature: negated }],
  [
    'M31 the other s, logged as it was',
    'refused',
    {
      cms: (tree) => {
        const { signature } = places(tree);
        signature.content = negated(signature.content);
      },
    },
  ],
  ['M31 the other s, not logged', 'unproven', { signature: negated, withoutEntry: true }],
  ['no entry', 'unproven', { withoutEntry: true }],
  ['X39 neither entry nor SCT', 'refused', { withoutEntry: true, scts: () => [] }],
  [
    'X40 no entry, no code signing',
    'refused',
    { withoutEntry: true, leaf: { extensions: toy.leafExtensions().filter((_, i) => i !== 1) } },
  ],
  ['S19 no signing time', 'good', without(SIGNING_TIME)],
  ['M39 no messageDigest', 'refused', without(MESSAGE_DIGEST)],
  ['M42 no contentType', 'refused', without(CONTENT_TYPE)],
  [
    'M43 other contentType',
    'refused',
    attrs((s) => {
      at(attributeOf(s, CONTENT_TYPE), 1).children = [oid('1.2.840.113549.1.7.2')];
    }),
  ],
  [
    'M43 messageDigest of other length',
    'refused',
    attrs((s) => {
      const v = at(attributeOf(s, MESSAGE_DIGEST), 1, 0);
      v.content = v.content.subarray(0, 31);
    }),
  ],
  [
    'M40 messageDigest twice, wrong one first',
    'refused',
    attrs((s) => {
      childrenOf(s).unshift(attribute(MESSAGE_DIGEST, leafNode(4, Buffer.alloc(32))));
    }),
  ],
  [
    'M47 signingTime twice',
    'refused',
    attrs((s) => {
      childrenOf(s).push(attributeOf(s, SIGNING_TIME));
    }),
  ],
  [
    'M47 signingTime in GeneralizedTime',
    'refused',
    signingTime(leafNode(0x18, Buffer.from('20260601120000Z'))),
  ],
  [
    'M47 signingTime with an offset',
    'refused',
    signingTime(leafNode(0x17, Buffer.from('260601120000+0000'))),
  ],
  ['M47 signingTime without seconds', 'refused', signingTime(leafNode(0x17, Buffer.from('2606011200Z')))],
  ['M47 signingTime on 30 February', 'refused', signingTime(leafNode(0x17, Buffer.from('260230120000Z')))],
  ['M47 signingTime at second 60', 'refused', signingTime(leafNode(0x17, Buffer.from('260601120060Z')))],
  ['M47 signingTime as a text', 'refused', signingTime(leafNode(0x0c, Buffer.from('260601120000Z')))],
  ['S17 signingTime of 1950', 'good', signingTime(leafNode(0x17, Buffer.from('500101000000Z')))],
  [
    'M142 entry among the signed attributes',
    'refused',
    attrs((s) => {
      childrenOf(s).push(attribute(LOG_ENTRY, leafNode(4, Buffer.of(1))));
    }),
  ],
  ['X27 digest of the payload without its last line feed', 'refused', digestOf(Buffer.from('x'))],
  [
    'X28 not in DER order',
    'refused',
    attrs((s) => {
      s.children?.reverse();
    }, false),
  ],
  ['X31 signature over the payload', 'refused', { artifact: (_, payload) => payload }],
  [
    'X31 signature over the attributes as they stand',
    'refused',
    { artifact: (right) => Buffer.concat([Buffer.of(0xa0), right.subarray(1)]) },
  ],
  ['X31 signature over the content of the attributes', 'refused', { artifact: (right) => right.subarray(2) }],
  [
    'X31 attributes of another moment',
    'refused',
    { artifact: (_, payload) => encodeSignedAttrs(sha256(payload), new Date(NOW.getTime() + 1000)) },
  ],
  ['X31 signed with SHA-384', 'refused', { digest: 'sha384' }],
];

export const ENTRY_CASES: readonly Case[] = [
  ['X26 rekord', 'refused', logged((json) => json.replace('hashedrekord', 'rekord'))],
  ['X26 dsse', 'refused', logged((json) => json.replace('hashedrekord', 'dsse'))],
  ['X26 version 0.0.2', 'refused', logged((json) => json.replace('0.0.1', '0.0.2'))],
  ['X26 space in the JSON', 'refused', logged((json) => json.replace(':', ': '))],
  ['X26 field more', 'refused', logged((json) => json.replace('{', '{"a":1,'))],
  ['X25 named SHA-512', 'refused', logged((json) => json.replace('sha256', 'sha512'))],
  [
    'X25 digest in upper case',
    'refused',
    logged((json) => json.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase())),
  ],
  ['X25 digest of other bytes', 'refused', logged((json) => json.replace(/[0-9a-f]{64}/, 'ab'.repeat(32)))],
  [
    'X30 another signature by the same key',
    'refused',
    (() => {
      const key = newKey();
      return {
        key,
        body: (digest, _, certificate) =>
          encodeHashedRekord(digest, sign('sha256', Buffer.from('x'), key), certificate),
      };
    })(),
  ],
  [
    'X30 no signature',
    'refused',
    { body: (digest, _, certificate) => encodeHashedRekord(digest, Buffer.alloc(0), certificate) },
  ],
  [
    'X23 another certificate of the same key',
    'refused',
    (() => {
      const key = newKey();
      return {
        key,
        body: (digest, signature) =>
          encodeHashedRekord(digest, signature, forgeLeaf(key, { leaf: { serial: 8 } })),
      };
    })(),
  ],
  [
    'X23 the key alone',
    'refused',
    (() => {
      const key = newKey();
      return { key, body: (digest, signature) => encodeHashedRekord(digest, signature, spkiOf(key)) };
    })(),
  ],
  [
    'X34 promise over another body',
    'refused',
    { promised: (json) => json.replace(/"body":"../, '"body":"AA') },
  ],
  [
    'X34 promise over another time',
    'refused',
    { promised: (json) => json.replace('"integratedTime":', '"integratedTime":1') },
  ],
  [
    'X34 promise over another index',
    'refused',
    { promised: (json) => json.replace('"logIndex":5', '"logIndex":6') },
  ],
  [
    'X34 promise over another log',
    'refused',
    { promised: (json) => json.replace(/(?<="logID":")./, (digit) => (digit === '0' ? '1' : '0')) },
  ],
  [
    'X34 promise with numbers as text',
    'refused',
    { promised: (json) => json.replace('"logIndex":5', '"logIndex":"5"') },
  ],
  ['X34 promise by the CT log', 'refused', { log: { promiseKey: toy.ctKey } }],
  ['X34 promise by the signer', 'refused', { log: { promiseKey: stranger } }],
  ['X19 unknown log', 'refused', { log: { key: stranger } }],
  ['X19 the CT log as log', 'refused', { log: { key: toy.ctKey } }],
  ['X32 no time', 'refused', { log: { time: 0n } }],
  ['index 0 of the log', 'good', { log: { globalIndex: 0n } }],

  [
    'S12 line of a witness',
    'good',
    lines((right) => right + line('witness.example', Buffer.alloc(4, 1), 'x')),
  ],
  [
    'S12 line of a witness in front',
    'good',
    lines((right) => line('witness.example', Buffer.alloc(4, 1), 'x') + right),
  ],
  ['M109 forged line in our name', 'refused', lines((right) => right + line('log.toy.test', toyHint, 'x'))],
  [
    'M109 forged line in our name in front',
    'refused',
    lines((right) => line('log.toy.test', toyHint, 'x') + right),
  ],
  [
    'M109 line of another key in our name',
    'good',
    lines((right) => right + line('log.toy.test', Buffer.alloc(4, 1), 'x')),
  ],
  [
    'M109 only a line of another key in our name',
    'refused',
    lines(() => line('log.toy.test', Buffer.alloc(4, 1), 'x')),
  ],
  [
    'M109 only a line with our hint by another',
    'refused',
    lines(() => line('log.toy.test', toyHint, 'log.toy.test - 1')),
  ],
  ['M109 line feed missing', 'refused', lines((right) => right.slice(0, -1))],
  ['M109 blank line at the end', 'refused', lines((right) => `${right}\n`)],
  ['M109 blank line between', 'refused', lines((right) => `${right}\n${right}`)],
  ['M109 text between', 'refused', lines((right) => `${right}text\n`)],
  ['M109 name with a plus', 'refused', lines((right) => right + line('a+b', Buffer.alloc(4), 'x'))],
  [
    'M109 name with a space of no width',
    'good',
    lines((right) => right + line('a\u200bb', Buffer.alloc(4), 'x')),
  ],
  [
    'M109 name with an unbroken space',
    'refused',
    lines((right) => right + line('a\u00a0b', Buffer.alloc(4), 'x')),
  ],
  ['M106 other hint', 'refused', { log: { hint: Buffer.alloc(4) } }],
  ['M107 other name', 'refused', { log: { name: 'log.toy.tes.' } }],
  ['M107 longer name', 'refused', { log: { name: 'log.toy.test.evil' } }],
  ['M107 origin as name', 'refused', { log: { name: 'log.toy.test-1' } }],
  ['M101 line behind the root', 'good', text((l) => l.push('Timestamp: 1'))],
  ['M101 empty line behind the root', 'refused', text((l) => l.push('', 'x'))],
  ['M101 size with a zero in front', 'refused', set(1, (size) => `0${size}`)],
  ['M101 size with a plus', 'refused', set(1, (size) => `+${size}`)],
  ['M101 size with a space', 'refused', set(1, (size) => `${size} `)],
  ['M101 size with CR', 'refused', set(1, (size) => `${size}\r`)],
  ['M101 size in hex', 'refused', set(1, () => '0x1')],
  ['M101 size of 2^64 + 1', 'refused', set(1, () => '18446744073709551617')],
  ['M101 other size', 'refused', set(1, () => '2')],
  ['M101 root without padding', 'refused', set(2, (root) => root.replace('=', ''))],
  [
    'M101 root with other unused bits',
    'refused',
    set(2, (root) => `${root.slice(0, -2)}${String.fromCharCode(root.charCodeAt(42) + 1)}=`),
  ],
  [
    'M101 root longer',
    'refused',
    set(2, (root) => Buffer.concat([Buffer.from(root, 'base64'), Buffer.of(0)]).toString('base64')),
  ],
  ['M101 root and size swapped', 'refused', text((l) => l.reverse())],
  ['M105 origin with a line feed', 'refused', set(0, (origin) => `${origin}\n`)],
  ['M105 origin of another log', 'refused', set(0, () => 'rekor.other.test - 1')],
  ['M105 origin without tree id', 'refused', set(0, () => 'log.toy.test')],
  ['M105 origin with a tab', 'refused', set(0, (origin) => `${origin}\t`)],

  ['S10 last of three leaves', 'good', { log: { size: 3n, index: 2n, hashes: random(1) } }],
  ['S10 first of three leaves', 'good', { log: { size: 3n, index: 0n, hashes: random(2) } }],
  [
    'M110 first of three leaves, a hash too few',
    'refused',
    { log: { size: 3n, index: 0n, hashes: random(1) } },
  ],
  [
    'M111 last of three leaves, a hash too many',
    'refused',
    { log: { size: 3n, index: 2n, hashes: random(2) } },
  ],
  ['M116 index that is the size', 'refused', { log: { size: 1n, index: 1n } }],
  ['tree of 2^62 leaves', 'good', { log: { size: 1n << 62n, index: 5n, hashes: random(62) } }],
  ['tree of 2^63 - 1 leaves', 'good', { log: { size: (1n << 63n) - 1n, index: 0n, hashes: random(63) } }],
  ['tree of 2^63 leaves', 'refused', { log: { size: 1n << 63n, index: 0n, hashes: random(63) } }],
  ['M111 seventy hashes', 'refused', { log: { size: (1n << 63n) - 1n, index: 0n, hashes: random(70) } }],
  [
    'M117 no root in the proof',
    'refused',
    proof((f) => f.splice(0, f.length, ...f.filter(({ number }) => number !== 2))),
  ],
  [
    'M118 no size in the proof',
    'refused',
    proof((f) => f.splice(0, f.length, ...f.filter(({ number }) => number !== 3))),
  ],
  [
    'M118 size spelled in more octets',
    'refused',
    proof((f) => {
      fieldOf(f, 3).raw = Buffer.of(0x18, 0x81, 0x00);
    }),
  ],
];
