/** Everything that git signs, by git itself: signed, stored as git stores it, and accepted. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorld, type World } from './world.ts';

let world: World;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  world = await makeWorld();
  env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
});
afterAll(() => world?.close());

const CERTIFICATE = 'POST /api/v2/signingCert';

/** git in one of the repositories, with a token to sign with. */
const gitIn =
  (cwd: string) =>
  async (...args: string[]): Promise<string> =>
    (await world.git(args, { cwd, env })).stdout.trim();

/** The last commit is as git writes it, and good. */
async function expectGood(cwd: string, rev = 'HEAD', header = 'gpgsig'): Promise<string> {
  const git = gitIn(cwd);
  const raw = await git('cat-file', 'commit', rev);
  expect(raw.match(new RegExp(`^${header} -----BEGIN SIGNED MESSAGE-----$`, 'gm'))).toHaveLength(1);
  await git('verify-commit', rev);
  expect(await git('log', '-1', '--format=%G? %GS', rev)).toBe(
    `U alice@example.com (${world.issuer}) [sandbox]`,
  );
  return raw;
}

describe.each(['sha1', 'sha256'] as const)('a repository of %s', (format) => {
  const header = format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
  let cwd: string;
  let git: ReturnType<typeof gitIn>;
  beforeAll(async () => {
    cwd = await world.makeRepo(`objects-${format}`, format);
    git = gitIn(cwd);
    await git('commit', '-q', '--allow-empty', '-m', 'first');
  });

  it('commit, amend, and a message without final newline', async () => {
    await expectGood(cwd, 'HEAD', header);
    await git('commit', '-q', '--amend', '--allow-empty', '-m', 'first, better');
    await expectGood(cwd, 'HEAD', header);
    const options = { cwd, env, input: 'no newline' };
    await world.git(['commit', '-q', '--allow-empty', '--cleanup=verbatim', '-F', '-'], options);
    await expectGood(cwd, 'HEAD', header);
  });

  it('commit-tree', async () => {
    const commit = await git('commit-tree', '-S', '-m', 'by hand', 'HEAD^{tree}');
    await expectGood(cwd, commit, header);
  });

  it('tag, and tag of a tag', async () => {
    await git('tag', '-s', '-m', 'version one', 'v1');
    await git('tag', '-s', '-m', 'about version one', 'about-v1', 'v1');
    for (const tag of ['v1', 'about-v1']) {
      expect((await world.git(['verify-tag', tag], { cwd })).stderr).toMatch(
        /Good signature by alice@example.com/,
      );
      expect(await git('cat-file', 'tag', tag)).toMatch(
        /\nversion one\n-----BEGIN|\nabout version one\n-----BEGIN/,
      );
    }
    expect(await git('rev-parse', 'about-v1^{tag}')).not.toBe(await git('rev-parse', 'v1^{tag}'));
    expect(await git('cat-file', 'tag', 'about-v1')).toMatch(/^object [0-9a-f]+\ntype tag\n/);
  });

  it('merge, and merge of a signed tag', async () => {
    await git('checkout', '-q', '-b', 'side', 'HEAD');
    await git('commit', '-q', '--allow-empty', '-m', 'aside');
    await git('tag', '-s', '-m', 'a side to merge', 'side-1');
    await git('checkout', '-q', 'main');
    await git('merge', '-q', '-S', '--no-ff', '-m', 'merge a branch', 'side');
    await expectGood(cwd, 'HEAD', header);
    await git('reset', '-q', '--hard', 'HEAD^');
    await git('merge', '-q', '--no-ff', '-m', 'merge a tag', 'side-1');
    const raw = await expectGood(cwd, 'HEAD', header);
    expect(raw).toMatch(/^mergetag object /m);
    expect(raw).toMatch(/^ -----BEGIN SIGNED MESSAGE-----$/m);
    const shown = await world.git(['log', '-1', '--show-signature'], { cwd });
    expect(shown.stdout).toMatch(/merged tag 'side-1'[\s\S]*Good signature by alice/);
  });

  it('rebase of five and cherry-pick, with no further certificate', async () => {
    await git('checkout', '-q', '-b', 'topic', 'main');
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await git('commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', name);
    }
    const before = (await world.requestCounts())[CERTIFICATE];
    await git('rebase', '-q', '--force-rebase', '--keep-empty', 'main');
    expect(await git('log', '--format=%G?%s', 'main..HEAD')).toBe(
      ['e', 'd', 'c', 'b', 'a'].map((s) => `U${s}`).join('\n'),
    );
    await git('checkout', '-q', 'main');
    await git('cherry-pick', '--allow-empty', '--keep-redundant-commits', 'topic');
    await expectGood(cwd, 'HEAD', header);
    expect((await world.requestCounts())[CERTIFICATE]).toBe(before);
  });

  it('a failing signature leaves no object and no ref', async () => {
    const options = { cwd, env: { SIGSTORE_ID_TOKEN: 'garbage' }, mayFail: true };
    const [before, count] = [await git('rev-parse', 'HEAD'), await git('count-objects')];
    expect((await world.git(['commit', '--allow-empty', '-m', 'unsigned'], options)).code).toBe(128);
    expect((await world.git(['tag', '-s', '-m', 'unsigned', 'never'], options)).code).toBe(128);
    expect([await git('rev-parse', 'HEAD'), await git('count-objects')]).toEqual([before, count]);
    expect(await git('tag', '-l', 'never')).toBe('');
  });
});

it('one login serves a worktree and a bare repository', async () => {
  const cwd = await world.makeRepo('places');
  const git = gitIn(cwd);
  await git('commit', '-q', '--allow-empty', '-m', 'first');
  const before = (await world.requestCounts())[CERTIFICATE];
  const worktree = join(world.folder, 'worktree');
  await git('worktree', 'add', '-q', worktree);
  await gitIn(worktree)('commit', '-q', '--allow-empty', '-m', 'in a worktree');
  await expectGood(worktree);
  const bare = join(cwd, '.git');
  const commit = await gitIn(bare)('commit-tree', '-S', '-m', 'in a git folder', 'HEAD^{tree}');
  await expectGood(cwd, commit);
  expect((await world.requestCounts())[CERTIFICATE]).toBe(before);
});
