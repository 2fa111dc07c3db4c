/** A clone follows what the hook would have let in: keys that editors added, merges of a forge, merges of the wrong way round. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  closeKeys,
  hasKeyPrograms,
  type Key,
  makePgpKey,
  makeSshKey,
  type PgpKey,
  type SshKey,
} from './keys.ts';
import { findPeople, makeServer, type People, policyText, type Server } from './server.ts';
import { makeWorld, type World } from './world.ts';

// Keys and many processes: nothing here is to fail by the load of a machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const REF = 'refs/remotes/origin/main';
let world: World;
let people: People;
let [carol, mallory]: SshKey[] = [];
let forge: PgpKey;
let repo = '';
let introduction = '';

const git = async (args: readonly string[], key?: Key) => {
  const options = key === undefined ? args : [...key.options, ...args];
  return (
    await world.git(options, { cwd: repo, env: key?.env ?? (await people.as('alice@example.com')) })
  ).stdout.trim();
};

function policy(more = '', signers = ''): string {
  const alice = `{ email = "alice@example.com", issuer = ${JSON.stringify(people.issuer)} }`;
  const key = `{ openpgp = { fingerprint = "${forge.fingerprint}", file = "keys/forge.asc" }, forge = true }`;
  return policyText(
    people,
    `[policy]\neditors = ["alice"]\n[signers]\nalice = ${alice}\nforge = ${key}\n${signers}${more}`,
  );
}

async function commit(files: Readonly<Record<string, string>>, key?: Key): Promise<string> {
  mkdirSync(join(repo, 'keys'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(repo, path), text);
  await git(['add', '-A']);
  await git(['commit', '-q', '-S', '--allow-empty', '-m', 'work'], key);
  return git(['rev-parse', 'HEAD']);
}

/** A branch with these commits, merged by the forge into what is there. */
async function mergeByForge(work: () => Promise<unknown>): Promise<string> {
  await git(['checkout', '-q', '-b', 'topic']);
  await work();
  await git(['checkout', '-q', 'main']);
  await git(['merge', '-q', '-S', '--no-ff', '--no-edit', 'topic'], forge);
  await git(['branch', '-q', '-D', 'topic']);
  return git(['rev-parse', 'HEAD']);
}

async function update(...args: string[]) {
  await git(['update-ref', REF, 'HEAD']);
  return world.signet(['policy', ...(args.length > 0 ? args : ['update'])], { cwd: repo, mayFail: true });
}

const explain = (rev: string, ...more: string[]) =>
  world.signet(['policy', 'explain', rev, ...more], { cwd: repo, mayFail: true });

