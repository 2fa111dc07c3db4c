/** A timestamp as CMS: how it is signed, and by which certificate it says (RFC 3161, RFC 5816). */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodedOf, parseDer } from '../../src/core/der.ts';
import {
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
} from '../../src/core/derEncode.ts';
import {
  NULL,
  open,
  outcome,
  rootTrust,
  SHA1,
  SHA256,
  SHA512,
  SIGNATURE,
  sequence,
  toy,
  tsa,
} from './oneTimestamp.ts';
import { NOW, newKey, sha256, subjectKeyId } from './toySigstore.ts';
import { attribute, certificateId, type TokenParts, type ToyAuthority } from './toyTimestamps.ts';

describe('a timestamp token', () => {
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
