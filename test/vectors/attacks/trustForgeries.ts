/** Trusted roots under which a signature that is right must not count, each with one that differs in one thing. */
import {
  CERTIFIES,
  CODE_SIGNING,
  extension,
  isAuthority,
  NOW,
  newKey,
  subjectKeyId,
  ToySigstore,
} from '../../core/toySigstore.ts';
import { branch, leafNode, oid, writeTree } from './derTree.ts';
import { toy } from './forge.ts';
import type { Expected } from './leafForgeries.ts';

type Json = Record<string, unknown>;
type Lists = Record<'tlogs' | 'ctlogs' | 'certificateAuthorities' | 'timestampAuthorities', Json[]>;

const later = (ms: number) => new Date(NOW.getTime() + ms);
const at = (ms: number) => later(ms).toISOString();
const keyId = subjectKeyId(toy.intermediateKey);
const rootKeyId = subjectKeyId(toy.rootKey);
const purposes = (type: string) => extension('2.5.29.37', writeTree(branch(0x30, oid(type))));
const critical = (type: string) => extension(type, Buffer.of(0x30, 0), true);
const usage = (bits: number, unused: number) =>
  extension('2.5.29.15', writeTree(leafNode(3, Buffer.of(unused, bits))), true);
const intermediate = (...extensions: readonly Uint8Array[]) =>
  toy.trustedRoot([toy.makeIntermediate({ extensions }), toy.root]);
const root = (...extensions: readonly Uint8Array[]) =>
  toy.trustedRoot([toy.intermediate, toy.makeRoot({ extensions })]);
const edit = (change: (lists: Lists) => unknown) => {
  const json = JSON.parse(toy.trustedRoot()) as Lists;
  change(json);
  return JSON.stringify(json);
};
const period = (list: 'tlogs' | 'ctlogs', start: number, end?: number) =>
  edit((lists) => {
    const key = (lists[list][0] as Json)['publicKey'] as Json;
    key['validFor'] = { start: at(start), ...(end === undefined ? {} : { end: at(end) }) };
  });
const authority = (start: number, end?: number) =>
  edit((lists) => {
    const [first] = lists.certificateAuthorities;
    Object.assign(first as Json, {
      validFor: { start: at(start), ...(end === undefined ? {} : { end: at(end) }) },
    });
  });
const stranger = JSON.parse(new ToySigstore().trustedRoot()) as Lists;

