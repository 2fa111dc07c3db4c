/** Each rule about a certificate by itself. */
import { describe, expect, test } from 'vitest';
import { encodeElement, encodeOid, encodeSequence, encodeUtf8String } from '../../src/core/derEncode.ts';
import { NO_POLICY, type Policy } from '../../src/core/policy.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { verifySignature } from '../../src/core/verify.ts';
import {
  authorityKeyId,
  type CertificateParts,
  CODE_SIGNING,
  COMMIT,
  email,
  extension,
  isAuthority,
  issuerClaim,
  NOW,
  newKey,
  SIGNS,
  ToySigstore,
  TRUE,
} from './toySigstore.ts';

const toy = new ToySigstore();
const trust = parseTrustedRoot(Buffer.from(toy.trustedRoot()));
const judge = (payload: Uint8Array, armored: string, policy: Policy = NO_POLICY) =>
  verifySignature(payload, Buffer.from(armored), trust, policy);
const outcome = (changes: Partial<CertificateParts>) => {
  const { status, reason } = judge(COMMIT, toy.signPayload(COMMIT, changes));
  return `${status}: ${reason}`;
};
const key8 = issuerClaim('https://issuer.example');
const alice = email('alice@example.com');
const parent = authorityKeyId(toy.intermediateKey);
const names = (...general: readonly Uint8Array[]) => extension('2.5.29.17', encodeSequence(...general), true);
const claim = (number: number, value: Uint8Array) => extension(`1.3.6.1.4.1.57264.1.${number}`, value);

