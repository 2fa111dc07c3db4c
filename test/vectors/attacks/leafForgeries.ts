/** Certificates and SCTs that an authority signed although one rule forbids them. */
import { generateKeyPairSync } from 'node:crypto';
import {
  authorityKeyId,
  CERTIFIES,
  CODE_SIGNING,
  email,
  extension,
  isAuthority,
  issuerClaim,
  NOW,
  newKey,
  SIGNS,
  TRUE,
} from '../../core/toySigstore.ts';
import { at, branch, childrenOf, leafNode, oid, places, type Tree, writeTree } from './derTree.ts';
import { type Forgery, toy } from './forge.ts';

/** `refused` is bad or unreadable. */
export type Expected = 'good' | 'refused' | 'unproven';
export type Case = readonly [name: string, expected: Expected, forgery: Forgery];

const later = (ms: number) => new Date(NOW.getTime() + ms);
const seconds = (date: Date) => BigInt(date.getTime() / 1000);
const parent = authorityKeyId(toy.intermediateKey);
const alice = email('alice@example.com');
const issuer = issuerClaim('https://issuer.example');
const extensions = (...list: readonly Uint8Array[]): Forgery => ({ leaf: { extensions: list } });
const sequence = (...parts: readonly Tree[]) => writeTree(branch(0x30, ...parts));
const san = (...names: readonly Tree[]) =>
  extensions(SIGNS, CODE_SIGNING, parent, extension('2.5.29.17', sequence(...names), true), issuer);
const sanText = (tag: number, text: string) => san(leafNode(tag, Buffer.from(text, 'utf8')));
const claims = (...list: readonly Uint8Array[]) => extensions(SIGNS, CODE_SIGNING, parent, alice, ...list);
const utf8 = (text: string) => writeTree(leafNode(0x0c, Buffer.from(text, 'utf8')));
const claim = (arcs: string, value: Uint8Array, critical = false) =>
  extension(`1.3.6.1.4.1.57264.1.${arcs}`, value, critical);
const usage = (...bits: readonly number[]) =>
  extension('2.5.29.15', writeTree(leafNode(3, Buffer.from(bits))), true);
const purposes = (...oids: readonly string[]) => extension('2.5.29.37', sequence(...oids.map(oid)));
const withUsage = (value: Uint8Array) => extensions(value, CODE_SIGNING, parent, alice, issuer);
const withPurposes = (...oids: readonly string[]) =>
  extensions(SIGNS, purposes(...oids), parent, alice, issuer);
const otherName = (type: string, value: Tree) => san(branch(0xa0, oid(type), branch(0xa0, value)));
const username = (text: string) =>
  otherName('1.3.6.1.4.1.57264.1.7', leafNode(0x0c, Buffer.from(text, 'utf8')));
const extra = (...list: readonly Uint8Array[]) => extensions(...toy.leafExtensions(), ...list);
const algorithms =
  (digest: string, signature: string): NonNullable<Forgery['cms']> =>
  (tree) => {
    const { digestAlgorithm, digestAlgorithms, signatureAlgorithm } = places(tree);
    digestAlgorithm.children = [oid(digest)];
    at(digestAlgorithms, 0).children = [oid(digest)];
    signatureAlgorithm.children = [oid(signature)];
  };
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey;
const RSA = algorithms('2.16.840.1.101.3.4.2.1', '1.2.840.113549.1.1.1');
const times =
  (notBefore: Tree, notAfter: Tree): NonNullable<Forgery['cms']> =>
  (tree) => {
    at(places(tree).certificates, 0, 0, 4).children = [notBefore, notAfter];
  };

