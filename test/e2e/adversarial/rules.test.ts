/** What rules ask beside a signer: paths, what a merge brings, refs that no rule names, and where the policy is read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToyWorld, passes, refused, TEAM, type ToyServer, type ToyWorld } from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

/** Bob's commit on a branch, which Alice merges into main. */
async function merged(server: ToyServer, path: string, by = world.bob, extra = {}) {
  await server.git('checkout', '-q', '-B', 'side', server.introduction);
  await server.commit(by, { files: { [path]: `${path}\n` } });
  await server.git('checkout', '-q', '-B', 'main', server.introduction);
  await server.merge(world.alice, 'side', extra);
  return server.push('main');
}

describe('rules with paths', () => {
  const BOBS = `\n[[rule]]\nrefs = ["refs/heads/main"]\npaths = ["ci/**"]\nsigners = ["bob"]\nmerged = ["bob"]\n`;
  const ALICES = `\n[[rule]]\nrefs = ["refs/heads/main"]\npaths = ["ci/**"]\nsigners = ["alice"]\n`;

  it('are about who changes these files, on whatever line', async () => {
    const server = await world.makeServer(TEAM + ALICES);
    refused(await merged(server, 'ci/x'), 'path-not-allowed');
    passes(await merged(server, 'cix'));
  });

  it('see what a merge brings in by itself', async () => {
    const server = await world.makeServer(TEAM + BOBS);
    refused(await merged(server, 'a', world.bob, { files: { 'ci/x': 'evil' } }), 'path-not-allowed');
    passes(await merged(server, 'a'));
  });

  it('are not undone by a merge that has the ref as its side branch', async () => {
    const server = await world.makeServer(TEAM + ALICES);
    const newer = await server.commit(world.alice, { files: { 'ci/x': 'new' } });
    passes(await server.push('main'));
    const undoing = async (path: string) => {
      await server.git('checkout', '-q', '-B', 'side', server.introduction);
      const side = await server.commit(world.alice, { files: { [path]: 'a' } });
      await server.merge(world.alice, newer);
      await server.git('read-tree', '--reset', '-u', path === 'a' ? 'HEAD' : side);
      await server.commit(world.alice, { parents: [side, newer] });
      return server.push('side:main');
    };
    refused(await undoing('b'), 'old-as-side-branch');
    passes(await undoing('a'));
  });
});

it('what a merge brings may be anybody\'s where merged = "*"', async () => {
  const anybody = TEAM.replace('merged = ["alice", "bob"]', 'merged = "*"');
  const server = await world.makeServer(anybody);
  passes(await merged(server, 'a', world.mallory));
  await server.commit(world.mallory);
  refused(await server.push('main'), 'identity-not-listed');
  refused(await merged(await world.makeServer(TEAM), 'a', world.mallory), 'identity-not-listed');
});

it.each([
  ['deny', 'ref-denied', 'ref-denied'],
  ['signed', '', 'identity-not-listed'],
  ['open', '', ''],
])('refs that no rule names, with default = %s', async (mode, bobs, mallorys) => {
  const server = await world.makeServer(TEAM.replace('editors', `default = "${mode}"\neditors`));
  for (const [by, reason] of [
    [world.bob, bobs],
    [world.mallory, mallorys],
  ] as const) {
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(by);
    const pushed = await server.push('+HEAD:refs/heads/topic');
    if (reason === '') passes(pushed);
    else refused(pushed, reason);
  }
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice);
  passes(await server.push('main'));
});

it('the policy is read where it was written down to be, wherever HEAD leads', async () => {
  const server = await world.makeServer(TEAM);
  const theirs = world.policy(TEAM.replaceAll('alice@example.com', 'mallory@example.com'));
  await server.commit(world.bob, { files: { '.signet.toml': theirs } });
  passes(await server.push('HEAD:refs/heads/topic'));
  await server.onServer('symbolic-ref', 'HEAD', 'refs/heads/topic');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.mallory);
  refused(await server.push('main'), 'identity-not-listed');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice);
  passes(await server.push('main'));
});

it('the same holds where objects have names by SHA-256', async () => {
  const server = await world.makeServer(TEAM, {}, 'sha256');
  const bad = await server.commit(world.mallory);
  expect(bad).toHaveLength(64);
  refused(await server.push('main'), 'identity-not-listed');
  await server.git('reset', '-q', '--hard', server.introduction);
  const rename = (raw: Buffer) =>
    Buffer.from(raw.toString('latin1').replace('gpgsig-sha256 ', 'gpgsig '), 'latin1');
  await server.commit(world.alice, { spoil: rename });
  refused(await server.push('main'), 'unsigned');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice);
  await server.tag(world.alice, 'v1');
  passes(await server.push('main', 'v1'));
});