describe('one rule each', () => {
  test('nothing changed is good', () => {
    expect(outcome({})).toBe('good: ');
  });

  const username = (oid: string) =>
    encodeElement(0xa0, encodeOid(oid), encodeElement(0xa0, encodeUtf8String('user!example.com')));
  test.each<[string, readonly Uint8Array[], string]>([
    [
      'a URI',
      [SIGNS, CODE_SIGNING, parent, names(encodeElement(0x86, Buffer.from('https://a/b'))), key8],
      'good: ',
    ],
    ['a user name', [SIGNS, CODE_SIGNING, parent, names(username('1.3.6.1.4.1.57264.1.7')), key8], 'good: '],
    ['no key id', [SIGNS, CODE_SIGNING, alice, key8], 'good: '],
    [
      'not an authority',
      [SIGNS, CODE_SIGNING, parent, alice, key8, extension('2.5.29.19', encodeSequence(), true)],
      'good: ',
    ],
    [
      'both issuers the same',
      [SIGNS, CODE_SIGNING, parent, alice, key8, claim(1, Buffer.from('https://issuer.example'))],
      'good: ',
    ],
    [
      'the old issuer alone',
      [SIGNS, CODE_SIGNING, parent, alice, claim(1, Buffer.from('https://issuer.example'))],
      'good: ',
    ],
    [
      'a claim of the future',
      [SIGNS, CODE_SIGNING, parent, alice, key8, claim(25, Buffer.from('x'))],
      'good: ',
    ],
    [
      'two issuers',
      [SIGNS, CODE_SIGNING, parent, alice, key8, claim(1, Buffer.from('https://other.example'))],
      'bad: the certificate names two issuers of the identity',
    ],
    [
      'no issuer',
      [SIGNS, CODE_SIGNING, parent, alice],
      'bad: the certificate does not say who vouched for the identity',
    ],
    [
      'a claim of the wrong type',
      [SIGNS, CODE_SIGNING, parent, alice, key8, claim(9, encodeElement(0x13, Buffer.from('x')))],
      'bad: the claim 9 in the certificate has the wrong type',
    ],
    [
      'a claim that is no text',
      [SIGNS, CODE_SIGNING, parent, alice, key8, claim(2, Buffer.of(0xff))],
      'bad: the claim 2 in the certificate is not UTF-8',
    ],
    [
      'two names',
      [
        SIGNS,
        CODE_SIGNING,
        parent,
        names(encodeElement(0x81, Buffer.from('a@b')), encodeElement(0x81, Buffer.from('c@d'))),
        key8,
      ],
      'bad: the certificate does not name exactly one identity',
    ],
    [
      'an empty list of names',
      [SIGNS, CODE_SIGNING, parent, names(), key8],
      'bad: the certificate does not name exactly one identity',
    ],
    [
      'an empty name',
      [SIGNS, CODE_SIGNING, parent, email(''), key8],
      'bad: the identity in the certificate is not printable ASCII',
    ],
    [
      'a name with a line end',
      [SIGNS, CODE_SIGNING, parent, email('a@b\n[GNUPG:] GOODSIG'), key8],
      'bad: the identity in the certificate is not printable ASCII',
    ],
    [
      'a name of another kind',
      [SIGNS, CODE_SIGNING, parent, names(encodeElement(0x82, Buffer.from('a.b'))), key8],
      'bad: the user name in the certificate has the wrong type',
    ],
    [
      'an otherName of another kind',
      [SIGNS, CODE_SIGNING, parent, names(username('1.3.6.1.4.1.311.20.2.3')), key8],
      'bad: the certificate names an identity of an unknown kind',
    ],
    ['no key usage', [CODE_SIGNING, parent, alice, key8], 'bad: the certificate is not for signatures'],
    [
      'any purpose only',
      [SIGNS, extension('2.5.29.37', encodeSequence(encodeOid('2.5.29.37.0'))), parent, alice, key8],
      'bad: the certificate is not for code signing',
    ],
    [
      'an authority',
      [SIGNS, CODE_SIGNING, parent, alice, key8, isAuthority()],
      'bad: the certificate of the signer is one of an authority',
    ],
    [
      'a key that may certify',
      [
        extension('2.5.29.15', Buffer.from('030202 84'.replace(' ', ''), 'hex'), true),
        CODE_SIGNING,
        parent,
        alice,
        key8,
      ],
      'bad: the certificate of the signer is one of an authority',
    ],
    [
      'a poison',
      [
        SIGNS,
        CODE_SIGNING,
        parent,
        alice,
        key8,
        extension('1.3.6.1.4.1.11129.2.4.3', Buffer.from('0500', 'hex'), true),
      ],
      'bad: the certificate has the unknown critical extension 1.3.6.1.4.1.11129.2.4.3',
    ],
    [
      'an extension twice',
      [SIGNS, SIGNS, CODE_SIGNING, parent, alice, key8],
      'unreadable: the certificate has the extension 2.5.29.15 twice',
    ],
    [
      'another key id',
      [SIGNS, CODE_SIGNING, authorityKeyId(toy.rootKey), alice, key8],
      'unreadable: the certificate is not from a trusted authority',
    ],
  ])('%s in the leaf', (_, extensions, expected) => {
    expect(outcome({ extensions })).toBe(expected);
  });

  test.each<[string, Partial<CertificateParts>, string]>([
    ['version 2', { version: 1 }, 'unreadable: the certificate is not of version 3'],
    [
      'SHA-1',
      { algorithm: encodeSequence(encodeOid('1.2.840.10045.4.1')), digest: 'sha1' },
      'bad: the certificate is not signed by the authority that it names',
    ],
    [
      'a start after the entry',
      { notBefore: new Date(NOW.getTime() + 1000) },
      'bad: the signature was not made while the certificate was valid',
    ],
    [
      'an end before the entry',
      { notBefore: new Date(NOW.getTime() - 9000), notAfter: new Date(NOW.getTime() - 1000) },
      'bad: the signature was not made while the certificate was valid',
    ],
    ['an end with the entry', { notBefore: new Date(NOW.getTime() - 9000), notAfter: NOW }, 'good: '],
    [
      'another key of the issuer',
      { issuerKey: newKey('P-384') },
      'bad: the certificate is not signed by the authority that it names',
    ],
  ])('a leaf with %s', (_, changes, expected) => {
    expect(outcome(changes)).toBe(expected);
  });

  test.each<[string, () => readonly Uint8Array[], string]>([
    ['as it is', () => [toy.intermediate, toy.root], 'good: '],
    [
      'an intermediate that is no authority',
      () => [toy.makeIntermediate({ extensions: [SIGNS] }), toy.root],
      'bad: the certificate is issued by one that is no authority',
    ],
    [
      'an intermediate for other purposes',
      () => [
        toy.makeIntermediate({
          extensions: [
            isAuthority(0),
            extension('2.5.29.15', Buffer.from('03020106', 'hex'), true),
            extension('2.5.29.37', encodeSequence(encodeOid('1.3.6.1.5.5.7.3.1'))),
          ],
        }),
        toy.root,
      ],
      'bad: the authority may not issue certificates for code signing',
    ],
    [
      'an intermediate signed by someone else',
      () => [toy.makeIntermediate({ issuerKey: newKey('P-384') }), toy.root],
      'bad: the certificate of the authority is not signed by its root',
    ],
    [
      'an intermediate that names another root',
      () => [toy.makeIntermediate({ issuer: encodeSequence() }), toy.root],
      'bad: the certificate of the authority is not signed by its root',
    ],
    [
      'an intermediate that had ended',
      () => [toy.makeIntermediate({ notAfter: new Date(NOW.getTime() - 1000) }), toy.root],
      'bad: the certificate of an authority was not valid when the signature was made',
    ],
    [
      'a root that allows no intermediate',
      () => [
        toy.intermediate,
        toy.makeRoot({
          extensions: [isAuthority(0), extension('2.5.29.15', Buffer.from('03020106', 'hex'), true)],
        }),
      ],
      'bad: the chain of the certificate is longer than its root allows',
    ],
    [
      'constraints that we do not understand',
      () => [
        toy.makeIntermediate({
          extensions: [
            isAuthority(0),
            extension('2.5.29.15', Buffer.from('03020106', 'hex'), true),
            extension('2.5.29.30', encodeSequence(), true),
          ],
        }),
        toy.root,
      ],
      'bad: an authority cannot be used: the certificate has the unknown critical extension 2.5.29.30',
    ],
    [
      'another root only',
      () => [new ToySigstore().root],
      'unreadable: the certificate is not from a trusted authority',
    ],
  ])('an authority with %s', (_, chain, expected) => {
    const other = parseTrustedRoot(Buffer.from(toy.trustedRoot(chain())));
    const { status, reason } = verifySignature(
      COMMIT,
      Buffer.from(toy.signPayload(COMMIT)),
      other,
      NO_POLICY,
    );
    expect(`${status}: ${reason}`).toBe(expected);
  });

  test('a default that is spelled out is not DER', () => {
    const spelled = encodeSequence(encodeOid('1.2.3'), encodeElement(1, Uint8Array.of(0)), encodeElement(4));
    expect(outcome({ extensions: [...toy.leafExtensions(), spelled] })).toBe(
      'unreadable: the certificate spells out a default value',
    );
    const right = encodeSequence(encodeOid('1.2.3'), encodeElement(4));
    expect(outcome({ extensions: [...toy.leafExtensions(), right] })).toBe('good: ');
    const critical = encodeSequence(encodeOid('1.2.3'), TRUE, encodeElement(4));
    expect(outcome({ extensions: [...toy.leafExtensions(), critical] })).toBe(
      'bad: the certificate has the unknown critical extension 1.2.3',
    );
  });
});
