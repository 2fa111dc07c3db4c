/** The same hook where pushes come by https, as behind most web servers: git http-backend. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitHttp, hasHttpBackend, serveGit } from '../gitHttp.ts';
import { findPeople, makeServer, type People, policyText, type Server } from '../server.ts';
import { team } from '../team.ts';
import { makeWorld, type World } from '../world.ts';
import { AROUND, reasonsIn } from './toyServer.ts';

describe.runIf(hasHttpBackend)('over http (needs git http-backend)', () => {
  let world: World;
  let people: People;
  let http: GitHttp;
  let server: Server;
  beforeAll(async () => {
    world = await makeWorld();
    people = await findPeople(world);
    http = await serveGit(world.folder, world.env);
    const rules = `[[rule]]
refs = ["refs/heads/main"]
signers = ["alice"]
merged = ["bob"]
[[rule]]
refs = ["refs/heads/prod"]
signers = ["alice"]
push-cert = "require"
`;
    server = await makeServer(world, people, policyText(people, team(people.issuer, rules)));
    await server.onServer('config', 'http.receivePack', 'true');
    await server.onServer('config', 'receive.certNonceSeed', 'a secret of the server');
    await server.onServer('config', 'receive.certNonceSlop', '60');
    await server.onServer('config', 'receive.advertisePushOptions', 'true');
    await server.git([
      'remote',
      'set-url',
      'origin',
      `${http.url}/${server.bare.slice(world.folder.length + 1)}`,
    ]);
  }, 60_000);
  afterAll(async () => {
    await http?.close();
    await world?.close();
  });

  const push = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { code, stderr } = await world.git(['push', ...args], { cwd: server.clone, env, mayFail: true });
    return { code, stderr, reasons: reasonsIn(stderr) };
  };

  it('takes what the policy allows, and says to the pusher why it takes no more', async () => {
    const good = await server.commit('alice');
    expect(await push(['origin', 'main'])).toMatchObject({ code: 0, reasons: [] });
    await server.commit('mallory');
    const { code, stderr, reasons } = await push(['origin', 'main']);
    expect([code, reasons]).toEqual([1, ['identity-not-listed']]);
    expect(stderr).toMatch(/remote: git-signet: refs\/heads\/main REJECTED: 1 of 1 new commits fail/);
    expect(stderr).toMatch(/remote: .*mallory@example\.com \(http/);
    expect(stderr).toMatch(/remote: {3}hint: /);
    expect(await server.onServer('rev-parse', 'main')).toBe(good);
    await server.git(['reset', '-q', '--hard', good]);
  });

  it('hears nothing of what the pusher sets: variables, headers, options, programs', async () => {
    const good = await server.git(['rev-parse', 'HEAD']);
    const hostile = {
      SIGNET_POLICY: '/nowhere',
      SIGNET_ALLOW: `mallory@example.com ${people.issuer}`,
      GIT_PUSH_CERT: 'x',
      GIT_NAMESPACE: '',
    };
    const asPusher = [
      '-c',
      `http.extraHeader=Signet-Policy: /nowhere`,
      '-c',
      'http.extraHeader=Git-Protocol: version=1',
      '-c',
      'http.extraHeader=Git-Push-Cert: x',
    ];
    const pushAsPusher = async () => {
      const args = [...asPusher, 'push', AROUND, '-o', 'signet.policy=/nowhere', 'origin', 'HEAD:main'];
      const { stderr, code } = await world.git(args, { cwd: server.clone, env: hostile, mayFail: true });
      return { code, reasons: reasonsIn(stderr) };
    };
    await server.commit('mallory');
    expect(await pushAsPusher()).toEqual({ code: 1, reasons: ['identity-not-listed'] });
    await server.git(['reset', '-q', '--hard', good]);
    await server.commit('alice');
    expect(await pushAsPusher()).toEqual({ code: 0, reasons: [] });
  });

  it('judges the signature of the push itself', async () => {
    const alice = await people.as('alice@example.com');
    const bob = await people.as('bob@example.com');
    const refspec = ['origin', 'HEAD:prod'];
    await server.commit('alice');
    const asks = (reasons: readonly string[]) => ({ code: 1, reasons });
    expect(await push(['--no-signed', ...refspec])).toMatchObject(asks(['push-cert-required']));
    expect(await push(['--signed', ...refspec], bob)).toMatchObject(asks(['role-not-allowed']));
    expect(await push(['--signed', ...refspec], alice)).toMatchObject({ code: 0 });
    expect(await push(['--no-signed', 'origin', ':prod'])).toMatchObject(asks(['push-cert-required']));
    expect(await push(['--signed', 'origin', ':prod'], alice)).toMatchObject({ code: 0 });
  });

  it('of a push that is older than the server takes says so', async () => {
    const alice = await people.as('alice@example.com');
    await server.onServer('config', '--unset', 'receive.certNonceSlop');
    // Each request is a process of its own, whose nonce is of its own second.
    http.delay(1_100);
    const late = await push(['--signed', 'origin', 'HEAD:prod'], alice);
    expect(late).toMatchObject({ code: 1, reasons: ['push-cert-invalid'] });
    await server.onServer('config', 'receive.certNonceSlop', '60');
    expect(await push(['--signed', 'origin', 'HEAD:prod'], alice)).toMatchObject({ code: 0 });
    http.delay(0);
  });
});
