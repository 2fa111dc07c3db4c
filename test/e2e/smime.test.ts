/** Signatures of other CMS programs, left to one that the person chose. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findProgram } from '../../src/adapters/findProgram.ts';
import { encodeArmor } from '../../src/core/armor.ts';
import { embed, ToySigstore } from '../core/toySigstore.ts';
import { type Ended, start } from './process.ts';
import { cleanEnvironment, PROGRAM } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-smime-'));
const repo = join(folder, 'repo');
const env = cleanEnvironment(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const git = (args: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  start('git', args, { cwd: repo, env: { ...env, ...extra } }).ended;

const PAYLOAD = `tree ${'4b825dc642cb6eb9a060e54bf8d69288fbee4904'}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nmessage\n`;

/** A commit with any CMS as its signature. */
async function store(armored: string, payload = PAYLOAD): Promise<string> {
  const child = start('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
    cwd: repo,
    env,
    input: embed(Buffer.from(payload), armored),
  });
  return (await child.ended).stdout.trim();
}

/** A program that answers this and notes how it was called. */
function makeProgram(name: string, status: string, exitCode: number): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!/bin/sh\nprintf '%s\\n' "$@" > '${path}.argv'\ncp "$3" '${path}.signature'\ncat > '${path}.stdin'\necho 'its own words' >&2\nprintf '${status}'\nexit ${exitCode}\n`,
    { mode: 0o755 },
  );
  return path;
}

const GOOD = '\\n[GNUPG:] NEWSIG\\n[GNUPG:] GOODSIG ABC CN=Somebody\\n[GNUPG:] TRUST_FULLY 0 shell\\n';
let armored: string;
let somebody: string;

beforeAll(async () => {
  mkdirSync(repo);
  await git(['init', '-q', '-b', 'main']);
  await git(['write-tree']);
  await git(['config', '--global', 'gpg.x509.program', 'git-signet']);
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  const quiet = { stdio: 'ignore', env } as const;
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      certificate,
      '-subj',
      '/CN=Somebody',
      '-days',
      '2',
    ],
    quiet,
  );
  const der = execFileSync(
    'openssl',
    ['cms', '-sign', '-binary', '-signer', certificate, '-inkey', key, '-outform', 'DER', '-md', 'sha256'],
    { input: PAYLOAD, env },
  );
  armored = encodeArmor(der);
  somebody = await store(armored);
});
beforeEach(() => git(['config', '--global', '--unset-all', 'signet.smimeProgram']));

test('without the setting nobody else is asked', async () => {
  const { code, stderr } = await git(['verify-commit', '--raw', somebody]);
  expect(code).toBe(1);
  expect(stderr).toContain('ERRSIG');
  expect((await git(['verify-commit', somebody])).stderr).toContain('Cannot judge this signature');
});

test('its answer is passed on whole, after the very same call', async () => {
  const program = makeProgram('good', GOOD, 0);
  await git(['config', '--global', 'signet.smimeProgram', program]);
  const { code, stderr } = await git(['verify-commit', '--raw', somebody]);
  expect([code, stderr]).toEqual([0, GOOD.replaceAll('\\n', '\n')]);
  expect(readFileSync(`${program}.argv`, 'utf8')).toMatch(/^--status-fd=1\n--verify\n\/.*\n-\n$/);
  expect(readFileSync(`${program}.stdin`, 'utf8')).toBe(PAYLOAD);
  const words = (await git(['verify-commit', somebody])).stderr;
  expect(words).toContain(`${program} says:`);
  expect(words).toContain('its own words');
  expect((await git(['log', '-1', '--format=%G? %GS', somebody])).stdout).toBe('G CN=Somebody\n');
});

test.each([
  ['its no', '[GNUPG:] NEWSIG\\n[GNUPG:] BADSIG ABC CN=Somebody\\n', 1, 'B'],
  ['good lines with a bad exit code', GOOD, 1, 'G'],
  ['silence', '', 0, 'N'],
])('%s is passed on too, and never becomes good', async (_, status, exitCode, letter) => {
  await git(['config', '--global', 'signet.smimeProgram', makeProgram('other', status, exitCode)]);
  expect((await git(['verify-commit', somebody])).code).toBe(1);
  expect((await git(['log', '-1', '--format=%G?', somebody])).stdout.trim()).toBe(letter);
});

test.each([
  ['a no of one that has not read all is passed on', 2, '1 its own words'],
  ['a yes is none', 0, '1 gave no answer'],
])('%s', async (_, exitCode, expected) => {
  const program = join(folder, 'hasty');
  writeFileSync(program, `#!/bin/sh\necho 'its own words' >&2\nexit ${exitCode}\n`, { mode: 0o755 });
  await git(['config', '--global', 'signet.smimeProgram', program]);
  const large = await store(armored, `${PAYLOAD}${'x'.repeat(4 << 20)}\n`);
  const { code, stderr } = await git(['verify-commit', large]);
  expect(`${code} ${/its own words|gave no answer/.exec(stderr)}`).toBe(expected);
});

