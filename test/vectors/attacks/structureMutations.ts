/** Mutations of signers, certificates and DER in the CMS. */

import {
  cms,
  editExtension,
  extensionOf,
  extensionsOf,
  flip,
  leafOf,
  NULL,
  SAME,
  SAN,
  SCT,
  signedValue,
  unsigned,
} from './cmsEditing.ts';
import {
  at,
  attribute,
  branch,
  childrenOf,
  copyOf,
  LOG_ENTRY,
  leafNode,
  lengthOf,
  MESSAGE_DIGEST,
  oid,
  rawNode,
  readTree,
  TIMESTAMP_TOKEN,
  writeTree,
} from './derTree.ts';
import type { Table } from './mutations.ts';
import { derOf, withDer } from './signedObject.ts';

export const STRUCTURE: Table = [
  [
    'M59 signer id as key id',
    cms((p) => {
      childrenOf(p.signer)[1] = leafNode(0x80, Buffer.alloc(20, 7));
    }),
  ],
  [
    'M59 signer id as key id, version 3',
    cms((p) => {
      at(p.signer, 0).content = Buffer.of(3);
      at(p.signedData, 0).content = Buffer.of(3);
      childrenOf(p.signer)[1] = leafNode(0x80, Buffer.alloc(20, 7));
    }),
  ],
  [
    'M59 signer id of the donor',
    cms((p, d) => {
      childrenOf(p.signer)[1] = d.sid;
    }),
  ],
  [
    'M59 serial number with a zero in front',
    cms((p) => {
      const s = at(p.sid, 1);
      s.content = Buffer.concat([Buffer.of(0), s.content]);
    }),
  ],
  [
    'M63 second signer, broken',
    cms((p) => {
      const second = copyOf(p.signer);
      at(second, 5).content = flip(at(second, 5).content, -1);
      childrenOf(p.signers).push(second);
    }),
  ],
  [
    'M63 second signer, broken, in front',
    cms((p) => {
      const second = copyOf(p.signer);
      at(second, 5).content = flip(at(second, 5).content, -1);
      childrenOf(p.signers).unshift(second);
    }),
  ],
  [
    'M63 no signer',
    cms((p) => {
      p.signers.children = [];
    }),
  ],
  [
    'M63 signers in a SEQUENCE',
    cms((p) => {
      p.signers.tag = 0x30;
    }),
  ],
  [
    'M65 content of the donor',
    cms((p) => childrenOf(p.content).push(branch(0xa0, leafNode(4, Buffer.from('text'))))),
  ],
  [
    'M67 certificates empty',
    cms((p) => {
      p.certificates.children = [];
    }),
  ],
  [
    'M67 certificate of the donor instead',
    cms((p, d) => {
      p.certificates.children = childrenOf(d.certificates);
    }),
  ],
  ['M67 leaf twice', cms((p) => childrenOf(p.certificates).push(copyOf(leafOf(p))))],
  [
    'M67 a hundred certificates',
    cms((p, d) =>
      childrenOf(p.certificates).push(...Array.from({ length: 100 }, () => at(d.certificates, 0))),
    ),
  ],
  ['M67 garbage as certificate', cms((p) => childrenOf(p.certificates).push(branch(0x30, NULL)))],
  ['M67 attribute certificate', cms((p) => childrenOf(p.certificates).push(branch(0xa1, NULL)))],
  [
    'M67 other certificate format',
    cms((p) => childrenOf(p.certificates).push(branch(0xa3, oid('1.2.3'), NULL))),
  ],
  ['M71 identity changed', cms((p) => editExtension(p, SAN, (v) => flip(v, -1)))],
  [
    'M71 identity removed',
    cms((p) => {
      const list = extensionsOf(p);
      list.children = childrenOf(list).filter((c) => c !== extensionOf(p, SAN));
    }),
  ],
  [
    'M71 second identity',
    cms((p) =>
      editExtension(p, SAN, (v) => {
        const names = readTree(v);
        childrenOf(names).push(leafNode(0x81, Buffer.from('eve@example.com')));
        return writeTree(names);
      }),
    ),
  ],
  [
    'M71 notBefore earlier',
    cms((p) => {
      const t = at(leafOf(p), 0, 4, 0);
      t.content = flip(t.content, 3);
    }),
  ],
  [
    'M71 serial number changed in both places',
    cms((p) => {
      const serial = at(leafOf(p), 0, 1);
      serial.content = flip(serial.content, -1);
      at(p.sid, 1).content = serial.content;
    }),
  ],
  [
    'M71 issuer changed in both places',
    cms((p) => {
      const der = writeTree(at(leafOf(p), 0, 3))
        .toString('latin1')
        .replace('sigstore', 'sigstorf');
      childrenOf(at(leafOf(p), 0))[3] = readTree(Buffer.from(der, 'latin1'));
      childrenOf(p.sid)[0] = readTree(Buffer.from(der, 'latin1'));
    }),
  ],
  [
    'M71 critical flag of the identity taken away',
    cms((p) => {
      const san = extensionOf(p, SAN);
      if (san?.children?.length !== 3) return SAME;
      return san.children.splice(1, 1);
    }),
  ],
  ['M75 SCT with another bit', cms((p) => editExtension(p, SCT, (v) => flip(v, -1)))],
  ['M75 SCT with another time', cms((p) => editExtension(p, SCT, (v) => flip(v, 47)))],
  ['M75 SCT with another log', cms((p) => editExtension(p, SCT, (v) => flip(v, 10)))],
  [
    'M75 SCT of the donor',
    cms((p, d) => {
      const other = extensionOf(d, SCT);
      return other === undefined ? SAME : editExtension(p, SCT, () => at(other, -1).content);
    }),
  ],
  ['M75 SCT list empty', cms((p) => editExtension(p, SCT, () => Buffer.of(4, 2, 0, 0)))],
  [
    'M79 key of the donor in the certificate',
    cms((p, d) => {
      childrenOf(at(leafOf(p), 0))[6] = at(leafOf(d), 0, 6);
    }),
  ],
  [
    'M79 key and signature of the donor',
    cms((p, d) => {
      childrenOf(at(leafOf(p), 0))[6] = at(leafOf(d), 0, 6);
      p.signature.content = d.signature.content;
      p.signedAttrs.children = childrenOf(d.signedAttrs);
    }),
  ],
  [
    'M70 signature of the certificate of the donor',
    cms((p, d) => {
      at(leafOf(p), 2).content = at(leafOf(d), 2).content;
    }),
  ],
  [
    'M72 certificate of version 1',
    cms((p) => {
      childrenOf(at(leafOf(p), 0)).shift();
    }),
  ],
  [
    'M72 certificate of version 2',
    cms((p) => {
      at(leafOf(p), 0, 0, 0).content = Buffer.of(1);
    }),
  ],
  [
    'M72 inner signature algorithm',
    cms((p) => {
      at(leafOf(p), 0, 2).children = [oid('1.2.840.10045.4.3.2')];
    }),
  ],
  ['M72 extension twice', cms((p) => childrenOf(extensionsOf(p)).push(copyOf(at(extensionsOf(p), 0))))],
  [
    'M72 unknown critical extension',
    cms((p) =>
      childrenOf(extensionsOf(p)).push(
        branch(0x30, oid('1.2.3'), leafNode(1, Buffer.of(255)), leafNode(4, Buffer.of(5, 0))),
      ),
    ),
  ],
  [
    'M83 indefinite length outside',
    (b) => {
      const tree = readTree(derOf(b));
      const body = Buffer.concat(childrenOf(tree).map(writeTree));
      return withDer(b, Buffer.concat([Buffer.of(0x30, 0x80), body, Buffer.of(0, 0)]));
    },
  ],
  [
    'M83 indefinite length of the content',
    cms((p, _, tree) => {
      const body = Buffer.concat([writeTree(at(tree, 1, 0)), Buffer.of(0, 0)]);
      childrenOf(tree)[1] = rawNode(Buffer.of(0xa0, 0x80), body);
      return p;
    }),
  ],
  ['M83 bytes after the DER', (b) => withDer(b, Buffer.concat([derOf(b), Buffer.of(0)]))],
  ['M83 end-of-contents after the DER', (b) => withDer(b, Buffer.concat([derOf(b), Buffer.of(0, 0)]))],
  [
    'M83 length of five octets',
    (b) => {
      const content = Buffer.concat(childrenOf(readTree(derOf(b))).map(writeTree));
      const length = Buffer.concat([Buffer.of(0x85, 0), Buffer.alloc(4)]);
      length.writeUInt32BE(content.length, 2);
      return withDer(b, Buffer.concat([Buffer.of(0x30), length, content]));
    },
  ],
  [
    'M87 high tag number',
    cms((p, _, tree) => {
      childrenOf(tree)[1] = rawNode(
        Buffer.of(0xbf, 0x00),
        lengthOf(writeTree(p.signedData).length),
        writeTree(p.signedData),
      );
    }),
  ],
  [
    'M87 a million of nested elements',
    (b) => {
      let der = Buffer.alloc(0);
      for (let i = 0; i < 3000; i++) der = Buffer.concat([Buffer.of(0x30), lengthOf(der.length), der]);
      return withDer(b, der);
    },
  ],
  ['M87 empty DER', (b) => withDer(b, Buffer.alloc(3))],
  [
    'M87 application tag',
    cms((p) => {
      p.signedData.tag = 0x70;
    }),
  ],
  [
    'M89 contentType data',
    cms((_, __, tree) => {
      childrenOf(tree)[0] = oid('1.2.840.113549.1.7.1');
    }),
  ],
  ['M91 crls empty', cms((p) => childrenOf(p.signedData).splice(4, 0, branch(0xa1)))],
  [
    'M91 crls with other revocation information',
    cms((p) => childrenOf(p.signedData).splice(4, 0, branch(0xa1, branch(0xa1, oid('1.2.3'), NULL)))),
  ],
  [
    'M138 signature in pieces',
    cms((p) => {
      const { content } = p.signature;
      childrenOf(p.signer)[5] = branch(
        0x24,
        leafNode(4, content.subarray(0, 9)),
        leafNode(4, content.subarray(9)),
      );
    }),
  ],
  [
    'M138 messageDigest in pieces',
    cms((p) => {
      const set = signedValue(p, MESSAGE_DIGEST);
      set.children = [branch(0x24, ...childrenOf(set))];
    }),
  ],
  [
    'M145 a timestamp token that is empty',
    cms((p) => {
      unsigned(p).push(attribute(TIMESTAMP_TOKEN, branch(0x30)));
    }),
  ],
  [
    'M145 a timestamp token that is a copy of this signature',
    cms((p, _, tree) => {
      unsigned(p).push(attribute(TIMESTAMP_TOKEN, copyOf(tree)));
    }),
  ],
  [
    'M145 an attribute without value for a token',
    cms((p) => {
      unsigned(p).push(attribute(TIMESTAMP_TOKEN));
    }),
  ],
  [
    'M145 two values for a token',
    cms((p) => {
      unsigned(p).push(attribute(TIMESTAMP_TOKEN, branch(0x30), branch(0x30)));
    }),
  ],
  [
    'entry attribute with NULL',
    cms((p) => {
      const set = unsigned(p);
      const log = writeTree(oid(LOG_ENTRY));
      set.splice(
        0,
        set.length,
        ...set.filter((c) => !writeTree(at(c, 0)).equals(log)),
        attribute(LOG_ENTRY, NULL),
      );
    }),
  ],
];
