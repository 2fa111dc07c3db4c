import { sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeArmor, parseArmor } from '../../src/core/armor.ts';
import { leafHash, nodeHash, rootFromInclusionProof } from '../../src/core/merkle.ts';
import { openCheckpoint } from '../../src/core/note.ts';
import {
  encodeTransparencyLogEntry,
  type LogEntry,
  openLogEntry,
  parseTransparencyLogEntry,
} from '../../src/core/rekorEntry.ts';
import { encodeSctList, parseSctList } from '../../src/core/sct.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { NOW, newKey, ToySigstore } from './toySigstore.ts';

const toy = new ToySigstore();
const trust = parseTrustedRoot(Buffer.from(toy.trustedRoot()));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('the armor', () => {
  const der = Buffer.alloc(100, 7);
  const right = encodeArmor(der);

  test('comes back, and may lose its final LF or gain empty lines', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (any) => {
        expect(Buffer.from(parseArmor(Buffer.from(encodeArmor(any))))).toEqual(Buffer.from(any));
      }),
    );
    for (const armored of [right, right.slice(0, -1), `${right}\n\n`]) {
      expect(Buffer.from(parseArmor(Buffer.from(armored)))).toEqual(der);
    }
    expect(right.split('\n')[1]).toHaveLength(64);
  });

  test.each([
    [`x${right}`, 'the signature does not begin with its armor line'],
    [`\n${right}`, 'the signature does not begin with its armor line'],
    [right.replaceAll('SIGNED MESSAGE', 'PKCS7'), 'the signature does not begin with its armor line'],
    [right.replaceAll('\n', '\r\n'), 'the signature does not begin with its armor line'],
    [right.slice(0, 80), 'the armor has no end line'],
    [right.replace('END SIGNED MESSAGE', 'END CERTIFICATE'), 'the armor has no end line'],
    [`${right}x`, 'text follows the armor'],
    [`${right} \n`, 'text follows the armor'],
    [right + right, 'text follows the armor'],
    [right.replace('BwcH', 'Bw!H'), 'the armor is not canonical base64'],
    [right.replace('BwcH', 'Bw H'), 'the armor is not canonical base64'],
    [right.replace('BwcH', 'Bw_H'), 'the armor is not canonical base64'],
    [right.replace('BwcH', 'Bwc\nH'), 'the armor is not in lines of 64 characters'],
    [right.replace('\n', '\n\n'), 'the armor is not in lines of 64 characters'],
    [right.replace('Bw==', 'Bx=='), 'the armor is not canonical base64'],
    [right.replace('==', ''), 'the armor is not canonical base64'],
    ['x'.repeat((1 << 20) + 1), 'the signature is larger than 1 MiB'],
  ])('is refused: %#', (armored, reason) => {
    expect(() => parseArmor(Buffer.from(armored))).toThrow(reason);
  });
});

