/** What a timestamp says: TSTInfo (RFC 3161, 2.4.2). */
import { describe, expect, test } from 'vitest';
import {
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../src/core/derEncode.ts';
import { nonceOf, openTimestampToken } from '../../src/core/timestampToken.ts';
import { digest, NULL, open, outcome, SHA1, SHA512, SIGNATURE, trust, tsa } from './oneTimestamp.ts';
import { NOW, TRUE } from './toySigstore.ts';
import type { InfoParts } from './toyTimestamps.ts';

describe('a timestamp token', () => {
  test('that is right says when, and by whom', () => {
    const opened = open(tsa.makeToken(SIGNATURE, { optional: [encodeInteger(123456n)] }));
    expect(opened).toEqual({ at: NOW, by: 'https://tsa.toy.test', nonce: 123456n });
  });

  test('bears the nonce that was sent, or is refused', () => {
    const nonce = 2n ** 127n + 5n;
    const token = tsa.makeToken(SIGNATURE, { optional: [encodeInteger(nonce)] });
    expect(nonceOf(token)).toBe(nonce);
    expect(openTimestampToken(token, SIGNATURE, trust, { nonce }).nonce).toBe(nonce);
    const other = () => openTimestampToken(token, SIGNATURE, trust, { nonce: nonce + 1n });
    expect(other).toThrow('the timestamp bears another nonce than was sent');
    const bare = tsa.makeToken(SIGNATURE);
    expect(nonceOf(bare)).toBeUndefined();
    const none = () => openTimestampToken(bare, SIGNATURE, trust, { nonce });
    expect(none).toThrow('the timestamp bears another nonce than was sent');
  });

  test('over another signature is refused', () => {
    const token = tsa.makeToken(Buffer.from('another one'));
    expect(() => open(token)).toThrow('the timestamp is of another signature');
  });

  const accuracy = (...parts: readonly Uint8Array[]) => [encodeSequence(...parts)];
  const millis = (value: number) => encodeElement(0x80, ...[encodeInteger(value).subarray(2)]);
  const micros = (value: number) => encodeElement(0x81, ...[encodeInteger(value).subarray(2)]);
  const extended = (...parts: readonly Uint8Array[]) => [
    encodeElement(0xa1, encodeSequence(encodeOid('1.2.3'), ...parts)),
  ];
  const FALSE = encodeElement(1, Uint8Array.of(0));
  const some = encodeOctetString(Uint8Array.of(5, 0));
  const tsaName = encodeContext(0, encodeElement(0xa4, tsa.name));
  test.each<[string, InfoParts, string]>([
    ['accuracy', { optional: accuracy(encodeInteger(1)) }, 'good'],
    ['accuracy in all its parts', { optional: accuracy(encodeInteger(1), millis(5), micros(7)) }, 'good'],
    ['accuracy of a millisecond', { optional: accuracy(millis(1)) }, 'good'],
    ['no accuracy in its place', { optional: accuracy() }, 'good'],
    ['a minute', { optional: accuracy(encodeInteger(60)) }, 'good'],
    [
      'more than a minute',
      { optional: accuracy(encodeInteger(60), millis(1)) },
      'the timestamp authority does not know the time to the minute',
    ],
    [
      'wrong accuracy',
      { optional: accuracy(millis(1), encodeInteger(1)) },
      'the accuracy of the timestamp is malformed',
    ],
    [
      '1000 ms',
      { optional: accuracy(encodeElement(0x80, Uint8Array.of(3, 0xe8))) },
      'the accuracy of the timestamp is malformed',
    ],
    [
      'negative accuracy',
      { optional: accuracy(encodeElement(2, Uint8Array.of(0xff))) },
      'the accuracy of the timestamp is malformed',
    ],
    ['ordering', { optional: [TRUE] }, 'good'],
    ['ordering, spelled out', { optional: [FALSE] }, 'the timestamp spells out a default value'],
    ['its authority’s name', { optional: [tsaName] }, 'good'],
    [
      'everything',
      { optional: [...accuracy(encodeInteger(1)), TRUE, encodeInteger(1), tsaName, ...extended(some)] },
      'good',
    ],
    [
      'nonce before accuracy',
      { optional: [encodeInteger(1), ...accuracy(encodeInteger(1))] },
      'the timestamp has a part that does not belong there',
    ],
    [
      'two nonces',
      { optional: [encodeInteger(1), encodeInteger(1)] },
      'the timestamp has a part that does not belong there',
    ],
    ['an extension', { optional: extended(some) }, 'good'],
    [
      'a critical one',
      { optional: extended(TRUE, some) },
      'the timestamp has the unknown critical extension 1.2.3',
    ],
    [
      'one that is spelled out',
      { optional: extended(FALSE, some) },
      'an extension of the timestamp spells out a default value',
    ],
    ['version 2', { version: 2 }, 'the timestamp is of an unknown version'],
    ['a fraction', { time: '20260601120000.5Z' }, 'good'],
    ['nine digits of it', { time: '20260601120000.123456789Z' }, 'good'],
    ['a zero behind', { time: '20260601120000.50Z' }, 'the time of the timestamp is no date in DER'],
    ['an empty fraction', { time: '20260601120000.Z' }, 'the time of the timestamp is no date in DER'],
    ['a comma', { time: '20260601120000,5Z' }, 'the time of the timestamp is no date in DER'],
    ['no seconds', { time: '202606011200Z' }, 'the time of the timestamp is no date in DER'],
    ['an offset', { time: '20260601120000+0000' }, 'the time of the timestamp is no date in DER'],
    ['local time', { time: '20260601120000' }, 'the time of the timestamp is no date in DER'],
    ['30 February', { time: '20260230120000Z' }, 'the time of the timestamp is no date in DER'],
    ['24:00', { time: '20260601240000Z' }, 'the time of the timestamp is no date in DER'],
    ['a leap second', { time: '20260630235960Z' }, 'the time of the timestamp is no date in DER'],
    ['SHA-512', { imprint: encodeSequence(SHA512, encodeOctetString(digest('sha512'))) }, 'good'],
    [
      'NULL for parameter',
      {
        imprint: encodeSequence(
          encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'), NULL),
          encodeOctetString(digest('sha256')),
        ),
      },
      'good',
    ],
    [
      'SHA-1',
      { imprint: encodeSequence(SHA1, encodeOctetString(digest('sha1'))) },
      'the timestamp names its object by a digest that does not count',
    ],
    [
      'a digest of another length',
      { imprint: encodeSequence(SHA512, encodeOctetString(digest('sha256'))) },
      'the timestamp is of another signature',
    ],
  ])('with %s', (_, parts, expected) => {
    expect(outcome(parts)).toBe(expected);
  });

  test('keeps milliseconds of its time', () => {
    const at = (time: string) => open(tsa.makeToken(SIGNATURE, { time })).at.toISOString();
    expect(at('20260601120000.123956Z')).toBe('2026-06-01T12:00:00.123Z');
    expect(at('20260601120000.05Z')).toBe('2026-06-01T12:00:00.050Z');
  });
});
