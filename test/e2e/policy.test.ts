/** A policy file in git's own commands: pinned, followed by editors only, and never read from what is judged. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorld, type World } from './world.ts';

let world: World;
const tokens = new Map<string, string>();
let introduction = '';

const POLICY_LINES = (alice: string) => ['version = 1', `instance = ["${instance()}"]`, '[signers]', alice];

beforeAll(async () => {
  world = await makeWorld();
  for (const name of ['alice', 'bob', 'mallory'])
    tokens.set(name, await world.idToken(`${name}@example.com`));
  await commitPolicy(policy(), 'alice');
  introduction = await tip();
  await world.git(['update-ref', 'refs/remotes/origin/main', 'HEAD']);
}, 120_000);
afterAll(() => world?.close());

/** SHA-256 of the sandbox's own root. */
function instance(): string {
  const root = JSON.parse(readFileSync(join(world.folder, 'sandbox/trusted_root.json'), 'utf8')) as {
    certificateAuthorities: { certChain: { certificates: { rawBytes: string }[] } }[];
  };
  const { rawBytes = '' } = root.certificateAuthorities[0]?.certChain.certificates.at(-1) ?? {};
  return createHash('sha256').update(Buffer.from(rawBytes, 'base64')).digest('hex');
}

function policy(more: readonly string[] = []): string {
  const alice = `alice = { email = "alice@example.com", issuer = "${world.issuer}" }`;
  return `${[...POLICY_LINES(alice), ...more].join('\n')}\n`;
}

const tip = async (rev = 'HEAD') => (await world.git(['rev-parse', rev])).stdout.trim();

async function commit(name: string, message = 'work'): Promise<string> {
  const env = { SIGSTORE_ID_TOKEN: tokens.get(name) ?? '' };
  await world.git(['commit', '-q', '-S', '--allow-empty', '-m', message], { env });
  return tip();
}

async function commitPolicy(text: string, name: string): Promise<string> {
  writeFileSync(join(world.repo, '.signet.toml'), text);
  await world.git(['add', '.signet.toml']);
  return commit(name, 'policy');
}

const letter = async (rev = 'HEAD') =>
  (await world.git(['log', '-1', '--format=%G? %GT', rev])).stdout.trim();
const verify = (rev = 'HEAD') => world.git(['verify-commit', rev], { mayFail: true });

