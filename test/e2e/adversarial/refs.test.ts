/** Names of refs, and tags: what they lead to, what may move and go, and what only looks like a release. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeToyWorld, passes, refused, TEAM, type ToyWorld } from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

it('3: replaced objects are seen as they are', async () => {
  const server = await world.makeServer(TEAM);
  const good = await server.commit(world.alice);
  passes(await server.push('main'));
  const bad = await server.commit(undefined);
  refused(await server.push(`${good}:refs/replace/${bad}`), 'ref-reserved');
  refused(await server.push(`${good}:refs/Replace/${bad}`), 'ref-reserved');
  refused(await server.push(`${good}:refs/signet/x`), 'ref-reserved');
  await server.onServer('fetch', '-q', server.clone, 'main');
  await server.onServer('replace', bad, good);
  refused(await server.push('main'), 'unsigned');
  await server.git('reset', '-q', '--hard', good);
  const better = await server.commit(world.alice);
  await server.onServer('fetch', '-q', server.clone, 'main');
  await server.onServer('replace', better, bad);
  passes(await server.push('main'));
});

it('4: symbolic refs have the rules of what they lead to, and names have no case where files have none', async () => {
  const server = await world.makeServer(TEAM);
  await server.onServer('symbolic-ref', 'refs/heads/master', 'refs/heads/main');
  await server.onServer('symbolic-ref', 'refs/heads/later', 'refs/heads/release/2');
  await server.commit(world.bob);
  for (const name of ['master', 'later']) {
    refused(await server.push(`HEAD:refs/heads/${name}`), 'role-not-allowed');
  }
  passes(await server.push('HEAD:refs/heads/topic'));
  await server.onServer('config', 'core.ignoreCase', 'true');
  refused(await server.push('HEAD:refs/heads/Release/1'), 'role-not-allowed');
  await server.onServer('config', 'core.ignoreCase', 'false');
  passes(await server.push('HEAD:refs/heads/Release/1'));
  await server.git('reset', '-q', '--hard', server.introduction);
  const alices = await server.commit(world.alice);
  passes(await server.push('HEAD:refs/heads/master'));
  expect(await server.onServer('rev-parse', 'refs/heads/main')).toBe(alices);
});

it('4: a ref has the rules of the symbolic refs that lead to it', async () => {
  const server = await world.makeServer(TEAM);
  await server.smuggle('main:refs/heads/next');
  await server.onServer('symbolic-ref', 'refs/heads/release/next', 'refs/heads/next');
  await server.commit(world.bob);
  refused(await server.push('HEAD:refs/heads/next'), 'role-not-allowed');
  await server.onServer('symbolic-ref', '--delete', 'refs/heads/release/next');
  passes(await server.push('HEAD:refs/heads/next'));
  // Of these git lists none, while they lead to nothing.
  await server.onServer('symbolic-ref', 'refs/heads/later', 'refs/heads/other');
  await server.onServer('symbolic-ref', 'refs/heads/release/later', 'refs/heads/later');
  passes(await server.push('HEAD:refs/heads/lone'));
  refused(await server.push('HEAD:refs/heads/other'), 'role-not-allowed');
  await server.onServer('symbolic-ref', '--delete', 'refs/heads/release/later');
  passes(await server.push('HEAD:refs/heads/other'));
});

it('have no other spelling that is a new one where files have no case', async () => {
  const server = await world.makeServer(TEAM);
  await server.commit(world.alice);
  passes(await server.push('main'));
  const back = `${server.introduction}:refs/heads`;
  await server.onServer('config', 'core.ignoreCase', 'true');
  for (const name of ['Main', 'ma\u200cin']) refused(await server.push(`${back}/${name}`), 'stale-ref');
  const bobs = await server.commit(world.bob);
  refused(await server.push(`${bobs}:refs/heads/relea\u017fe/1`), 'role-not-allowed');
  refused(await server.push(`${back.replace('heads', '\u017fignet')}/x`), 'ref-reserved');
  await server.onServer('config', 'core.ignoreCase', 'false');
  passes(await server.push(`${back}/Main`, `${bobs}:refs/heads/relea\u017fe/1`));
});

it('of any letters and spaces that git allows keep nobody from pushing others', async () => {
  const server = await world.makeServer(TEAM);
  await server.smuggle('HEAD:refs/heads/a\u00a0b');
  await server.commit(world.alice);
  passes(await server.push('main'));
});

it('are neither forced nor deleted where a rule names them', async () => {
  const server = await world.makeServer(TEAM);
  await server.commit(world.alice);
  passes(await server.push('main', 'main:release/1', 'main:topic'));
  const parents = [server.introduction];
  await server.commit(world.alice, { parents, message: 'again' });
  refused(await server.push('+main:release/1'), 'non-fast-forward');
  passes(await server.push('+main:topic'));
  refused(await server.push(':main'), 'policy-ref-deletion');
  refused(await server.push(':release/1'), 'deletion');
  passes(await server.push(':topic'));
});

it('17: tags are what they say, where they say', async () => {
  const server = await world.makeServer(TEAM);
  const { alice, bob } = world;
  await server.tag(alice, 'v1.0');
  passes(await server.push('v1.0'));
  refused(await server.push('v1.0:refs/tags/v2.0'), 'tag-name-mismatch');
  await server.tag(alice, 'v2.1', { calls: 'v2.10' });
  refused(await server.push('v2.1'), 'tag-name-mismatch');
  await server.tag(alice, 'v2.2', { calls: 'v'.repeat(1 << 16) });
  const long = await server.push('v2.2');
  refused(long, 'tag-name-mismatch');
  expect(long.stderr.length).toBeLessThan(2000);
  // What is no UTF-8 reads like the ref, whatever it is.
  const spoil = (raw: Buffer) => Buffer.from(raw.toString('latin1').replaceAll('v2.3', 'v\xff'), 'latin1');
  await server.tag(alice, 'v\ufffd', { calls: 'v2.3', spoil });
  refused(await server.push('v\ufffd'), 'tag-name-mismatch');
  refused(await server.push('HEAD:refs/tags/v3'), 'tag-lightweight');
  passes(await server.push('HEAD:refs/tags/nightly'));
  await server.tag(alice, 'v4', { target: 'v1.0' });
  refused(await server.push('v4'), 'tag-nested');
  await server.tag(alice, 'v5', { target: 'HEAD:.signet.toml' });
  refused(await server.push('v5'), 'tag-of-no-commit');
  refused(await server.push(':refs/tags/v1.0'), 'deletion');
  await server.tag(bob, 'v6');
  refused(await server.push('v6'), 'role-not-allowed');
  await server.tag(undefined, 'v6');
  refused(await server.push('v6'), 'unsigned');
  await server.tag(alice, 'v6');
  passes(await server.push('v6'));
  await server.tag(alice, 'v1.0', { target: await server.commit(alice) });
  refused(await server.push('+v1.0'), 'tag-moved');
});

it('17: tags of releases are of commits that are there, or come in the same push', async () => {
  const server = await world.makeServer(TEAM);
  await server.commit(world.alice);
  await server.tag(world.alice, 'v7');
  refused(await server.push('v7'), 'tag-target');
  passes(await server.push('main', 'v7'));
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.bob);
  await server.tag(world.alice, 'v8');
  refused(await server.push('HEAD:refs/heads/topic', 'v8'), 'tag-target');
  // What is refused for its branch counts for no tag either.
  refused(await server.push('+HEAD:refs/heads/release/1', 'v8'), 'role-not-allowed', 'tag-target');
});

it('move forward by commits of whatever time', async () => {
  const server = await world.makeServer(TEAM);
  // More than git looks ahead: its walks go by these times.
  for (let count = 0; count < 8; count += 1) {
    await server.commit(world.alice, { claimedTime: new Date(count * 1000) });
  }
  passes(await server.push('main'));
  await server.tag(world.alice, 'v1', { target: server.introduction });
  passes(await server.push('v1'));
  await server.git('checkout', '-q', '-b', 'side', server.introduction);
  await server.commit(world.alice);
  await server.tag(world.alice, 'v2');
  refused(await server.push('v2'), 'tag-target');
  // The ref comes in as the side branch of a pull.
  await server.merge(world.alice, 'main', { claimedTime: new Date(9000) });
  passes(await server.push('side:main'));
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice);
  refused(await server.push('+side:main'), 'non-fast-forward');
});

it('of notes go forward only', async () => {
  const server = await world.makeServer(TEAM);
  await server.git('notes', '--ref=signet', 'add', '-m', 'x');
  passes(await server.push('refs/notes/signet'));
  await server.git('update-ref', '-d', 'refs/notes/signet');
  await server.git('notes', '--ref=signet', 'add', '-m', 'y');
  refused(await server.push('+refs/notes/signet'), 'non-fast-forward');
  refused(await server.push(':refs/notes/signet'), 'deletion');
});

it('of a clone itself say nothing at the gate, also where the policy is kept outside', async () => {
  const server = await world.makeServer(TEAM);
  await server.tag(world.alice, 'v1', { target: await server.commit(world.alice) });
  passes(await server.push('main', 'v1'));
  await server.git('reset', '-q', '--hard', server.introduction);
  // Here this is main.
  await server.commit(world.bob);
  await server.tag(world.alice, 'v2');
  await server.git('fetch', '-q', 'origin');
  const policy = join(world.folder, 'outside.toml');
  writeFileSync(policy, world.policy(TEAM));
  const settings = {
    policy,
    trustedRoot: join(world.folder, 'root.json'),
    introduction: server.introduction,
  };
  for (const [key, value] of Object.entries(settings)) await server.git('config', `signet.${key}`, value);
  const gate = async (tag: string) => {
    const head = await server.git('rev-parse', `refs/tags/${tag}`);
    const moved = ['--ref', `refs/tags/${tag}`, '--base', '0'.repeat(40), '--head', head, '--as', 'push'];
    return world.signet(['gate', ...moved], { cwd: server.clone, mayFail: true });
  };
  expect(await gate('v2')).toMatchObject({ code: 1, stdout: expect.stringContaining('tag-target') });
  expect(await gate('v1')).toMatchObject({ code: 0 });
});
