/** Mutations of the signature, the signed attributes and the algorithms in the CMS. */

import { cms, integer, NULL, numberOf, ORDER, remove, rs, signedValue } from './cmsEditing.ts';
import {
  at,
  attribute,
  attributeOf,
  branch,
  CONTENT_TYPE,
  childrenOf,
  copyOf,
  leafNode,
  MESSAGE_DIGEST,
  oid,
  SIGNING_TIME,
  sortSet,
  type Tree,
  writeTree,
} from './derTree.ts';
import type { Table } from './mutations.ts';

export const SIGNATURE: Table = [
  [
    'M31 another signature',
    cms((p, d) => {
      p.signature.content = d.signature.content;
    }),
  ],
  [
    'M31 r and s swapped',
    cms((p) => {
      const [r, s] = childrenOf(rs(p));
      p.signature.content = writeTree(branch(0x30, s as Tree, r as Tree));
    }),
  ],
  [
    'M35 r made negative',
    cms((p) => {
      const [r, s] = childrenOf(rs(p)) as [Tree, Tree];
      const cut = r.content[0] === 0 ? r.content.subarray(1) : Buffer.concat([Buffer.of(0xff), r.content]);
      p.signature.content = writeTree(branch(0x30, leafNode(2, cut), s));
    }),
  ],
  [
    'M35 zero in front of s',
    cms((p) => {
      const [r, s] = childrenOf(rs(p)) as [Tree, Tree];
      p.signature.content = writeTree(branch(0x30, r, leafNode(2, Buffer.concat([Buffer.of(0), s.content]))));
    }),
  ],
  [
    'M35 long length in the ECDSA-Sig-Value',
    cms((p) => {
      const { content } = p.signature;
      p.signature.content = Buffer.concat([Buffer.of(0x30, 0x81), content.subarray(1)]);
    }),
  ],
  [
    'M35 s plus the order',
    cms((p) => {
      const [r, s] = childrenOf(rs(p)) as [Tree, Tree];
      p.signature.content = writeTree(branch(0x30, r, integer(numberOf(s) + ORDER)));
    }),
  ],
  [
    'M35 third integer',
    cms((p) => {
      p.signature.content = writeTree(branch(0x30, ...childrenOf(rs(p)), integer(1n)));
    }),
  ],
  [
    'M35 indefinite length',
    cms((p) => {
      const body = Buffer.concat(childrenOf(rs(p)).map(writeTree));
      p.signature.content = Buffer.concat([Buffer.of(0x30, 0x80), body, Buffer.of(0, 0)]);
    }),
  ],
  ['M39 messageDigest removed', cms((p) => remove(p.signedAttrs, MESSAGE_DIGEST))],
  [
    'M39 messageDigest empty',
    cms((p) => {
      at(signedValue(p, MESSAGE_DIGEST), 0).content = Buffer.alloc(0);
    }),
  ],
  [
    'M39 messageDigest shorter',
    cms((p) => {
      const v = at(signedValue(p, MESSAGE_DIGEST), 0);
      v.content = v.content.subarray(0, 20);
    }),
  ],
  [
    'M39 messageDigest without value',
    cms((p) => {
      signedValue(p, MESSAGE_DIGEST).children = [];
    }),
  ],
  [
    'M39 messageDigest of the donor',
    cms((p, d) => {
      at(signedValue(p, MESSAGE_DIGEST), 0).content = at(signedValue(d, MESSAGE_DIGEST), 0).content;
    }),
  ],
  [
    'M43 contentType changed',
    cms((p) => {
      signedValue(p, CONTENT_TYPE).children = [oid('1.2.840.113549.1.7.2')];
    }),
  ],
  [
    'M43 both content types changed',
    cms((p) => {
      signedValue(p, CONTENT_TYPE).children = [oid('1.2.840.113549.1.7.2')];
      p.content.children = [oid('1.2.840.113549.1.7.2')];
    }),
  ],
  [
    'M43 contentType twice',
    cms((p) => childrenOf(p.signedAttrs).push(copyOf(attributeOf(p.signedAttrs, CONTENT_TYPE)))),
  ],
  [
    'M43 contentType with two values',
    cms((p) => childrenOf(signedValue(p, CONTENT_TYPE)).push(oid('1.2.840.113549.1.7.1'))),
  ],
  ['M47 signingTime removed', cms((p) => remove(p.signedAttrs, SIGNING_TIME))],
  [
    'M47 signingTime twice',
    cms((p) => childrenOf(p.signedAttrs).push(copyOf(attributeOf(p.signedAttrs, SIGNING_TIME)))),
  ],
  [
    'M47 signed attributes removed',
    cms((p) => {
      childrenOf(p.signer).splice(3, 1);
    }),
  ],
  [
    'M47 signed attributes empty',
    cms((p) => {
      p.signedAttrs.children = [];
    }),
  ],
  [
    'M47 all signed attributes of the donor',
    cms((p, d) => {
      p.signedAttrs.children = childrenOf(d.signedAttrs);
    }),
  ],
  [
    'M47 signed attributes under the SET tag',
    cms((p) => {
      p.signedAttrs.tag = 0x31;
    }),
  ],
  [
    'M47 unknown signed attribute added',
    cms((p) => {
      childrenOf(p.signedAttrs).push(attribute('1.2.3', NULL));
      sortSet(p.signedAttrs);
    }),
  ],
  ['M51 digest algorithm with OID parameter', cms((p) => childrenOf(p.digestAlgorithm).push(oid('1.2.3')))],
  [
    'M51 digest algorithm MD5',
    cms((p) => {
      p.digestAlgorithm.children = [oid('1.2.840.113549.2.5')];
      at(p.digestAlgorithms, 0).children = [oid('1.2.840.113549.2.5')];
    }),
  ],
  [
    'M51 digest algorithm SHA-384 in both places',
    cms((p) => {
      p.digestAlgorithm.children = [oid('2.16.840.1.101.3.4.2.2')];
      at(p.digestAlgorithms, 0).children = [oid('2.16.840.1.101.3.4.2.2')];
    }),
  ],
  [
    'M51 digest algorithms empty',
    cms((p) => {
      p.digestAlgorithms.children = [];
    }),
  ],
  [
    'M51 two digest algorithms',
    cms((p) => childrenOf(p.digestAlgorithms).push(branch(0x30, oid('2.16.840.1.101.3.4.2.3')))),
  ],
  [
    'M51 SHA3-256',
    cms((p) => {
      p.digestAlgorithm.children = [oid('2.16.840.1.101.3.4.2.8')];
      at(p.digestAlgorithms, 0).children = [oid('2.16.840.1.101.3.4.2.8')];
    }),
  ],
  ['M55 signature algorithm with NULL', cms((p) => childrenOf(p.signatureAlgorithm).push(NULL))],
  [
    'M55 Ed25519',
    cms((p) => {
      p.signatureAlgorithm.children = [oid('1.3.101.112')];
    }),
  ],
  [
    'M55 ecdsa-with-SHA1',
    cms((p) => {
      p.signatureAlgorithm.children = [oid('1.2.840.10045.4.1')];
    }),
  ],
  [
    'M55 ecdsa-with-SHA512',
    cms((p) => {
      p.signatureAlgorithm.children = [oid('1.2.840.10045.4.3.4')];
    }),
  ],
  [
    'M55 a digest as signature algorithm',
    cms((p) => {
      p.signatureAlgorithm.children = [oid('2.16.840.1.101.3.4.2.1')];
    }),
  ],
  [
    'M55 algorithm missing',
    cms((p) => {
      p.signatureAlgorithm.children = [];
    }),
  ],
  [
    'M56 version 0',
    cms((p) => {
      at(p.signedData, 0).content = Buffer.of(0);
    }),
  ],
  [
    'M56 version 3 of the signer info',
    cms((p) => {
      at(p.signer, 0).content = Buffer.of(3);
    }),
  ],
  [
    'M56 version 257',
    cms((p) => {
      at(p.signedData, 0).content = Buffer.of(1, 1);
    }),
  ],
  [
    'M56 version -255',
    cms((p) => {
      at(p.signedData, 0).content = Buffer.of(0xff, 1);
    }),
  ],
];