export const TRUST_CASES: readonly (readonly [name: string, expected: Expected, trustedRoot: string])[] = [
  ['nothing', 'good', toy.trustedRoot()],
  ['X16 authority until now', 'good', authority(-1000, 0)],
  ['X16 authority until a second ago', 'refused', authority(-5000, -1000)],
  ['X16 authority from now', 'good', authority(0)],
  ['X16 authority from a second later', 'refused', authority(1000)],
  ['X22 log until now', 'good', period('tlogs', -1000, 0)],
  ['X22 log until a second ago', 'refused', period('tlogs', -5000, -1000)],
  ['X22 log from a second later', 'refused', period('tlogs', 1000)],
  ['X06 CT log until now', 'good', period('ctlogs', -1000, 0)],
  ['X05 CT log until a second ago', 'refused', period('ctlogs', -5000, -1000)],
  ['X06 CT log from a second later', 'refused', period('ctlogs', 1000)],
  [
    'X17 intermediate expired',
    'refused',
    toy.trustedRoot([toy.makeIntermediate({ notAfter: later(-1000) }), toy.root]),
  ],
  [
    'X17 intermediate not yet valid',
    'refused',
    toy.trustedRoot([toy.makeIntermediate({ notBefore: later(1000) }), toy.root]),
  ],
  [
    'X18 root expired',
    'refused',
    toy.trustedRoot([toy.intermediate, toy.makeRoot({ notAfter: later(-1000) })]),
  ],
  [
    'X18 root not yet valid',
    'refused',
    toy.trustedRoot([toy.intermediate, toy.makeRoot({ notBefore: later(1000) })]),
  ],
  ['X18 intermediate as it is', 'good', intermediate(isAuthority(0), CERTIFIES, CODE_SIGNING, keyId)],
  ['X18 intermediate without key usage', 'refused', intermediate(isAuthority(0), CODE_SIGNING, keyId)],
  [
    'X18 intermediate for CRLs only',
    'refused',
    intermediate(isAuthority(0), usage(0x02, 1), CODE_SIGNING, keyId),
  ],
  ['X18 intermediate without basic constraints', 'refused', intermediate(CERTIFIES, CODE_SIGNING, keyId)],
  [
    'X18 intermediate that is no authority',
    'refused',
    intermediate(extension('2.5.29.19', Buffer.of(0x30, 0), true), CERTIFIES, CODE_SIGNING, keyId),
  ],
  [
    'X18 intermediate for TLS',
    'refused',
    intermediate(isAuthority(0), CERTIFIES, purposes('1.3.6.1.5.5.7.3.1'), keyId),
  ],
  [
    'X18 intermediate for timestamps',
    'refused',
    intermediate(isAuthority(0), CERTIFIES, purposes('1.3.6.1.5.5.7.3.8'), keyId),
  ],
  ['X18 intermediate without purposes', 'good', intermediate(isAuthority(0), CERTIFIES, keyId)],
  [
    'X14 intermediate with name constraints',
    'refused',
    intermediate(isAuthority(0), CERTIFIES, critical('2.5.29.30'), keyId),
  ],
  [
    'X14 intermediate with policy constraints',
    'refused',
    intermediate(isAuthority(0), CERTIFIES, critical('2.5.29.36'), keyId),
  ],
  [
    'X14 intermediate with an unknown critical extension',
    'refused',
    intermediate(isAuthority(0), CERTIFIES, critical('1.2.3'), keyId),
  ],
  ['X14 root that allows nobody below', 'refused', root(isAuthority(0), CERTIFIES, rootKeyId)],
  ['X14 root without limit', 'good', root(isAuthority(), CERTIFIES, rootKeyId)],
  [
    'X14 root with an unknown critical extension',
    'refused',
    root(isAuthority(1), CERTIFIES, critical('1.2.3'), rootKeyId),
  ],
  [
    'X18 intermediate signed by another key',
    'refused',
    toy.trustedRoot([toy.makeIntermediate({ issuerKey: newKey('P-384') }), toy.root]),
  ],
  [
    'X18 intermediate of another issuer',
    'refused',
    toy.trustedRoot([toy.makeIntermediate({ issuer: toy.intermediateName }), toy.root]),
  ],
  [
    'X18 intermediate with another key of the same name',
    'refused',
    toy.trustedRoot([
      toy.makeIntermediate({ key: newKey('P-384'), extensions: [isAuthority(0), CERTIFIES] }),
      toy.root,
    ]),
  ],
  [
    'X18 that one in front of the right one',
    'good',
    edit((lists) => {
      const other = JSON.parse(
        toy.trustedRoot([
          toy.makeIntermediate({ key: newKey('P-384'), extensions: [isAuthority(0), CERTIFIES] }),
          toy.root,
        ]),
      ) as Lists;
      lists.certificateAuthorities.unshift(...other.certificateAuthorities);
    }),
  ],
  ['intermediate as its own root', 'good', toy.trustedRoot([toy.intermediate])],
  ['root alone', 'refused', toy.trustedRoot([toy.root])],
  // The last certificate of a chain is its anchor, as the file says.
  ['chain the wrong way round', 'good', toy.trustedRoot([toy.root, toy.intermediate])],
  ['another Sigstore of the same names', 'refused', JSON.stringify(stranger)],
  [
    'another one beside',
    'good',
    edit((lists) => lists.certificateAuthorities.unshift(...stranger.certificateAuthorities)),
  ],
  [
    'ours as timestamp authority only',
    'refused',
    edit((lists) => {
      lists.timestampAuthorities.push(...lists.certificateAuthorities.splice(0));
      lists.certificateAuthorities.push(...stranger.certificateAuthorities);
    }),
  ],
  [
    "logs in each other's place",
    'refused',
    edit((lists) => {
      [lists.tlogs, lists.ctlogs] = [lists.ctlogs, lists.tlogs];
    }),
  ],
  ['no log', 'refused', edit((lists) => lists.tlogs.splice(0))],
  ['no CT log', 'refused', edit((lists) => lists.ctlogs.splice(0))],
  [
    'key of another log under our id',
    'refused',
    edit((lists) => {
      const [first] = lists.tlogs as [Json];
      first['publicKey'] = (stranger.tlogs[0] as Json)['publicKey'];
    }),
  ],
  [
    'id of another log over our key',
    'refused',
    edit((lists) => {
      const [first] = lists.tlogs as [Json];
      first['logId'] = (stranger.tlogs[0] as Json)['logId'];
    }),
  ],
  [
    'log key that cannot be read',
    'refused',
    edit((lists) => {
      const key = (lists.tlogs[0] as Json)['publicKey'] as Json;
      key['rawBytes'] = 'MAA=';
    }),
  ],
];
