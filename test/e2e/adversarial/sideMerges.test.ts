/** Merges on a branch, before it comes in: what they keep of an old state is a change, what they only bring along is none. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { emailName, type Signer, toySigner } from './signers.ts';
import { makeToyWorld, passes, refused, TEAM, type ToyServer, type ToyWorld } from './toyServer.ts';

vi.setConfig({ testTimeout: 60_000 });

let world: ToyWorld;
let forge: Signer;
beforeAll(() => {
  world = makeToyWorld();
  forge = toySigner(world.toy, { names: [emailName('forge@example.com')] });
});
afterAll(() => world?.close());

const FORGE =
  'forge = { email = "forge@example.com", issuer = "https://issuer.example", forge = true }\nbob =';
/** The forge may merge what Bob has done, and Alice alone changes what is below ci. */
const RULES = `${TEAM.replace('bob =', FORGE).replace('merged', 'forge = ["clean-merge"]\nmerged')}
[[rule]]
refs = ["refs/heads/main"]
paths = ["ci/**"]
signers = ["alice"]
`;

/** A merge by Bob that has every file as its first parent, an old commit of main, has it; merged by the forge. */
async function rollBack(server: ToyServer, onto: string, change: string): Promise<string> {
  const old = server.introduction;
  await server.git('read-tree', '--reset', '-u', old);
  const kept = await server.commit(world.bob, { parents: [old, change] });
  await server.git('reset', '-q', '--hard', onto);
  await server.merge(forge, kept);
  return kept;
}

it("5: the policy is not rolled back by a merge beside an editor's change", async () => {
  const server = await world.makeServer(RULES.replace('editors = ["alice"]', 'editors = ["alice", "bob"]'));
  const without = await server.commit(world.alice, { files: { '.signet.toml': world.policy(RULES) } });
  passes(await server.push('main'));
  const change = await server.commit(world.alice, {
    files: { '.signet.toml': world.policy(`# more\n${RULES}`) },
  });
  const kept = await rollBack(server, without, change);
  expect(await server.git('show', 'HEAD:.signet.toml')).toContain('"alice", "bob"]\n[signers');
  refused(await server.push('main'), 'policy-change-denied');

  const gate = (head: string) =>
    world.signet(
      ['gate', '--ref', 'refs/heads/main', '--base', 'refs/remotes/origin/main', '--head', head].concat([
        ...['--as', 'merge', '--policy-ref', 'refs/remotes/origin/main'],
      ]),
      { cwd: server.clone, mayFail: true },
    );
  await server.git('config', 'signet.trustedRoot', join(world.folder, 'root.json'));
  expect(await gate(kept)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('policy-change-denied'),
  });
  expect((await gate(change)).code).toBe(0);

  const follow = () => world.signet(['policy', 'update'], { cwd: server.clone, mayFail: true });
  await world.signet(['policy', 'trust', server.introduction, '--yes'], { cwd: server.clone });
  await server.smuggle('main');
  await server.git('fetch', '-q', 'origin');
  expect(await follow()).toMatchObject({ code: 2, stderr: expect.stringContaining('no editor') });
  await server.smuggle(`+${without}:main`);

  await server.git('reset', '-q', '--hard', without);
  await server.merge(forge, change);
  passes(await server.push('main'));
  await server.git('fetch', '-q', 'origin');
  expect((await follow()).code).toBe(0);
});

it('a guarded file is not rolled back by a merge, and whoever merges main into a branch changes nothing of it', async () => {
  const server = await world.makeServer(RULES, { 'ci/x': 'old\n' });
  const fixed = await server.commit(world.alice, { files: { 'ci/x': 'fixed\n' } });
  const tip = await server.commit(world.alice, { files: { a: 'a' } });
  passes(await server.push('main'));
  await rollBack(server, tip, fixed);
  expect(await server.git('show', 'HEAD:ci/x')).toBe('old');
  refused(await server.push('main'), 'path-not-allowed');

  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.bob, { files: { b: 'b' } });
  const updated = await server.merge(world.bob, tip);
  await server.git('reset', '-q', '--hard', tip);
  await server.merge(forge, updated);
  passes(await server.push('main'));
});