describe('the repository cannot choose it', () => {
  test('by its own configuration', async () => {
    const program = makeProgram('planted', GOOD, 0);
    await git(['config', '--local', 'signet.smimeProgram', program]);
    try {
      const { code, stderr } = await git(['verify-commit', somebody]);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining("The repository's own signet.smimeProgram is ignored"),
      ]);
      expect(() => readFileSync(`${program}.argv`)).toThrow();
      // The person's own choice holds beside it.
      await git(['config', '--global', 'signet.smimeProgram', makeProgram('chosen', GOOD, 0)]);
      expect((await git(['verify-commit', somebody])).code).toBe(0);
      expect(() => readFileSync(`${program}.argv`)).toThrow();
    } finally {
      await git(['config', '--local', '--unset', 'signet.smimeProgram']);
    }
  });

  test('by a file in its tree', async () => {
    writeFileSync(join(repo, 'gpgsm'), `#!/bin/sh\nprintf '${GOOD}'\n`, { mode: 0o755 });
    await git(['config', '--global', 'signet.smimeProgram', './gpgsm']);
    const { code, stderr } = await git(['verify-commit', somebody], { PATH: `.:${env['PATH']}` });
    expect([code, stderr]).toEqual([1, expect.stringContaining('There is no program "./gpgsm"')]);
  });

  test('but switch it off', async () => {
    await git(['config', '--global', 'signet.smimeProgram', makeProgram('off', GOOD, 0)]);
    await git(['config', '--local', 'signet.smimeProgram', '']);
    expect((await git(['verify-commit', somebody])).code).toBe(1);
    await git(['config', '--local', '--unset', 'signet.smimeProgram']);
    expect((await git(['verify-commit', somebody])).code).toBe(0);
  });
});

