/** Objects of every variety that is good: what the fuzzer starts from. The ending tells kind and hash function. */
import { encodeUtf8String } from '../../../src/core/derEncode.ts';
import { COMMIT, email, embed, extension } from '../../core/toySigstore.ts';
import { newRepository } from '../../trust/repository.ts';
import { forge, toy } from '../attacks/forge.ts';
import { commit, donorCommit, donorTag, forged, forgedPayload, signCommit, tag } from './pieces.ts';
import { trustedRoot, witnessed } from './witnesses.ts';

const PERSON = 'Alice <alice@example.com> 1780315200 +0200';
const SHA256_COMMIT = Buffer.from(
  `tree ${'1'.repeat(64)}\nparent ${'2'.repeat(64)}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nmessage\n`,
);
const PUSH_CERTIFICATE = Buffer.from(
  `certificate version 0.1\npusher ${PERSON}\nnonce 1-2\n\n${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\n`,
);
const claims = [9, 11, 12, 13, 14, 15, 17, 20, 21].map((number) =>
  extension(`1.3.6.1.4.1.57264.1.${number}`, encodeUtf8String(`claim ${number}`)),
);
const push = forge(PUSH_CERTIFICATE);
const stamped = witnessed({ log: 'v1' });
const newLog = witnessed({ log: 'v2' });
const online = witnessed({ log: 'elsewhere', withoutToken: true });
const CENTURY_HOURS = 24 * 36_525;

export const SEEDS: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['plain.commit', commit],
  ['other.commit', donorCommit],
  ['mergetag.commit', forgedPayload('S24 mergetag')],
  ['encoding.commit', forgedPayload('encoding')],
  ['user_name.commit', forged('S02 user name')],
  ['two_scts.commit', forged('X04 unknown log beside the known')],
  ['witness.commit', forged('S12 line of a witness')],
  ['huge_tree.commit', forged('tree of 2^62 leaves')],
  ['claims.commit', signCommit(COMMIT, { leaf: { extensions: [...toy.leafExtensions(), ...claims] } })],
  ['bob.commit', signCommit(COMMIT, { leaf: { extensions: [...leafWithout(), email('bob@example.com')] } })],
  ['sha256.commit256', embed(SHA256_COMMIT, forge(SHA256_COMMIT), 'gpgsig-sha256')],
  ['stamped.commit', stamped.object],
  ['rekor_v2.commit', newLog.object],
  ['rekor_v2.entry', newLog.entry],
  ['stamped.token', stamped.token],
  ['online.unproven', online.object],
  ['online.entry', online.entry],
  ['plain.tag', tag],
  ['other.tag', donorTag],
  ['push_certificate.payload', PUSH_CERTIFICATE],
  ['push_certificate.signature', Buffer.from(push)],
  ['tuf.repository', tufRepository()],
];

/** The leaf's extensions but for the name, which is the fourth. */
function leafWithout(): readonly Uint8Array[] {
  return toy.leafExtensions().filter((_, place) => place !== 3);
}

/** The files of a TUF repository in its second version, as JSON by path: what is good now is good for long. */
function tufRepository(): Buffer {
  const repository = newRepository({ 'trusted_root.json': Buffer.from(`${trustedRoot}\n`) });
  const { files, hours } = repository;
  for (const role of ['root', 'targets', 'snapshot', 'timestamp'] as const) hours[role] = CENTURY_HOURS;
  repository.rotate();
  repository.publish();
  return Buffer.from(
    JSON.stringify(Object.fromEntries([...files].map(([path, bytes]) => [path, `${bytes}`]))),
  );
}
