/** Who signed: issuers, subjects, workflows and times, each beside a twin that differs in one thing and passes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACTIONS,
  emailName,
  ISSUER,
  type Signer,
  type Subject,
  toySigner,
  uriName,
  userName,
} from './signers.ts';
import { makeToyWorld, passes, refused, type ToyServer, type ToyWorld } from './toyServer.ts';

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

const someone = (subject: Subject): Signer => toySigner(world.toy, subject);

/** What a push of one commit on top of the policy is refused for. */
async function tryOne(server: ToyServer, signer: Signer, ...reasons: string[]): Promise<void> {
  await server.git('reset', '-q', '--hard', server.introduction);
  await server.commit(signer);
  const pushed = await server.push('HEAD:refs/heads/topic');
  if (reasons.length > 0) return refused(pushed, ...reasons);
  passes(pushed);
  await server.onServer('update-ref', '-d', 'refs/heads/topic');
}

describe('subjects', () => {
  it('8: count with their issuer', async () => {
    const server = await world.makeServer(
      '[signers]\nalice = { email = "alice@example.com", issuer = "github" }\n',
    );
    const names = [emailName('alice@example.com')];
    await tryOne(server, someone({ names, issuer: 'https://accounts.google.com' }), 'issuer-mismatch');
    await tryOne(server, someone({ names, issuer: 'https://github.com/login/oauth/' }), 'issuer-mismatch');
    await tryOne(server, someone({ names, issuer: 'https://github.com/login/oauth' }));
  });

  it('9: are compared whole, exactly and by their type', async () => {
    const server = await world.makeServer(
      `[signers]\nalice = { email = "alice@example.com", issuer = "${ISSUER}" }\n`,
    );
    for (const name of [
      emailName('alice@exampleXcom.evil.org'),
      emailName('xalice@example.com'),
      emailName('Alice@example.com'),
      emailName('alice@example.com.evil.org'),
      uriName('alice@example.com'),
      userName('alice@example.com'),
    ]) {
      await tryOne(server, someone({ names: [name] }), 'identity-not-listed');
    }
    const own = emailName('alice@example.com');
    await tryOne(server, someone({ names: [own, emailName('mallory@example.com')] }), 'certificate-failed');
    await tryOne(server, someone({ names: [emailName('mallory@example.com'), own] }), 'certificate-failed');
    await tryOne(server, someone({ names: [own] }));
  });

  it('9: of a domain are those with one @ and this very domain', async () => {
    const server = await world.makeServer(
      `[policy]\neditors = ["root"]\n[signers]\nroot = { email = "alice@example.com", issuer = "${ISSUER}" }\nall = { email-domain = "example.org", issuer = "${ISSUER}" }\n`,
    );
    for (const address of ['a@b.example.org', 'a@evil.org@example.org', '@example.org', 'a@Example.org']) {
      await tryOne(server, someone({ names: [emailName(address)] }), 'identity-not-listed');
    }
    await tryOne(server, someone({ names: [emailName('anybody@example.org')] }));
  });
});

describe('workflows', () => {
  const RELEASE = 'https://github.com/acme/app/.github/workflows/release.yml';
  const OWN = { 12: 'https://github.com/acme/app', 17: '5678', 20: 'push' };
  const POLICY = `[policy]
editors = ["alice"]
[signers]
alice = { email = "alice@example.com", issuer = "${ISSUER}" }
bot = { workflow = "acme/app/.github/workflows/release.yml@refs/heads/main", claims = { source-repository-owner-identifier = "5678", build-trigger = ["push", "workflow_dispatch"] } }
`;
  const run = (ref: string, claims: Subject['claims'] = OWN, issuer = ACTIONS): Signer =>
    someone({ names: [uriName(`${RELEASE}@${ref}`)], claims, issuer });

  it('10: called from another repository are not ours', async () => {
    const server = await world.makeServer(POLICY);
    const main = 'refs/heads/main';
    const theirs = { ...OWN, 12: 'https://github.com/mallory/evil', 17: '666' };
    await tryOne(server, run(main, theirs), 'claim-mismatch');
    // Each by itself: the name was given up and taken; the caller has our owner's number and another name.
    await tryOne(server, run(main, { ...OWN, 17: '666' }), 'claim-mismatch');
    await tryOne(server, run(main, { ...OWN, 12: 'https://github.com/acme/other' }), 'claim-mismatch');
    await tryOne(server, run(main, { ...OWN, 20: 'pull_request_target' }), 'claim-mismatch');
    await tryOne(server, run(main, { 17: '5678', 20: 'push' }), 'claim-mismatch');
    await tryOne(server, run(main, OWN, ISSUER), 'issuer-mismatch');
    await tryOne(server, run(main));
  });

  it('11: run from another ref are others', async () => {
    const server = await world.makeServer(POLICY);
    for (const ref of ['refs/pull/7/merge', 'refs/tags/main', 'refs/heads/main2', 'refs/heads/Main']) {
      await tryOne(server, run(ref), 'identity-not-listed');
    }
    await tryOne(server, run('refs/heads/main'));
  });
});