export const LEAF_CASES: readonly Case[] = [
  ['nothing', 'good', {}],
  ['X02 logged when the certificate begins', 'good', { log: { time: seconds(NOW) } }],
  ['X02 logged one second before', 'refused', { log: { time: seconds(NOW) - 1n } }],
  ['X01 logged when the certificate ends', 'good', { log: { time: seconds(later(600_000)) } }],
  ['X01 logged one second after', 'refused', { log: { time: seconds(later(601_000)) } }],
  ['validity the wrong way round', 'refused', { leaf: { notBefore: later(1000), notAfter: NOW } }],

  [
    'X06 SCT of long before',
    'refused',
    {
      scts: (r, over) => {
        const s = { ...r, timestamp: 1n };
        return [{ ...s, signature: over(s) }];
      },
    },
  ],
  [
    'X06 SCT time that no date can hold',
    'refused',
    {
      scts: (r, over) => {
        const s = { ...r, timestamp: (1n << 64n) - 1n };
        return [{ ...s, signature: over(s) }];
      },
    },
  ],
  [
    'X06 SCT time of the year 275761',
    'refused',
    {
      scts: (r, over) => {
        const s = { ...r, timestamp: 8_640_000_000_000_001n };
        return [{ ...s, signature: over(s) }];
      },
    },
  ],
  ['X06 SCT signature of another time', 'refused', { scts: (r) => [{ ...r, timestamp: r.timestamp + 1n }] }],
  [
    'X06 SCT with data of extensions',
    'good',
    {
      scts: (r, over) => {
        const s = { ...r, extensions: Buffer.of(1, 2) };
        return [{ ...s, signature: over(s) }];
      },
    },
  ],
  ['X06 SCT with data that is not signed', 'refused', { scts: (r) => [{ ...r, extensions: Buffer.of(1) }] }],
  [
    'X06 SCT that names SHA-384',
    'refused',
    { scts: (r) => [{ ...r, algorithm: { hash: 5, signature: 3 } }] },
  ],
  ['X06 SCT that names RSA', 'refused', { scts: (r) => [{ ...r, algorithm: { hash: 4, signature: 1 } }] }],
  [
    'X06 SCT that names no algorithm',
    'refused',
    { scts: (r) => [{ ...r, algorithm: { hash: 0, signature: 0 } }] },
  ],
  ['X04 unknown log beside the known', 'good', { scts: (r) => [{ ...r, logId: Buffer.alloc(32) }, r] }],
  ['X04 no SCT in the list', 'refused', { scts: () => [] }],
  ['X04 seventeen SCTs', 'refused', { scts: (r) => Array.from({ length: 17 }, () => r) }],
  ['X03 list under another id', 'refused', { sctExtension: (v) => extension('1.3.6.1.4.1.11129.2.4.5', v) }],
  [
    'X03 poison beside the SCT',
    'refused',
    extra(extension('1.3.6.1.4.1.11129.2.4.3', Buffer.of(5, 0), true)),
  ],

  ['X10 any purpose', 'refused', withPurposes('2.5.29.37.0')],
  ['X10 no purpose in the list', 'refused', withPurposes()],
  ['X10 purpose that begins like code signing', 'refused', withPurposes('1.3.6.1.5.5.7.3.3.1')],
  ['X10 timestamping', 'refused', withPurposes('1.3.6.1.5.5.7.3.8')],
  ['X10 code signing behind another', 'good', withPurposes('1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.3')],
  ['key usage absent', 'refused', extensions(CODE_SIGNING, parent, alice, issuer)],
  ['key usage empty', 'refused', withUsage(usage(0))],
  ['key usage key agreement', 'refused', withUsage(usage(3, 0x08))],
  ['key usage with certificate signing', 'refused', withUsage(usage(2, 0x84))],
  ['X11 authority that says so', 'refused', extra(isAuthority(0))],
  [
    'X11 no authority, spelled out',
    'refused',
    extra(extension('2.5.29.19', sequence(leafNode(1, Buffer.of(0))), true)),
  ],
  ['X13 unknown critical extension', 'refused', extra(extension('1.2.3', Buffer.of(5, 0), true))],
  ['X13 unknown extension', 'good', extra(extension('1.2.3', Buffer.of(5, 0)))],
  ['X13 name constraints, critical', 'refused', extra(extension('2.5.29.30', sequence(), true))],
  ['X13 critical claim of the future', 'refused', extra(claim('25', utf8('x'), true))],
  ['X13 critical extension below a claim', 'refused', extra(claim('9.5', utf8('x'), true))],
  ['X13 extension twice', 'refused', extra(CODE_SIGNING)],
  ['X13 identity twice', 'refused', extra(alice)],

  [
    'X14 two addresses',
    'refused',
    san(leafNode(0x81, Buffer.from('a@b.c')), leafNode(0x81, Buffer.from('d@e.f'))),
  ],
  [
    'X14 address and URI',
    'refused',
    san(leafNode(0x81, Buffer.from('a@b.c')), leafNode(0x86, Buffer.from('https://d'))),
  ],
  [
    'X14 the same address twice',
    'refused',
    san(leafNode(0x81, Buffer.from('a@b.c')), leafNode(0x81, Buffer.from('a@b.c'))),
  ],
  ['X12 list of no names', 'refused', san()],
  ['X12 DNS name', 'refused', sanText(0x82, 'alice@example.com')],
  ['X12 IP address', 'refused', sanText(0x87, 'abcd')],
  ['X12 directory name', 'refused', san(branch(0xa4, branch(0x30)))],
  ['X12 address, constructed', 'refused', san(branch(0xa1, leafNode(0x16, Buffer.from('a@b.c'))))],
  ['X12 address as a plain string', 'refused', san(leafNode(0x16, Buffer.from('a@b.c')))],
  ['X12 empty address', 'refused', sanText(0x81, '')],
  ['address', 'good', sanText(0x81, 'alice@example.com')],
  ...[
    'alice@example.com\0.evil',
    'alice@example.com\n[GNUPG:] TRUST_FULLY 0 shell',
    'alice @example.com',
    'älice@example.com',
    'alice@example.com\r',
    '\x1b[2Jalice@example.com',
    'alice@example.com\x7f',
    'alice@example.com\u202e',
  ].flatMap((text): Case[] => [
    [`SAN ${JSON.stringify(text)}`, 'refused', sanText(0x81, text)],
    [`URI ${JSON.stringify(text)}`, 'refused', sanText(0x86, `https://${text}`)],
  ]),
  ['S02 user name', 'good', username('alice!example.com')],
  ['S02 user name with a line feed', 'refused', username('alice\n[GNUPG:] GOODSIG')],
  ['S02 user name with NUL', 'refused', username('alice\0')],
  ['S02 user name, empty', 'refused', username('')],
  [
    'S02 other type of name',
    'refused',
    otherName('1.3.6.1.4.1.311.20.2.3', leafNode(0x0c, Buffer.from('a@b'))),
  ],
  [
    'S02 type below that of user names',
    'refused',
    otherName('1.3.6.1.4.1.57264.1.7.0', leafNode(0x0c, Buffer.from('a!b'))),
  ],
  [
    'S02 user name as IA5String',
    'refused',
    otherName('1.3.6.1.4.1.57264.1.7', leafNode(0x16, Buffer.from('a!b'))),
  ],
  [
    'S02 user name that is no UTF-8',
    'refused',
    otherName('1.3.6.1.4.1.57264.1.7', leafNode(0x0c, Buffer.of(0xc0, 0x80))),
  ],
  [
    'S02 user name without wrapping',
    'refused',
    san(branch(0xa0, oid('1.3.6.1.4.1.57264.1.7'), leafNode(0x0c, Buffer.from('a!b')))),
  ],

  ['issuers agree', 'good', claims(claim('1', Buffer.from('https://a')), claim('8', utf8('https://a')))],
  ['issuers differ', 'refused', claims(claim('1', Buffer.from('https://a')), claim('8', utf8('https://b')))],
  [
    'issuers differ by a slash',
    'refused',
    claims(claim('1', Buffer.from('https://a')), claim('8', utf8('https://a/'))),
  ],
  ['issuer below the claim only', 'refused', claims(claim('8.0', utf8('https://a')))],
  ['issuer below the old claim only', 'refused', claims(claim('1.0', Buffer.from('https://a')))],
  ['issuer with DER in the old claim', 'refused', claims(claim('1', utf8('https://a')))],
  ['issuer without DER in the new claim', 'refused', claims(claim('8', Buffer.from('https://a')))],
  [
    'issuer as PrintableString',
    'refused',
    claims(claim('8', writeTree(leafNode(0x13, Buffer.from('https://a'))))),
  ],
  ['issuer empty', 'refused', claims(claim('8', utf8('')))],
  ['issuer with a line feed', 'refused', claims(claim('8', utf8('https://a\nx')))],
  ['issuer with an escape', 'refused', claims(claim('8', utf8('https://a\x1b[2J')))],
  [
    'issuer with bytes behind',
    'refused',
    claims(claim('8', Buffer.concat([utf8('https://a'), Buffer.of(0)]))),
  ],
  ['claim 9 is no UTF-8', 'refused', claims(issuer, claim('9', writeTree(leafNode(0x0c, Buffer.of(0xff)))))],

  [
    'X37 certificate signed with SHA-1',
    'refused',
    { leaf: { digest: 'sha1', algorithm: sequence(oid('1.2.840.10045.4.1')) } },
  ],
  [
    'X37 certificate signed with SHA-256',
    'good',
    { leaf: { digest: 'sha256', algorithm: sequence(oid('1.2.840.10045.4.3.2')) } },
  ],
  ['X37 certificate that names another digest', 'refused', { leaf: { digest: 'sha256' } }],
  [
    'X37 certificate signed by the root in the name of the intermediate',
    'refused',
    { leaf: { issuerKey: toy.rootKey } },
  ],
  [
    'X37 certificate in the name of the root, signed by the intermediate',
    'refused',
    { leaf: { issuer: toy.rootName } },
  ],
  [
    'X37 certificate signed by itself',
    'refused',
    (() => {
      const key = newKey();
      return {
        key,
        leaf: { issuerKey: key, digest: 'sha256', algorithm: sequence(oid('1.2.840.10045.4.3.2')) },
      };
    })(),
  ],
  [
    'key id of another issuer',
    'refused',
    extensions(SIGNS, CODE_SIGNING, authorityKeyId(toy.rootKey), alice, issuer),
  ],
  ['certificate of version 2', 'refused', { leaf: { version: 1 } }],
  ['certificate of version 4', 'refused', { leaf: { version: 3 } }],

  ['X38 P-384 with SHA-256', 'refused', { key: newKey('P-384') }],
  ['X38 P-521 with SHA-256', 'refused', { key: newKey('P-521') }],
  [
    'X38 P-384 that claims SHA-384',
    'refused',
    {
      key: newKey('P-384'),
      digest: 'sha384',
      cms: algorithms('2.16.840.1.101.3.4.2.1', '1.2.840.10045.4.3.3'),
    },
  ],
  [
    'X38 P-256 with SHA-512',
    'refused',
    { digest: 'sha512', cms: algorithms('2.16.840.1.101.3.4.2.3', '1.2.840.10045.4.3.4') },
  ],
  ['X38 secp256k1', 'refused', { key: newKey('secp256k1') }],
  ['X38 P-224', 'refused', { key: newKey('secp224r1') }],
  ['X38 RSA of 1024 bits', 'refused', { key: rsa(1024), cms: RSA }],
  ['X38 RSA with the name of ECDSA', 'refused', { key: rsa(2048) }],
  ['X38 ECDSA with the name of RSA', 'refused', { cms: RSA }],

  [
    'times as GeneralizedTime before 2050',
    'refused',
    {
      cms: times(
        leafNode(0x18, Buffer.from('20260601120000Z')),
        leafNode(0x18, Buffer.from('20260601121000Z')),
      ),
    },
  ],
  [
    'leaf changed after it was signed',
    'refused',
    {
      cms: (tree) => {
        at(places(tree).certificates, 0, 0, 5).children = [branch(0x31)];
      },
    },
  ],
  [
    'two leafs of one name',
    'refused',
    {
      cms: (tree) => {
        childrenOf(places(tree).certificates).push(at(places(tree).certificates, 0));
      },
    },
  ],
  [
    'X15 authority in the bag signs',
    'refused',
    {
      key: toy.intermediateKey,
      leaf: { extensions: [CERTIFIES, isAuthority(0), CODE_SIGNING, alice, issuer] },
    },
  ],
  [
    'critical SCT list',
    'good',
    {
      sctExtension: (v) =>
        writeTree(
          branch(
            0x30,
            oid('1.3.6.1.4.1.11129.2.4.2'),
            { ...leafNode(0, Buffer.alloc(0)), raw: Buffer.from(TRUE) },
            leafNode(4, Buffer.from(v)),
          ),
        ),
    },
  ],
];