describe('the embedded entry', () => {
  const positive = fc.bigInt({ min: 1n, max: (1n << 63n) - 1n });
  const entries = fc.record({
    kindVersion: fc.constantFrom('hashedrekord 0.0.1', 'hashedrekord 0.0.2'),
    logIndex: positive,
    logId: bytes(32),
    integratedTime: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
    signedEntryTimestamp: fc.uint8Array({ maxLength: 80 }),
    inclusionProof: fc.record({
      logIndex: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
      rootHash: bytes(32),
      treeSize: positive,
      hashes: fc.array(bytes(32), { maxLength: 5 }),
      // Where U+FFFD stands, nobody can tell what was there.
      checkpoint: fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('\ufffd')),
    }),
  });

  test('comes back from what is written', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const parsed = parseTransparencyLogEntry(
          encodeTransparencyLogEntry({ ...entry, body: Buffer.of(1) }),
        );
        expect(normal(parsed)).toEqual(normal(entry));
      }),
    );
  });

  test('has one encoding: no changed byte reads as the same entry', () => {
    const wire = Buffer.from(encodeTransparencyLogEntry(toy.makeEntry(Buffer.from('{}'))));
    const right = JSON.stringify(normal(parseTransparencyLogEntry(wire)));
    for (let at = 0; at < wire.length; at++) {
      for (const mask of [1, 0x80]) {
        wire[at] = (wire[at] as number) ^ mask;
        let read: string | undefined;
        try {
          read = JSON.stringify(normal(parseTransparencyLogEntry(wire)));
        } catch (error) {
          expect((error as Error).name).toBe('CheckFailure');
        }
        expect(read).not.toBe(right);
        wire[at] = (wire[at] as number) ^ mask;
      }
    }
  });

  const wire = Buffer.from(encodeTransparencyLogEntry(toy.makeEntry(Buffer.from('{}')))).toString('hex');
  const proofAt = wire.indexOf('32', wire.indexOf('2a') + 4);
  test.each([
    ['08', 'the log entry has a negative or cut number'],
    ['0800', 'the log entry spells out a default value'],
    ['088500', 'the log entry has a number that is not minimal'],
    ['08ffffffffffffffffff01', 'the log entry has a negative or cut number'],
    ['08050805', 'the log entry has a field twice'],
    ['1a000805', 'the log entry has its fields out of order'],
    ['0a0105', 'the log entry has a field of the wrong type'],
    ['0d05000000', 'the log entry has a field of the wrong type'],
    ['78 01', 'the log entry has an unknown field'],
    ['9a0600', 'the log entry has an unknown field'],
    ['1205', 'the log entry is cut short'],
    ['', 'the log entry has no inclusion proof'],
    ['3200', 'the log id is not 32 bytes long'],
    [`${wire}3a0101`, 'the log entry carries a body of its own'],
    [`${wire}${wire.slice(proofAt)}`, 'the log entry has a field twice'],
  ])('is refused: %s', (hex, reason) => {
    expect(() => parseTransparencyLogEntry(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(reason);
  });
});

describe("the log's answer", () => {
  const body = Buffer.from('{"a":1}');
  const entry = toy.makeEntry(body);
  const proof = entry.inclusionProof;

  test('opens when it is right', () => {
    const opened = openLogEntry(entry, body, trust);
    expect(opened.signedAt).toEqual(NOW);
    expect(opened.proof.logUrl).toBe('https://log.toy.test');
  });

  test.each<[string, Partial<LogEntry>, string]>([
    ['another body', { body: Buffer.from('{}') }, 'the log entry holds another body than was sent'],
    ['another time', { integratedTime: 5n }, 'the log was not trusted at the time of the entry'],
    [
      'a second more',
      { integratedTime: entry.integratedTime + 1n },
      "the signed entry timestamp is not the log's signature over this entry",
    ],
    ['no time', { integratedTime: 0n }, 'the log entry has no time'],
    ['a time beyond dates', { integratedTime: 1n << 60n }, 'the log entry has no time'],
    [
      'another index',
      { logIndex: 6n },
      "the signed entry timestamp is not the log's signature over this entry",
    ],
    [
      'no promise',
      { signedEntryTimestamp: new Uint8Array(0) },
      'the log entry has no signed entry timestamp',
    ],
    ['another log', { logId: Buffer.alloc(32) }, 'the log entry is of a log that is not in the trusted root'],
    [
      'another tree size',
      { inclusionProof: { ...proof, treeSize: 2n } },
      'the inclusion proof is for another tree size than the checkpoint',
    ],
    [
      'another root',
      { inclusionProof: { ...proof, rootHash: Buffer.alloc(32) } },
      'the inclusion proof is for another root than the checkpoint',
    ],
    [
      'another place',
      { inclusionProof: { ...proof, logIndex: 1n } },
      'the inclusion proof points beyond the tree',
    ],
    [
      'a hash too many',
      { inclusionProof: { ...proof, hashes: [Buffer.alloc(32)] } },
      'the inclusion proof has too many hashes',
    ],
    ['no checkpoint', { inclusionProof: { ...proof, checkpoint: '' } }, 'the checkpoint is no signed note'],
  ])('is refused with %s', (_, change, reason) => {
    expect(() => openLogEntry({ ...entry, ...change }, body, trust)).toThrow(reason);
  });

  test('is refused over another leaf', () => {
    const other = toy.makeEntry(Buffer.from('{"b":2}'));
    const mixed = { ...entry, inclusionProof: other.inclusionProof };
    expect(() => openLogEntry(mixed, body, trust)).toThrow(
      'the inclusion proof does not lead from this signature to the root of the log',
    );
  });
});

