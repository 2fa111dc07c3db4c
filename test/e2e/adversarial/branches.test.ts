/** What teams do with branches under rules about paths, and what must not come with it. */
import { afterAll, beforeAll, it, vi } from 'vitest';
import type { Signer } from './signers.ts';
import { makeToyWorld, passes, refused, TEAM, type ToyServer, type ToyWorld } from './toyServer.ts';

vi.setConfig({ testTimeout: 60_000 });

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

/** Alice alone changes what is below ci. */
const guard = (refs: string) => `\n[[rule]]\nrefs = ["${refs}"]\npaths = ["ci/**"]\nsigners = ["alice"]\n`;

const back = (server: ToyServer, to = server.introduction) => server.git('reset', '-q', '--hard', to);

it('a branch is rebased onto a protected change of main, where the rule about paths is for all branches', async () => {
  const forced = '\n[[rule]]\nrefs = ["refs/heads/kept"]\nsigners = ["alice", "bob"]\nforce = true\n';
  const server = await world.makeServer(TEAM + guard('refs/heads/**') + forced);
  const first = await server.commit(world.bob, { files: { b: 'b' } });
  passes(await server.push('HEAD:refs/heads/topic'));
  await back(server);
  const main = await server.commit(world.alice, { files: { 'ci/x': 'x' } });
  passes(await server.push('main', 'HEAD:refs/heads/kept'));
  await server.commit(world.bob, { files: { b: 'b' } });
  passes(await server.push('+HEAD:refs/heads/topic'));
  await back(server, main);
  await server.commit(world.bob, { files: { 'ci/x': 'y' } });
  refused(await server.push('+HEAD:refs/heads/topic'), 'path-not-allowed');
  // Nobody may delete this one.
  refused(await server.push(`+${first}:refs/heads/kept`), 'old-as-side-branch');
});

it('a branch begins at what main has taken in, where no rule asks more of it than of main', async () => {
  const anybody = TEAM.replace('merged = ["alice", "bob"]', 'merged = "*"');
  const more = guard('refs/heads/strict/*');
  const server = await world.makeServer(anybody + guard('refs/heads/**') + more);
  const theirs = await server.commit(undefined, { files: { a: 'a' } });
  await back(server);
  await server.merge(world.alice, theirs);
  passes(await server.push('main'));
  await server.commit(world.bob, { files: { b: 'b' } });
  passes(await server.push('HEAD:refs/heads/topic'));
  refused(await server.push('HEAD:refs/heads/strict/topic'), 'unsigned');
});

it('a branch that was merged goes on from main, and undoes nothing of its own so', async () => {
  const both = TEAM.replace('"refs/heads/main",', '"refs/heads/main", "refs/heads/develop",').replace(
    'signers = ["alice"]',
    'signers = ["alice", "bob"]',
  );
  const server = await world.makeServer(`${both}${guard('refs/heads/*')}`, { 'ci/x': 'old\n' });
  const developed = await server.commit(world.bob, { files: { b: 'b' } });
  passes(await server.push('HEAD:refs/heads/develop'));
  await back(server);
  await server.commit(world.alice, { files: { 'ci/x': 'fixed on main\n' } });
  await server.merge(world.alice, developed);
  passes(await server.push('main'));
  passes(await server.push('main:refs/heads/develop'));

  const main = await server.git('rev-parse', 'main');
  const fixed = await server.commit(world.alice, { files: { 'ci/x': 'fixed on develop\n' } });
  passes(await server.push('HEAD:refs/heads/develop'));
  await back(server, main);
  const other = await server.commit(world.alice, { files: { 'ci/x': 'otherwise on main\n' } });
  await server.commit(world.bob, { parents: [other, fixed] });
  passes(await server.push('main'));
  refused(await server.push('main:refs/heads/develop'), 'old-as-side-branch');
});

