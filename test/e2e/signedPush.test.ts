/** `git push --signed` where a rule asks for it, and `signet.matchCommitter` when signing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPeople, makeServer, type People, policyText, type Server } from './server.ts';
import { team } from './team.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let people: People;
beforeAll(async () => {
  world = await makeWorld();
  people = await findPeople(world);
}, 60_000);
afterAll(() => world?.close());

describe('push-cert = "require"', () => {
  let server: Server;
  beforeAll(async () => {
    server = await makeServer(
      world,
      people,
      policyText(
        people,
        team(
          people.issuer,
          `[[rule]]
refs = ["refs/heads/prod"]
signers = ["alice"]
push-cert = "require"
`,
        ),
      ),
    );
    await server.onServer('config', 'receive.certNonceSeed', 'a secret of the server');
  }, 60_000);

  const push = async (who: string | undefined, ...refspecs: string[]) => {
    const env = who === undefined ? {} : await people.as(`${who}@example.com`);
    const args = ['push', who === undefined ? '--no-signed' : '--signed', 'origin', ...refspecs];
    return world.git(args, { cwd: server.clone, env, mayFail: true });
  };

  it('takes a commit of a listed signer from a listed signer only: nobody else may carry it there', async () => {
    await server.commit('alice');
    const unsigned = await push(undefined, 'HEAD:refs/heads/prod');
    expect([unsigned.code, unsigned.stderr]).toEqual([1, expect.stringContaining('push-cert-required')]);
    const bobs = await push('bob', 'HEAD:refs/heads/prod');
    expect([bobs.code, bobs.stderr]).toEqual([1, expect.stringContaining('role-not-allowed')]);
    const mallorys = await push('mallory', 'HEAD:refs/heads/prod');
    expect([mallorys.code, mallorys.stderr]).toEqual([1, expect.stringContaining('identity-not-listed')]);
    const alices = await push('alice', 'HEAD:refs/heads/prod');
    expect(alices.code, alices.stderr).toBe(0);
    // Without a rule that asks for it the same push needs none.
    expect((await push(undefined, 'HEAD:refs/heads/topic')).code).toBe(0);
  });

  it('lets a signed push delete, and no other', async () => {
    expect((await push('alice', 'HEAD:refs/heads/prod')).code).toBe(0);
    expect((await push(undefined, ':refs/heads/prod')).stderr).toContain('push-cert-required');
    expect((await push('alice', ':refs/heads/prod')).code).toBe(0);
  });

  it('takes no certificate of another push, whoever puts it there', async () => {
    // Alice's certificate, as any earlier push has left it.
    expect((await push('alice', 'HEAD:refs/heads/prod')).code).toBe(0);
    const head = await server.git(['rev-parse', 'HEAD']);
    const zero = '0'.repeat(40);
    const payload = (nonce: string, ref: string) =>
      `certificate version 0.1\npusher x 1 +0000\nnonce ${nonce}\n\n${zero} ${head} ${ref}\n`;
    const run = async (signed: string, nonce: string, status: string) => {
      const env = await people.as('alice@example.com');
      const { stdout } = await world.signet(['--status-fd=2', '-bsau', 'x'], { input: signed, env });
      const blob = await world.git(['hash-object', '-w', '--stdin'], {
        cwd: server.bare,
        input: signed + stdout,
      });
      const hook = {
        GIT_DIR: '.',
        GIT_PUSH_CERT: blob.stdout.trim(),
        GIT_PUSH_CERT_NONCE: nonce,
        GIT_PUSH_CERT_NONCE_STATUS: status,
      };
      const input = `${zero} ${head} refs/heads/new\n${head} ${zero} refs/heads/prod\n`;
      return world.begin('signet', ['hook', 'pre-receive'], { cwd: server.bare, env: hook, input }).ended;
    };
    const whole = (nonce: string) => `${payload(nonce, 'refs/heads/new')}${head} ${zero} refs/heads/prod\n`;
    const now = Math.floor(Date.now() / 1000);
    const [fresh, other] = [`${now}-a`, `${now}-b`];
    // It is the hook's environment that says so: of an unsigned push git leaves that to the pusher.
    const [before, after] = [`${now - 4000}-a`, `${now + 4000}-a`];
    expect((await run(whole(fresh), fresh, 'OK')).code).toBe(0);
    for (const [signed, nonce, status] of [
      [whole(fresh), other, 'OK'],
      [whole(fresh), fresh, 'SLOP'],
      [whole(fresh), fresh, ''],
      [whole(before), before, 'OK'],
      [whole(after), after, 'OK'],
      [payload(fresh, 'refs/heads/new'), fresh, 'OK'],
      [whole(fresh).replace('refs/heads/prod', 'refs/heads/main'), fresh, 'OK'],
    ] as const) {
      const { code, stderr } = await run(signed, nonce, status);
      expect([code, stderr]).toEqual([1, expect.stringContaining('push-cert-invalid')]);
    }
  });
});

describe('signet.matchCommitter', () => {
  const commit = async (address: string) =>
    world.git(['-c', `user.email=${address}`, 'commit', '-q', '-S', '--allow-empty', '-m', 'x'], {
      env: { ...(await people.as('alice@example.com')), GIT_COMMITTER_EMAIL: address },
      mayFail: true,
    });

  it('signs for the committer only, whose domain has no case', async () => {
    expect((await commit('other@example.com')).code).toBe(0);
    await world.git(['config', 'signet.matchCommitter', 'true']);
    const refused = await commit('other@example.com');
    expect([refused.code === 0, (await commit('alice@EXAMPLE.com')).code]).toEqual([false, 0]);
    expect((await commit('Alice@example.com')).code).not.toBe(0);
    const payload =
      'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n';
    const env = await people.as('alice@example.com');
    const ended = await world.signet(['--status-fd=2', '-bsau', 'x'], { input: payload, env, mayFail: true });
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain('The committer is a@b, but alice@example.com would sign');
    expect(ended.stderr).toContain('git config user.email alice@example.com');
  });
});