describe('times', () => {
  const BEFORE = new Date('2026-03-01T00:00:00Z');
  const UNTIL = new Date('2026-04-01T00:00:00Z');
  const AFTER = new Date('2026-05-01T00:00:00Z');
  const team = (bob: string, more = '') => `[policy]
editors = ["alice"]
[signers]
alice = { email = "alice@example.com", issuer = "${ISSUER}" }
bob = { email = "bob@example.com", issuer = "${ISSUER}"${bob} }
[[rule]]
refs = ["refs/heads/main"]
signers = ["alice", "bob"]
${more}`;

  it("12: are the log's, whatever a commit says", async () => {
    const server = await world.makeServer(team(', valid-until = "2026-04-01T00:00:00Z"'));
    await server.commit(world.bob, { at: BEFORE });
    await server.commit(world.bob, { at: new Date(UNTIL.getTime() - 1000), claimedTime: AFTER });
    passes(await server.push('main'));
    const good = await server.git('rev-parse', 'HEAD');
    for (const at of [UNTIL, AFTER]) {
      await server.commit(world.bob, { at, claimedTime: BEFORE });
      refused(await server.push('main'), 'expired');
      await server.git('reset', '-q', '--hard', good);
    }
    await server.commit(world.alice, { at: AFTER, claimedTime: BEFORE });
    passes(await server.push('main'));
  });

  it('12: before somebody was there are none of theirs', async () => {
    const server = await world.makeServer(team(', valid-from = "2026-04-01T00:00:00Z"'));
    const early = new Date(UNTIL.getTime() - 1000);
    await server.commit(world.bob, { at: early, claimedTime: AFTER });
    refused(await server.push('main'), 'not-yet-valid');
    await server.git('reset', '-q', '--hard', server.introduction);
    await server.commit(world.bob, { at: UNTIL });
    passes(await server.push('main'));
  });

  it('13: of a revoked signer count up to the revocation, and what is exempt counts after it', async () => {
    const revoke = '[[revoke]]\nsigner = "bob"\nafter = "2026-04-01T00:00:00Z"\nreason = "stolen"\n';
    const server = await world.makeServer(team(''));
    const bobs = async () => [
      await server.commit(world.bob, { at: BEFORE }),
      await server.commit(world.bob, { at: UNTIL, claimedTime: BEFORE }),
      await server.commit(world.bob, { at: AFTER }),
    ];
    await server.git('checkout', '-q', '-b', 'side');
    const side = await bobs();
    await server.git('checkout', '-q', 'main');
    const onMain = await bobs();
    // Nobody knows of it when they are pushed.
    passes(await server.push('main'));
    const exempt = `[[exempt]]\ncommits = ["${side[1]}", "${onMain[1]}"]\nreason = "read"\n`;
    await server.commit(world.alice, { files: { '.signet.toml': world.policy(team('', revoke + exempt)) } });
    passes(await server.push('main'));
    refused(await server.push('side'), 'revoked');
    passes(await server.push('side~1:refs/heads/side'));
    // main, judged once more from the introduction on.
    const range = [
      '--base',
      server.introduction,
      '--head',
      `${onMain[2]}`,
      '--as',
      'rebase',
      '--format',
      'json',
    ];
    await server.git('fetch', '-q', 'origin');
    const root = { SIGNET_TRUSTED_ROOT: `${world.folder}/root.json` };
    const args = ['gate', '--ref', 'refs/heads/main', '--policy-ref', 'refs/remotes/origin/main', ...range];
    const audit = await world.signet(args, { cwd: server.clone, env: root, mayFail: true });
    const found = JSON.parse(audit.stdout).findings.map((one: { oid: string; reason: string }) => [
      one.oid,
      one.reason,
    ]);
    expect([audit.code, found]).toEqual([
      1,
      [
        [onMain[0], 'allowed'],
        [onMain[1], 'exempt'],
        [onMain[2], 'revoked'],
      ],
    ]);
  });
});
