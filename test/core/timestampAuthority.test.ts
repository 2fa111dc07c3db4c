/** Whose timestamps count, and when. */
import { describe, expect, test } from 'vitest';
import { encodeElement, encodeInteger, encodeOid, encodeSequence } from '../../src/core/derEncode.ts';
import { outcome, rootTrust, toy, trustOf, tsa } from './oneTimestamp.ts';
import {
  CERTIFIES,
  type CertificateParts,
  extension,
  isAuthority,
  makeCertificate,
  NOW,
  name,
  newKey,
  SIGNS,
  subjectKeyId,
  TRUE,
} from './toySigstore.ts';
import { STAMPS, TIME_STAMPING, type TokenParts, ToyAuthority } from './toyTimestamps.ts';

describe('a timestamp authority', () => {
  const by = (changes: Partial<CertificateParts>, others: TokenParts = {}) => {
    const signer = tsa.makeLeaf(changes);
    return outcome({ signer, certificates: [signer], ...others }, rootTrust);
  };
  const purpose = (value: Uint8Array, critical = true) => extension('2.5.29.37', value, critical);
  const NOT_ALONE = 'the certificate of the timestamp authority is not critically for timestamps alone';
  const usage = (bits: number) => extension('2.5.29.15', encodeElement(3, Uint8Array.of(0, bits)), true);
  test.each<[string, readonly Uint8Array[], string]>([
    ['for timestamps', [STAMPS], 'good'],
    ['for timestamps, not critically', [purpose(TIME_STAMPING, false)], NOT_ALONE],
    [
      'for timestamps and more',
      [purpose(encodeSequence(encodeOid('1.3.6.1.5.5.7.3.8'), encodeOid('1.3.6.1.5.5.7.3.3')))],
      NOT_ALONE,
    ],
    ['for code', [purpose(encodeSequence(encodeOid('1.3.6.1.5.5.7.3.3')))], NOT_ALONE],
    ['for nothing in particular', [SIGNS], NOT_ALONE],
    ['for signatures', [STAMPS, SIGNS], 'good'],
    ['that binds its signer', [STAMPS, usage(0x40)], 'good'],
    [
      'for encryption',
      [STAMPS, usage(0x20)],
      'the certificate of the timestamp authority is not for signatures',
    ],
    [
      'that issues certificates',
      [STAMPS, isAuthority()],
      'the timestamp is signed by one that issues certificates',
    ],
    ['whose key certifies', [STAMPS, CERTIFIES], 'the timestamp is signed by one that issues certificates'],
    ['that says it issues none', [STAMPS, extension('2.5.29.19', encodeSequence(), true)], 'good'],
    [
      'with something critical',
      [STAMPS, extension('1.2.3', TRUE, true)],
      'the certificate has the unknown critical extension 1.2.3',
    ],
  ])('%s', (_, extensions, expected) => {
    expect(by({ extensions })).toBe(expected);
  });

  const UNKNOWN = 'the timestamp is not of an authority in the trusted root';
  const NOT_VALID = 'a certificate of the timestamp authority was not valid at the time of its timestamp';
  const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
  test('counts at the ends of its validity, and not beyond', () => {
    expect(by({ notBefore: NOW })).toBe('good');
    expect(by({ notAfter: NOW })).toBe('good');
    expect(by({ notBefore: at(1) })).toBe(NOT_VALID);
    expect(by({ notAfter: at(-1) })).toBe(NOT_VALID);
    expect(by({ notAfter: NOW }, { time: '20260601120000.5Z' })).toBe(NOT_VALID);
  });

  test('counts while it is trusted', () => {
    const trusted = (start: Date, end?: Date) => {
      const validFor = { start: start.toISOString(), ...(end && { end: end.toISOString() }) };
      return outcome({}, trustOf(tsa.inTrustedRoot([tsa.leaf, tsa.root], validFor)));
    };
    const NOT_TRUSTED = 'the timestamp authority was not trusted at the time of its timestamp';
    expect(trusted(NOW)).toBe('good');
    expect(trusted(at(-5), NOW)).toBe('good');
    expect(trusted(at(1))).toBe(NOT_TRUSTED);
    expect(trusted(at(-5), at(-1))).toBe(NOT_TRUSTED);
  });

  test('stamps with the certificate that is listed, not with one that was replaced under the same root', () => {
    const next = tsa.makeLeaf({ key: newKey(), extensions: [STAMPS, SIGNS] });
    const withdrawn = at(-3600).toISOString();
    const before = { start: at(-86_400).toISOString(), end: withdrawn };
    const rotated = (end?: Date) =>
      trustOf(
        tsa.inTrustedRoot([tsa.leaf, tsa.root], end ? { ...before, end: end.toISOString() } : before),
        tsa.inTrustedRoot([next, tsa.root], { start: withdrawn }),
      );
    expect(outcome({}, rotated(NOW))).toBe('good');
    expect(outcome({}, rotated())).toBe(
      'the timestamp authority was not trusted at the time of its timestamp',
    );
    expect(outcome({ certificates: [] }, rotated())).toMatch(/was not trusted/);
    expect(outcome({}, trustOf(tsa.inTrustedRoot([next, tsa.root])))).toBe(UNKNOWN);
    expect(outcome({}, rootTrust)).toBe('good');
  });

  test('must be one of the trusted root', () => {
    const stranger = new ToyAuthority();
    expect(outcome({}, trustOf(stranger.inTrustedRoot()))).toBe(UNKNOWN);
    expect(outcome({}, trustOf())).toBe(UNKNOWN);
    expect(outcome({}, trustOf(stranger.inTrustedRoot(), tsa.inTrustedRoot()))).toBe('good');
    // The whole chain comes with the token: it ends nowhere that is trusted.
    expect(outcome({ certificates: [tsa.leaf, tsa.root] }, trustOf(stranger.inTrustedRoot()))).toBe(UNKNOWN);
    // The same names, other keys.
    const twin = stranger.makeLeaf();
    expect(outcome({ signer: twin, key: stranger.key, certificates: [twin, stranger.root] })).toBe(UNKNOWN);
    // Not by the root for certificates of signers.
    const leaf = tsa.makeLeaf({ issuer: toy.rootName, issuerKey: toy.rootKey });
    const sid = encodeSequence(toy.rootName, encodeInteger(9));
    expect(outcome({ signer: leaf, certificates: [leaf, toy.root], sid })).toBe(UNKNOWN);
  });

  test('that cannot be read is no hindrance for others', () => {
    expect(outcome({}, trustOf(tsa.inTrustedRoot([Uint8Array.of(1)]), tsa.inTrustedRoot()))).toBe('good');
    expect(outcome({}, trustOf(tsa.inTrustedRoot([Uint8Array.of(1)])))).toBe(UNKNOWN);
  });

  const middleKey = newKey('P-384');
  const middleName = name('toy', 'stamp middle');
  const middle = (changes: Partial<CertificateParts> = {}) =>
    makeCertificate({
      issuerKey: tsa.rootKey,
      issuer: tsa.rootName,
      subject: middleName,
      key: middleKey,
      notBefore: at(-86_400),
      notAfter: at(86_400),
      extensions: [isAuthority(0), CERTIFIES],
      ...changes,
    });
  const below = tsa.makeLeaf({ issuer: middleName, issuerKey: middleKey, extensions: [STAMPS] });
  const sid = encodeSequence(middleName, encodeInteger(9));
  const through = (certificate: Uint8Array, roots: readonly Uint8Array[] = [tsa.root]) =>
    outcome({ signer: below, certificates: [below, certificate], sid }, trustOf(tsa.inTrustedRoot(roots)));

  test('may have one between, in the trusted root or the token', () => {
    expect(through(middle())).toBe('good');
    const listed = trustOf(tsa.inTrustedRoot([below, middle(), tsa.root]));
    expect(outcome({ signer: below, certificates: [], sid }, listed)).toBe('good');
    expect(
      outcome({ signer: below, certificates: [below], sid }, trustOf(tsa.inTrustedRoot([tsa.root]))),
    ).toBe(UNKNOWN);
  });

  test.each<[string, Partial<CertificateParts>, string]>([
    [
      'for timestamps among others',
      {
        extensions: [
          isAuthority(0),
          CERTIFIES,
          purpose(encodeSequence(encodeOid('1.3.6.1.5.5.7.3.3'), encodeOid('1.3.6.1.5.5.7.3.8')), false),
        ],
      },
      'good',
    ],
    [
      'for code only',
      {
        extensions: [
          isAuthority(0),
          CERTIFIES,
          purpose(encodeSequence(encodeOid('1.3.6.1.5.5.7.3.3')), false),
        ],
      },
      UNKNOWN,
    ],
    ['that is no authority', { extensions: [CERTIFIES] }, UNKNOWN],
    ['that may not certify', { extensions: [isAuthority(0), SIGNS] }, UNKNOWN],
    ['by a stranger', { issuerKey: newKey('P-384') }, UNKNOWN],
    [
      'with something critical',
      { extensions: [isAuthority(0), CERTIFIES, extension('1.2.3', TRUE, true)] },
      UNKNOWN,
    ],
    ['that had ended', { notAfter: at(-1) }, NOT_VALID],
    ['that ends now', { notAfter: NOW }, 'good'],
  ])('must have one between %s', (_, changes, expected) => {
    expect(through(middle(changes))).toBe(expected);
  });

  test('has a chain no longer than its root allows', () => {
    const short = tsa.makeRoot({ extensions: [isAuthority(0), CERTIFIES, subjectKeyId(tsa.rootKey)] });
    expect(through(middle())).toBe('good');
    expect(through(middle(), [short])).toBe(UNKNOWN);
  });

  test('a bag of certificates that all fit each other ends soon', () => {
    const loops = Array.from({ length: 7 }, (_, serial) =>
      middle({ issuer: middleName, issuerKey: middleKey, extensions: [isAuthority(), CERTIFIES], serial }),
    );
    const started = performance.now();
    const result = outcome({ signer: below, certificates: [below, ...loops], sid });
    expect(result).toBe(UNKNOWN);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
