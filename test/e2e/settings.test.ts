import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { splitObject } from '../../src/core/gitObject.ts';
import { root } from '../arch/repository.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let verify: readonly string[];
let payload: Uint8Array;

beforeAll(async () => {
  world = await makeWorld();
  const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
  await world.git(['commit', '-q', '-S', '--allow-empty', '-m', 'one'], { env });
  const { stdout } = await world.git(['cat-file', 'commit', 'HEAD']);
  const split = splitObject(Buffer.from(stdout), 'commit', 'sha1');
  payload = split.payload;
  const file = join(world.folder, 'signature');
  writeFileSync(file, split.signature ?? '');
  verify = ['--status-fd=1', '--verify', file, '-'];
});
afterAll(() => world?.close());

/** A program named git that ends like this; real git has no part in it. */
function fakeGit(script: string): NodeJS.ProcessEnv {
  const bin = join(world.folder, 'fake');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${bin}${delimiter}${world.env['PATH']}` };
}

it.each(['exit 1', 'exit 127', 'echo no version set >&2; exit 1', 'kill -9 $$'])(
  'settings that cannot be read (git: %s) are not taken for none',
  async (script) => {
    const control = await world.signet(verify, { input: payload });
    expect(control.stdout).toMatch(/GOODSIG/);
    const refused = await world.signet(verify, { input: payload, env: fakeGit(script), mayFail: true });
    expect(refused.code).toBe(2);
    expect(refused.stdout).toMatch(/^\[GNUPG:\] ERRSIG /m);
    expect(refused.stdout).not.toMatch(/GOODSIG/);
  },
);

it('git may trace itself meanwhile', async () => {
  const traced = await world.signet(verify, { input: payload, env: { GIT_TRACE: '1' } });
  expect(traced.stdout).toMatch(/GOODSIG/);
});

it('an address with white space in signet.allow could never match, so it is refused', async () => {
  const allow = (value: string) => ({
    env: { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'signet.allow', GIT_CONFIG_VALUE_0: value },
  });
  const right = await world.signet(verify, { input: payload, ...allow(`alice@example.com ${world.issuer}`) });
  expect(right.stdout).toMatch(/TRUST_FULLY/);
  const wrong = allow(`alice@example.com  ${world.issuer}`);
  const refused = await world.signet(verify, { input: payload, ...wrong, mayFail: true });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/white space/);
});

it('logs out of what is held, also where the trusted root is broken', async () => {
  const env = { SIGNET_TRUSTED_ROOT: '/nonexistent/root.json' };
  expect((await world.signet(['logout'], { env })).stdout).toMatch(/^Logged out of /);
});

it("a trusted root of one's own is named by verify, unless it is a sandbox's", async () => {
  const copy = join(world.folder, 'own_root.json');
  copyFileSync(join(root, 'src/adapters/trust/trusted_root.json'), copy);
  const env = { SIGNET_TRUSTED_ROOT: copy };
  const own = await world.signet(['verify', '--offline', 'HEAD'], { env, mayFail: true });
  expect({ code: own.code, text: own.stdout }).toEqual({
    code: 3,
    text: expect.stringContaining(`Trusted root: ${copy} (signet.trustedRoot)\n`),
  });
  const toy = await world.signet(['verify', '--offline', 'HEAD']);
  expect(toy.stdout).toContain('[sandbox]');
  expect(toy.stdout).not.toContain('Trusted root:');
});

it('what a repository of another account sets does not count', async () => {
  const repo = join(world.folder, 'foreign');
  await world.git(['init', '-q', repo]);
  await world.git(['config', '--local', 'signet.trustedRoot', '/nonexistent.json'], { cwd: repo });
  const valueFor = async (env: NodeJS.ProcessEnv) => {
    const { stdout } = await world.signet(['config', '--json'], { cwd: repo, env });
    return stdout.includes('/nonexistent.json');
  };
  expect(await valueFor({})).toBe(true);
  // git's own tests pretend by it that somebody else owns the folder (safe.directory).
  expect(await valueFor({ GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' })).toBe(false);
});
