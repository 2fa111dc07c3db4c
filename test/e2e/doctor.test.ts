/** `git-signet doctor` with real git: each thing that goes wrong, beside the same where it does not. */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cacheFileOf } from '../../src/adapters/codeCache.ts';
import { makeWorld, PROGRAM, type World } from './world.ts';

// Each call starts a dozen of git's: on a machine under load some tests take their time.
vi.setConfig({ testTimeout: 120_000 });

const ISSUER = 'https://login.example.com';
const ESCAPE = '\u001b';

let world: World;
let healthy: NodeJS.ProcessEnv;
let policy: string;
beforeAll(async () => {
  world = await makeWorld();
  await world.git(['config', 'tag.gpgSign', 'true']);
  await mintedCommit('2026-01-01T00:00:00Z');
  const { stdout } = await world.signet(['verify', 'HEAD', '--format', 'json']);
  const { instance } = JSON.parse(stdout).objects[0].signer;
  policy = `version = 1\ninstance = ["${instance}"]\n[signers]\nalice = { email = "alice@example.com", issuer = "${ISSUER}" }\n`;
  const file = script('policy.toml', policy);
  healthy = settings({ 'signet.policy': file });
}, 60_000);
afterAll(() => world?.close());

/** As alice, whose address is in user.email, at that time. */
async function mintedCommit(time: string, env: NodeJS.ProcessEnv = {}) {
  const as = ['--san', 'email:alice@example.com', '--issuer', ISSUER, '--time', time];
  const state = ['--state', join(world.folder, 'sandbox')];
  const commit = ['git', 'commit', '-q', '--allow-empty', '-m', 'minted'];
  await world.signet(['sandbox', 'mint', ...state, ...as, '--', ...commit], { env });
}

/** Settings for one call: git takes them from the environment, stronger than all files. */
function settings(values: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const all = Object.entries(values).flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return { ...Object.fromEntries(all), GIT_CONFIG_COUNT: String(Object.keys(values).length) };
}

