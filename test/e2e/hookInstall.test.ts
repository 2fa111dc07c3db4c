/** `git-signet hook install` where there is history: what it trusts, what it names, and what it does not do unasked. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hookPath } from '../../src/adapters/gate/hookFile.ts';
import { makeToyWorld, passes, TEAM, type ToyServer, type ToyWorld } from './adversarial/toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

/** A server that nobody guards yet. */
async function makeUnguarded(policy = TEAM): Promise<ToyServer> {
  const server = await world.makeServer(policy);
  for (const name of ['pre-receive', 'judge']) rmSync(join(server.bare, 'hooks', name));
  await server.onServer('config', '--remove-section', 'signet');
  await server.onServer('config', 'signet.trustedRoot', join(world.folder, 'root.json'));
  return server;
}

const install = (server: ToyServer, ...args: string[]) =>
  world.signet(['hook', 'install', ...args], { cwd: server.bare, mayFail: true });

const introductions = async (server: ToyServer) =>
  (await server.onServer('config', '--get-all', 'signet.introduction')).split('\n');

const HOLD_COMMITS = 'These refs hold commits that the policy refuses';

describe('on a repository with history', () => {
  it("trusts the tip of the policy's ref, and names other refs with commits that would fail", async () => {
    const server = await makeUnguarded();
    await server.git('checkout', '-q', '-b', 'signed');
    await server.commit(world.bob);
    await server.git('checkout', '-q', '-b', 'legacy', 'main');
    await server.commit(undefined);
    const legacy = await server.commit(undefined);
    await server.git('checkout', '-q', '-b', 'foreign', 'signed');
    const foreign = await server.commit(world.mallory);
    await server.tag(undefined, 'old', { target: legacy });
    await server.git('checkout', '-q', 'main');
    const tip = await server.commit(undefined, { message: 'also unsigned' });
    await server.push('main', 'signed', 'legacy', 'foreign', 'old');
    await server.onServer('symbolic-ref', 'refs/heads/alias', 'refs/heads/legacy');

    const { code, stdout } = await install(server);
    expect(code).toBe(0);
    expect(await introductions(server)).toEqual([tip]);
    const lines = stdout.split('\n');
    expect(lines).toContain(`Trusted by name, with all before it: ${tip}`);
    const from = lines.findIndex((line) => line.startsWith(HOLD_COMMITS));
    expect(lines.slice(from + 1, from + 5)).toEqual([
      `  refs/heads/foreign: 1 commit, identity-not-listed, the newest is ${foreign}`,
      `  refs/heads/legacy: 2 commits, unsigned, the newest is ${legacy}`,
      `  refs/tags/old: 2 commits, unsigned, the newest is ${legacy}`,
      expect.stringContaining('hook install --introduction OID'),
    ]);
  });

  it('tells the truth: what it names is refused elsewhere until it is trusted by name, and the rest passes', async () => {
    const server = await makeUnguarded();
    await server.git('checkout', '-q', '-b', 'legacy');
    const legacy = await server.commit(undefined);
    await server.git('checkout', '-q', '-b', 'signed', 'main');
    await server.commit(world.bob);
    await server.push('legacy', 'signed');
    expect((await install(server)).stdout).toContain('refs/heads/legacy: 1 commit, unsigned');
    const pushed = await server.push('legacy:refs/heads/other');
    expect([pushed.code, pushed.reasons]).toEqual([1, ['unsigned']]);
    passes(await server.push('signed:refs/heads/another'));

    const again = await install(server, '--introduction', legacy);
    expect([again.code, again.stdout]).toEqual([0, expect.not.stringContaining(HOLD_COMMITS)]);
    passes(await server.push('legacy:refs/heads/other'));
    expect(await introductions(server)).toEqual([server.introduction, legacy]);
  });

  it('judges each ref by its own rules', async () => {
    const rule = '\n[[rule]]\nrefs = ["refs/heads/prod"]\nsigners = ["alice"]\n';
    const server = await makeUnguarded(TEAM + rule);
    await server.git('checkout', '-q', '-b', 'prod');
    const prod = await server.commit(world.bob);
    await server.push('prod', `${prod}:refs/heads/topic`);
    const { stdout } = await install(server);
    expect(stdout).toContain('refs/heads/prod: 1 commit, role-not-allowed');
    expect(stdout).not.toContain('refs/heads/topic');
  });
});

describe('once more', () => {
  it('trusts nothing that came while the hook did not run', async () => {
    const server = await makeUnguarded();
    await install(server);
    rmSync(hookPath(server.bare));
    await server.commit(undefined);
    passes(await server.push('main'));
    expect((await install(server)).code).toBe(0);
    expect(await introductions(server)).toEqual([server.introduction]);
    const other = await makeUnguarded();
    await other.commit(undefined);
    await other.push('main');
    await install(other, '--introduction', other.introduction);
    expect(await introductions(other)).toEqual([other.introduction]);
  });

  it('adds what is named, once', async () => {
    const server = await makeUnguarded();
    for (const _ of [1, 2]) await install(server, '--introduction', server.introduction);
    expect(await introductions(server)).toEqual([server.introduction]);
    const { code, stderr } = await install(server, '--introduction', 'main');
    expect([code, stderr]).toEqual([2, expect.stringContaining('no full object id')]);
    const by = ['-c', 'user.name=Alice', '-c', 'user.email=alice@example.com'];
    await server.onServer(...by, 'tag', '-m', 'old', 'old', server.introduction);
    const tag = await server.onServer('rev-parse', 'old');
    const tagged = await install(server, '--introduction', tag);
    expect([tagged.code, tagged.stderr]).toEqual([2, expect.stringContaining('only commits are trusted')]);
    expect(await introductions(server)).toEqual([server.introduction]);
  });
});

it('is needed: without it the same pushes land', async () => {
  const server = await makeUnguarded();
  await server.commit(undefined);
  passes(await server.push('main'));
  await install(server, '--introduction', server.introduction);
  await server.commit(undefined);
  const { code, reasons } = await server.push('main');
  expect([code, reasons]).toEqual([1, ['unsigned']]);
});
