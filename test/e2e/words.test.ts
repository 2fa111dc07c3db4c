/** What commands say where somebody mistook something: no sandbox, nothing signed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../run.ts';
import { hasPty } from './process.ts';
import { cleanEnvironment, PROGRAM } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-words-'));
const repo = join(folder, 'repo');
const env = cleanEnvironment(folder);
const signet = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, [PROGRAM, ...args], { cwd: repo, env: { ...env, ...more } });

beforeAll(async () => {
  const git = (...args: string[]) => run('git', args, { cwd: folder, env });
  await git('init', '-q', '-b', 'main', repo);
  writeFileSync(join(repo, 'README'), 'Read me.\n');
  const by = ['-c', 'user.name=Alice', '-c', 'user.email=alice@example.com'];
  await git('-C', repo, 'add', 'README');
  await git('-C', repo, ...by, 'commit', '-q', '-m', 'A subject that is rather long');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('git-signet verify', () => {
  it('takes a tree for a mistake, and in a list of ids for what it is', async () => {
    const { code, stdout, stderr } = await signet(['verify', 'HEAD^{tree}']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /cannot be judged: the object is a tree, which carries no signature\.\n.* HEAD or v1/,
    );
    const [tree] = (await run('git', ['rev-parse', 'HEAD^{tree}'], { cwd: repo, env })).stdout.split('\n');
    const listed = await run(process.execPath, [PROGRAM, 'verify', '--stdin'], {
      cwd: repo,
      env,
      input: `${tree}\n`,
    });
    expect([listed.code, listed.stdout]).toEqual([3, expect.stringContaining(' other-kind ')]);
    expect((await signet(['verify', 'HEAD'])).stdout).toContain('Nothing to judge: the commit is not signed');
  });
});

it('counts what OpenPGP has signed by itself, not among what cannot be read', async () => {
  const git = (args: readonly string[], input = '') => run('git', args, { cwd: repo, env, input });
  const commit = (await git(['cat-file', 'commit', 'HEAD'])).stdout;
  const withArmor = (label: string) =>
    commit.replace('\n\n', `\ngpgsig -----BEGIN ${label}-----\n \n AAAA\n -----END ${label}-----\n\n`);
  for (const [label, word] of [
    ['PGP SIGNATURE', 'foreign'],
    ['SIGNED MESSAGE', 'unreadable'],
  ] as const) {
    const { stdout } = await git(['hash-object', '-t', 'commit', '-w', '--stdin'], withArmor(label));
    const judged = await run(process.execPath, [PROGRAM, 'verify', '--stdin'], {
      cwd: repo,
      env,
      input: stdout,
    });
    expect([judged.code, judged.stdout]).toEqual([3, expect.stringContaining(`\n1 judged: 1 ${word}.`)]);
  }
});

it('says nothing to a reader that has gone, and is no success', async () => {
  const { stderr } = await run(
    '/bin/sh',
    ['-c', '{ sleep 0.2; "$0" "$1" trust show; echo "exit $?" >&2; } | :', process.execPath, PROGRAM],
    { cwd: repo, env },
  );
  expect(stderr).toBe('exit 2\n');
});

describe('git-signet log', () => {
  it.each([
    [['nosuch'], /^git-signet: "nosuch" is neither a revision nor a file here\.\n/],
    [['nosuch..main'], /^git-signet: "nosuch\.\.main" is neither/],
    [['README', 'nosuch'], /^git-signet: "nosuch" is neither/],
    [['nosuch', '--'], /^git-signet: "nosuch" is no revision here\.\n/],
  ])('names what is wrong in %j', async (args, said) => {
    const { code, stderr } = await signet(['log', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
  });

  it.each([[['README']], [['main', 'README']], [['-1', '*E']], [['--', 'README']]])(
    'takes paths as git does: %j',
    async (args) => {
      const { code, stdout } = await signet(['log', ...args]);
      expect([code, stdout]).toEqual([0, expect.stringContaining('A subject that is rather long')]);
    },
  );

  it('keeps to ASCII where the locale does', async () => {
    expect((await signet(['log'])).stdout).toContain('· unsigned');
    const { stdout } = await signet(['log'], { LANG: 'C' });
    expect(stdout).toContain('- unsigned');
    expect(stdout).toMatch(/^[\n -~]+$/);
  });
});

describe("a repository that is somebody else's", () => {
  it.each([[['verify', 'HEAD']], [['log']], [['policy', 'init']]])('%j says what git wants', async (args) => {
    // git's own tests play that owner so.
    const { code, stderr } = await signet(args, { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('git config --global --add safe.directory')]);
  });
});

it('tells who comes from gitsign that its services are not taken over', async () => {
  const cwd = join(folder, 'gitsign');
  const git = (...args: string[]) => run('git', args, { cwd, env });
  const setup = async () => (await run(process.execPath, [PROGRAM, 'setup'], { cwd, env })).stdout;
  await run('git', ['init', '-q', cwd], { cwd: folder, env });
  await git('config', 'gitsign.fulcio', 'https://fulcio.acme.example');
  expect(await setup()).toContain('\ngit config --local signet.fulcio https://fulcio.acme.example\n');
  await git('config', 'signet.fulcio', 'https://other.acme.example');
  expect(await setup()).not.toContain('gitsign');
});

it.each([
  [['policy', 'check'], 'There is no .signet.toml here.'],
  [
    ['policy', 'add', 'bob', '--email', 'b@example.com', '--issuer', 'google'],
    'There is no .signet.toml here.',
  ],
  [
    ['gate', '--ref', 'refs/heads/main', '--base', 'main', '--head', 'nosuch', '--as', 'ff'],
    '"nosuch" is no commit here.',
  ],
])('%j says what is not there', async (args, said) => {
  const policy = { GIT_CONFIG_KEY_0: 'signet.allow', GIT_CONFIG_VALUE_0: 'alice@example.com google' };
  const { code, stderr } = await signet(args, { GIT_CONFIG_COUNT: '1', ...policy });
  expect([code, stderr.split('\n')[0]]).toEqual([2, `git-signet: ${said}`]);
});

describe('a mistake on the command line', () => {
  it.each([
    [['verify', '--bogus'], 'git-signet verify --help'],
    [['policy', 'add', 'x', '--bogus'], 'git-signet policy add --help'],
    [['policy', 'frob'], 'git-signet policy --help'],
    [['sandbox'], 'git-signet sandbox --help'],
    [['frob'], 'git-signet --help'],
    [['log-in', '\u001b[31m'], 'git-signet --help'],
  ])('%j leads to the help for it', async (args, help) => {
    const { code, stderr } = await signet(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`Run ${help} to see`)]);
  });

  it.each([
    [['verfy'], 'There is no such command; did you mean verify?'],
    [['policy', 'ini'], 'There is no such command; did you mean init?'],
    [['frobnicate'], 'Unknown command: frobnicate'],
    [['report'], 'This command needs --html.'],
    [['verify', '--formt', 'json'], 'There is no --formt here.'],
    [['verify', '-x'], 'There is no -x here.'],
    [['verify', '--format', 'xml'], '--format is "xml", but can only be one of "text", "json", "jsonl".'],
  ])('%j is said in words of the command line', async (args, said) => {
    const { code, stderr } = await signet(args);
    expect([code, stderr.split('\n')[0]]).toEqual([2, `git-signet: ${said}`]);
  });

  it.each([[['verify']], [['prove']], [['hook', 'install']], [['sandbox', 'run']], [['sandbox', 'mint']]])(
    'the help of %j has no empty lists in it',
    async (args) => {
      const { code, stdout } = await signet([...args, '--help']);
      expect([code, stdout]).toEqual([0, expect.not.stringContaining('[default: []]')]);
      expect(stdout).toContain('[array]');
    },
  );
});

it.runIf(process.platform === 'linux')('says where no folder can be made, and ends', async () => {
  const { code, stderr } = await signet(['sandbox', 'start'], { HOME: '/proc/nohome' });
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^git-signet: The folder \/proc\/nohome\/.* cannot be made/),
  ]);
});

describe.runIf(hasPty)('on a terminal of 60 columns', () => {
  const onTerminal = async (command: string) => {
    const line = `stty cols 60; '${process.execPath}' '${PROGRAM}' ${command}`;
    const { stdout } = await run('script', ['-qec', line, '/dev/null'], {
      cwd: repo,
      env: { ...env, SHELL: '/bin/sh', NO_COLOR: '1', TERM: 'xterm', PAGER: 'cat' },
    });
    return stdout.replaceAll('\r', '').trimEnd().split('\n');
  };

  it.each(['verify HEAD', 'verify --all', 'verify nosuch', 'log'])('%s fits', async (command) => {
    const lines = await onTerminal(command);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((text) => text.length > 60)).toEqual([]);
  });

  it('a command that is to be copied stays whole', async () => {
    const lines = await onTerminal('doctor');
    expect(lines.map((text) => text.trim())).toContain(
      'git-signet setup, with --global for all repositories',
    );
  });
});
