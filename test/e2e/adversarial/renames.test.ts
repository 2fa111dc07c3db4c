/** git's merge takes a change of a file along to where the other side has moved it: a change there that no commit shows. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { emailName, type Signer, toySigner } from './signers.ts';
import { makeToyWorld, passes, refused, TEAM, type ToyServer, type ToyWorld } from './toyServer.ts';

vi.setConfig({ testTimeout: 60_000 });

let world: ToyWorld;
let forge: Signer;
beforeAll(() => {
  world = makeToyWorld();
  forge = toySigner(world.toy, { names: [emailName('forge@example.com')] });
});
afterAll(() => world?.close());

const FORGE =
  'forge = { email = "forge@example.com", issuer = "https://issuer.example", forge = true }\nbob =';
/** The forge may merge what Bob has done, and Alice alone changes what is below ci. */
const RULES = `${TEAM.replace('bob =', FORGE).replace('merged', 'forge = ["clean-merge"]\nmerged')}
[[rule]]
refs = ["refs/heads/main"]
paths = ["ci/**"]
signers = ["alice"]
`;
const LINES = Array.from({ length: 30 }, (_, line) => `line ${line}\n`).join('');

/** Alice moves a script; gives the commit, which is main's then. */
async function move(server: ToyServer, to: string): Promise<string> {
  const moved = await server.commit(world.alice, { files: { 'deploy.sh': null, [to]: LINES } });
  passes(await server.push('main'));
  await server.git('reset', '-q', '--hard', server.introduction);
  return moved;
}

async function gate(server: ToyServer, base: string, head: string) {
  await server.git('config', 'signet.trustedRoot', join(world.folder, 'root.json'));
  const args = ['--ref', 'refs/heads/main', '--base', base, '--head', head, '--as', 'merge'];
  return world.signet(['gate', ...args, '--policy-ref', 'refs/remotes/origin/main'], {
    cwd: server.clone,
    mayFail: true,
  });
}

it.each([
  ['ci/deploy.sh', 'into the guarded folder', 'path-not-allowed'],
  ['bin/deploy.sh', 'elsewhere', undefined],
])('a script moved to %s, %s, and a forge merges a change of the old one', async (to, _, reason) => {
  const server = await world.makeServer(RULES, { 'deploy.sh': LINES });
  const moved = await move(server, to);
  const change = await server.commit(world.bob, { files: { 'deploy.sh': `${LINES}more\n` } });
  await server.git('reset', '-q', '--hard', moved);
  await server.merge(forge, change);
  expect(await server.git('show', `HEAD:${to}`)).toContain('more');
  const asked = await gate(server, moved, change);
  expect(asked.code).toBe(reason === undefined ? 0 : 1);
  expect(asked.stdout).toContain(reason ?? 'all accepted');
  expect(asked.stdout).toContain(reason === undefined ? '' : `a file was renamed to ${to} meanwhile`);
  const pushed = await server.push('main');
  if (reason === undefined) passes(pushed);
  else refused(pushed, reason);
});

it.each([
  ['ci/deploy.sh', 'path-not-allowed'],
  ['bin/deploy.sh', undefined],
])('a script moved to %s, and the author of a change of the old one merges that', async (to, reason) => {
  const server = await world.makeServer(RULES, { 'deploy.sh': LINES });
  const moved = await move(server, to);
  await server.commit(world.bob, { files: { 'deploy.sh': `${LINES}more\n` } });
  const merged = await server.merge(world.bob, moved);
  await server.git('reset', '-q', '--hard', moved);
  await server.merge(forge, merged);
  const pushed = await server.push('main');
  if (reason === undefined) passes(pushed);
  else refused(pushed, reason);
});

it.each([
  ['ops/new', undefined],
  ['ci/new', 'path-not-allowed'],
])(
  'a folder was moved below ci, and who merges that has a new file, which becomes %s',
  async (to, reason) => {
    const [a, b] = [`a\n${LINES}`, `b\n${LINES}`];
    const server = await world.makeServer(RULES, { 'ops/a': a, 'ops/b': b });
    const files = { 'ops/a': null, 'ops/b': null, 'ci/a': a, 'ci/b': b };
    const moved = await server.commit(world.alice, { files });
    passes(await server.push('main'));
    await server.git('reset', '-q', '--hard', server.introduction);
    const own = await server.commit(world.bob, { files: { 'ops/new': 'new' } });
    await server.git('read-tree', '--reset', '-u', moved);
    const merged = await server.commit(world.bob, { parents: [own, moved], files: { [to]: 'new' } });
    await server.git('reset', '-q', '--hard', moved);
    await server.merge(forge, merged);
    const pushed = await server.push('main');
    if (reason === undefined) passes(pushed);
    else refused(pushed, reason);
  },
);