describe('never asked', () => {
  const expectRefusal = async (oid: string): Promise<void> => {
    const program = makeProgram(`asked-${oid.slice(0, 8)}`, GOOD, 0);
    await git(['config', '--global', 'signet.smimeProgram', program]);
    expect((await git(['verify-commit', oid])).code).toBe(1);
    expect(() => readFileSync(`${program}.argv`)).toThrow();
  };

  test('about a signature of any Sigstore, known or not, right or broken', async () => {
    const armored = new ToySigstore().signPayload(Buffer.from(PAYLOAD));
    await expectRefusal(await store(armored));
    const lines = armored.split('\n');
    await expectRefusal(await store(lines.toSpliced(3, 0, '').join('\n')));
  });

  test('about a PGP signature that calls us', async () => {
    const signature = join(folder, 'pgp');
    writeFileSync(signature, '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n');
    await git(['config', '--global', 'signet.smimeProgram', makeProgram('pgp-asked', GOOD, 0)]);
    const call = start(process.execPath, [PROGRAM, '--status-fd=1', '--verify', signature, '-'], {
      cwd: repo,
      env,
      input: PAYLOAD,
    });
    expect((await call.ended).stdout).not.toContain('GOODSIG');
  });

  test('where signet.requirePolicy says that nothing is good without one', async () => {
    await git(['config', '--global', 'signet.requirePolicy', 'true']);
    await expectRefusal(somebody);
    await git(['config', '--global', '--unset', 'signet.requirePolicy']);
  });

  test('about push certificates', async () => {
    const program = makeProgram('pushed', GOOD, 0);
    await git(['config', '--global', 'signet.smimeProgram', program]);
    const signature = join(folder, 'signature');
    writeFileSync(signature, encodeArmor(Buffer.from('3003020101', 'hex')));
    const input = `certificate version 0.1\npusher A <a@b> 1 +0000\n\n${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\n`;
    const call = start(process.execPath, [PROGRAM, '--status-fd=1', '--verify', signature, '-'], {
      cwd: repo,
      env,
      input,
    });
    expect((await call.ended).stdout).toContain('ERRSIG');
    expect(() => readFileSync(`${program}.argv`)).toThrow();
  });
});

test('a program that is not there, dies or asks us again is an error or our own verdict', async () => {
  await git(['config', '--global', 'signet.smimeProgram', 'no-such-program']);
  expect((await git(['verify-commit', somebody])).stderr).toContain('There is no program "no-such-program"');
  const dying = join(folder, 'dying');
  writeFileSync(dying, `#!/bin/sh\nprintf '${GOOD}'\nkill -9 $$\n`, { mode: 0o755 });
  await git(['config', '--global', 'signet.smimeProgram', dying]);
  expect((await git(['log', '-1', '--format=%G?', somebody])).stdout.trim()).toBe('E');
  expect((await git(['verify-commit', somebody])).stderr).toContain('gave no answer');
  await git(['config', '--global', 'signet.smimeProgram', 'git-signet']);
  expect((await git(['log', '-1', '--format=%G?', somebody])).stdout.trim()).toBe('E');
});

const hasGpgsm = findProgram('gpgsm', process.env) !== undefined;
if (!hasGpgsm) console.log('skipped: gpgsm is not installed');

test.skipIf(!hasGpgsm)('real gpgsm judges S/MIME', async () => {
  const home = join(folder, 'gnupg');
  mkdirSync(home, { mode: 0o700 });
  const own = { GNUPGHOME: home };
  writeFileSync(join(home, 'gpgsm.conf'), 'disable-crl-checks\ndisable-dirmngr\n');
  const print = ['x509', '-in', join(folder, 'certificate.pem'), '-noout', '-fingerprint', '-sha1'];
  const [, fingerprint = ''] = execFileSync('openssl', print, { env }).toString().trim().split('=');
  await git(['config', '--global', 'signet.smimeProgram', 'gpgsm']);
  try {
    expect((await git(['verify-commit', somebody], own)).code).toBe(1);
    writeFileSync(join(home, 'trustlist.txt'), `${fingerprint} S relax\n`);
    execFileSync('gpgconf', ['--kill', 'all'], { env: { ...env, ...own }, stdio: 'ignore' });
    expect((await git(['log', '-1', '--format=%G? %GS', somebody], own)).stdout).toBe('G /CN=Somebody\n');
    expect((await git(['verify-commit', somebody], own)).code).toBe(0);
    const raw = (await git(['cat-file', 'commit', somebody])).stdout.replace('message', 'massage');
    const changed = (
      await start('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], { cwd: repo, env, input: raw })
        .ended
    ).stdout.trim();
    expect((await git(['log', '-1', '--format=%G?', changed], own)).stdout.trim()).toBe('B');
  } finally {
    execFileSync('gpgconf', ['--kill', 'all'], { env: { ...env, ...own }, stdio: 'ignore' });
  }
});