it('nobody carries a protected change of a branch to main by merging main into it', async () => {
  const both = TEAM.replace('signers = ["alice"]', 'signers = ["alice", "bob"]');
  const server = await world.makeServer(both + guard('refs/heads/main'));
  const tried = await server.commit(world.alice, { files: { 'ci/x': 'x' } });
  await back(server);
  const main = await server.commit(world.alice, { files: { a: 'a' } });
  passes(await server.push('main'));
  const merging = async (by: Signer, into: string, other: string) => {
    await back(server, into);
    await server.merge(by, other);
    return server.push('HEAD:refs/heads/main');
  };
  refused(await merging(world.bob, main, tried), 'path-not-allowed');
  refused(await merging(world.bob, tried, main), 'old-as-side-branch');
  await back(server);
  const beside = await server.commit(world.alice, { files: { b: 'b' } });
  const pulled = await server.merge(world.alice, main);
  refused(await merging(world.bob, pulled, tried), 'old-as-side-branch');
  passes(await merging(world.bob, pulled, beside));
  passes(await merging(world.alice, tried, 'refs/remotes/origin/main'));
});

it('a branch takes in what main has, whoever merges it there, where the same rules hold for both', async () => {
  const server = await world.makeServer(TEAM + guard('refs/heads/**'), { 'ci/x': 'old\n' });
  const own = await server.commit(world.bob, { files: { b: 'b' } });
  passes(await server.push('HEAD:refs/heads/topic'));
  await back(server);
  const tried = await server.commit(world.alice, { files: { 'ci/x': 'tried\n' } });
  await back(server);
  const main = await server.commit(world.alice, { files: { 'ci/x': 'fixed\n' } });
  passes(await server.push('main'));
  await back(server, own);
  await server.merge(world.bob, tried);
  refused(await server.push('HEAD:refs/heads/topic'), 'path-not-allowed');
  await back(server, own);
  await server.merge(world.bob, main, { files: { 'ci/x': 'other\n' } });
  refused(await server.push('HEAD:refs/heads/topic'), 'path-not-allowed');
  await back(server, own);
  await server.merge(world.bob, main);
  passes(await server.push('HEAD:refs/heads/topic'));
});

it('a protected change of a release is not dropped by merging a main that has dropped it', async () => {
  const both = TEAM.replace('signers = ["alice"]', 'signers = ["alice", "bob"]');
  const server = await world.makeServer(both + guard('refs/heads/**'), { 'ci/x': 'old\n' });
  const fixed = await server.commit(world.alice, { files: { 'ci/x': 'fixed\n' } });
  passes(await server.push('HEAD:refs/heads/release/1'));
  await server.git('read-tree', '--reset', '-u', server.introduction);
  const dropped = await server.commit(world.bob, { parents: [server.introduction, fixed] });
  passes(await server.push('HEAD:refs/heads/main'));
  await back(server, fixed);
  await server.commit(world.bob, { files: { b: 'b' } });
  const dropping = async (by: Signer) => {
    await server.merge(by, dropped);
    return server.push('HEAD:refs/heads/release/1');
  };
  refused(await dropping(world.bob), 'path-not-allowed');
  await server.git('reset', '-q', '--hard', 'HEAD^1');
  passes(await dropping(world.alice));
});

it.each([
  ['the release first', 'path-not-allowed'],
  ['main first', 'old-as-side-branch'],
])('nor by merging a main whose own commit takes it back, %s', async (order, reason) => {
  const both = TEAM.replace('signers = ["alice"]', 'signers = ["alice", "bob"]');
  const server = await world.makeServer(both + guard('refs/heads/**'), { 'ci/x': 'old\n' });
  const fixed = await server.commit(world.alice, { files: { 'ci/x': 'fixed\n' } });
  passes(await server.push('HEAD:refs/heads/main'));
  const release = await server.commit(world.alice, { files: { r: 'r' } });
  passes(await server.push('HEAD:refs/heads/release/1'));
  await back(server, fixed);
  const main = await server.commit(world.alice, { files: { 'ci/x': 'old\n' } });
  passes(await server.push('HEAD:refs/heads/main'));
  const dropping = async (by: Signer) => {
    const [first, second] = order === 'main first' ? [main, release] : [release, main];
    await back(server, first);
    await server.merge(by, second as string);
    return server.push('HEAD:refs/heads/release/1');
  };
  refused(await dropping(world.bob), reason);
  passes(await dropping(world.alice));
});