describe('a checkpoint', () => {
  const [log] = trust.logs;
  if (log === undefined) throw new Error('no log');
  const text = `log.toy.test - 1\n3\n${Buffer.alloc(32, 9).toString('base64')}\n`;
  const line = (signed: string, name = 'log.toy.test', key = toy.logKey) => {
    const hint = Buffer.from(log.logId.slice(0, 8), 'hex');
    return `— ${name} ${Buffer.concat([hint, sign('sha256', Buffer.from(signed), key)]).toString('base64')}\n`;
  };
  const witness = `— witness.test ${Buffer.alloc(72, 3).toString('base64')}\n`;

  test('opens, also beside witnesses and with more lines', () => {
    expect(openCheckpoint(`${text}\n${line(text)}`, log).treeSize).toBe(3n);
    expect(openCheckpoint(`${text}\n${witness}${line(text)}${witness}`, log).origin).toBe('log.toy.test - 1');
    const longer = `${text}Timestamp: 5\n`;
    expect(openCheckpoint(`${longer}\n${line(longer)}`, log).treeSize).toBe(3n);
  });

  const signed = (changed: string) => `${changed}\n${line(changed)}`;
  test.each([
    [`${text}\n${witness}`, 'the checkpoint is not signed by the log that the entry names'],
    [
      `${text}\n${line(text, 'log.t.y.test')}`,
      'the checkpoint is not signed by the log that the entry names',
    ],
    [`${text}\n${line(text, '.*')}`, 'the checkpoint is not signed by the log that the entry names'],
    [`${text}\n${line(text, 'log.toy.test', newKey())}`, 'the checkpoint has a wrong signature'],
    [`${text}\n${line(text)}${line('x')}`, 'the checkpoint has a wrong signature'],
    [`${text}\n${line(text)}x`, 'the checkpoint is no signed note'],
    [`${text}\n${line(text)}x\n`, 'the checkpoint has a malformed signature line'],
    [text, 'the checkpoint is no signed note'],
    [`${text}\n`, 'the checkpoint has a malformed signature line'],
    [signed(text.replace('3', '03')), 'the checkpoint has no right tree size'],
    [signed(text.replace('3', '-3')), 'the checkpoint has no right tree size'],
    [signed(text.replace('=', '')), 'the root hash of the checkpoint is not canonical base64'],
    [signed('a\n3\nAAAA\n'), 'the root hash of the checkpoint is not 32 bytes long'],
    [signed(text.replace('test', 'test\r')), 'the checkpoint holds control characters'],
    [signed(`\n${text}`), 'the checkpoint has an empty line'],
    [`${text}\n${line(text).repeat(65)}`, 'the checkpoint has too many signatures'],
    [`${text}${'x'.repeat(20_000)}\n\n${line(text)}`, 'the checkpoint is too large'],
    [`${text}\n${line(text)}— w AAAA\n`, 'the checkpoint has a signature line without signature'],
    [`${text}\n${line(text)}— w AAAAAAA\n`, 'a signature of the checkpoint is not canonical base64'],
  ])('is refused: %#', (note, reason) => {
    expect(() => openCheckpoint(note, log)).toThrow(reason);
  });
});

