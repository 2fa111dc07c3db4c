import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { splitObject } from '../../src/core/gitObject.ts';
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
