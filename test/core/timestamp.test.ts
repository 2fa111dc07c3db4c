import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCms } from '../../src/core/cms.ts';
import { childrenOf, encodedOf, parseDer, SEQUENCE } from '../../src/core/der.ts';
import {
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
} from '../../src/core/derEncode.ts';
import { withTimestampChain } from '../../src/core/timestampChain.ts';
import { nonceOf, openTimestampToken } from '../../src/core/timestampToken.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { sharedPath } from '../shared.ts';
import { hasCorpus } from './corpus.ts';
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
  sha256,
  subjectKeyId,
  ToySigstore,
  TRUE,
} from './toySigstore.ts';
import {
  attribute,
  certificateId,
  type InfoParts,
  STAMPS,
  TIME_STAMPING,
  type TokenParts,
  ToyAuthority,
  withAuthorities,
} from './toyTimestamps.ts';

const toy = new ToySigstore();
const tsa = new ToyAuthority();
const SIGNATURE = Buffer.from('the octets of a signature');
const trustOf = (...authorities: readonly unknown[]) =>
  parseTrustedRoot(withAuthorities(toy.trustedRoot(), authorities));
const trust = trustOf(tsa.inTrustedRoot());
/** Whoever leads to the root. */
const rootTrust = trustOf(tsa.inTrustedRoot([tsa.root]));

