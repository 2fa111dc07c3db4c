/** verify, log and report under a policy file: its keys, its forge, its exemptions. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { closeKeys, hasKeyPrograms, type Key, makePgpKey, makeSshKey } from './keys.ts';
import { findPeople, type People, policyText } from './server.ts';
import { makeWorld, type World } from './world.ts';

// Keys and many processes: nothing here is to fail by the load of a machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let world: World;
let people: People;
let repo = '';
const BEGIN = 1_700_000_000;
let seconds = 0;
const oids: Record<string, string> = {};

const git = async (args: readonly string[], key?: Key) => {
  const env = key?.env ?? (await people.as('alice@example.com'));
  // A second each, so that git lists children before parents through merges too.
  seconds += 1;
  const date = `${BEGIN + seconds} +0000`;
  return (
    await world.git([...(key?.options ?? []), ...args], {
      cwd: repo,
      env: { ...env, GIT_COMMITTER_DATE: date },
    })
  ).stdout.trim();
};

async function commit(name: string, key?: Key, ...more: string[]): Promise<void> {
  writeFileSync(join(repo, name), name);
  await git(['add', '-A']);
  await git(['commit', '-q', '-S', '-m', name, ...more], key);
  oids[name] = await git(['rev-parse', 'HEAD']);
}

interface Row {
  readonly oid: string;
  readonly verdict: string;
  readonly reason: string;
  readonly exitCode: number;
  readonly key: { readonly type: string; readonly name: string; readonly signedBefore: string } | null;
}

async function verify(...revs: string[]): Promise<{ code: number | null; rows: Record<string, Row> }> {
  const { code, stdout } = await world.signet(['verify', '--format', 'json', '--offline', ...revs], {
    cwd: repo,
    mayFail: true,
  });
  const named = (oid: string) => Object.entries(oids).find(([, one]) => one === oid)?.[0] ?? oid;
  const rows = (JSON.parse(stdout).objects as Row[]).map((row) => [named(row.oid), row] as const);
  return { code, rows: Object.fromEntries(rows) };
}

const inWords = ({ verdict, reason, exitCode }: Row) => [verdict, reason, exitCode];

describe.runIf(hasKeyPrograms)('under a policy file (needs ssh-keygen and gpg)', () => {
  let policy = '';
  const usePolicy = (text: string) =>
    writeFileSync(join(world.folder, 'policy.toml'), policyText(people, text));

  beforeAll(async () => {
    world = await makeWorld();
    people = await findPeople(world);
    repo = await world.makeRepo('mixed');
    const [carol, mallory] = [makeSshKey(world, 'carol'), makeSshKey(world, 'mallory')];
    const forge = makePgpKey(world, 'forge@example.com');
    await commit('base');
    await git(['branch', 'base']);
    await commit('by carol', carol);
    await commit('by mallory', mallory);
    await commit('unsigned', undefined, '--no-gpg-sign');
    await git(['checkout', '-q', '-b', 'topic']);
    await commit('topic');
    await git(['checkout', '-q', 'main']);
    await git(['merge', '-q', '-S', '--no-ff', '-m', 'clean', 'topic'], forge);
    oids['clean'] = await git(['rev-parse', 'HEAD']);
    await git(['merge-base', '--is-ancestor', 'topic', 'HEAD']);
    await commit('web edit', forge);
    await commit('web edit of a bot', forge, '--author=Bot <1+bot[bot]@users.noreply.github.com>');
    await git(['tag', '-s', '-m', 'v1', 'v1'], carol);
    const raw = (await git(['cat-file', 'commit', oids['by carol'] ?? ''])).replace(
      '\nby carol',
      '\nby Carol',
    );
    writeFileSync(join(world.folder, 'raw'), `${raw}\n`);
    oids['tampered'] = await git(['hash-object', '-t', 'commit', '-w', join(world.folder, 'raw')]);
    writeFileSync(join(world.folder, 'forge.asc'), forge.publicKey);
    policy = `[policy]
editors = ["alice"]
[signers]
alice = { email = "alice@example.com", issuer = ${JSON.stringify(people.issuer)} }
carol = { ssh = "${carol.line}" }
forge = { openpgp = { fingerprint = "${forge.fingerprint}", file = "forge.asc" }, forge = true }
[[rule]]
refs = ["refs/heads/main"]
signers = ["alice", "carol"]
forge = ["clean-merge"]
forge-authors = ["1+bot[bot]@users.noreply.github.com"]
[[rule]]
refs = ["refs/tags/v*"]
signers = ["alice"]
`;
    usePolicy(policy);
  });
  afterAll(async () => {
    closeKeys(world);
    await world?.close();
  });

  it('keys count for nothing without one', async () => {
    const { rows } = await verify('base..main');
    for (const name of ['by carol', 'by mallory', 'clean'])
      expect(inWords(rows[name] as Row)).toEqual(['unreadable', 'other-format', 3]);
    await git(['config', 'signet.policy', join(world.folder, 'policy.toml')]);
  });

  it('keys and forges have a verdict and a reason of the one table', async () => {
    const { rows, code } = await verify('base..main');
    expect(code).toBe(1);
    expect(Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, inWords(row)]))).toEqual({
      'by carol': ['good', 'allowed', 0],
      'by mallory': ['unreadable', 'other-format', 3],
      unsigned: ['unreadable', 'unsigned', 3],
      topic: ['good', 'allowed', 0],
      clean: ['good', 'allowed', 0],
      'web edit': ['untrusted', 'forge-not-allowed', 1],
      'web edit of a bot': ['good', 'allowed', 0],
    });
    expect(inWords((await verify(oids['tampered'] ?? '')).rows['tampered'] as Row)).toEqual([
      'bad',
      'signature-failed',
      1,
    ]);
    expect(rows['by carol']?.key).toMatchObject({
      type: 'ssh',
      name: 'carol',
      signedBefore: expect.any(String),
    });
  });

  it('tags go by their rule', async () => {
    expect(Object.values((await verify('v1')).rows).map(inWords)).toEqual([
      ['untrusted', 'role-not-allowed', 1],
    ]);
    usePolicy(policy.replace('signers = ["alice"]\n', 'signers = ["carol"]\n'));
    expect(Object.values((await verify('v1')).rows).map(inWords)).toEqual([['good', 'allowed', 0]]);
    usePolicy(policy);
  });

  it('a key that has left stays good under a commit whose time is proven', async () => {
    const until = (instant: string) => policy.replace(/(ssh = ".*") }/, `$1, valid-until = "${instant}" }`);
    usePolicy(until('2020-01-01T00:00:00Z'));
    expect(inWords((await verify('base..main')).rows['by carol'] as Row)).toEqual([
      'untrusted',
      'expired',
      1,
    ]);
    usePolicy(until('2099-01-01T00:00:00Z'));
    expect(inWords((await verify('base..main')).rows['by carol'] as Row)).toEqual(['good', 'allowed', 0]);
    // The key's last second is over, and the commit above was logged before that.
    const { stdout } = await world.signet(['verify', oids['topic'] ?? '', '--format', 'json'], { cwd: repo });
    const logged = Date.parse(JSON.parse(stdout).objects[0].signedAt);
    while (Date.now() < logged + 2_000) await new Promise((next) => setTimeout(next, 100));
    usePolicy(until(`${new Date(logged + 1_000).toISOString().slice(0, 19)}Z`));
    expect(inWords((await verify('base..main')).rows['by carol'] as Row)).toEqual(['good', 'allowed', 0]);
    expect(inWords((await verify(oids['by carol'] ?? '')).rows['by carol'] as Row)).toEqual([
      'untrusted',
      'expired',
      1,
    ]);
    usePolicy(policy);
  });

  it('what is exempt is let in, and said so', async () => {
    const exempt = (...names: string[]) =>
      `${policy}[[exempt]]\ncommits = [${names.map((name) => `"${oids[name]}"`).join()}]\nreason = "read line by line"\n`;
    usePolicy(exempt('unsigned', 'by mallory', 'tampered'));
    const rows = { ...(await verify('base..main')).rows, ...(await verify(oids['tampered'] ?? '')).rows };
    for (const name of ['unsigned', 'by mallory', 'tampered'])
      expect(rows[name]).toMatchObject({ verdict: 'unreadable', reason: 'exempt', exitCode: 0 });
    expect(inWords(rows['web edit'] as Row)).toEqual(['untrusted', 'forge-not-allowed', 1]);
    const one = await world.signet(['verify', oids['unsigned'] ?? ''], { cwd: repo });
    expect(one.stdout).toContain('EXEMPT: the policy lets it in by its name: read line by line');
    usePolicy(exempt('unsigned', 'by mallory', 'web edit'));
    expect((await verify('base..main')).code).toBe(0);
    // Flags stand in the place of any policy.
    const flags = ['--certificate-identity=alice@example.com', `--certificate-oidc-issuer=${people.issuer}`];
    const { rows: flagged } = await verify(...flags, 'base..main');
    expect(inWords(flagged['unsigned'] as Row)).toEqual(['unreadable', 'unsigned', 3]);
    const log = (await world.signet(['log'], { cwd: repo })).stdout;
    expect(log).toMatch(/✓ good .* carol \(SSH SHA256:.*by carol/);
    expect(log).toMatch(/· exempt .*unsigned\n/);
    const page = join(world.folder, 'page.html');
    await world.signet(['report', '--html', page, '--offline'], { cwd: repo });
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('<b>3</b>exempt');
    expect(html).toContain('A policy file says who may sign.');
    usePolicy(policy);
  });

  it('git itself knows the exported keys', async () => {
    const list = join(world.folder, 'allowed_signers');
    const judge = async (name: string) => {
      const { stdout } = await world.signet(['policy', 'export', '--allowed-signers'], { cwd: repo });
      writeFileSync(list, stdout);
      const args = ['-c', `gpg.ssh.allowedSignersFile=${list}`, 'verify-commit', oids[name] ?? ''];
      return (await world.git(args, { cwd: repo, mayFail: true })).code;
    };
    expect([await judge('by carol'), await judge('by mallory')]).toEqual([0, 1]);
    const revoked = '[[revoke]]\nsigner = "carol"\nafter = "2020-01-01T00:00:00Z"\n';
    usePolicy(`${policy}${revoked}`);
    expect(await judge('by carol')).toBe(1);
    usePolicy(policy.replace('"carol"]', '"alice"]').replace(/carol = .*\n/, ''));
    const none = await world.signet(['policy', 'export', '--allowed-signers'], { cwd: repo });
    expect([none.stdout, none.stderr]).toEqual(['', expect.stringContaining('No SSH key is in the policy')]);
    usePolicy(policy);
  });

  it('people read who it was', async () => {
    const good = await world.signet(['verify', oids['by carol'] ?? ''], { cwd: repo });
    expect(good.stdout).toMatch(
      /Good signature by carol \(SSH SHA256:[\w+/]{43}\)\nWhen it was signed, nothing proves/,
    );
    const bad = await world.signet(['verify', oids['tampered'] ?? ''], { cwd: repo, mayFail: true });
    expect(bad.stdout).toContain('BAD signature');
    const denied = await world.signet(['verify', oids['web edit'] ?? ''], { cwd: repo, mayFail: true });
    expect(denied.stdout).toMatch(
      /NOT ALLOWED: the signature by forge \(OpenPGP [0-9A-F]{40}\) is sound, but a forge/,
    );
  });
});
