/** The policy of a repository is changed by its editors, one step after the other, and never made worse than none. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emailName, toySigner } from './signers.ts';
import { makeToyWorld, passes, refused, TEAM, type ToyWorld } from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

it('5: is changed by editors only, by the policy before', async () => {
  const server = await world.makeServer(TEAM);
  const files = { '.signet.toml': world.policy(TEAM.replace('bob@example.com', 'mallory@example.com')) };
  await server.commit(world.mallory, { files });
  refused(await server.push('main'), 'identity-not-listed');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.bob, { files });
  refused(await server.push('main'), 'policy-change-denied');
  // Elsewhere it is a proposal.
  passes(await server.push('main:proposal'));
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice, { files });
  passes(await server.push('main'));
});

it('5: is changed by an editor where a merge brings the change', async () => {
  const both = TEAM.replace('signers = ["alice"]\nmerged', 'signers = ["alice", "bob"]\nmerged');
  const server = await world.makeServer(both);
  await server.git('checkout', '-q', '-b', 'topic');
  await server.commit(world.bob, { files: { '.signet.toml': world.policy(`${both}# by bob\n`) } });
  await server.git('checkout', '-q', 'main');
  await server.merge(world.bob, 'topic');
  refused(await server.push('main'), 'policy-change-denied');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.merge(world.alice, 'topic');
  passes(await server.push('main'));
});

it('6: counts from the commit that changes it on, on its own ref', async () => {
  const withCarol = TEAM.replaceAll('"alice"]\nmerged', '"alice", "mallory"]\nmerged')
    .replace('bob@', 'mallory@')
    .replace('bob =', 'mallory =')
    .replaceAll('"bob"', '"mallory"');
  const server = await world.makeServer(TEAM);
  await server.commit(world.alice, { files: { '.signet.toml': world.policy(withCarol) } });
  await server.git('branch', 'topic');
  const onMain = await server.commit(world.mallory);
  await server.git('checkout', '-q', 'topic');
  await server.commit(world.mallory, { files: { c: 'c' } });
  refused(await server.push('main', 'topic'), 'identity-not-listed');
  passes(await server.push('main'));
  expect(await server.onServer('rev-parse', 'main')).toBe(onMain);
  passes(await server.push('topic'));
});

it('6: is followed by a clone past an editor whom another one has let in meanwhile', async () => {
  const server = await world.makeServer(TEAM);
  await server.git('config', 'signet.trustedRoot', join(world.folder, 'root.json'));
  await world.signet(['policy', 'trust', server.introduction, '--yes'], { cwd: server.clone });
  const issuer = 'issuer = "https://issuer.example"';
  const text = world
    .policy(TEAM)
    .replaceAll('["alice"]', '["alice", "carol"]')
    .replace('bob =', `carol = { email = "carol@example.com", ${issuer} }\nbob =`);
  const carol = toySigner(world.toy, { names: [emailName('carol@example.com')] });
  await server.commit(world.alice, { files: { '.signet.toml': text } });
  await server.commit(carol, { files: { '.signet.toml': `${text}# by carol\n` } });
  passes(await server.push('main'));
  const update = () => world.signet(['policy', 'update'], { cwd: server.clone, mayFail: true });
  await server.git('fetch', '-q', 'origin');
  expect(await update()).toMatchObject({ code: 0 });
  await server.commit(world.bob, { files: { '.signet.toml': text } });
  await server.smuggle('main');
  await server.git('fetch', '-q', 'origin');
  expect(await update()).toMatchObject({ code: 2, stderr: expect.stringContaining('no editor') });
});

it('7: of its own ref judges a branch from an old commit', async () => {
  const server = await world.makeServer(TEAM);
  const without = TEAM.replace(/bob = .*\n/, '').replace('"alice", "bob"', '"alice"');
  await server.commit(world.alice, { files: { '.signet.toml': world.policy(without) } });
  passes(await server.push('main'));
  await server.git('checkout', '-q', '-b', 'topic', server.introduction);
  await server.commit(world.bob);
  refused(await server.push('topic'), 'identity-not-listed');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice);
  passes(await server.push('topic'));
});

describe('19: stays as it was where the new one', () => {
  const huge = `# ${'x'.repeat(300 << 10)}\n`;
  it.each([
    ['is no TOML', (text: string) => `${text}\n[[[`],
    ['has a key twice', (text: string) => text.replace('[policy]', '[policy]\neditors = ["alice"]')],
    ['has an unknown key', (text: string) => text.replace('[policy]', '[policy]\nlax = true')],
    [
      'has a date that never was',
      (text: string) => `${text}\n[[revoke]]\nsigner = "bob"\nafter = "2024-02-30T00:00:00Z"\n`,
    ],
    ['has no editor', (text: string) => text.replace('editors = ["alice"]', 'editors = []')],
    ['has an unknown version', (text: string) => text.replace('version = 1', 'version = 2')],
    ['is larger than any policy', (text: string) => text + huge],
    ['is gone', () => null],
  ])('%s', async (_, change) => {
    const server = await world.makeServer(TEAM);
    const text = world.policy(TEAM);
    await server.commit(world.alice, { files: { '.signet.toml': change(text), other: 'x' } });
    // Also where a later commit mends it: somebody could be judged by what is between.
    refused(await server.push('main'), 'policy-invalid');
    await server.commit(world.alice, { files: { '.signet.toml': `${text}# a remark\n` } });
    refused(await server.push('main'), 'policy-invalid');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(world.alice, { files: { '.signet.toml': `${text}# a remark\n`, other: 'x' } });
    passes(await server.push('main'));
    await server.commit(world.mallory);
    refused(await server.push('main'), 'identity-not-listed');
  });
});

it('is not rolled back by a merge that has the ref as its side branch', async () => {
  const server = await world.makeServer(TEAM);
  const newer = await server.commit(world.alice, { files: { '.signet.toml': world.policy(`${TEAM}# x\n`) } });
  passes(await server.push('main'));
  await server.git('checkout', '-q', '-b', 'side', server.introduction);
  const side = await server.commit(world.alice, { files: { a: 'a' } });
  await server.commit(world.alice, { parents: [side, newer] });
  refused(await server.push('side:main'), 'old-as-side-branch');
  // The same two lines with what both have: git pull, and push.
  await server.git('reset', '-q', '--hard', side);
  await server.merge(world.alice, newer);
  passes(await server.push('side:main'));
});

it('is a file: neither a folder nor a link counts for one', async () => {
  const server = await world.makeServer(TEAM);
  await server.commit(world.alice, { files: { '.signet.toml': null, '.signet.toml/x': 'x' } });
  refused(await server.push('main'), 'policy-invalid');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.git('mv', '.signet.toml', 'policy.toml');
  symlinkSync('policy.toml', join(server.clone, '.signet.toml'));
  await server.commit(world.alice, { files: {} });
  refused(await server.push('main'), 'policy-invalid');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice, { files: { 'x/.signet.toml': 'x' } });
  passes(await server.push('main'));
});
