/** An authority that the settings add: signet.timestampCertChain. */
import { describe, expect, test } from 'vitest';
import { withTimestampChain } from '../../src/core/timestampChain.ts';
import { open, outcome, SIGNATURE, toy, trustOf, tsa } from './oneTimestamp.ts';
import { ToyAuthority } from './toyTimestamps.ts';

describe('a configured chain', () => {
  const pem = (...ders: readonly Uint8Array[]) =>
    ders
      .map(
        (der) =>
          `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`,
      )
      .join('subject: comment\n');
  const bare = trustOf();

  test('adds its authority to the trusted root', () => {
    expect(outcome({}, bare)).not.toBe('good');
    for (const text of [
      pem(tsa.root),
      pem(tsa.leaf, tsa.root),
      pem(tsa.root, tsa.leaf),
      pem(toy.root, tsa.root),
    ]) {
      const configured = withTimestampChain(bare, text);
      expect(outcome({}, configured)).toBe('good');
      expect(configured.digest).not.toBe(bare.digest);
    }
    expect(open(tsa.makeToken(SIGNATURE), withTimestampChain(bare, pem(tsa.root))).by).toBe(
      'toy, stamp root',
    );
    expect(bare.timestampAuthorities).toEqual([]);
  });

  test('of others adds others', () => {
    const stranger = new ToyAuthority();
    expect(outcome({}, withTimestampChain(bare, pem(stranger.leaf, stranger.root)))).toMatch(
      /not of an authority/,
    );
  });

  test.each([
    ['', /there is none in PEM/],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /cannot be used/],
    ['-----BEGIN CERTIFICATE-----\nA*\n-----END CERTIFICATE-----\n', /there is none in PEM/],
    [pem(tsa.leaf), /no self-signed root/],
    [pem(...Array<Uint8Array>(9).fill(tsa.root)), /more than 8/],
    [`${' '.repeat(300_000)}${pem(tsa.root)}`, /larger than 256 KiB/],
  ])('is refused, with what to do: %#', (text, reason) => {
    expect(() => withTimestampChain(bare, text)).toThrow(reason);
    try {
      withTimestampChain(bare, text);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'no-trust',
        hint: expect.stringContaining('signet.timestampCertChain'),
      });
    }
  });
});
