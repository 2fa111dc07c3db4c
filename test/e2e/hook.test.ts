/** Pushes of what git and the program itself have signed. What else must be refused is in `adversarial`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPeople, makeServer, type People, type Pushed, policyText } from './server.ts';
import { team } from './team.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let people: People;
beforeAll(async () => {
  world = await makeWorld();
  people = await findPeople(world);
});
afterAll(() => world?.close());

const policy = (): string => policyText(people, team(people.issuer));
const passes = ({ code, stderr }: Pushed): void => expect(code, stderr).toBe(0);
const refused = (pushed: Pushed, ...reasons: string[]): void => {
  expect(pushed.reasons, pushed.stderr).toEqual(reasons);
  expect(pushed.code).toBe(1);
  expect(pushed.stderr).toContain('pre-receive hook declined');
};

it('commits pass where a listed signer made them, and are named where not', async () => {
  const server = await makeServer(world, people, policy());
  await server.commit('alice');
  passes(await server.push('main'));
  const bad = await server.commit(undefined);
  const worse = await server.commit('mallory');
  const pushed = await server.push('main');
  refused(pushed, 'unsigned', 'identity-not-listed');
  expect(pushed.stderr).toContain('refs/heads/main REJECTED: 2 of 2 new commits fail the policy at');
  for (const oid of [bad, worse]) expect(pushed.stderr).toContain(oid.slice(0, 10));
  expect(pushed.stderr).toMatch(/mallory@example\.com \(http.*\), signed \d{4}-/);
  expect(pushed.stderr).toContain("git rebase --exec 'git commit --amend -S --no-edit'");
  await server.git(['reset', '-q', '--hard', 'origin/main']);
  await server.commit('bob');
  refused(await server.push('main'), 'role-not-allowed');
});

it('commits by SSH keys pass where the policy has the key', async () => {
  const key = join(world.folder, 'ssh-key');
  await world.begin('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]).ended;
  const [type, text] = readFileSync(`${key}.pub`, 'utf8').split(' ');
  const carol = `[signers]\ncarol = { ssh = "${type} ${text}" }\n`;
  const withCarol = policy()
    .replace('[signers]\n', carol)
    .replace('signers = ["alice"]\nmerged', 'signers = ["alice", "carol"]\nmerged');
  for (const [rules, reasons] of [
    [withCarol, []],
    [policy(), ['other-format']],
  ] as const) {
    const server = await makeServer(world, people, rules);
    const ssh = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}`];
    await server.git([...ssh, 'commit', '-q', '-S', '--allow-empty', '-m', 'by key']);
    const pushed = await server.push('main');
    if (reasons.length > 0) refused(pushed, ...reasons);
    else passes(pushed);
  }
});

it('merges and tags pass as git makes them', async () => {
  const server = await makeServer(world, people, policy());
  const env = await people.as('alice@example.com');
  await server.git(['checkout', '-q', '-b', 'topic']);
  await server.commit('bob', { a: 'a' });
  await server.git(['checkout', '-q', 'main']);
  await server.git(['merge', '-q', '-S', '--no-ff', '-m', 'merge', 'topic'], { env });
  await server.git(['tag', '-s', '-m', 'one', 'v1'], { env });
  await server.git(['tag', '-s', '-m', 'two', 'v2'], { env: await people.as('bob@example.com') });
  refused(await server.push('main', 'v2'), 'role-not-allowed');
  passes(await server.push('main', 'v1'));
});

it('an empty repository waits for its introduction', async () => {
  const other = await makeServer(world, people, policy());
  const bare = join(world.folder, 'fresh.git');
  await world.git(['init', '-q', '--bare', '-b', 'main', bare]);
  const root = await other.git(['config', 'signet.trustedRoot']);
  await world.git(['config', 'signet.trustedRoot', root], { cwd: bare });
  expect((await world.signet(['hook', 'install'], { cwd: bare, mayFail: true })).code).toBe(2);
  await world.signet(['hook', 'install', '--introduction', other.introduction], { cwd: bare });
  await other.git(['remote', 'set-url', 'origin', `file://${bare}`]);
  await other.git(['checkout', '-q', '--orphan', 'unrelated']);
  await other.commit('alice');
  refused(await other.push('unrelated:main'), 'introduction-missing');
  passes(await other.push('main'));
});
