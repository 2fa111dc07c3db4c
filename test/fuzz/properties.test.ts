/** What is encoded comes back, whatever the values; what parses is the one encoding of its values (see targets/formats.ts). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllowEntry, toAllowEntry } from '../../src/adapters/allow.ts';
import { parseScopedConfig } from '../../src/adapters/git/readConfig.ts';
import { encodeRequest, OPS, parseRequest } from '../../src/adapters/keychain/holdFrame.ts';
import { encodeArmor, parseArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs, parseCms } from '../../src/core/cms.ts';
import { oidOf, parseDer, smallIntegerOf, timeOf } from '../../src/core/der.ts';
import {
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeTime,
} from '../../src/core/derEncode.ts';
import { splitObject } from '../../src/core/gitObject.ts';
import { encodeTransparencyLogEntry, parseTransparencyLogEntry } from '../../src/core/rekorEntry.ts';
import { encodeSctList, parseSctList } from '../../src/core/sct.ts';
import { newKey, ToySigstore } from '../core/toySigstore.ts';

const octets = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const buffer = (bytes: Uint8Array) => Buffer.from(bytes);
const int64 = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
const toy = new ToySigstore();

describe('encoded and parsed again', () => {
  test('armor', () => {
    fc.assert(
      fc.property(octets(1, 5000), (der) => {
        expect(buffer(parseArmor(Buffer.from(encodeArmor(der))))).toEqual(buffer(der));
      }),
    );
  });

  test('DER of any shape', () => {
    const { tree } = fc.letrec<{ tree: Uint8Array }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        octets(0, 300).map(encodeOctetString),
        fc.bigInt({ min: 0n, max: 1n << 200n }).map(encodeInteger),
        fc.array(tie('tree'), { maxLength: 4 }).map((parts) => encodeSequence(...parts)),
        fc.array(tie('tree'), { maxLength: 4 }).map((parts) => encodeSet(...parts)),
        fc
          .tuple(fc.integer({ min: 0, max: 30 }), tie('tree'))
          .map(([n, part]) => encodeElement(0xa0 | n, part)),
      ),
    }));
    fc.assert(fc.property(tree, (der) => void expect(parseDer(der).end).toBe(der.length)));
  });

  test('OIDs, numbers and times', () => {
    const arcs = fc.array(fc.nat(0x7fffffff), { minLength: 1, maxLength: 8 });
    const oid = fc.oneof(
      fc.tuple(fc.constantFrom(0, 1), fc.nat(39), arcs).map(([a, b, c]) => [a, b, ...c].join('.')),
      fc.tuple(fc.constant(2), fc.nat(1000), arcs).map(([a, b, c]) => [a, b, ...c].join('.')),
    );
    fc.assert(fc.property(oid, (text) => void expect(oidOf(parseDer(encodeOid(text)), 'x')).toBe(text)));
    fc.assert(
      fc.property(fc.nat(0x7fffffff), (value) => {
        expect(smallIntegerOf(parseDer(encodeInteger(value)), 'x')).toBe(value);
      }),
    );
    const seconds = fc.integer({ min: -631_152_000, max: 253_402_300_799 });
    fc.assert(
      fc.property(seconds, (time) => {
        expect(timeOf(parseDer(encodeTime(new Date(time * 1000))), 'x')).toBe(time * 1000);
      }),
    );
  });

  test('a signature', () => {
    const certificate = toy.makeLeaf(newKey());
    fc.assert(
      fc.property(
        octets(32, 32),
        octets(1, 140),
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2099-12-31') }),
        (digest, signature, time) => {
          const signedAttrs = encodeSignedAttrs(digest, time);
          const cms = parseCms(encodeCms({ signedAttrs, certificate, signature, logEntry: undefined }));
          expect(buffer(cms.artifact)).toEqual(buffer(signedAttrs));
          expect(buffer(cms.signature)).toEqual(buffer(signature));
          expect(cms.sorted).toBe(true);
        },
      ),
    );
  });

  test('a log entry', () => {
    const proof = fc.record({
      logIndex: int64,
      rootHash: octets(32, 32),
      treeSize: int64,
      hashes: fc.array(octets(32, 32), { maxLength: 10 }),
      checkpoint: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\ufffd')),
    });
    const entry = fc.record({
      kindVersion: fc.constantFrom('hashedrekord 0.0.1', 'hashedrekord 0.0.2'),
      logIndex: int64,
      logId: octets(32, 32),
      integratedTime: int64,
      signedEntryTimestamp: octets(0, 80),
      inclusionProof: proof,
    });
    fc.assert(
      fc.property(entry, (value) => {
        const bytes = encodeTransparencyLogEntry({ ...value, body: new Uint8Array(0) });
        const parsed = parseTransparencyLogEntry(bytes);
        expect(parsed.logIndex).toBe(value.logIndex);
        expect(parsed.integratedTime).toBe(value.integratedTime);
        expect(parsed.kindVersion).toBe(value.kindVersion);
        expect(parsed.inclusionProof.checkpoint).toBe(value.inclusionProof.checkpoint);
        expect(parsed.inclusionProof.treeSize).toBe(value.inclusionProof.treeSize);
        expect(parsed.inclusionProof.hashes.map(buffer)).toEqual(value.inclusionProof.hashes.map(buffer));
        expect(buffer(encodeTransparencyLogEntry({ ...parsed, body: new Uint8Array(0) }))).toEqual(
          buffer(bytes),
        );
      }),
    );
  });

  test('SCTs', () => {
    const sct = fc.record({
      logId: octets(32, 32),
      timestamp: int64,
      extensions: octets(0, 40),
      algorithm: fc.record({ hash: fc.nat(255), signature: fc.nat(255) }),
      signature: octets(0, 200),
    });
    fc.assert(
      fc.property(fc.array(sct, { maxLength: 16 }), (scts) => {
        const list = encodeSctList(scts);
        expect(buffer(encodeSctList(parseSctList(list)))).toEqual(buffer(list));
        expect(parseSctList(list).map(({ timestamp }) => timestamp)).toEqual(
          scts.map(({ timestamp }) => timestamp),
        );
      }),
    );
  });

  test('a commit with its signature', () => {
    const line = fc
      .string({ unit: 'binary-ascii', maxLength: 40 })
      .map((text) => text.replace(/[\n\0]/g, ' '));
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 4 }),
        octets(0, 200),
        octets(1, 300),
        (headers, message, der) => {
          const head = `tree ${'1'.repeat(40)}\n${headers.map((text) => `x ${text}\n`).join('')}`;
          const armored = encodeArmor(der);
          const folded = `gpgsig ${armored.trimEnd().replaceAll('\n', '\n ')}\n`;
          const rest = Buffer.concat([Buffer.from('\n'), message]);
          const raw = Buffer.concat([Buffer.from(head + folded, 'latin1'), rest]);
          const { payload, signature, format } = splitObject(raw, 'commit', 'sha1');
          expect(format).toBe('cms');
          expect(buffer(payload)).toEqual(Buffer.concat([Buffer.from(head, 'latin1'), rest]));
          expect(signature && buffer(parseArmor(signature))).toEqual(buffer(der));
        },
      ),
    );
  });

  test('entries of signet.allow', () => {
    const name = fc.stringMatching(/^[!-~]{1,20}$/).filter((text) => !text.includes('://'));
    const identity = fc.record({
      subject: fc.oneof(
        fc.tuple(name, name).map(([a, b]) => ({ type: 'email' as const, value: `${a}@${b}` })),
        name.map((text) => ({ type: 'uri' as const, value: `https://${text}` })),
        name
          .filter((text) => !text.includes('@'))
          .map((text) => ({ type: 'username' as const, value: text })),
      ),
      issuer: name.map((text) => `https://${text}`),
    });
    fc.assert(
      fc.property(identity, (value) => void expect(parseAllowEntry(toAllowEntry(value))).toEqual(value)),
    );
  });

  test('lists of git config', () => {
    const value = fc.string().filter((text) => !text.includes('\0') && !text.includes('\ufffd'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('signet.a', 'signet.b'), fc.option(value, { nil: undefined }))),
        (pairs) => {
          const output = pairs
            .map(([key, text]) => `global\0file:x\0${key}${text === undefined ? '' : `\n${text}`}\0`)
            .join('');
          const { git: config } = parseScopedConfig(Buffer.from(output));
          for (const key of ['signet.a', 'signet.b']) {
            expect(config.get(key) ?? []).toEqual(
              pairs.filter(([name]) => name === key).map(([, text]) => text),
            );
          }
        },
      ),
    );
  });

  test('requests to the hold process', () => {
    const request = fc.record({
      op: fc.constantFrom(...OPS),
      key: fc.string({ maxLength: 80 }).filter((text) => !text.includes('\ufffd')),
      secret: octets(0, 300),
      expiresAtMs: fc.double({ noNaN: true }),
    });
    fc.assert(
      fc.property(request, (value) => {
        const parsed = parseRequest(encodeRequest(value).subarray(4));
        expect({ ...parsed, secret: buffer(parsed.secret) }).toEqual({
          ...value,
          secret: buffer(value.secret),
        });
      }),
    );
  });
});