const open = (token: Uint8Array, by = trust) => openTimestampToken(token, SIGNATURE, by);
/** `good`, or the reason. */
const outcome = (parts: TokenParts, by = trust) => {
  try {
    open(tsa.makeToken(SIGNATURE, parts), by);
    return 'good';
  } catch (error) {
    if ((error as Error).name !== 'CheckFailure') throw error;
    return (error as Error).message;
  }
};
const sequence = (...oids: readonly string[]) => encodeSequence(...oids.map(encodeOid));
const SHA1 = sequence('1.3.14.3.2.26');
const SHA256 = sequence('2.16.840.1.101.3.4.2.1');
const SHA512 = sequence('2.16.840.1.101.3.4.2.3');
const NULL = encodeElement(5);
const digest = (algorithm: string) => createHash(algorithm).update(SIGNATURE).digest();

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

  const rest = (standard: readonly Uint8Array[], ...without: readonly number[]) =>
    standard.filter((_, place) => !without.includes(place));
  const otherLeaf = tsa.makeLeaf({ serial: 10 });
  const idOf = (der: Uint8Array) => encodeSequence(encodeOctetString(sha256(der)));
  const v1Id = (der: Uint8Array) =>
    attribute(
      '1.2.840.113549.1.9.16.2.12',
      encodeSequence(
        encodeSequence(encodeSequence(encodeOctetString(createHash('sha1').update(der).digest()))),
      ),
    );
  const v2Id = (...ids: readonly Uint8Array[]) =>
    attribute('1.2.840.113549.1.9.16.2.47', encodeSequence(encodeSequence(...ids)));
  const issuerSerial = (issuer: Uint8Array, serial: number) =>
    encodeSequence(encodeSequence(encodeElement(0xa4, issuer)), encodeInteger(serial));
  const OTHER = 'the timestamp names another certificate than the one it is signed with';
  test.each<[string, TokenParts, string]>([
    [
      'no attribute for its certificate',
      { certificateIds: [] },
      'the timestamp does not say by which certificate it is signed',
    ],
    ['SHA-1 of its certificate', { certificateIds: [v1Id(tsa.leaf)] }, 'good'],
    ['SHA-1 of another', { certificateIds: [v1Id(otherLeaf)] }, OTHER],
    ['SHA-256 of another', { certificateIds: [certificateId(otherLeaf)] }, OTHER],
    ['both forms', { certificateIds: [v1Id(tsa.leaf), certificateId(tsa.leaf)] }, 'good'],
    ['both forms, one of another', { certificateIds: [v1Id(otherLeaf), certificateId(tsa.leaf)] }, OTHER],
    ['its certificate first of two', { certificateIds: [v2Id(idOf(tsa.leaf), idOf(tsa.root))] }, 'good'],
    ['its certificate second of two', { certificateIds: [v2Id(idOf(tsa.root), idOf(tsa.leaf))] }, OTHER],
    [
      'SHA-512 of its certificate',
      {
        certificateIds: [
          v2Id(encodeSequence(SHA512, encodeOctetString(createHash('sha512').update(tsa.leaf).digest()))),
        ],
      },
      'good',
    ],
    [
      'SHA-256, spelled out',
      { certificateIds: [v2Id(encodeSequence(SHA256, encodeOctetString(sha256(tsa.leaf))))] },
      'good',
    ],
    [
      'issuer and serial number',
      { certificateIds: [certificateId(tsa.leaf, issuerSerial(tsa.rootName, 9))] },
      'good',
    ],
    [
      'another serial number',
      { certificateIds: [certificateId(tsa.leaf, issuerSerial(tsa.rootName, 10))] },
      OTHER,
    ],
    ['another issuer', { certificateIds: [certificateId(tsa.leaf, issuerSerial(tsa.name, 9))] }, OTHER],
    [
      'no content type',
      { attributes: (all) => rest(all, 0) },
      'the signed content type of the timestamp is missing',
    ],
    ['no digest', { attributes: (all) => rest(all, 1) }, 'the signed digest of the timestamp is missing'],
    [
      'another signed content type',
      {
        attributes: (all) => [
          attribute('1.2.840.113549.1.9.3', encodeOid('1.2.840.113549.1.7.1')),
          ...rest(all, 0),
        ],
      },
      'the signed content type of the timestamp is another one',
    ],
    ['a further attribute', { attributes: (all) => [...all, attribute('1.2.3', encodeInteger(1))] }, 'good'],
    [
      'an attribute twice',
      {
        attributes: (all) => [
          ...all,
          attribute('1.2.840.113549.1.9.4', encodeOctetString(sha256(SIGNATURE))),
        ],
      },
      'the signed attribute of the timestamp 1.2.840.113549.1.9.4 occurs twice',
    ],
    [
      'a content that was not signed',
      { content: tsa.makeInfo(SIGNATURE, { time: '20260601120001Z' }) },
      'the timestamp is not the one that was signed',
    ],
    [
      'another content type',
      { contentType: encodeOid('1.2.840.113549.1.7.1') },
      'the content of the timestamp token is no timestamp',
    ],
    ["somebody else's key", { key: newKey() }, "the timestamp is not signed by its authority's key"],
    [
      'an empty signature',
      { signature: new Uint8Array(0) },
      "the timestamp is not signed by its authority's key",
    ],
    ['version 1', { signedDataVersion: 1 }, 'the timestamp token is not of version 3'],
    [
      'a signer of version 3',
      { signerVersion: 3 },
      'the signer info of the timestamp is not of the right version',
    ],
    ['two signers', { twice: true }, 'the list of signers of the timestamp has too many parts'],
    ['no certificate', { certificates: [] }, 'good'],
    [
      'others only',
      { certificates: [tsa.root] },
      "the timestamp does not come with its signer's certificate",
    ],
    ['certificates of others too', { certificates: [tsa.root, toy.root, tsa.leaf] }, 'good'],
    [
      'nine certificates',
      { certificates: Array<Uint8Array>(9).fill(tsa.leaf) },
      'the timestamp token has too many certificates',
    ],
    ['something that is none', { certificates: [encodeSequence(), tsa.leaf] }, 'good'],
    ['a revocation list', { afterCertificates: [encodeElement(0xa1, encodeSequence())] }, 'good'],
    [
      'two of them',
      { afterCertificates: [encodeElement(0xa1), encodeElement(0xa1)] },
      'the timestamp token has too many parts',
    ],
    [
      'unsigned attributes',
      { unsignedAttrs: encodeElement(0xa1, attribute('1.2.3', encodeInteger(1))) },
      'good',
    ],
    [
      'a digest that it does not list',
      { digests: encodeSet(SHA512) },
      'the timestamp token does not list the digest that it uses',
    ],
    ['two digests', { digests: encodeSet(SHA512, SHA256) }, 'good'],
    [
      'SHA-1 in the signature',
      { digestAlgorithm: SHA1, hash: 'sha1' },
      'the digest in the timestamp token does not count',
    ],
    [
      'SHA-384',
      {
        digestAlgorithm: sequence('2.16.840.1.101.3.4.2.2'),
        hash: 'sha384',
        signatureAlgorithm: sequence('1.2.840.10045.4.3.3'),
      },
      'good',
    ],
    ['a bare EC algorithm', { signatureAlgorithm: sequence('1.2.840.10045.2.1') }, 'good'],
    [
      'digests that differ',
      { signatureAlgorithm: sequence('1.2.840.10045.4.3.3') },
      "the timestamp's algorithms do not fit together",
    ],
    [
      'RSA by an EC key',
      { signatureAlgorithm: sequence('1.2.840.113549.1.1.1') },
      "the timestamp's algorithms do not fit together",
    ],
    ['a key id for its signer', { signerVersion: 3, sid: keyIdOf(tsa) }, 'good'],
    [
      "another's serial number",
      { sid: encodeSequence(tsa.rootName, encodeInteger(99)) },
      "the timestamp does not come with its signer's certificate",
    ],
    [
      'another certificate of that key',
      { signer: otherLeaf, certificates: [otherLeaf] },
      "the timestamp does not come with its signer's certificate",
    ],
  ])('with %s', (_, parts, expected) => {
    expect(outcome(parts)).toBe(expected);
  });

  function keyIdOf(authority: ToyAuthority): Uint8Array {
    const text = Buffer.from(subjectKeyId(authority.key));
    return encodeElement(0x80, text.subarray(-20));
  }

  test('by an RSA or Ed25519 key', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const rsaLeaf = tsa.makeLeaf({ key: rsa });
    for (const algorithm of ['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.11']) {
      const signatureAlgorithm = encodeSequence(encodeOid(algorithm), NULL);
      expect(outcome({ signer: rsaLeaf, key: rsa, signatureAlgorithm }, rootTrust)).toBe('good');
    }
    const ed = generateKeyPairSync('ed25519').privateKey;
    const parts = { signer: tsa.makeLeaf({ key: ed }), signatureAlgorithm: sequence('1.3.101.112') };
    const dummy = tsa.makeToken(SIGNATURE, { ...parts, signature: Uint8Array.of(1) });
    const signature = sign(null, signedAttrsOf(dummy), ed);
    expect(outcome({ ...parts, signature }, rootTrust)).toBe('good');
  });
});