it('what main has from a branch is no part of what that branch brings next, also after its author has left', async () => {
  const server = await world.makeServer(RULES);
  const first = await server.commit(world.bob, { files: { a: 'a' } });
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.merge(forge, first);
  passes(await server.push('main'));
  const withoutBob = RULES.replace(/^bob = .*\n/m, '').replaceAll(', "bob"', '');
  await server.commit(world.alice, { files: { '.signet.toml': world.policy(withoutBob) } });
  passes(await server.push('main'));
  const main = await server.git('rev-parse', 'HEAD');
  await server.git('reset', '-q', '--hard', first);
  const second = await server.commit(world.alice, { files: { b: 'b' } });
  await server.git('config', 'signet.trustedRoot', join(world.folder, 'root.json'));
  for (const as of ['merge', 'squash', 'rebase']) {
    const args = ['--ref', 'refs/heads/main', '--base', main, '--head', second, '--as', as];
    const asked = await world.signet(['gate', ...args, '--policy-ref', 'refs/heads/main'], {
      cwd: server.clone,
      mayFail: true,
    });
    expect(asked, asked.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('1 judged') });
  }
  await server.git('reset', '-q', '--hard', main);
  await server.merge(forge, second);
  passes(await server.push('main'));
});

it('a pull that merges main into one’s own commit changes nothing of what main has', async () => {
  const either = RULES.replace('signers = ["alice"]\nforge', 'signers = ["alice", "bob"]\nforge');
  const server = await world.makeServer(either);
  const own = await server.commit(world.bob, { files: { b: 'b' } });
  await server.git('reset', '-q', '--hard', server.introduction);
  const guarded = await server.commit(world.alice, { files: { 'ci/x': 'x' } });
  passes(await server.push('main'));
  await server.git('reset', '-q', '--hard', own);
  await server.commit(world.bob, { parents: [own, guarded] });
  refused(await server.push('main'), 'old-as-side-branch');
  await server.git('reset', '-q', '--hard', own);
  await server.merge(world.bob, guarded);
  passes(await server.push('main'));
});

it('a history that never met the others comes in by a merge, and main with it', async () => {
  const server = await world.makeServer(RULES);
  const tip = await server.commit(world.alice, { files: { 'ci/x': 'x' } });
  passes(await server.push('main'));
  await server.git('reset', '-q', '--hard', server.introduction);
  const own = await server.commit(world.bob, { files: { b: 'b' } });
  await server.git('rm', '-rq', '--cached', '.');
  await server.git('clean', '-fdxq');
  const library = await server.commit(world.bob, { parents: [], files: { lib: 'lib' } });
  await server.git('reset', '-q', '--hard', own);
  await server.git('read-tree', '--prefix=sub/', '-u', library);
  await server.commit(world.bob, { parents: [own, library] });
  const updated = await server.merge(world.bob, tip);
  await server.git('reset', '-q', '--hard', tip);
  await server.merge(forge, updated);
  passes(await server.push('main'));
});

it.each([
  ['a binary file, of which git keeps the state of the first parent', '\0', 'x', 'x'],
  ['a file that one side has removed, of which git keeps the changed one', '', 'x', null],
  ['a text, in which git marks both', '', 'x', 'y'],
])('what conflicts is decided by who merges, also as git leaves it: %s', async (_, start, theirs, ours) => {
  const server = await world.makeServer(RULES, { 'ci/x': `${start}old\n` });
  const release = await server.commit(world.alice, { files: { 'ci/x': `${start}released ${theirs}\n` } });
  await server.git('reset', '-q', '--hard', server.introduction);
  const main = await server.commit(world.alice, {
    files: { 'ci/x': ours === null ? null : `${start}fixed ${ours}\n` },
  });
  passes(await server.push('main'));
  const asGitLeavesIt = async (by: Signer) => {
    const merged = await world.git(['merge-tree', '--write-tree', '--name-only', release, main], {
      cwd: server.clone,
      mayFail: true,
    });
    expect(merged.code).toBe(1);
    await server.git('read-tree', '--reset', '-u', merged.stdout.split('\n')[0] ?? '');
    const kept = await server.commit(by, { parents: [release, main] });
    await server.git('reset', '-q', '--hard', main);
    await server.merge(forge, kept);
    expect(await server.git('show', 'HEAD:ci/x')).toContain('released');
    return server.push('main');
  };
  refused(await asGitLeavesIt(world.bob), 'path-not-allowed');
  passes(await asGitLeavesIt(world.alice));
});
