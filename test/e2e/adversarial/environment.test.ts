/** What surrounds a push: the lines that git hands over, variables that a pusher can set, and the first push of all. */
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ISSUER } from './signers.ts';
import { makeToyWorld, passes, refused, TEAM, type ToyServer, type ToyWorld } from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

const ZERO = '0'.repeat(40);

describe('what git says of a push', () => {
  let server: ToyServer;
  let line: string;
  beforeAll(async () => {
    server = await world.makeServer(TEAM);
    const oid = await server.commit(world.bob);
    await server.onServer('fetch', '-q', server.clone, 'main');
    line = `${ZERO} ${oid} refs/heads/topic`;
  });

  it.each([
    ['nothing', () => ''],
    ['no end of the line', () => line],
    ['half a line', () => `${line.slice(0, 60)}\n`],
    ['rubbish', () => 'x\n'],
    ['an empty line', () => `${line}\n\n`],
    ['a ref twice', () => `${line}\n${line}\n`],
    ['an id in capitals', () => `${line.toUpperCase()}\n`],
    ['a short id', () => `${line.replace(ZERO, '0')}\n`],
    ['a ref that is none', () => `${line.replace('refs/heads/', '')}\n`],
    ['bytes that are no text', () => Buffer.concat([Buffer.from(line), Buffer.of(0xff, 0x0a)])],
  ])('%s is refused', async (_, input) => {
    const { code, stderr } = await server.judge([], { input: input() });
    expect([code, stderr]).toEqual([3, expect.stringContaining('cannot be read')]);
  });

  it('whole lines pass', async () => {
    const { code, stderr } = await server.judge([line]);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('stale values are refused', async () => {
    const [, oid = ''] = line.split(' ');
    const stale = await server.judge([`${oid} ${oid} refs/heads/main`]);
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringContaining('stale-ref')]);
    const gone = await server.judge([`${ZERO} ${'1'.repeat(40)} refs/heads/topic`]);
    expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining('missing')]);
  });
});

describe("the pusher's environment", () => {
  it('has no say', async () => {
    const server = await world.makeServer(TEAM);
    const bad = await server.commit(world.mallory);
    await server.git('reset', '-q', '--hard', server.introduction);
    const good = await server.commit(world.bob);
    await server.onServer('fetch', '-q', server.clone, bad, good);
    const global = join(world.folder, 'pushers-config');
    writeFileSync(global, `[signet]\nallow = mallory@example.com ${ISSUER}\npolicy = /nowhere\n`);
    chmodSync(global, 0o644);
    const engine = join(world.folder, 'openssl.cnf');
    writeFileSync(
      engine,
      'nodejs_conf = a\n[a]\nengines = b\n[b]\nc = d\n[d]\ndynamic_path = /nowhere.so\ninit = 1\n',
    );
    const hostile = {
      GIT_CONFIG_GLOBAL: global,
      GIT_CONFIG_SYSTEM: global,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'signet.policyRef',
      GIT_CONFIG_VALUE_0: '',
      GIT_CONFIG_PARAMETERS: `'signet.policy=/nowhere'`,
      SIGNET_TRUSTED_ROOT: '/nowhere',
      SIGNET_POLICY: '/nowhere',
      GITSIGN_REKOR_MODE: 'online',
      SIGSTORE_ROOT_FILE: '/nowhere',
      GIT_GRAFT_FILE: '/nowhere',
      GIT_REPLACE_REF_BASE: 'refs/heads/',
      GIT_PUSH_OPTION_COUNT: '1',
      GIT_PUSH_OPTION_0: 'force',
      XDG_CONFIG_HOME: '/nowhere',
      HOME: '/nowhere',
      NODE_OPTIONS: '--require=/nowhere.js',
      NODE_V8_COVERAGE: join(world.folder, 'coverage'),
      OPENSSL_CONF: engine,
      CI: 'true',
    };
    for (const env of [{}, hostile]) {
      const { code, stderr } = await server.judge([`${ZERO} ${bad} refs/heads/topic`], { env });
      expect([code, stderr]).toEqual([1, expect.stringContaining('identity-not-listed')]);
      expect((await server.judge([`${ZERO} ${good} refs/heads/topic`], { env })).code).toBe(0);
    }
    expect(existsSync(hostile.NODE_V8_COVERAGE)).toBe(false);
    const line = `${ZERO} ${good} refs/heads/topic`;
    expect((await server.judge([line], { env: { GIT_NAMESPACE: 'x' } })).code).toBe(2);
    expect((await server.judge([line], { env: { GIT_NAMESPACE: '' } })).code).toBe(0);
  });

  it('of GitLab is shown the lines that it passes on', async () => {
    const server = await world.makeServer(TEAM);
    const bad = await server.commit(world.mallory);
    await server.onServer('fetch', '-q', server.clone, bad);
    const judge = (env: NodeJS.ProcessEnv) => server.judge([`${ZERO} ${bad} refs/heads/topic`], { env });
    expect((await judge({ GL_ID: 'user-1' })).stderr).toMatch(
      /^GL-HOOK-ERR: git-signet: refs\/heads\/topic REJECTED/,
    );
    expect((await judge({})).stderr).toMatch(/^git-signet: refs\/heads\/topic REJECTED/);
  });
});

it('the first push brings the ref of the policy alone, with the introduction in it', async () => {
  const server = await world.makeServer(TEAM);
  await server.onServer('update-ref', '-d', 'refs/heads/main');
  await server.commit(world.alice);
  refused(await server.push('main', 'main:topic'), 'first-push');
  await server.commit(world.alice, { parents: [] });
  refused(await server.push('main'), 'introduction-missing');
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(world.alice);
  await server.commit(world.mallory);
  refused(await server.push('main'), 'identity-not-listed');
  passes(await server.push('main~1:refs/heads/main'));
});
