import { describe, expect, test } from 'vitest';
import { committerAddress, payloadKind, splitObject } from '../../src/core/gitObject.ts';
import { checkPayload } from '../../src/core/payload.ts';

const ARMOR = '-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n';
const PGP = '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n';
const HEAD = `tree ${'1'.repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter C <c@d> 1 +0000\n`;
const TAG = `object ${'1'.repeat(40)}\ntype commit\ntag v1\ntagger T <t@u> 1 +0000\n\ntext\n`;
const fold = (name: string, armor = ARMOR) => `${name} ${armor.slice(0, -1).replaceAll('\n', '\n ')}\n`;
const commit = (text: string, format: 'sha1' | 'sha256' = 'sha1') =>
  splitObject(Buffer.from(text, 'latin1'), 'commit', format);
const tag = (text: string) => splitObject(Buffer.from(text, 'latin1'), 'tag', 'sha1');
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('latin1');

describe('splitting a commit', () => {
  test.each([
    ['before the blank line', `${HEAD}${fold('gpgsig')}\nm`, `${HEAD}\nm`, ARMOR],
    ['with CR and no final LF', `${HEAD}${fold('gpgsig')}\nm\r\n\r\nx`, `${HEAD}\nm\r\n\r\nx`, ARMOR],
    ['before other headers', `${HEAD}${fold('gpgsig')}x y\n\nm`, `${HEAD}x y\n\nm`, ARMOR],
    [
      'with the other hash beside it',
      `${HEAD}${fold('gpgsig')}${fold('gpgsig-sha256')}\nm`,
      `${HEAD}\nm`,
      ARMOR,
    ],
    ['with a trailing blank line', `${HEAD}${fold('gpgsig')} \n\nm`, `${HEAD}\nm`, `${ARMOR}\n`],
    [
      'with gpgsig in the message',
      `${HEAD}${fold('gpgsig')}\n${fold('gpgsig')}`,
      `${HEAD}\n${fold('gpgsig')}`,
      ARMOR,
    ],
    [
      'with a folded look-alike',
      `${HEAD}mergetag x\n gpgsig y\n${fold('gpgsig')}\nm`,
      `${HEAD}mergetag x\n gpgsig y\n\nm`,
      ARMOR,
    ],
  ])('%s', (_, raw, payload, signature) => {
    const split = commit(raw);
    expect(text(split.payload)).toBe(payload);
    expect(text(split.signature)).toBe(signature);
    expect(split.format).toBe('cms');
  });

  test.each([
    [`${HEAD}\nm`, 'none', 'the commit is not signed'],
    [`${HEAD}${fold('gpgsig-sha256')}\nm`, 'none', 'the signature is in gpgsig-sha256, not in gpgsig'],
    [`${HEAD}${fold('gpgsig')}${fold('gpgsig')}\nm`, 'malformed', 'the header gpgsig occurs twice'],
    [`${HEAD}${fold('gpgsig')}x y\n${fold('gpgsig')}\nm`, 'malformed', 'the header gpgsig occurs twice'],
    [`${HEAD}${fold('gpgsig', PGP)}${fold('gpgsig', PGP)}\nm`, 'pgp', 'the header gpgsig occurs twice'],
    [`${HEAD}${fold('gpgsigx')}\nm`, 'malformed', 'the object has an unknown header that begins with gpgsig'],
    [`${HEAD}gpgsig\n\nm`, 'malformed', 'the object has an unknown header that begins with gpgsig'],
    [`${fold('gpgsig')}${HEAD}\nm`, 'malformed', 'the signature stands before the first header'],
    [
      `${HEAD}${fold('gpgsig', `junk\n${ARMOR}`)}\nm`,
      'malformed',
      'the signature begins with no known armor line',
    ],
    [`${HEAD}${fold('gpgsig', 'x\n')}\nm`, 'malformed', 'the signature begins with no known armor line'],
    [`${HEAD}${fold('gpgsig', PGP)}\nm`, 'pgp', 'the signature is made with OpenPGP'],
    [`${HEAD}${fold('gpgsig', `junk\n${PGP}`)}\nm`, 'pgp', 'the signature is made with OpenPGP'],
    [`${HEAD}gpgsig -----BEGIN SSH SIGNATURE-----\n\nm`, 'ssh', 'the signature is made with SSH'],
    [HEAD, 'malformed', 'the header has no end'],
    [`${HEAD}gpgsig x\n y`, 'malformed', 'the header has no end'],
    ['', 'malformed', 'the header has no end'],
  ])('tells what is wrong: %#', (raw, format, reason) => {
    const split = commit(raw);
    expect([split.format, split.reason]).toEqual([format, reason]);
  });

  test('reads the header of the repository’s own hash', () => {
    const both = `${HEAD}${fold('gpgsig', PGP)}${fold('gpgsig-sha256')}\nm`;
    expect(commit(both).format).toBe('pgp');
    expect(commit(both, 'sha256').format).toBe('cms');
  });
});