function script(name: string, text: string): string {
  const path = join(world.folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

interface Found {
  readonly what: string;
  readonly level: string;
  readonly text: string;
  readonly remedy: string;
}

interface Where {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly online?: boolean;
}

async function doctor({ online = false, env = healthy, ...where }: Where = {}) {
  const args = ['doctor', '--format', 'json', ...(online ? ['--online'] : [])];
  const { code, stdout } = await world.signet(args, { ...where, env, mayFail: true });
  const { findings, exitCode, schema } = JSON.parse(stdout);
  expect([schema, exitCode]).toEqual(['git-signet/doctor/v1', code]);
  const all = findings as readonly Found[];
  const about = (what: string) => all.filter((one) => one.what === what);
  return { code, stdout, about, levels: all.map(({ what, level }) => `${what}: ${level}`) };
}

describe('a repository in which nothing is wrong', () => {
  it('is told line by line, without asking anybody', async () => {
    const before = await world.requestCounts();
    const { code, levels } = await doctor();
    // The build made it for the Node that ran it.
    const cached = existsSync(cacheFileOf(resolve(PROGRAM, '../../dist/main.cjs'))) ? 'ok' : 'warn';
    expect([code, levels]).toEqual([
      0,
      [
        ...['node: ok', 'git: ok', 'program: ok', 'signing: ok', `code cache: ${cached}`, 'settings: ok'],
        ...[
          'identity: ok',
          'keychain: ok',
          'trust: warn',
          'services: ok',
          'clock: ok',
          'policy: ok',
          'notes: ok',
        ],
      ],
    ]);
    expect(await world.requestCounts()).toEqual(before);
  });

  it('asks the services with --online', async () => {
    const { code, about } = await doctor({ online: true });
    expect([code, about('services').map(({ level }) => level)]).toEqual([0, ['ok', 'ok', 'ok']]);
    expect(about('clock')).toMatchObject([{ level: 'ok', text: 'that of the services' }]);
  });

  it('is a table for people, in colours where they are wanted', async () => {
    const { stdout } = await world.signet(['doctor'], { env: healthy });
    expect(stdout).toMatch(/^ok {5}git {11}git \d/m);
    expect(stdout).toMatch(/^warn {3}trust .* sandbox.*\n {18}-> Where that is not meant/m);
    expect(stdout).toContain('git merge --verify-signatures looks at the tip only');
    expect(stdout).toMatch(/\nNothing is wrong, 1 to look at\.\n$/);
    const coloured = await world.signet(['doctor'], { env: { ...healthy, FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain(`${ESCAPE}[33mwarn`);
  });

  it('is enough outside of any repository', async () => {
    const { code, about } = await doctor({ env: {}, cwd: world.home });
    expect([code, about('notes'), about('hook')]).toEqual([0, [], []]);
  });
});

describe('what is wrong in the settings', () => {
  // What has nothing to do with each other shares a call, and hides nothing of the rest.
  it.concurrent.each<
    [Readonly<Record<string, string>>, number, readonly (readonly [string, string, RegExp])[]]
  >([
    [
      { 'gpg.x509.program': 'not-there', 'commit.gpgSign': 'no', 'tag.gpgSign': 'no' },
      2,
      [
        ['program', 'wrong', /cannot start not-there/],
        ['signing', 'ok', /only with -S and -s/],
      ],
    ],
    [
      { 'gpg.x509.program': '', 'signet.policy': '/not/there' },
      2,
      [
        ['program', 'wrong', /starts gpgsm/],
        ['policy', 'wrong', /\/not\/there cannot be read/],
      ],
    ],
    [
      { 'gpg.format': 'openpgp', 'gpg.x509.program': '', 'signet.alow': 'x', 'user.email': '' },
      0,
      [
        ['program', 'warn', /starts gpgsm/],
        ['settings', 'warn', /signet\.alow is no setting/],
        ['policy', 'warn', /sound signature by anybody is good/],
        ['identity', 'warn', /user\.email is not set/],
      ],
    ],
    [
      {
        'gpg.format': 'ssh',
        'signet.allow': 'alice@example.com github',
        'user.email': `${ESCAPE}[31mx`,
      },
      0,
      [
        ['signing', 'warn', /gpg\.format is ssh/],
        ['policy', 'ok', /1 identities in signet\.allow/],
        ['identity', 'ok', /\[31mx/],
      ],
    ],
    [
      { 'gitsign.fulcio': 'https://fulcio.acme.example', 'signet.fulcio': '' },
      0,
      [['settings', 'warn', /^gitsign\.fulcio is gitsign's, and not read here/]],
    ],
    [{ 'gitsign.fulcio': 'https://fulcio.acme.example' }, 0, [['settings', 'ok', /all valid/]]],
    [{ 'signet.maxCommits': 'many' }, 2, [['settings', 'wrong', /signet\.maxCommits/]]],
    [{ 'signet.trustedRoot': '/not/there' }, 6, [['trust', 'wrong', /no such file/]]],
    [{ 'signet.requirePolicy': 'true' }, 2, [['policy', 'wrong', /refuses everything without one/]]],
  ])('%j: exit %i', async (values, exitCode, expected) => {
    const { code, about } = await doctor({ env: settings(values) });
    expect(code).toBe(exitCode);
    for (const [what, level, text] of expected) {
      const [found] = about(what);
      expect([what, found]).toEqual([
        what,
        expect.objectContaining({ level, text: expect.stringMatching(text) }),
      ]);
      expect(found?.remedy === '').toBe(level === 'ok');
    }
  });

  it.concurrent('tells one fault once', async () => {
    const { code, about, levels } = await doctor({ env: settings({ 'signet.requirePolicy': 'maybe' }) });
    expect([code, about('settings')[0]?.text]).toEqual([
      2,
      expect.stringMatching(/requirePolicy \("maybe"\) is neither/),
    ]);
    expect(levels.filter((line) => line.endsWith('wrong'))).toEqual(['settings: wrong']);
  });

  it('starts a program to ask for its version, but none that the repository names', async () => {
    const touched = join(world.folder, 'touched');
    const other = script('other', `#!/bin/sh\ntouch ${touched}\necho 0.0.9\n`);
    const gitsign = script('gitsign', '#!/bin/sh\necho gitsign version v0.13.0\n');
    const program = async (env: NodeJS.ProcessEnv) => (await doctor({ env })).about('program')[0];
    await world.git(['config', 'gpg.x509.program', other]);
    expect(await program({})).toMatchObject({
      level: 'warn',
      text: expect.stringMatching('which this repository names'),
    });
    expect(() => rmSync(touched)).toThrow();
    expect(await program(settings({ 'gpg.x509.program': other }))).toMatchObject({
      level: 'warn',
      text: expect.stringMatching(/another git-signet, .*: 0\.0\.9/),
    });
    rmSync(touched);
    expect(await program(settings({ 'gpg.x509.program': gitsign }))).toMatchObject({
      level: 'wrong',
      text: expect.stringMatching(/is not git-signet \(it says "gitsign version v0\.13\.0"\)/),
    });
    await world.git(['config', 'gpg.x509.program', 'git-signet']);
  });
});

it('wants a git that is new enough', async () => {
  const folder = join(world.folder, 'old');
  mkdirSync(folder);
  const PATH = `${folder}${delimiter}${world.env['PATH']}`;
  const withGit = async (version: string) => {
    const real = (await world.begin('sh', ['-c', 'command -v git']).ended).stdout.trim();
    script(
      'old/git',
      `#!/bin/sh\n[ "$1" = --version ] && echo git version ${version} && exit\nexec ${real} "$@"\n`,
    );
    return doctor({ env: { ...healthy, PATH } });
  };
  expect((await withGit('2.26.0')).about('git')).toMatchObject([{ level: 'ok' }]);
  const { code, levels } = await withGit('2.25.9');
  expect([code, levels]).toEqual([2, ['node: ok', 'git: wrong']]);
});

it('tells of services that do not answer, and of a clock that is wrong', async () => {
  const nobody = { 'signet.rekor': 'http://127.0.0.1:9' };
  const { code, about } = await doctor({ online: true, env: settings(nobody) });
  expect([code, about('services').map(({ level }) => level)]).toEqual([5, ['ok', 'wrong', 'ok']]);
  expect((await doctor({ env: settings(nobody) })).code).toBe(0);
  await world.setFaults([{ service: 'fulcio', kind: 'clockSkew', skewSeconds: 3600 }]);
  const skewed = await doctor({ online: true });
  expect([skewed.code, skewed.about('clock')[0]?.text]).toEqual([
    5,
    expect.stringMatching(/ 3[56]\d\d s behind/),
  ]);
});

it('compares the clock and user.email with the newest commit', async () => {
  await mintedCommit('2026-01-02T00:00:00Z', { GIT_COMMITTER_EMAIL: 'bob@example.com' });
  const as = (email: string) => doctor({ env: settings({ 'user.email': email }) });
  expect((await as('alice@example.com')).about('identity')).toMatchObject([{ level: 'ok' }]);
  expect((await as('bob@example.com')).about('identity')).toMatchObject([
    { level: 'warn', text: expect.stringMatching(/you signed last as alice@example\.com/) },
  ]);
  const later = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+/, '');
  await mintedCommit(later);
  const { code, about } = await doctor();
  expect([code, about('clock')[0]?.text]).toEqual([
    5,
    expect.stringContaining(`HEAD was signed at ${later}`),
  ]);
  await world.git(['reset', '-q', '--hard', 'HEAD~2']);
  expect((await doctor()).about('clock')).toMatchObject([{ level: 'ok' }]);
});

it('tells of a policy in the work tree that nobody trusted, or nobody could', async () => {
  const file = join(world.repo, '.signet.toml');
  const counts = (env: NodeJS.ProcessEnv) =>
    doctor({ env }).then(({ code, about }) => [code, about('policy').at(-1)]);
  writeFileSync(file, policy);
  const untrusted = { level: 'warn', text: expect.stringMatching(/nobody trusted it in this clone/) };
  expect(await counts({})).toEqual([0, expect.objectContaining(untrusted)]);
  expect(await counts(healthy)).toEqual([0, expect.objectContaining({ level: 'ok' })]);
  writeFileSync(file, policy.replace('email', 'mail'));
  expect(await counts(healthy)).toEqual([2, expect.objectContaining({ level: 'wrong' })]);
  rmSync(file);
});

it('tells whether git fetch brings the notes', async () => {
  const notes = () => doctor().then(({ about }) => about('notes')[0]?.level);
  await world.git(['remote', 'add', 'origin', 'https://git.invalid/x']);
  expect(await notes()).toBe('ok');
  await world.git(['update-ref', 'refs/notes/signet', 'HEAD']);
  expect(await notes()).toBe('warn');
  await world.git(['config', '--add', 'remote.origin.fetch', 'refs/notes/signet:refs/notes/signet']);
  expect(await notes()).toBe('ok');
  await world.git(['update-ref', '-d', 'refs/notes/signet']);
});

it('looks at the hook of a bare repository', async () => {
  const bare = join(world.folder, 'bare.git');
  await world.git(['clone', '-q', '--bare', world.repo, bare]);
  const trustedRoot = (await world.git(['config', 'signet.trustedRoot'])).stdout.trim();
  const onServer = (...args: string[]) => world.git(args, { cwd: bare });
  await onServer('config', 'signet.trustedRoot', trustedRoot);
  const hook = async () => {
    const { code, about } = await doctor({ env: {}, cwd: bare });
    return [code, about('hook').map(({ level }) => level)];
  };
  expect(await hook()).toEqual([0, ['warn']]);
  const file = script('server.toml', policy);
  await onServer('config', 'signet.policy', file);
  await world.signet(['hook', 'install'], { cwd: bare });
  expect(await hook()).toEqual([0, ['ok']]);
  chmodSync(join(bare, 'hooks/pre-receive'), 0o644);
  expect(await hook()).toEqual([1, ['wrong']]);
  chmodSync(join(bare, 'hooks/pre-receive'), 0o755);
  await onServer('config', 'core.hooksPath', '/elsewhere');
  expect(await hook()).toEqual([1, ['wrong']]);
});

it('prints neither tokens nor raw control characters', async () => {
  const env = { ...settings({ 'user.email': `${ESCAPE}[31mx` }), SIGSTORE_ID_TOKEN: 'a-secret.to.ken' };
  const { stdout, stderr } = await world.signet(['doctor', '--online'], { env, mayFail: true });
  expect(stdout).toContain('\\u{1b}[31mx');
  expect(stdout + stderr).not.toMatch(/secret|\u001b/);
});
