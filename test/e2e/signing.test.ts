/** The signing call, as git and everybody else makes it. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeArmor } from '../../src/core/armor.ts';
import {
  commitPayload,
  expectRefused,
  expectSigned,
  expectVerifies,
  SIG_CREATED,
  storeCommit,
  verifyLikeGit,
  writeTemporary,
} from './signature.ts';
import { type Call, makeWorld, type World } from './world.ts';

let world: World;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  world = await makeWorld();
  env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
});
afterAll(() => world?.close());

const PAYLOAD = commitPayload('hello\n');

const signed = (args: readonly string[], options: Call = {}) =>
  world.signet(args, { input: PAYLOAD, mayFail: true, ...options, env: { ...env, ...options.env } });

describe('how callers ask for a signature', () => {
  const withStatus: readonly (readonly [string, readonly string[]])[] = [
    ['git', ['--status-fd=2', '-bsau', 'alice@example.com']],
    ['git, with its default key', ['--status-fd=2', '-bsau', 'Alice Example <alice@example.com>']],
    ['git, with an empty key', ['--status-fd=2', '-bsau', '']],
    ['git, with a key like an option', ['--status-fd=2', '-bsau', '--verify']],
    ['EGit', ['--batch', '--no-tty', '--status-fd', '2', '-bsau', 'alice@example.com']],
    [
      'dulwich and gpgme',
      [
        '--quiet',
        '--status-fd',
        '2',
        '--armor',
        '--detach-sign',
        '--local-user',
        'key',
        '--include-certs',
        '-2',
      ],
    ],
    [
      'all long options',
      [
        '--sign',
        '--detach-sign',
        '--armor',
        '--local-user=key',
        '--status-fd=2',
        '--include-certs=1',
        '--keyid-format=long',
        '--batch',
        '--no-tty',
        '--quiet',
      ],
    ],
    ['gitsign by hand', ['--detached-sign', '-a', '-uKEY', '--include-certs', '-2', '--status-fd=2']],
    ['standard input by name', ['--status-fd=2', '-bsau', 'key', '-']],
  ];
  it.each(withStatus)('%s', async (_, args) => {
    const ended = await signed(args);
    expectSigned(ended);
    await expectVerifies(world, ended.stdout, PAYLOAD);
  });

  const withoutStatus: readonly (readonly [string, readonly string[]])[] = [
    ['jj', ['-abu', 'alice@example.com']],
    ['gitsign by hand', ['-b', '-a']],
    ['gitsign, status to nowhere', ['--sign', '--detach-sign', '--armor', '--status-fd', '-1']],
  ];
  it.each(withoutStatus)('%s: no status line where none is asked for', async (_, args) => {
    const ended = await signed(args);
    expectSigned(ended, 'no status');
    await expectVerifies(world, ended.stdout, PAYLOAD);
  });

  it('a file in the place of standard input', async () => {
    for (const last of [[], ['--']]) {
      const ended = await signed(['--status-fd=2', '-bsa', ...last, writeTemporary(world, PAYLOAD)], {
        input: 'something else',
      });
      expectSigned(ended);
      await expectVerifies(world, ended.stdout, PAYLOAD);
    }
  });

  it('without --armor: the DER itself', async () => {
    const { code, stdoutBytes, stderr } = await signed(['--status-fd=2', '-bsu', 'key']);
    expect(code).toBe(0);
    expect(stderr.trim().split('\n')[1]).toMatch(SIG_CREATED);
    expect(stdoutBytes[0]).toBe(0x30);
    await expectVerifies(world, encodeArmor(stdoutBytes), PAYLOAD);
  });

  it('names the time that the log proves in SIG_CREATED', async () => {
    const { stderr, stdout } = await signed(['--status-fd=2', '-bsau', 'key']);
    const [, seconds] = SIG_CREATED.exec(stderr.split('\n')[1] ?? '') ?? [];
    const verified = await verifyLikeGit(world, stdout, PAYLOAD);
    expect(verified.stdout.split('\n')[2]?.split(' ')[4]).toBe(seconds);
    expect(verified.stdout.split('\n')[2]?.split(' ')[2]).toBe(stderr.trim().split(' ').at(-1));
  });

  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'an unknown long option',
      ['--status-fd=2', '-bsau', 'key', '--clearsign'],
      /unknown option --clearsign/,
    ],
    ['an unknown short option', ['--status-fd=2', '-bsax', 'key'], /unknown option -x/],
    ['a missing key', ['--status-fd=2', '-bsau'], /option -u needs a value/],
    ['a descriptor that is none', ['--status-fd=stdout', '-bsau', 'key'], /--status-fd needs the number/],
    ['a descriptor that is closed', ['--status-fd=77', '-bsau', 'key'], /EBADF/],
    ['two files', ['-bsa', 'one', 'two'], /only one file/],
    [
      'a file that is not there',
      ['--status-fd=2', '-bsa', '/nonexistent/file'],
      /\/nonexistent\/file cannot be read/,
    ],
    [
      'a folder in the place of a file',
      ['--status-fd=2', '-bsa', '/'],
      /The input cannot be read \(EISDIR\)/,
    ],
    ['an attached signature', ['--status-fd=2', '-sau', 'key'], /Only detached signatures/],
    ['neither signing nor verifying', ['--status-fd=2', '-au', 'key'], /neither --sign nor --verify/],
    ['both', ['--verify', '-bsau', 'key', 'file', '-'], /--verify goes with no option for signing/],
  ];
  it.each(wrong)('%s is refused with exit 2', async (_, args, reason) => {
    expectRefused(await signed(args), 2, reason);
  });
});

describe('how callers ask for a verification', () => {
  let armor: string;
  beforeAll(async () => {
    armor = (await signed(['-bsau', ''])).stdout;
  });

  it('jj: two files and an empty standard input', async () => {
    const files = [writeTemporary(world, armor), writeTemporary(world, PAYLOAD)];
    const verified = await world.signet(['--status-fd=1', '--verify', ...files], { input: '' });
    expect(verified.stdout).toMatch(/^\[GNUPG:\] NEWSIG\n\[GNUPG:\] GOODSIG /);
    const other = [files[0] ?? '', writeTemporary(world, commitPayload('other\n'))];
    const refused = await world.signet(['--status-fd=1', '--verify', ...other], { input: '', mayFail: true });
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/^\[GNUPG:\] NEWSIG\n\[GNUPG:\] BADSIG /);
  });

  it('with long options around it', async () => {
    const file = writeTemporary(world, armor);
    const args = ['--batch', '--no-tty', '--keyid-format=long', '--status-fd', '1', '--verify', file, '-'];
    expect((await world.signet(args, { input: PAYLOAD })).stdout).toMatch(/GOODSIG/);
    expect((await world.signet(['-v', file, '-'], { input: PAYLOAD })).stdout).toBe('');
  });

  it.each([
    ['no file', ['--status-fd=1', '--verify']],
    ['one file', ['--status-fd=1', '--verify', 'file']],
    ['three files', ['--status-fd=1', '--verify', 'a', 'b', 'c']],
    ['files that are not there', ['--status-fd=1', '--verify', '/nonexistent/a', '-']],
    ['an unknown option', ['--status-fd=1', '--verify', '--clever', 'a', '-']],
  ])('%s: ERRSIG and exit 2', async (_, args) => {
    const { code, stdout } = await world.signet(args, { input: PAYLOAD, mayFail: true });
    expect(code).toBe(2);
    expect(stdout.split('\n').map((line) => line.split(' ')[1])).toEqual([
      'NEWSIG',
      'ERROR',
      'NO_PUBKEY',
      'ERRSIG',
      'TRUST_UNDEFINED',
      undefined,
    ]);
  });

  it('says nothing good to a reader who has gone', async () => {
    const args = ['--status-fd=1', '--verify', writeTemporary(world, armor), '-'];
    const running = world.begin('signet', args, { input: PAYLOAD });
    running.child.stdout?.destroy();
    const { code, stderr } = await running.ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be written \(EPIPE\)/);
  });
});

describe('what is signed, byte for byte', () => {
  const payloads: readonly (readonly [string, Buffer])[] = [
    ['no final newline', commitPayload('no newline')],
    ['an empty message', commitPayload('')],
    ['CRLF', commitPayload('one\r\ntwo\r\n')],
    ['every byte but NUL', commitPayload(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i % 255) + 1)))],
    ['a line of 70,000 characters', commitPayload(`${'x'.repeat(70_000)}\n`)],
    ['5 MB', commitPayload(`${'0123456789abcde\n'.repeat(327_680)}`)],
    [
      'text like a signature',
      commitPayload('-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n'),
    ],
  ];
  it.each(payloads)('%s: signed, stored, accepted by git; and not with one byte more', async (_, payload) => {
    const ended = await signed(['--status-fd=2', '-bsau', 'key'], { input: payload });
    expectSigned(ended);
    const commit = await storeCommit(world, payload, ended.stdout);
    expect((await world.git(['verify-commit', commit], { mayFail: true })).code).toBe(0);
    const more = await storeCommit(world, Buffer.concat([payload, Buffer.from('.')]), ended.stdout);
    const refused = await world.git(['verify-commit', more], { mayFail: true });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/BAD signature/);
  });

  it.each([
    ['nothing', '', 2, /the payload is empty/],
    [
      'a tag without final newline',
      `object ${'0'.repeat(40)}\ntype commit\ntag v\ntagger A <a@b.c> 1 +0000\n\nx`,
      2,
      /does not end in a newline/,
    ],
  ])('%s is refused', async (_, payload, exitCode, reason) => {
    expectRefused(await signed(['--status-fd=2', '-bsau', 'key'], { input: payload }), exitCode, reason);
  });

  it('more than any commit has is refused, and not half of it signed', async () => {
    const tooMuch = Buffer.alloc((64 << 20) + 1, 'x');
    const ended = await signed(['--status-fd=2', '-bsau', 'key'], { input: tooMuch });
    expectRefused(ended, 2, /larger than/);
  });
});

describe('surroundings', () => {
  const surroundings: readonly (readonly [string, NodeJS.ProcessEnv])[] = [
    ['no HOME', { HOME: undefined, XDG_RUNTIME_DIR: undefined }],
    ['a HOME that is not there', { HOME: '/nonexistent', XDG_RUNTIME_DIR: '/nonexistent' }],
    ['a HOME in which nothing can be made', { HOME: '/proc', XDG_RUNTIME_DIR: '/proc' }],
    ['a HOME that is a file', { HOME: '/dev/null', XDG_RUNTIME_DIR: '/dev/null' }],
  ];
  it.each(surroundings)('%s does not keep anybody from signing', async (_, more) => {
    const ended = await signed(['--status-fd=2', '-bsau', 'key'], { env: more });
    expectSigned(ended);
    expect(ended.ms).toBeLessThan(10_000);
  });

  it.each([
    ['no git on PATH', { PATH: '/nonexistent' }, /git is not on the PATH/],
    ['git in the current folder only', { PATH: '.' }, /git is not on the PATH/],
  ])('%s: exit 2', async (_, more, reason) => {
    expectRefused(await signed(['--status-fd=2', '-bsau', 'key'], { env: more }), 2, reason);
  });
});

describe('standard output', () => {
  it('of a reader who has gone: fails, and nothing is called created', async () => {
    const running = world.begin('signet', ['--status-fd=2', '-bsau', 'key'], { input: PAYLOAD, env });
    running.child.stdout?.destroy();
    expectRefused(await running.ended, 2, /BEGIN_SIGNING\n.*FAILURE sign.*\n.*cannot be written \(EPIPE\)/);
  });

  it.skipIf(!existsSync('/dev/full'))('on a full disk: fails, and nothing is called created', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      const ended = await signed(['--status-fd=2', '-bsau', 'key'], { stdout: full });
      expectRefused(ended, 2, /FAILURE sign.*\n.*cannot be written \(ENOSPC\)/);
    } finally {
      closeSync(full);
    }
  });

  it('holds the armor alone when the browser talks, in git’s object too', async () => {
    const talking = { BROWSER: world.browser };
    let ended: Awaited<ReturnType<World['signet']>> | undefined;
    const logins = await world.loggingInAs('alice@example.com', async () => {
      ended = await world.signet(['--status-fd=2', '-bsau', 'key'], { input: PAYLOAD, env: talking });
    });
    expect(logins).toBe(1);
    if (ended === undefined) throw new Error('nothing was signed');
    expectSigned(ended);
    await world.forgetCredentials();
    await world.loggingInAs('alice@example.com', () =>
      world.git(['commit', '-q', '--allow-empty', '-m', 'talking'], { env: talking }),
    );
    const raw = (await world.git(['cat-file', 'commit', 'HEAD'])).stdout;
    expect(raw).toMatch(
      /\ngpgsig -----BEGIN SIGNED MESSAGE-----\n( [A-Za-z0-9+/=]{1,64}\n)+ -----END SIGNED MESSAGE-----\n\ntalking\n$/,
    );
    expect((await world.git(['verify-commit', 'HEAD'])).code).toBe(0);
  });
});