describe('a Merkle tree', () => {
  /** RFC 6962 2.1, by its recursive definition. */
  function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
    const [only] = leaves;
    if (leaves.length === 1 && only !== undefined) return only;
    const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
    return nodeHash(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
  }
  /** RFC 6962 2.1.1. */
  function pathOf(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
    if (leaves.length === 1) return [];
    const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
    return index < half
      ? [...pathOf(index, leaves.slice(0, half)), rootOf(leaves.slice(half))]
      : [...pathOf(index - half, leaves.slice(half)), rootOf(leaves.slice(0, half))];
  }

  test('gives the root for each leaf of each size, and not with another index', () => {
    const leaves = Array.from({ length: 18 }, (_, index) => leafHash(Buffer.of(index)));
    for (let size = 1; size <= leaves.length; size++) {
      const tree = leaves.slice(0, size);
      const root = Buffer.from(rootOf(tree));
      tree.forEach((leaf, index) => {
        const hashes = pathOf(index, tree);
        const proof = { logIndex: BigInt(index), treeSize: BigInt(size), hashes };
        expect(Buffer.from(rootFromInclusionProof(leaf, proof))).toEqual(root);
        for (let other = 0; other < size; other++) {
          if (other === index) continue;
          const wrong = () =>
            Buffer.from(rootFromInclusionProof(leaf, { ...proof, logIndex: BigInt(other) }));
          try {
            expect(wrong()).not.toEqual(root);
          } catch (error) {
            if ((error as Error).name !== 'CheckFailure') throw error;
          }
        }
      });
    }
  });

  test('counts beyond 2^53', () => {
    const treeSize = (1n << 60n) + 1n;
    const leaf = leafHash(Buffer.of(1));
    const hashes = [leaf];
    const proof = { logIndex: 1n << 60n, treeSize, hashes };
    expect(Buffer.from(rootFromInclusionProof(leaf, proof))).toEqual(Buffer.from(nodeHash(leaf, leaf)));
    expect(() => rootFromInclusionProof(leaf, { ...proof, logIndex: 0n })).toThrow(
      'the inclusion proof has too few hashes',
    );
    expect(() => rootFromInclusionProof(leaf, { ...proof, logIndex: -1n })).toThrow(
      'the inclusion proof points beyond the tree',
    );
    expect(() => rootFromInclusionProof(leaf, { ...proof, hashes: [Buffer.alloc(31)] })).toThrow(
      '32 bytes long',
    );
    expect(() => rootFromInclusionProof(leaf, { ...proof, hashes: Array(65).fill(leaf) })).toThrow(
      'too many hashes',
    );
  });
});

describe('the SCT list', () => {
  const scts = fc.array(
    fc.record({
      logId: bytes(32),
      timestamp: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      extensions: fc.uint8Array({ maxLength: 20 }),
      algorithm: fc.record({ hash: fc.nat(255), signature: fc.nat(255) }),
      signature: fc.uint8Array({ maxLength: 80 }),
    }),
    { maxLength: 4 },
  );

  test('comes back', () => {
    fc.assert(
      fc.property(scts, (list) => {
        const encoded = encodeSctList(list);
        const parsed = parseSctList(encoded);
        expect(normal(parsed)).toEqual(normal(list));
        expect(Buffer.from(encodeSctList(parsed))).toEqual(Buffer.from(encoded));
      }),
    );
  });

  test.each([
    ['0400', 'the SCT list has a wrong length'],
    ['04020001', 'the SCT list has a wrong length'],
    ['040400020005', 'the SCT list is cut short'],
    ['040400020000', 'the SCT list is cut short'],
    ['0405000300 01 00', 'an SCT is cut short'],
    [`04340032 0030 00${'00'.repeat(40)} 0000 0403 0009 00`, 'an SCT has a wrong length'],
    ['3000', 'the SCT list has the wrong type'],
  ])('is refused: %s', (hex, reason) => {
    expect(() => parseSctList(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(reason);
  });

  test('passes over versions to come', () => {
    expect(parseSctList(Buffer.from('0405000300 01 01'.replaceAll(' ', ''), 'hex'))).toEqual([]);
  });
});

/** Values with byte arrays of any class as hex. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normal(inner)]));
}
