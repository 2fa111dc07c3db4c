/** `git-signet gate` as a CI system calls it. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPeople, makeServer, type People, policyText, type Server } from './server.ts';
import { team } from './team.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let people: People;
let server: Server;
let base: string;
beforeAll(async () => {
  world = await makeWorld();
  people = await findPeople(world);
  server = await makeServer(
    world,
    people,
    policyText(
      people,
      team(
        people.issuer,
        `[[rule]]
refs = ["refs/heads/main"]
signers = ["alice"]
merged = ["alice", "bob"]
`,
      ),
    ),
  );
  base = await server.git(['rev-parse', 'HEAD']);
}, 60_000);
afterAll(() => world?.close());

async function gate(as: string, ...more: string[]) {
  const head = await server.git(['rev-parse', 'HEAD']);
  await server.git(['fetch', '-q', 'origin']);
  const args = ['gate', '--ref', 'refs/heads/main', '--base', base, '--head', head, '--as', as];
  const policy = ['--policy-ref', 'refs/remotes/origin/main'];
  return world.signet([...args, ...policy, ...more], { cwd: server.clone, mayFail: true });
}

const reasons = (stdout: string): readonly string[] =>
  JSON.parse(stdout).findings.map(({ reason }: { reason: string }) => reason);

it('judges by how a request will land', async () => {
  await server.git(['checkout', '-q', '-b', 'topic', base]);
  await server.commit('bob');
  expect((await gate('merge')).code).toBe(0);
  expect((await gate('squash')).code).toBe(0);
  for (const as of ['rebase', 'ff']) {
    const { code, stdout } = await gate(as, '--format', 'json');
    expect([code, reasons(stdout)]).toEqual([1, ['role-not-allowed']]);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'git-signet/gate/v1', accepted: false, as, base });
  }
});

it('7: takes the policy from its ref, not from the base', async () => {
  await server.git(['checkout', '-q', '-b', 'stale', base]);
  await server.commit('bob');
  expect((await gate('merge')).code).toBe(0);
  await server.git(['checkout', '-q', 'main']);
  const policy = readFileSync(join(server.clone, '.signet.toml'), 'utf8');
  const without = policy.replace(/bob = .*\n/, '').replace('"alice", "bob"', '"alice"');
  await server.commit('alice', { '.signet.toml': without });
  expect((await server.push('main')).code).toBe(0);
  await server.git(['checkout', '-q', 'stale']);
  const { code, stdout } = await gate('merge', '--format', 'json');
  expect([code, reasons(stdout)]).toEqual([1, ['identity-not-listed']]);
});

it('asks for an editor where the policy changes', async () => {
  await server.git(['checkout', '-q', '-b', 'change', 'main']);
  base = await server.git(['rev-parse', 'HEAD']);
  const policy = readFileSync(join(server.clone, '.signet.toml'), 'utf8');
  await server.commit('alice', { '.signet.toml': `${policy}# by an editor\n` });
  expect((await gate('merge')).code).toBe(0);
});

it('makes commands of nothing that a stranger wrote', async () => {
  await server.git(['checkout', '-q', '-b', 'hostile', 'main']);
  base = await server.git(['rev-parse', 'HEAD']);
  const subject = '::add-mask::x <b>&"\u001b[31m';
  await server.git(['commit', '-q', '--allow-empty', '--no-gpg-sign', '-m', subject]);
  const summary = join(world.folder, 'summary.md');
  rmSync(summary, { force: true });
  const head = await server.git(['rev-parse', 'HEAD']);
  const args = ['gate', '--ref', 'refs/heads/main', '--base', base, '--head', head, '--as', 'merge'];
  const call = { cwd: server.clone, env: { GITHUB_STEP_SUMMARY: summary }, mayFail: true };
  const policy = ['--policy-ref', 'refs/remotes/origin/main'];
  const { code, stdout } = await world.signet([...args, ...policy, '--format=github'], call);
  expect(code).toBe(1);
  const lines = stdout.trimEnd().split('\n');
  const mark = /^::stop-commands::([0-9a-f]{32})$/.exec(lines[1] ?? '')?.[1];
  expect(lines[0]).toMatch(/^::error title=git-signet%3A unsigned::[0-9a-f]{40} it is not signed$/);
  expect(lines.at(-1)).toBe(`::${mark}::`);
  expect(lines.slice(2, -1).join()).toContain('\\u{1b}[31m');
  expect(readFileSync(summary, 'utf8')).toContain('&#58;&#58;add-mask');
  const junit = await world.signet([...args, ...policy, '--format=junit'], call);
  expect(junit.stdout).toContain('::add-mask::x &lt;b&gt;&amp;&quot;\\u{1b}[31m"');
  expect(junit.stdout).toContain('<failure type="unsigned"');
});

it('is refused without a policy, and for names that are none', async () => {
  const call = { cwd: server.clone, mayFail: true };
  const args = ['gate', '--base', base, '--head', base, '--as', 'ff'];
  expect((await world.signet([...args, '--ref', 'refs/heads/main'], call)).code).toBe(2);
  expect(
    (await world.signet([...args, '--ref', 'main', '--policy-ref', 'refs/remotes/origin/main'], call)).code,
  ).toBe(2);
  expect(
    (
      await world.signet(
        [...args, '--ref', 'refs/heads/main', '--policy-ref', 'refs/remotes/origin/gone'],
        call,
      )
    ).code,
  ).toBe(2);
});