describe('a policy in the repository', () => {
  it('counts for nothing until it is pinned, and says so', async () => {
    expect(await letter()).toBe('U undefined');
    const { code, stderr } = await verify();
    expect(code).toBe(0);
    expect(stderr).toContain('git-signet policy trust');
  });

  it('is read from the only main of a remote, and else the ref has to be named', async () => {
    const trust = () => world.signet(['policy', 'trust', introduction], { mayFail: true });
    expect((await trust()).stderr).toMatch(/Nobody confirmed/);
    await world.git(['update-ref', 'refs/remotes/fork/master', introduction]);
    const two = 'Add one of: --ref refs/remotes/fork/master, --ref refs/remotes/origin/main';
    expect((await trust()).stderr).toContain(two);
    const followed = [
      ['remote.fork.url', '.'],
      ['remote.fork.fetch', '+refs/heads/*:refs/remotes/fork/*'],
      ['branch.main.remote', 'fork'],
      ['branch.main.merge', 'refs/heads/master'],
    ];
    for (const pair of followed) await world.git(['config', ...pair]);
    expect((await trust()).stderr).toMatch(/Nobody confirmed/);
    for (const section of ['remote.fork', 'branch.main'])
      await world.git(['config', '--remove-section', section]);
    await world.git(['update-ref', '-d', 'refs/remotes/fork/master']);
  });

  it('is not pinned without a yes', async () => {
    const args = ['policy', 'trust', introduction, '--ref', 'refs/remotes/origin/main'];
    const refused = await world.signet(args, { mayFail: true });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('Nobody confirmed');
    expect(await letter()).toBe('U undefined');
    const { stdout } = await world.signet([...args, '--yes']);
    expect(stdout).toContain('alice@example.com');
    expect(await letter()).toBe('G fully');
    const { mode } = statSync(join(world.repo, '.git/signet/policy.json'));
    expect(mode & 0o777).toBe(0o600);
    expect(statSync(join(world.repo, '.git/signet')).mode & 0o777).toBe(0o700);
  });

  it('lets in whom it names, and nobody else, whatever the work tree and the commit say', async () => {
    await world.git(['checkout', '-q', '-b', 'topic']);
    const mallory = `mallory = { email = "mallory@example.com", issuer = "${world.issuer}" }`;
    const forged = await commitPolicy(policy([mallory, '[policy]', 'editors = ["mallory"]']), 'mallory');
    expect(await letter(forged)).toBe('E never');
    const { code, stderr } = await verify(forged);
    expect(code).toBe(1);
    expect(stderr).toContain('not one that the policy names');
    const report = JSON.parse(
      (await world.signet(['verify', forged, '--format', 'json'], { mayFail: true })).stdout,
    );
    expect(JSON.stringify(report)).toContain('identity-not-listed');
    await world.git(['checkout', '-q', 'main']);
    const merged = await world.git(['merge', '--verify-signatures', '-q', '--no-edit', 'topic'], {
      mayFail: true,
    });
    expect(merged.code).not.toBe(0);
    expect(await tip()).toBe(introduction);
  });

  it('lets git merge what a listed signer signed', async () => {
    await world.git(['checkout', '-q', '-b', 'good', 'main']);
    const good = await commit('alice');
    await world.git(['checkout', '-q', 'main']);
    await world.git(['merge', '--verify-signatures', '-q', '--ff-only', 'good']);
    expect(await tip()).toBe(good);
  });

  it('is followed where an editor changed it, and nowhere else', async () => {
    const bob = `bob = { email = "bob@example.com", issuer = "${world.issuer}" }`;
    const withBob = [bob, '[policy]', 'editors = ["alice"]'];
    const forged = await commitPolicy(policy([...withBob, '[groups]', 'g = ["bob"]']), 'bob');
    await world.git(['update-ref', 'refs/remotes/origin/main', forged]);
    const moved = await verify(introduction);
    expect(moved.stderr).toContain('git-signet policy update');
    const refused = await world.signet(['policy', 'update'], { mayFail: true });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(forged);
    expect(await letter(forged)).toBe('E never');
    await world.git(['reset', '-q', '--hard', 'HEAD~1']);
    await commitPolicy(policy(withBob), 'alice');
    const work = await commit('bob');
    await world.git(['update-ref', 'refs/remotes/origin/main', 'HEAD']);
    expect(await letter(work)).toBe('E never');
    await world.signet(['policy', 'update']);
    expect(await letter(work)).toBe('G fully');
    expect((await verify(work)).stderr).not.toContain('policy update');
  });

  it('shows revoked signers as such', async () => {
    const work = await tip();
    const bob = `bob = { email = "bob@example.com", issuer = "${world.issuer}" }`;
    const revoked = ['[[revoke]]', 'signer = "bob"', 'after = "2020-01-01T00:00:00Z"'];
    await commitPolicy(policy([bob, '[policy]', 'editors = ["alice"]', ...revoked]), 'alice');
    await world.git(['update-ref', 'refs/remotes/origin/main', 'HEAD']);
    expect(await letter(work)).toBe('G fully');
    await world.signet(['policy', 'update']);
    expect(await letter(work)).toBe('R never');
    expect((await verify(work)).code).toBe(1);
    expect(await letter()).toBe('G fully');
  });

  it('holds in other work trees, in folders and in other commands', async () => {
    const tree = join(world.folder, 'tree');
    await world.git(['worktree', 'add', '-q', '--detach', tree, introduction]);
    const { stdout } = await world.git(['log', '-1', '--format=%G?'], { cwd: tree });
    expect(stdout.trim()).toBe('G');
    const folder = join(world.repo, 'folder');
    mkdirSync(folder);
    expect((await world.git(['log', '-1', '--format=%G?'], { cwd: folder })).stdout.trim()).toBe('G');
    const report = (await world.signet(['verify', 'HEAD', '--format', 'json'], { cwd: folder })).stdout;
    expect(report).toContain('"allowed"');
    expect((await world.signet(['policy', 'show'], { cwd: folder })).stdout).toContain(introduction);
  });

  it('is refused where others could have written it', async () => {
    const pin = join(world.repo, '.git/signet/policy.json');
    chmodSync(pin, 0o644);
    const { code, stderr } = await verify();
    chmodSync(pin, 0o600);
    expect(code).toBe(1);
    expect(stderr).toContain('others can reach it');
    expect((await verify()).code).toBe(0);
  });

  it('gives way to signet.policy, a file outside', async () => {
    const file = join(world.folder, 'outside.toml');
    writeFileSync(file, policy().replaceAll('alice', 'mallory'));
    const use = ['-c', `signet.policy=${file}`];
    const judged = await world.git([...use, 'log', '-1', '--format=%G?', introduction]);
    expect(judged.stdout.trim()).toBe('E');
    writeFileSync(file, policy());
    expect((await world.git([...use, 'log', '-1', '--format=%G?', introduction])).stdout.trim()).toBe('G');
    writeFileSync(file, `x = 1\n${policy()}`);
    const broken = await world.git([...use, 'verify-commit', introduction], { mayFail: true });
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain(`${file}:1:1: The policy has the unknown key`);
  });

  it('is checked with every mistake at its place', async () => {
    const right = await world.signet(['policy', 'check']);
    expect(right.stdout).toContain('editors: alice');
    const file = join(world.folder, 'wrong.toml');
    writeFileSync(file, 'version = 2\n[signers]\nbob = {}\n');
    const wrong = await world.signet(['policy', 'check', file], { mayFail: true });
    expect(wrong.code).toBe(2);
    expect(wrong.stdout).toMatch(/wrong\.toml:1:11: error: .*\n.*wrong\.toml:3:7: error: /);
  });

  it('is explained, rule by rule', async () => {
    const { stdout, code } = await world.signet(['policy', 'explain', 'HEAD', '--ref', 'refs/heads/main']);
    expect(code).toBe(0);
    expect(stdout).toContain('Signer   alice');
    expect(stdout).toContain('no rule names the ref');
    expect(stdout).toContain('allowed: the policy allows the signer');
    expect(stdout).toContain('by an editor');
    const bobs = await world.signet(['policy', 'explain', 'HEAD~1', '--ref', 'refs/heads/main'], {
      mayFail: true,
    });
    expect(bobs.code).toBe(1);
    expect(bobs.stdout).toContain('revoked: ');
  });

  it('is tried from a file before anybody trusts it, and git goes on by what counts', async () => {
    const tried = join(world.folder, 'tried.toml');
    writeFileSync(tried, policy().replaceAll('alice@example.com', 'carol@example.com'));
    const explain = async (...more: string[]) => {
      const args = ['policy', 'explain', 'HEAD', '--ref', 'refs/heads/main', ...more];
      const { code, stdout, stderr } = await world.signet(args, { mayFail: true });
      return [code, stdout + stderr];
    };
    const said = expect.stringMatching(
      /Policy.*tried\.toml, only tried here: git does not go by it[\s\S]*identity-not-listed: /,
    );
    expect(await explain('--policy', tried)).toEqual([1, said]);
    expect(await explain()).toEqual([0, expect.not.stringContaining('tried')]);
    expect(await letter()).toBe('G fully');
    const gone = join(world.folder, 'gone.toml');
    expect(await explain('--policy', gone)).toEqual([
      2,
      expect.stringContaining('Name a file that can be read'),
    ]);
  });

  it('begins with whoever runs init, and others as comments', async () => {
    const file = join(world.repo, '.signet.toml');
    const before = readFileSync(file, 'utf8');
    const again = await world.signet(['policy', 'init'], { mayFail: true });
    expect(again.code).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(before);
    rmSync(file);
    await world.signet(['policy', 'init']);
    const text = readFileSync(file, 'utf8');
    // All of them have the same name in their committer lines here, so only the first has it alone.
    expect(text).toMatch(/^alice = \{ email = "alice@example.com".*# \d+ commits, /m);
    expect(text).toMatch(/^# alice-2 = \{ email = "bob@example.com".*# 1 commit, /m);
    expect((await world.signet(['policy', 'check'])).stdout).toContain('1 signer, 0 rules; editors: alice');
    const add = ['policy', 'add', 'dave', '--email', 'dave@example.com', '--issuer', 'google'];
    await onFullDisk(add, file);
    expect(readFileSync(file, 'utf8')).toBe(text);
    await world.signet(add);
    expect((await world.signet(['policy', 'check'])).stdout).toContain('2 signers');
    await onFullDisk(['policy', 'remove', 'dave'], file);
    expect((await world.signet(['policy', 'check'])).stdout).toContain('2 signers');
    await world.signet(['policy', 'remove', 'dave']);
    expect(readFileSync(file, 'utf8')).toBe(text);
    rmSync(file);
    await onFullDisk(['policy', 'init'], file);
    expect(readdirSync(world.repo).filter((name) => name.startsWith('.signet'))).toEqual([]);
    writeFileSync(file, before);
  });

  /** As near as a person without rights comes to it: no file may grow. */
  const onFullDisk = async (args: readonly string[], file: string) => {
    const script = `trap '' XFSZ; ulimit -f 0; exec git-signet "$@"`;
    const { code, stderr } = await world.begin('bash', ['-c', script, 'bash', ...args]).ended;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(`${file} could not be written`),
    });
  };

  it('gives its SSH keys to git', async () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFN8gbNAHlqQ2NbRSVq2+XGS8xdzrk7kRHv6hQ0cGSDJ';
    const file = join(world.folder, 'keys.toml');
    const signer = `[signers.key]\nssh = "${key}"\nvalid-until = "2026-01-01T00:00:00Z"\n`;
    writeFileSync(file, `${policy(['[policy]', 'editors = ["alice"]'])}${signer}`);
    await world.git(['config', 'signet.policy', file]);
    const { stdout } = await world.signet(['policy', 'export', '--allowed-signers']);
    await world.git(['config', '--unset', 'signet.policy']);
    expect(stdout).toBe(`key namespaces="git",valid-before="20260101000000Z" ${key}\n`);
  });
});
