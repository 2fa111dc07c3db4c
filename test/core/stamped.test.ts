/** Signatures that carry timestamp tokens: how many, beside what, and at what times. */
import { sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../src/core/cms.ts';
import { childrenOf, encodedOf, parseDer, SEQUENCE } from '../../src/core/der.ts';
import {
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeSet,
  retag,
} from '../../src/core/derEncode.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import { encodeHashedRekord } from '../../src/core/rekorEntry.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { verifySignature } from '../../src/core/verify.ts';
import { examinePlainSignature } from '../../src/core/verifyPlain.ts';
import { COMMIT, NOW, newKey, sha256, ToySigstore } from './toySigstore.ts';
import { attribute, ToyAuthority, withAuthorities } from './toyTimestamps.ts';

const toy = new ToySigstore();
const tsa = new ToyAuthority();
const second = new ToyAuthority();
const uri = 'https://second.toy.test';
const trust = parseTrustedRoot(
  withAuthorities(toy.trustedRoot(), [
    tsa.inTrustedRoot(),
    { ...(second.inTrustedRoot() as Record<string, unknown>), uri },
  ]),
);
const TOKEN = '1.2.840.113549.1.9.16.2.14';
const seconds = (count: number) => new Date(NOW.getTime() + count * 1000);
const textOf = (at: Date) => `${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
const stamp = (signature: Uint8Array, after = 0, by = tsa) =>
  by.makeToken(signature, { time: textOf(seconds(after)) });

interface Making {
  readonly logged?: boolean;
  /** Further unsigned attributes. */
  readonly attributes: (signature: Uint8Array) => readonly Uint8Array[];
}

/** A signature over COMMIT; the attributes are put beside the log entry. */
function make({ logged = true, attributes }: Making): Buffer {
  const key = newKey();
  const certificate = toy.makeLeaf(key);
  const signedAttrs = encodeSignedAttrs(sha256(COMMIT), NOW);
  const signature = sign('sha256', signedAttrs, key);
  const body = encodeHashedRekord(sha256(signedAttrs), signature, certificate);
  const logEntry = logged ? toy.makeEntry(body, BigInt(NOW.getTime() / 1000 + 2)) : undefined;
  const cms = encodeCms({ signedAttrs, certificate, signature, logEntry });
  const { 1: wrapped } = childrenOf(parseDer(cms), SEQUENCE, '', [2]);
  const signedData = wrapped?.children[0]?.children ?? [];
  const signer = signedData.at(-1)?.children[0]?.children ?? [];
  const own = logged ? (signer.at(-1)?.children ?? []) : [];
  const unsigned = [...own.map(encodedOf), ...attributes(signature)];
  const kept = (logged ? signer.slice(0, -1) : signer).map(encodedOf);
  const info = encodeSequence(...kept, ...(unsigned.length > 0 ? [retag(encodeSet(...unsigned), 0xa1)] : []));
  const data = encodeSequence(...signedData.slice(0, -1).map(encodedOf), encodeSet(info));
  return Buffer.from(encodeArmor(encodeSequence(encodeOid('1.2.840.113549.1.7.2'), encodeContext(0, data))));
}

const judge = (making: Making) => verifySignature(COMMIT, make(making), trust, NO_POLICY);
const outcome = (making: Making) => {
  const verdict = judge(making);
  return verdict.status === 'good'
    ? `good: ${verdict.times.map(({ source, at }) => `${source} ${(at.getTime() - NOW.getTime()) / 1000}`).join(', ')}`
    : `${verdict.status}: ${verdict.reason}`;
};
const tokens = (...list: readonly Uint8Array[]) => encodeSequence(encodeOid(TOKEN), encodeSet(...list));

describe('a signature with timestamp tokens', () => {
  test('needs every one of them to be right', () => {
    expect(outcome({ attributes: (signature) => [tokens(stamp(signature, 5))] })).toBe(
      'good: log 2, timestamp 5',
    );
    expect(outcome({ attributes: () => [tokens(stamp(Buffer.from('else')))] })).toBe(
      'bad: the timestamp is of another signature',
    );
    expect(
      outcome({ attributes: (signature) => [tokens(stamp(signature), stamp(Buffer.from('else')))] }),
    ).toBe('bad: the timestamp is of another signature');
    expect(
      outcome({ attributes: (signature) => [tokens(stamp(signature)), tokens(stamp(Buffer.from('else')))] }),
    ).toBe('bad: the timestamp is of another signature');
  });

  test('may have several, in one attribute or in several, the earliest first', () => {
    const both = (signature: Uint8Array) => [stamp(signature, 9), stamp(signature, 5, second)] as const;
    const expected = 'good: log 2, timestamp 5, timestamp 9';
    expect(outcome({ attributes: (signature) => [tokens(...both(signature))] })).toBe(expected);
    expect(outcome({ attributes: (signature) => both(signature).map((token) => tokens(token)) })).toBe(
      expected,
    );
    const verdict = judge({ attributes: (signature) => [tokens(...both(signature))] });
    expect(verdict.status === 'good' && verdict.times.map(({ by }) => by)).toEqual([
      'https://log.toy.test',
      uri,
      'https://tsa.toy.test',
    ]);
    expect(verdict.checks.timestamp.detail).toMatch(/^stamped by https:.*, stamped by https:/);
  });

  test('has none of them twice, and not too many', () => {
    const same = (signature: Uint8Array) => {
      const token = stamp(signature);
      return [tokens(token, token)];
    };
    expect(outcome({ attributes: same })).toBe('bad: the same timestamp token is there twice');
    const many = (count: number) => (signature: Uint8Array) => [
      tokens(...Array.from({ length: count }, (_, place) => stamp(signature, place))),
    ];
    expect(outcome({ attributes: many(8) })).toMatch(/^good: /);
    expect(outcome({ attributes: many(9) })).toBe(
      `unreadable: the unsigned attribute ${TOKEN} has too many parts`,
    );
    expect(outcome({ attributes: () => [tokens()] })).toBe(
      `unreadable: the unsigned attribute ${TOKEN} has too few parts`,
    );
  });

  test('was made at none of their times outside the certificate', () => {
    const END = 600;
    const outside = 'bad: the signature was not made while the certificate was valid';
    const at = (after: number) => outcome({ attributes: (signature) => [tokens(stamp(signature, after))] });
    expect([at(0), at(END)]).toEqual(['good: log 2, timestamp 0', 'good: log 2, timestamp 600']);
    expect([at(-1), at(END + 1)]).toEqual([outside, outside]);
    expect(
      outcome({
        attributes: (signature) => [tokens(stamp(signature, 5), stamp(signature, END + 1, second))],
      }),
    ).toBe(outside);
  });

  test('still needs the log', () => {
    const why = 'no log entry is embedded, so nothing proves when it was signed';
    expect(outcome({ logged: false, attributes: (signature) => [tokens(stamp(signature))] })).toBe(
      `unproven: ${why}`,
    );
    expect(outcome({ logged: false, attributes: () => [] })).toBe(`unproven: ${why}`);
    expect(outcome({ logged: false, attributes: () => [tokens(encodeSequence())] })).toMatch(/^bad: /);
  });

  test('takes a token for one whatever it is', () => {
    for (const junk of [
      encodeInteger(1),
      encodeElement(4, Buffer.from('token')),
      encodeSequence(encodeOid('1.2.3'), encodeInteger(1)),
    ]) {
      expect(outcome({ attributes: () => [attribute(TOKEN, junk)] })).toMatch(/^bad: the timestamp token /);
    }
  });

  test("is more than git's call knows by itself", () => {
    const plain = (making: Making) => examinePlainSignature(COMMIT, make(making), trust);
    expect(plain({ attributes: () => [] })).toMatchObject({ signedAt: seconds(2) });
    expect(plain({ attributes: (signature) => [tokens(stamp(signature))] })).toBeUndefined();
    expect(plain({ logged: false, attributes: () => [] })).toBeUndefined();
  });
});
