/** Commits that come by detours: what lies on the server already, and what a merge or another ref would wash clean. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOW } from '../../core/toySigstore.ts';
import { AROUND, makeToyWorld, passes, refused, TEAM, type ToyServer, type ToyWorld } from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

describe('commits that the server has already', () => {
  const OPEN = '\n[[rule]]\nrefs = ["refs/heads/wild"]\nsigners = ["alice"]\nmerged = "*"\n';

  /** Two unsigned commits on top of the policy. */
  async function makeBad(server: ToyServer): Promise<string> {
    await server.commit(undefined);
    return server.commit(undefined);
  }

  it('1: are judged again where they came by another ref', async () => {
    const server = await world.makeServer(TEAM + OPEN);
    const tip = await makeBad(server);
    await server.smuggle(`${tip}:refs/heads/open`);
    const pushed = await server.push('main');
    refused(pushed, 'unsigned', 'unsigned');
    for (const oid of [tip, await server.git('rev-parse', 'HEAD~1')]) {
      expect(pushed.stderr).toContain(oid.slice(0, 10));
    }
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(world.alice);
    passes(await server.push('main'));
  });

  it('1: are judged again where the ref is hidden', async () => {
    const server = await world.makeServer(TEAM);
    const tip = await makeBad(server);
    await server.smuggle(`${tip}:refs/pull/1/head`);
    await server.onServer('config', 'transfer.hideRefs', 'refs/pull');
    refused(await server.push('main'), 'unsigned', 'unsigned');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(world.alice);
    passes(await server.push('main'));
  });

  it('1: are judged again where a fork lends its objects', async () => {
    const server = await world.makeServer(TEAM);
    const fork = join(world.folder, 'fork.git');
    await world.git(['clone', '-q', '--bare', server.clone, fork]);
    mkdirSync(join(server.bare, 'objects/info'), { recursive: true });
    appendFileSync(join(server.bare, 'objects/info/alternates'), `${fork}/objects\n`);
    await makeBad(server);
    await server.git('push', '-q', fork, 'main');
    refused(await server.push('main'), 'unsigned', 'unsigned');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(world.alice);
    await server.git('push', '-q', '-f', fork, 'main');
    passes(await server.push('main'));
  });

  it('1: are judged again where their ref is older than the hook, and go on there only', async () => {
    const server = await world.makeServer(TEAM);
    await server.git('checkout', '-q', '-b', 'legacy');
    await makeBad(server);
    await server.smuggle('legacy');
    await server.commit(world.bob);
    passes(await server.push('legacy'));
    refused(await server.push('legacy:refs/heads/other'), 'unsigned', 'unsigned');
    await server.git('checkout', '-q', 'main');
    await server.merge(world.alice, 'legacy');
    refused(await server.push('main'), 'unsigned', 'unsigned');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.git('branch', '-q', '-f', 'legacy', server.introduction);
    await server.git('checkout', '-q', 'legacy');
    await server.commit(world.bob);
    await server.git('checkout', '-q', 'main');
    await server.merge(world.alice, 'legacy');
    passes(await server.push('main'));
  });

  it('by a shell on the server go around every hook', async () => {
    const server = await world.makeServer(TEAM);
    await makeBad(server);
    refused(await server.push('main'), 'unsigned', 'unsigned');
    passes(await server.push(AROUND, 'main'));
  });
});

it('2: refuse the whole push', async () => {
  const server = await world.makeServer(TEAM);
  await server.git('checkout', '-q', '-b', 'topic');
  await server.commit(world.bob);
  await server.git('checkout', '-q', 'main');
  await server.commit(undefined);
  refused(await server.push('main', 'topic'), 'unsigned');
  expect(await server.onServer('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice);
  passes(await server.push('main', 'topic'));
});

describe('15: the line of a ref', () => {
  it('is what comes first in a merge', async () => {
    const server = await world.makeServer(TEAM);
    await server.git('checkout', '-q', '-b', 'topic');
    const topic = await server.commit(world.bob, { files: { a: 'a' } });
    await server.git('checkout', '-q', 'main');
    await server.commit(world.alice, { files: { b: 'b' } });
    passes(await server.push('main'));
    await server.git('checkout', '-q', 'topic');
    await server.merge(world.alice, 'main');
    refused(await server.push('topic:main'), 'role-not-allowed');
    await server.git('checkout', '-q', 'main');
    await server.merge(world.alice, topic);
    passes(await server.push('main'));
  });

  it.each([
    ['before the merge', -3600],
    // git's --exclude-first-parent-only takes it for a part of main's line then.
    ['after the merge', 3600],
  ])('is what a release is moved along, also where the commit says it was made %s', async (_, seconds) => {
    const server = await world.makeServer(TEAM);
    await server.git('checkout', '-q', '-b', 'topic');
    const claimedTime = new Date(NOW.getTime() + seconds * 1000);
    const topic = await server.commit(world.bob, { files: { a: 'a' }, claimedTime });
    await server.git('checkout', '-q', 'main');
    await server.merge(world.alice, topic);
    passes(await server.push('main', `${server.introduction}:refs/heads/release/1`));
    refused(await server.push(`${topic}:refs/heads/release/1`), 'role-not-allowed');
    refused(await server.push(`${topic}:refs/heads/release/2`), 'role-not-allowed');
    passes(await server.push('main:refs/heads/release/1'));
  });
});

describe('who may', () => {
  it('is named beside each commit that fails', async () => {
    const server = await world.makeServer(TEAM);
    await server.commit(world.bob);
    refused(await server.push('main'), 'role-not-allowed');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.git('checkout', '-q', '-b', 'topic');
    await server.commit(world.mallory);
    const side = await server.commit(world.bob);
    await server.git('checkout', '-q', 'main');
    await server.merge(world.alice, side);
    refused(await server.push('main'), 'identity-not-listed');
  });

  it.each([
    ['off', 'other@example.com', []],
    ['warn', 'other@example.com', []],
    ['require', 'other@example.com', ['committer-mismatch']],
    ['require', 'alice@example.com', []],
    ['require', 'alice@EXAMPLE.com', []],
    ['require', 'Alice@example.com', ['committer-mismatch']],
    ['require', 'alice@users.example.com', []],
  ] as const)('with committer = %s, and %s is the committer', async (mode, address, reasons) => {
    const policy = TEAM.replace('editors', `committer = "${mode}"\neditors`).replace(
      '"https://issuer.example" }\nbob',
      '"https://issuer.example", committers = ["alice@users.example.com"] }\nbob',
    );
    const server = await world.makeServer(policy);
    await server.commit(world.alice, { committer: `Somebody <${address}>` });
    const pushed = await server.push('main');
    if (reasons.length > 0) refused(pushed, ...reasons);
    else passes(pushed);
    const warning = 'warning: the committer is not who signed';
    expect(pushed.stderr.includes(warning)).toBe(mode === 'warn');
  });
});
