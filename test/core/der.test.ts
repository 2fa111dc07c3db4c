import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  childrenOf,
  encodedOf,
  oidOf,
  parseDer,
  SEQUENCE,
  smallIntegerOf,
  timeOf,
} from '../../src/core/der.ts';
import {
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeTime,
} from '../../src/core/derEncode.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('strict DER', () => {
  test.each([
    ['30 03 02 01 05', 'a sequence'],
    ['04 00', 'an empty string'],
    ['02 02 00 80', 'an integer that needs its zero'],
    ['01 01 ff', 'true'],
    ['03 02 07 80', 'a bit string of one bit'],
    ['06 03 2a 03 04', 'an object identifier'],
    [`04 81 80 ${'00'.repeat(128)}`, 'a length in two octets'],
  ])('reads %s: %s', (hex) => {
    expect(encodedOf(parseDer(bytes(hex)))).toEqual(bytes(hex));
  });

  test.each([
    ['', 'DER is cut short'],
    ['30', 'DER is cut short'],
    ['04 05 00', 'DER is cut short'],
    ['04 81', 'DER is cut short'],
    ['30 03 04 05 00', 'DER is cut short'],
    ['30 02 04 01 00', 'DER is cut short'],
    ['04 00 00', 'DER has bytes after its end'],
    ['30 80 00 00', 'DER has an indefinite or endless length'],
    ['04 85 01 00 00 00 00 00', 'DER has an indefinite or endless length'],
    ['04 81 05 00 00 00 00 00', 'DER has a length that is not minimal'],
    [`04 82 00 80 ${'00'.repeat(128)}`, 'DER has a length that is not minimal'],
    ['1f 01 00', 'DER has a tag that does not belong there'],
    ['00 00', 'DER has a tag that does not belong there'],
    ['24 03 04 01 00', 'DER has a tag that does not belong there'],
    ['10 00', 'DER has a tag that does not belong there'],
    ['02 00', 'DER has a value of type 2 that is not minimal or not whole'],
    ['02 02 00 7f', 'DER has a value of type 2 that is not minimal or not whole'],
    ['02 02 ff 80', 'DER has a value of type 2 that is not minimal or not whole'],
    ['01 01 01', 'DER has a value of type 1 that is not minimal or not whole'],
    ['01 02 ff ff', 'DER has a value of type 1 that is not minimal or not whole'],
    ['05 01 00', 'DER has a value of type 5 that is not minimal or not whole'],
    ['03 00', 'DER has a value of type 3 that is not minimal or not whole'],
    ['03 01 01', 'DER has a value of type 3 that is not minimal or not whole'],
    ['03 02 08 00', 'DER has a value of type 3 that is not minimal or not whole'],
    ['03 02 07 81', 'DER has a value of type 3 that is not minimal or not whole'],
    ['06 00', 'DER has a value of type 6 that is not minimal or not whole'],
    ['06 02 2a 80', 'DER has a value of type 6 that is not minimal or not whole'],
    ['06 03 2a 80 01', 'DER has a value of type 6 that is not minimal or not whole'],
  ])('refuses %s: %s', (hex, reason) => {
    expect(() => parseDer(bytes(hex))).toThrow(reason);
  });

  test('bounds the depth', () => {
    const nested = (depth: number) => {
      let der: Uint8Array = encodeSequence();
      for (let i = 0; i < depth; i++) der = encodeSequence(der);
      return der;
    };
    expect(() => parseDer(nested(32))).not.toThrow();
    expect(() => parseDer(nested(33))).toThrow('DER is nested too deeply');
    expect(() => parseDer(nested(4000))).toThrow('DER is nested too deeply');
  });

  test.each([
    ['17 0d 323330363035313631313230 5a', '2023-06-05T16:11:20.000Z'],
    ['17 0d 343931323331323335393539 5a', '2049-12-31T23:59:59.000Z'],
    ['17 0d 353030313031303030303030 5a', '1950-01-01T00:00:00.000Z'],
    ['18 0f 3230353030313031303030303030 5a', '2050-01-01T00:00:00.000Z'],
  ])('reads the time %s', (hex, iso) => {
    expect(new Date(timeOf(parseDer(bytes(hex)), 'it')).toISOString()).toBe(iso);
  });

  test.each([
    ['17 0d 323330323330313631313230 5a', '30 February'],
    ['17 0d 323331333035313631313230 5a', 'month 13'],
    ['17 0d 323330363035323431313230 5a', 'hour 24'],
    ['17 0d 323330363035313636303230 5a', 'minute 60'],
    ['17 0d 323330363035313631313630 5a', 'second 60'],
    ['17 0b 32333036303531363131 5a', 'no seconds'],
    ['17 0d 323330363035313631313230 7a', 'a small z'],
    ['17 0d 3233303630352d3631313230 5a', 'a sign'],
    ['18 0f 3230343930313031303030303030 5a', 'GeneralizedTime before 2050'],
  ])('refuses the time %s: %s', (hex) => {
    expect(() => timeOf(parseDer(bytes(hex)), 'it')).toThrow('it is no date in DER');
  });

  test('whatever parses is what the encoders write', () => {
    const leaf = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map(encodeOctetString),
      fc.bigInt({ min: 0n, max: 1n << 200n }).map(encodeInteger),
      fc.array(fc.nat(2 ** 40), { maxLength: 8 }).map((arcs) => encodeOid([2, 5, ...arcs].join('.'))),
    );
    const tree = fc.letrec<{ node: Uint8Array }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('node'), { maxLength: 4 }).map((all) => encodeSequence(...all)),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (der) => {
        const node = parseDer(der);
        const again =
          node.children.length > 0 ? encodeElement(node.tag, ...node.children.map(encodedOf)) : der;
        expect(Buffer.from(again)).toEqual(Buffer.from(encodedOf(node)));
      }),
    );
  });

  test('any bytes either parse whole or are refused with a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (random) => {
        try {
          expect(Buffer.from(encodedOf(parseDer(random)))).toEqual(Buffer.from(random));
        } catch (error) {
          expect((error as Error).name).toBe('CheckFailure');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('values come back', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.nat(2 ** 31), { maxLength: 6 }),
        fc.nat(2 ** 32),
        (small, arcs, seconds) => {
          expect(smallIntegerOf(parseDer(encodeInteger(small)), 'it')).toBe(small);
          const dotted = [1, 3, ...arcs].join('.');
          expect(oidOf(parseDer(encodeOid(dotted)), 'it')).toBe(dotted);
          expect(timeOf(parseDer(encodeTime(new Date(seconds * 1000))), 'it')).toBe(seconds * 1000);
        },
      ),
    );
    expect(oidOf(parseDer(encodeOid('2.999.3')), 'it')).toBe('2.999.3');
    expect(() => smallIntegerOf(parseDer(bytes('02 01 ff')), 'it')).toThrow('it is out of range');
    expect(() => smallIntegerOf(parseDer(encodeInteger(2 ** 31)), 'it')).toThrow('it is out of range');
  });

  test('a SET OF is written in order, and counts are checked', () => {
    const [a, b] = [encodeInteger(1), encodeInteger(2)];
    expect(encodeSet(b, a)).toEqual(encodeSet(a, b));
    expect(() => childrenOf(parseDer(encodeSequence(a)), SEQUENCE, 'it', [2])).toThrow(
      'it has too few parts',
    );
    expect(() => childrenOf(parseDer(encodeSequence(a, b)), SEQUENCE, 'it', [1])).toThrow(
      'it has too many parts',
    );
    expect(() => childrenOf(parseDer(encodeSet(a)), SEQUENCE, 'it', [1])).toThrow('it has the wrong type');
  });
});
