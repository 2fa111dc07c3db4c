/** A first policy for a project with a past: unsigned, several identities of a person, keys, a forge, a bot, tags. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  closeKeys,
  hasKeyPrograms,
  type Key,
  makePgpKey,
  makeSshKey,
  type PgpKey,
  type SshKey,
} from './keys.ts';
import { findPeople, type People } from './server.ts';
import { makeWorld, type World } from './world.ts';

// Keys and many processes: nothing here is to fail by the load of a machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let world: World;
let people: People;
let repo = '';
let dave: SshKey;
let forge: PgpKey;

interface By {
  readonly name: string;
  readonly login?: string;
  readonly key?: Key;
}

async function git(
  args: readonly string[],
  { name, login = 'alice', key }: By = { name: 'Alice' },
): Promise<string> {
  const env = { ...(key?.env ?? (await people.as(`${login}@example.com`))), ...committer(name) };
  return (await world.git([...(key?.options ?? []), ...args], { cwd: repo, env })).stdout.trim();
}

function committer(name: string): NodeJS.ProcessEnv {
  const [, who = name, address = `${name.toLowerCase()}@example.com`] = /^(.*) <(.*)>$/.exec(name) ?? [];
  return { GIT_COMMITTER_NAME: who, GIT_COMMITTER_EMAIL: address };
}

const commit = (by: By, ...more: string[]) =>
  git(['commit', '-q', '-S', '--allow-empty', '-m', 'work', ...more], by);
const init = (...args: string[]) => world.signet(['policy', 'init', ...args], { cwd: repo, mayFail: true });

describe.runIf(hasKeyPrograms)('policy init (needs ssh-keygen and gpg)', () => {
  beforeAll(async () => {
    world = await makeWorld();
    people = await findPeople(world);
    repo = await world.makeRepo('messy');
    dave = makeSshKey(world, 'dave');
    forge = makePgpKey(world, 'noreply@github.com');
    for (let count = 0; count < 3; count += 1) await commit({ name: 'Old Hand' }, '--no-gpg-sign');
    await commit({ name: 'Alice' });
    await commit({ name: 'Bob Bee', login: 'bob' });
    await commit({ name: 'Bob Bee', login: 'bob.bee' });
    await commit({ name: 'Dave', key: dave });
    await commit({ name: 'GitHub <noreply@github.com>', key: forge });
    await commit({ name: 'Eve\u001b[31m', login: 'eve' });
    await git(['tag', '-s', '-m', 'v1', 'v1']);
  });
  afterAll(async () => {
    closeKeys(world);
    await world?.close();
  });

  it('activates whoever runs it and proposes the rest, a person together', async () => {
    const { stdout, code } = await init();
    expect(code).toBe(0);
    expect(stdout).toContain('alice@example.com');
    const text = readFileSync(join(repo, '.signet.toml'), 'utf8');
    const day = '\\d{4}-\\d\\d-\\d\\d';
    expect(text).toMatch(
      new RegExp(
        `^alice = \\{ email = "alice@example.com", issuer = ".*" \\} {2}# 1 commit, 1 tag, last ${day}, committer Alice`,
        'm',
      ),
    );
    expect(text).toMatch(
      /^# bob-bee = \[\n# {3}\{ email = "bob.*" \},.*\n# {3}\{ email = "bob.*" \},.*\n# \]$/m,
    );
    expect(text).toContain(`# dave = { ssh = "${dave.line}" }`);
    expect(text).toContain(
      `# github = { openpgp = { fingerprint = "${forge.fingerprint}", file = "keys/github.asc" }, forge = true }`,
    );
    expect(text).toContain('committer Eve?[31m');
    expect(text).toContain('# 3 objects of the past: not signed.');
    expect(text).toContain('# refs = ["refs/tags/v*"]');
    expect((await world.signet(['policy', 'check'], { cwd: repo })).stdout).toContain(
      '1 signer, 0 rules; editors: alice',
    );
  });

  it('makes a policy of every line that is taken out of its comment', async () => {
    const path = join(repo, '.signet.toml');
    const lines = readFileSync(path, 'utf8').split('\n');
    const taken = lines.map((line) => line.replace(/^# (?=[\w-]+ = |\]| {2}\{)/, ''));
    writeFileSync(path, taken.filter((line) => !/^(refs|signers) = /.test(line)).join('\n'));
    const { code, stdout } = await world.signet(['policy', 'check'], { cwd: repo, mayFail: true });
    expect(stdout).toContain('5 signers, 0 rules; editors: alice');
    expect(stdout).toContain('warning: The key file keys/github.asc of github is not there');
    expect(code).toBe(0);
  });

  it('asks for the address where it is not that of user.email', async () => {
    rmSync(join(repo, '.signet.toml'));
    await world.git(['config', 'user.email', '1+bob@users.noreply.github.com'], { cwd: repo });
    const refused = await init();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('Signed have: ');
    expect(refused.stderr).toContain('policy init --email ADDRESS');
    expect((await init('--email', 'bob@example.com')).code).toBe(0);
    expect(readFileSync(join(repo, '.signet.toml'), 'utf8')).toContain('editors = ["bob-bee"]');
  });
});
