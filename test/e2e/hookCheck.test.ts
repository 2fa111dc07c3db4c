/** Ways around the hook that git leaves open: each is found, in a repository that holds without it. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findOpenKeys } from '../../src/adapters/gate/openKeys.ts';
import { findPeople, makeServer, policyText, type Server } from './server.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let server: Server;
let hook: string;
beforeAll(async () => {
  world = await makeWorld();
  const people = await findPeople(world);
  const alice = `[signers]\nalice = { email = "alice@example.com", issuer = ${JSON.stringify(people.issuer)} }\n`;
  server = await makeServer(world, people, policyText(people, alice));
  hook = join(server.bare, 'hooks/pre-receive');
}, 60_000);
afterAll(() => world?.close());

const check = () => world.signet(['hook', 'check'], { cwd: server.bare, mayFail: true });

it('says that it holds where it does', async () => {
  const { code, stdout } = await check();
  expect([code, stdout]).toEqual([0, expect.stringContaining('3 pushes into a copy were refused')]);
});

const WAYS: readonly (readonly [string, () => unknown, RegExp])[] = [
  ['a hook that is not executable', () => chmodSync(hook, 0o644), /not executable.*\n.*was not refused/],
  ['a hook that others may change', () => chmodSync(hook, 0o777), /changed by others/],
  ['an empty hook', () => writeFileSync(hook, ''), /is empty.*\n.*was not refused/],
  ['another hook', () => writeFileSync(hook, '#!/bin/sh\nexit 0\n'), /not the one.*\n.*was not refused/],
  ['no hook', () => rmSync(hook), /is not there/],
  [
    'a dangling link',
    () => {
      rmSync(hook);
      symlinkSync('/nowhere', hook);
    },
    /is a link.*\n.*was not refused/,
  ],
  [
    'a program that is gone',
    () => writeFileSync(hook, readFileSync(hook, 'utf8').replace(/'[^']*git-signet\.cjs'/, "'/nowhere.cjs'")),
    /nowhere\.cjs, which the hook starts, is not there/,
  ],
  [
    'hooks elsewhere',
    () => server.onServer('config', 'core.hooksPath', '/nowhere'),
    /core\.hooksPath is \/nowhere.*\n.*was not refused/,
  ],
  [
    'no trusted root',
    () => server.onServer('config', 'signet.trustedRoot', '/nowhere'),
    /Every push is refused: The trusted root/,
  ],
  [
    "a trusted root without the policy's Sigstore",
    () => server.onServer('config', '--unset', 'signet.trustedRoot'),
    /does not hold: each of them is refused as foreign\. .*: git config signet\.trustedRoot FILE/,
  ],
];

it.each(WAYS)('finds %s', async (_, spoil, said) => {
  const config = join(server.bare, 'config');
  const before = [readFileSync(config), readFileSync(hook)] as const;
  await spoil();
  const { code, stdout } = await check();
  expect([code, stdout]).toEqual([1, expect.stringMatching(said)]);
  writeFileSync(config, before[0]);
  rmSync(hook, { force: true });
  writeFileSync(`${hook}.back`, before[1], { mode: 0o755 });
  chmodSync(`${hook}.back`, 0o755);
  renameSync(`${hook}.back`, hook);
});

it("is not led astray by the account's own core.hooksPath, which it overrides, and finds it where it cannot", async () => {
  const env = { GIT_CONFIG_COUNT: '0', GIT_CONFIG_GLOBAL: join(world.folder, 'global') };
  writeFileSync(env.GIT_CONFIG_GLOBAL, '[core]\nhooksPath = /nowhere\n');
  const run = () => world.signet(['hook', 'check'], { cwd: server.bare, env, mayFail: true });
  expect((await run()).code).toBe(0);
  await server.onServer('config', '--unset', 'core.hooksPath');
  expect((await run()).stdout).toMatch(/core\.hooksPath is \/nowhere/);
  await world.signet(['hook', 'install'], { cwd: server.bare });
  expect((await run()).code).toBe(0);
});

it('proves what --receive-pack does to every hook, and names keys that let their owners use it', async () => {
  const around = '--receive-pack=git -c core.hooksPath=/nowhere receive-pack';
  await server.commit(undefined);
  expect((await server.push('main')).reasons).toEqual(['unsigned']);
  expect((await world.git(['push', around, 'origin', 'main:around'], { cwd: server.clone })).code).toBe(0);
  expect((await check()).stdout).toContain('git push --receive-pack');
  const home = join(world.folder, 'account');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  const forced = 'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" ssh-ed25519 AAAA git';
  const keys = (...lines: string[]) =>
    writeFileSync(join(home, '.ssh/authorized_keys'), ['# keys', '', ...lines, ''].join('\n'));
  const open = (shell = '/bin/bash') => findOpenKeys({ homedir: home, shell });
  keys(forced);
  expect(open()).toEqual([]);
  keys(forced, 'ssh-ed25519 AAAA alice', 'environment="A=command=\\"x\\"" ssh-rsa AAAA bob');
  expect(open()).toEqual([expect.stringMatching(/^2 keys open a shell \(\/bin\/bash\)/)]);
  expect(open('/usr/bin/git-shell')).toEqual([]);
});

it('is gone after uninstall, and does not touch a hook of others', async () => {
  expect((await world.signet(['hook', 'uninstall'], { cwd: server.bare })).code).toBe(0);
  writeFileSync(hook, '#!/bin/sh\n', { mode: 0o755 });
  expect((await world.signet(['hook', 'uninstall'], { cwd: server.bare, mayFail: true })).code).toBe(2);
  expect((await world.signet(['hook', 'install'], { cwd: server.bare, mayFail: true })).stderr).toContain(
    'not ours',
  );
  expect((await world.signet(['hook', 'install'], { mayFail: true })).stderr).toContain('no bare repository');
});