describe.runIf(hasKeyPrograms)('a policy that a clone follows (needs ssh-keygen and gpg)', () => {
  beforeAll(async () => {
    world = await makeWorld();
    people = await findPeople(world);
    [carol, mallory] = [makeSshKey(world, 'carol'), makeSshKey(world, 'mallory')];
    forge = makePgpKey(world, 'forge@example.com');
    repo = await world.makeRepo('clone');
    introduction = await commit({ '.signet.toml': policy(), 'keys/forge.asc': forge.publicKey });
    await update('trust', introduction, '--ref', REF, '--yes');
  });
  afterAll(async () => {
    closeKeys(world);
    await world?.close();
  });

  const withCarol = () =>
    policy('', `carol = { ssh = "${carol?.line}" }\n`).replace('["alice"]', '["alice", "carol"]');

  it('by SSH keys that an editor added on the way', async () => {
    await commit({ '.signet.toml': withCarol() });
    const base = await commit({ '.signet.toml': `${withCarol()}# by carol\n` }, carol);
    const followed = await update();
    expect([followed.code, followed.stderr]).toEqual([0, '']);
    expect(followed.stdout).toContain(base);
    const forged = await commit({ '.signet.toml': `${withCarol()}# by mallory\n` }, mallory);
    const refused = await update();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`${forged}: it is signed with OpenPGP or SSH, by no key of the policy`);
    expect((await explain(forged)).code).toBe(3);
    await git(['reset', '-q', '--hard', base]);
  });

  it('through a merge that a forge made, where editors made each change in it', async () => {
    const merge = await mergeByForge(async () => {
      await commit({ other: '1' }, mallory);
      await commit({ '.signet.toml': `${withCarol()}# by alice\n` });
    });
    expect((await explain(merge)).code).toBe(0);
    expect((await update()).stdout).toContain(merge);
    const trusted = await git(['rev-parse', 'HEAD']);
    const forged = await mergeByForge(() => commit({ '.signet.toml': `${withCarol()}# no\n` }, mallory));
    const refused = await update();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`${forged}: it changes the policy, and the signer is no editor`);
    const explained = await explain(forged);
    expect(explained.code).toBe(1);
    expect(explained.stdout).toMatch(/On its own line +policy-change-denied/);
    expect((await explain(forged, '--ref', 'refs/heads/other')).code).toBe(0);
    await git(['reset', '-q', '--hard', trusted]);
  });

  it('and not where the forge adds a change of its own', async () => {
    const trusted = await git(['rev-parse', 'HEAD']);
    await git(['checkout', '-q', '-b', 'topic']);
    await commit({ '.signet.toml': `${withCarol()}# by alice again\n` });
    await git(['checkout', '-q', 'main']);
    await git(['merge', '-q', '--no-ff', '--no-commit', 'topic']);
    const dirty = await commit({ '.signet.toml': `${withCarol()}# by the forge\n` }, forge);
    await git(['branch', '-q', '-D', 'topic']);
    expect((await update()).stderr).toContain(`${dirty}: it changes the policy`);
    await git(['reset', '-q', '--hard', trusted]);
  });

  it('past a merge with the ref as a side branch, unless that changes the policy', async () => {
    await git(['checkout', '-q', '-b', 'topic', 'HEAD~1']);
    await commit({ beside: '2' });
    await git(['merge', '-q', '-S', '--no-edit', 'main']);
    const same = await git(['rev-parse', 'HEAD']);
    await git(['branch', '-q', '-f', 'main', same]);
    await git(['checkout', '-q', 'main']);
    expect((await update()).stdout).toContain('has not changed');
    await git(['checkout', '-q', '-B', 'topic', introduction]);
    await git(['merge', '-q', '-S', '--no-edit', '-s', 'ours', 'main']);
    const rolledBack = await git(['rev-parse', 'HEAD']);
    const refused = await update();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`${rolledBack}: it has the ref as a side branch`);
    await git(['checkout', '-q', 'main']);
    await git(['branch', '-q', '-D', 'topic']);
  });

  it('from an introduction that came in by a merge', async () => {
    const from = await git(['rev-parse', 'HEAD^2']);
    const tip = await commit({ other: '3' });
    const trusted = await update('trust', from, '--ref', REF, '--yes');
    expect([trusted.code, trusted.stderr]).toEqual([0, '']);
    expect((await world.signet(['policy', 'show'], { cwd: repo })).stdout).toContain(tip);
  });

  it('or one outside, with its key files beside it', async () => {
    const outside = join(world.folder, 'outside');
    mkdirSync(join(outside, 'keys'), { recursive: true });
    writeFileSync(join(outside, '.signet.toml'), policy());
    await git(['config', 'signet.policy', join(outside, '.signet.toml')]);
    const merge = await mergeByForge(() => commit({ other: '4' }));
    await git(['rm', '-q', '-r', 'keys']);
    await commit({});
    expect((await explain(merge)).code).toBe(3);
    writeFileSync(join(outside, 'keys/forge.asc'), forge.publicKey);
    expect((await explain(merge)).code).toBe(0);
    await git(['config', '--unset', 'signet.policy']);
  });

  describe('and a server', () => {
    let server: Server;
    beforeAll(async () => {
      server = await makeServer(world, people, policy());
    });

    const pushBy = async (key: SshKey | undefined) => {
      writeFileSync(join(server.clone, '.signet.toml'), withCarol());
      await server.commit('alice');
      await server.git([...(key?.options ?? []), 'commit', '-q', '-S', '--allow-empty', '-m', 'by a key']);
      return server.push('main');
    };

    it('knows the keys that came with the same push', async () => {
      expect((await pushBy(mallory)).reasons).toEqual(['other-format']);
      await server.git(['reset', '-q', '--hard', server.introduction]);
      expect(await pushBy(carol)).toMatchObject({ code: 0, reasons: [] });
    });
  });
});
