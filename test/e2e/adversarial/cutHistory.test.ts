/** 18: history that ends too early, or is led elsewhere, is judged neither good nor bad: exit code 3. */
import { appendFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeToyWorld,
  passes,
  pushFrom,
  refused,
  TEAM,
  type ToyServer,
  type ToyWorld,
  unjudged,
} from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

it('18: from a shallow clone comes no more than from a whole one', async () => {
  const server = await world.makeServer(TEAM);
  await server.onServer('config', 'receive.shallowUpdate', 'true');
  await server.commit(world.alice);
  await server.commit(world.alice);
  const shallow = join(world.folder, 'shallow');
  await world.git(['clone', '-q', '--depth=1', `file://${server.clone}`, shallow]);
  const inside = { cwd: shallow };
  await world.git(['remote', 'set-url', '--push', 'origin', `file://${server.bare}`], inside);
  const push = () => pushFrom(world, { bare: server.bare, clone: shallow }, ['HEAD:refs/heads/topic']);
  unjudged(await push(), 'incomplete');
  await world.git(['fetch', '-q', '--unshallow'], inside);
  passes(await push());
});

describe('18: at the gate, a checkout', () => {
  async function checkOut(server: ToyServer, name: string) {
    const ci = join(world.folder, name);
    await world.git(['clone', '-q', '--depth=1', `file://${server.bare}`, ci]);
    const env = { SIGNET_TRUSTED_ROOT: `${world.folder}/root.json` };
    const gate = async (base: string, as: string) => {
      const range = ['--base', base, '--head', 'HEAD', '--as', as, '--format', 'json'];
      const args = ['gate', '--ref', 'refs/heads/main', '--policy-ref', 'refs/remotes/origin/main', ...range];
      const { code, stdout } = await world.signet(args, { cwd: ci, env, mayFail: true });
      const findings: readonly { readonly reason: string }[] = JSON.parse(stdout).findings;
      return { code, reasons: findings.map(({ reason }) => reason) };
    };
    return { gate, fetch: (...args: string[]) => world.git(['fetch', '-q', ...args], { cwd: ci }) };
  }

  it('of depth 1 has not enough to be judged', async () => {
    const server = await world.makeServer(TEAM);
    await server.commit(undefined);
    await server.commit(world.alice);
    await server.smuggle('main', `${server.introduction}:refs/heads/base`);
    const ci = await checkOut(server, 'ci-1');
    for (const as of ['merge', 'squash', 'rebase', 'ff']) {
      const { code, reasons } = await ci.gate(server.introduction, as);
      expect([as, code]).toEqual([as, 3]);
      expect(['missing', 'incomplete']).toContain(reasons.join());
    }
    // Both ends are there, and nothing between.
    await ci.fetch('--depth=1', 'origin', 'base');
    for (const as of ['merge', 'squash', 'rebase', 'ff']) {
      const { code, reasons } = await ci.gate(server.introduction, as);
      expect([as, code, reasons]).toEqual([as, 3, ['incomplete']]);
    }
    await ci.fetch('--unshallow');
    const { code, reasons } = await ci.gate(server.introduction, 'ff');
    expect([code, reasons]).toEqual([1, ['unsigned', 'allowed']]);
  });

  it('of all is judged', async () => {
    const server = await world.makeServer(TEAM);
    await server.commit(world.alice);
    await server.smuggle('main');
    const ci = await checkOut(server, 'ci-2');
    await ci.fetch('--unshallow');
    expect((await ci.gate(server.introduction, 'ff')).code).toBe(0);
  });
});

it('18: a commit whose parent is gone is not judged', async () => {
  const server = await world.makeServer(TEAM);
  const lost = await server.commit(world.alice);
  await server.commit(world.alice);
  // git looks for what it needs only as far as any ref: this one says that all is there.
  await server.smuggle('main:refs/heads/topic');
  const path = join(server.bare, 'objects', lost.slice(0, 2), lost.slice(2));
  renameSync(path, `${path}.away`);
  const pushed = await server.push('main');
  unjudged(pushed);
  expect(pushed.stderr).toMatch(/could not read the repository/);
  renameSync(`${path}.away`, path);
  passes(await server.push('main'));
});

describe('18: on the server', () => {
  const WAYS = [
    // What git is told of parents it is not asked for.
    ['grafts', 'info/grafts', (tip: string, base: string) => `${tip} ${base}\n`, 'unsigned'],
    ['a root by grafts', 'info/grafts', (tip: string) => `${tip}\n`, 'unsigned'],
    ['a shallow file', 'shallow', (tip: string) => `${tip}\n`, 'incomplete'],
  ] as const;
  it.each(WAYS)('%s hide nothing', async (_, file, text, reason) => {
    const server = await world.makeServer(TEAM);
    await server.commit(undefined);
    const tip = await server.commit(world.alice);
    await server.onServer('fetch', '-q', server.clone, 'main');
    mkdirSync(join(server.bare, 'info'), { recursive: true });
    appendFileSync(join(server.bare, file), text(tip, server.introduction));
    for (const ref of ['topic', 'main']) {
      const pushed = await server.push(`main:refs/heads/${ref}`);
      if (reason === 'unsigned') refused(pushed, reason);
      else unjudged(pushed, reason);
    }
    rmSync(join(server.bare, file));
    refused(await server.push('main'), 'unsigned');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(world.alice);
    passes(await server.push('main'));
  });
});