/** The signed attributes of a token, as a SET. */
function signedAttrsOf(token: Uint8Array): Uint8Array {
  const signedData = parseDer(token).children[1]?.children[0];
  const attributes = signedData?.children.at(-1)?.children[0]?.children[3];
  if (attributes === undefined) throw new Error('no token');
  const set = Buffer.from(encodedOf(attributes));
  set[0] = 0x31;
  return set;
}

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

describe('mangled tokens', () => {
  test('never open, and fail in one way only', () => {
    const unsignedFrom = (token: Uint8Array) => Buffer.from(token).indexOf(Buffer.from(tsa.leaf));
    const token = Buffer.from(tsa.makeToken(SIGNATURE, { certificates: [] }));
    expect(open(token).at).toEqual(NOW);
    expect(unsignedFrom(token)).toBe(-1);
    let cases = 0;
    for (let place = 0; place < token.length; place++) {
      for (const mask of [0x01, 0x80, 0xff, 0x20]) {
        const mangled = Buffer.from(token);
        mangled[place] = (mangled[place] as number) ^ mask;
        expect(() => open(mangled)).toThrow(expect.objectContaining({ name: 'CheckFailure' }));
        cases++;
      }
      expect(() => open(token.subarray(0, place))).toThrow(expect.objectContaining({ name: 'CheckFailure' }));
    }
    expect(cases).toBe(token.length * 4);
  });
});

describe.skipIf(!hasCorpus)('tokens of a real authority', () => {
  interface Exchange {
    readonly name: string;
    readonly request: { readonly body: { readonly base64?: string } };
    readonly response: {
      readonly status: number;
      readonly body: { readonly base64?: string; readonly text?: string };
    };
  }
  const path = sharedPath('recordings/tsa.json');
  const exchanges = path === undefined ? [] : (JSON.parse(readFileSync(path, 'utf8')) as Exchange[]);
  const recorded = () => parseTrustedRoot(readFileSync(sharedPath('recordings/trusted_root.json') as string));
  const token = (exchange: string) => {
    const found = exchanges.find((one) => one.name === exchange);
    const der = Buffer.from(found?.response.body.base64 ?? '', 'base64');
    const { 1: inner } = childrenOf(parseDer(der), SEQUENCE, 'the answer', [2]);
    return inner === undefined ? new Uint8Array(0) : encodedOf(inner);
  };
  /** It stamped the digest of bytes that nobody kept, so that the imprint is the last thing that can be reached. */
  test.each(['timestamp', 'timestamp, JSON request'])('%s verifies up to its imprint', (exchange) => {
    expect(() => openTimestampToken(token(exchange), SIGNATURE, recorded())).toThrow(
      'the timestamp is of another signature',
    );
    expect(nonceOf(token(exchange))).toBeTypeOf('bigint');
  });

  test('the one in a signature of gitsign opens, also by the chain that its server gives', () => {
    const lines = readFileSync(sharedPath('recordings/gitsign-objects.jsonl') as string, 'utf8')
      .trim()
      .split('\n');
    const row = lines
      .map((line) => JSON.parse(line))
      .find(({ what }) => what === 'Rekor v1 and a timestamp token');
    const armor = /-----BEGIN SIGNED MESSAGE-----\n([\s\S]*?)-----END/.exec(
      Buffer.from(row.raw_base64, 'base64').toString('latin1'),
    );
    const cms = parseCms(Buffer.from((armor?.[1] ?? '').replace(/\s/g, ''), 'base64'));
    const [node] = cms.timestampTokens;
    const stamped = node === undefined ? new Uint8Array(0) : encodedOf(node);
    const { at } = openTimestampToken(stamped, cms.signature, recorded());
    expect(at.toISOString()).toBe('2026-11-22T14:58:56.000Z');
    const chain = exchanges.find((one) => one.name === 'certificate chain')?.response.body.text ?? '';
    const configured = withTimestampChain(trustOf(), chain);
    expect(openTimestampToken(stamped, cms.signature, configured).at).toEqual(at);
    expect(() => openTimestampToken(stamped, cms.signature, trust)).toThrow('not of an authority');
  });
});