describe('splitting a tag', () => {
  test('takes the last armor on a line of its own', () => {
    expect(text(tag(TAG + ARMOR).payload)).toBe(TAG);
    expect(text(tag(TAG + ARMOR).signature)).toBe(ARMOR);
    expect(text(tag(TAG + PGP + ARMOR).payload)).toBe(TAG + PGP);
    expect(tag(TAG + ARMOR + PGP).format).toBe('pgp');
    expect(text(tag(`${TAG}${ARMOR}x${PGP}`).signature)).toBe(`${ARMOR}x${PGP}`);
    const compat = TAG.replace('\n\n', `\n${fold('gpgsig-sha256')}\n`);
    expect(text(tag(compat + ARMOR).payload)).toBe(TAG);
  });

  test.each([
    [TAG, 'none', 'the tag is not signed'],
    [`${TAG}x${ARMOR}`, 'none', 'the tag is not signed'],
    [`${TAG}-----BEGIN PKCS7-----\n`, 'none', 'the tag is not signed'],
    [TAG + ARMOR.slice(0, -1), 'malformed', 'the signature does not end in a line feed'],
    [
      TAG.replace('\n\n', `\n${fold('gpgsig')}${fold('gpgsig')}\n`) + ARMOR,
      'malformed',
      'the header gpgsig occurs twice',
    ],
    [ARMOR, 'malformed', 'the header has no end'],
  ])('tells what is wrong: %#', (raw, format, reason) => {
    const split = tag(raw);
    expect([split.format, split.reason]).toEqual([format, reason]);
  });
});

describe('the payload', () => {
  const check = (payload: string, kind?: 'commit' | 'tag') =>
    checkPayload(Buffer.from(payload, 'latin1'), { kind, objectFormat: kind && 'sha1' });
  const CERT =
    'certificate version 0.1\npusher K 1 +0000\npushee u\nnonce n\npush-option a\npush-option b\n\n1 2 r\n';

  test.each([
    ['a commit', `${HEAD}\nm`, 'commit'],
    ['a commit without message', `${HEAD}\n`, 'commit'],
    [
      'a merge',
      `${HEAD.replace('author', `parent ${'2'.repeat(40)}\nparent ${'3'.repeat(40)}\nauthor`)}\nm`,
      'commit',
    ],
    [
      'other headers',
      `${HEAD}encoding ISO-8859-1\nHG:rename x\nmergetag object\n tree x\n \n y\nchange-id z\n\n\xe9`,
      'commit',
    ],
    ['a person without name', `${HEAD.replace('A <a@b>', '<>')}\n`, 'commit'],
    ['a tag', TAG, 'tag'],
    ['a push certificate', CERT, 'push-certificate'],
    ['anything else', 'hello', 'unknown'],
  ])('may be %s', (_, payload, kind) => {
    expect(check(payload)).toBe(kind);
    expect(payloadKind(Buffer.from(payload))).toBe(kind);
  });

  const parent = `parent ${'2'.repeat(40)}\n`;
  const again = (name: string) => `the header ${name} occurs twice or in the wrong place`;
  const notGit = (kind: string) => `the header of the ${kind} is not as git writes it`;
  test.each([
    [`${HEAD}\nm\0x`, 'the payload holds a NUL byte'],
    [HEAD, 'the payload has no blank line after its header'],
    [`tree ${'1'.repeat(40)}\n${HEAD}\n`, notGit('commit')],
    [`${HEAD}tree ${'1'.repeat(40)}\n\n`, again('tree')],
    [`${HEAD}x y\n${parent}\n`, again('parent')],
    [`${HEAD}author A <a@b> 1 +0000\n\n`, again('author')],
    [`${HEAD}committer A <a@b> 1 +0000\n\n`, again('committer')],
    [`${HEAD}encoding a\nencoding b\n\n`, again('encoding')],
    [`${HEAD}x y\nencoding b\nz encoding\nencoding c\n\n`, again('encoding')],
    [`${HEAD} more\n\n`, notGit('commit')],
    [`${HEAD.replace('1'.repeat(40), '1'.repeat(39))}\n`, notGit('commit')],
    [`${HEAD.replace('1'.repeat(40), 'A'.repeat(40))}\n`, notGit('commit')],
    [`${HEAD.replace('author', `parent ${'2'.repeat(64)}\nauthor`)}\n`, notGit('commit')],
    [`${HEAD.replace('<a@b>', 'a@b')}\n`, notGit('commit')],
    [`${HEAD.replace('<c@d> 1', '<c@d>')}\n`, notGit('commit')],
    [`${HEAD.replace('committer', 'commiter')}\n`, notGit('commit')],
    [TAG.replace('type commit', 'type x'), notGit('tag')],
    [TAG.replace('tag v1', 'tag '), notGit('tag')],
    [TAG.replace('tagger T', 'x y'), notGit('tag')],
    [TAG.replace('\n\n', '\nobject x\n\n'), notGit('tag')],
    [CERT.replace('0.1', '0.2'), notGit('push-certificate')],
    [CERT.replace('nonce n', 'nonce n\nnonce m'), notGit('push-certificate')],
    [CERT.replace('pushee u\nnonce n', 'nonce n\npushee u'), notGit('push-certificate')],
    [CERT.replace('pusher', 'x'), notGit('push-certificate')],
    [CERT.replace('pusher K 1 +0000\n', ''), notGit('push-certificate')],
  ])('is refused: %#', (payload, reason) => {
    expect(() => check(payload)).toThrow(reason);
  });

  test('must be of the kind and hash of its object', () => {
    expect(() => check(TAG, 'commit')).toThrow('the payload of the commit does not begin like one');
    expect(() => check(`${HEAD}\n`, 'tag')).toThrow('the payload of the tag does not begin like one');
    const long = `${HEAD.replace('1'.repeat(40), '1'.repeat(64))}\n`;
    expect(check(long)).toBe('commit');
    expect(() => check(long, 'commit')).toThrow(notGit('commit'));
  });

  test('gives the address that it claims', () => {
    expect(committerAddress(Buffer.from(`${HEAD}\ncommitter X <x@y>\n`))).toBe('c@d');
    expect(committerAddress(Buffer.from(TAG))).toBe('t@u');
    expect(committerAddress(Buffer.from(CERT))).toBeUndefined();
  });
});
