/** Real pushes by real git into bare repositories with the hook: what must be refused, each beside a twin that passes. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPeople, makeServer, type People, type Pushed, policyText, type Server } from './server.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let people: People;
beforeAll(async () => {
  world = await makeWorld();
  people = await findPeople(world);
});
afterAll(() => world?.close());

/** Alice edits and signs on main, Bob develops; main takes what Alice merges; tags of releases are signed. */
function team(more = '', top = ''): string {
  const issuer = JSON.stringify(people.issuer);
  return policyText(
    people,
    `${top}
[policy]
editors = ["alice"]

[signers]
alice = { email = "alice@example.com", issuer = ${issuer} }
bob = { email = "bob@example.com", issuer = ${issuer} }

[[rule]]
refs = ["refs/heads/main", "refs/heads/release/*"]
signers = ["alice"]
merged = ["alice", "bob"]

[[rule]]
refs = ["refs/tags/v*"]
signers = ["alice"]
tags = "signed"
target = ["refs/heads/main", "refs/heads/release/*"]
${more}`,
  );
}

const passes = ({ code, stderr }: Pushed): void => expect(code, stderr).toBe(0);
const refused = (pushed: Pushed, ...reasons: string[]): void => {
  expect(pushed.reasons, pushed.stderr).toEqual(reasons);
  expect(pushed.code).toBe(1);
  expect(pushed.stderr).toContain('pre-receive hook declined');
};

describe('commits', () => {
  it('pass where a listed signer made them, and are named where not', async () => {
    const server = await makeServer(world, people, team());
    await server.commit('alice');
    passes(await server.push('main'));
    const bad = await server.commit(undefined);
    const worse = await server.commit('mallory');
    const pushed = await server.push('main');
    refused(pushed, 'unsigned', 'identity-not-listed');
    expect(pushed.stderr).toContain('refs/heads/main REJECTED: 2 of 2 new commits fail the policy at');
    for (const oid of [bad, worse]) expect(pushed.stderr).toContain(oid.slice(0, 10));
    expect(pushed.stderr).toMatch(/mallory@example\.com \(http.*\), signed \d{4}-/);
    expect(pushed.stderr).toContain("git rebase --exec 'git commit --amend -S --no-edit'");
    await server.git(['reset', '-q', '--hard', 'origin/main']);
    await server.commit('bob');
    refused(await server.push('main'), 'role-not-allowed');
  });

  it('by SSH keys pass where the policy has the key', async () => {
    const key = join(world.folder, 'ssh-key');
    await world.begin('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]).ended;
    const [type, text] = readFileSync(`${key}.pub`, 'utf8').split(' ');
    const carol = `[signers]\ncarol = { ssh = "${type} ${text}" }\n`;
    const withCarol = team()
      .replace('[signers]\n', carol)
      .replace('signers = ["alice"]\nmerged', 'signers = ["alice", "carol"]\nmerged');
    for (const [policy, reasons] of [
      [withCarol, []],
      [team(), ['other-format']],
    ] as const) {
      const server = await makeServer(world, people, policy);
      const ssh = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}`];
      await server.git([...ssh, 'commit', '-q', '-S', '--allow-empty', '-m', 'by key']);
      const pushed = await server.push('main');
      if (reasons.length > 0) refused(pushed, ...reasons);
      else passes(pushed);
    }
  });

  it('1: are judged again where they came by an open ref before', async () => {
    const open = '\n[[rule]]\nrefs = ["refs/heads/wild"]\nsigners = ["alice"]\nmerged = "*"\n';
    const server = await makeServer(world, people, team(open));
    await server.commit(undefined);
    await server.commit(undefined);
    const tip = await server.git(['rev-parse', 'HEAD']);
    // What lies there already, by whatever way it came.
    await server.git([
      'push',
      '-q',
      '--receive-pack=git -c core.hooksPath=/dev/null receive-pack',
      'origin',
      `${tip}:refs/heads/open`,
    ]);
    refused(await server.push('main'), 'unsigned', 'unsigned');
    await server.git(['reset', '-q', '--hard', 'HEAD~2']);
    await server.commit('alice');
    passes(await server.push('main'));
  });

  it('2: refuse the whole push', async () => {
    const server = await makeServer(world, people, team());
    await server.git(['checkout', '-q', '-b', 'topic']);
    await server.commit('bob');
    await server.git(['checkout', '-q', 'main']);
    await server.commit(undefined);
    refused(await server.push('main', 'topic'), 'unsigned');
    expect(await server.onServer('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    passes(await server.push('topic'));
  });

  it("14: a forge's merges pass where they are clean and of listed commits", async () => {
    const key = join(world.folder, 'forge-key');
    await world.begin('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]).ended;
    const [type, text] = readFileSync(`${key}.pub`, 'utf8').split(' ');
    const forge = `[signers]\nforge = { ssh = "${type} ${text}", forge = true }\n`;
    const policy = team()
      .replace('[signers]\n', forge)
      .replace('signers = ["alice"]\nmerged', 'forge = ["clean-merge"]\nsigners = ["alice"]\nmerged');
    const server = await makeServer(world, people, policy);
    const main = await server.git(['rev-parse', 'HEAD']);
    const ssh = ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}`];
    const merge = async (who: string, extra: boolean) => {
      await server.git(['checkout', '-q', '-B', 'topic', main]);
      await server.commit(who, { t: who });
      await server.git(['checkout', '-q', '-B', 'main', main]);
      await server.git(['merge', '-q', '--no-ff', '--no-commit', 'topic']);
      if (extra) writeFileSync(join(server.clone, 'extra'), 'x');
      await server.git(['add', '-A']);
      await server.git([...ssh, 'commit', '-q', '-S', '-m', 'merge']);
      return server.push('main');
    };
    refused(await merge('bob', true), 'forge-not-allowed');
    refused(await merge('mallory', false), 'identity-not-listed');
    await server.git(['checkout', '-q', '-B', 'main', main]);
    await server.git([...ssh, 'commit', '-q', '-S', '--allow-empty', '-m', 'web edit']);
    refused(await server.push('main'), 'forge-not-allowed');
    passes(await merge('bob', false));
  });

  it('15: count as the line where a merge has it as a side branch, and where a release jumps to them', async () => {
    const server = await makeServer(world, people, team());
    const base = await server.git(['rev-parse', 'HEAD']);
    await server.git(['checkout', '-q', '-b', 'topic']);
    const topic = await server.commit('bob', { a: 'a' });
    await server.git(['checkout', '-q', 'main']);
    await server.commit('alice', { b: 'b' });
    passes(await server.push('main', `${base}:refs/heads/release/1`));
    await server.git(['checkout', '-q', 'topic']);
    await server.git(['merge', '-q', '-S', '--no-ff', '-m', 'pull', 'main'], {
      env: await people.as('alice@example.com'),
    });
    refused(await server.push('topic:main'), 'role-not-allowed');
    await server.git(['checkout', '-q', 'main']);
    await server.git(['merge', '-q', '-S', '--no-ff', '-m', 'merge', topic], {
      env: await people.as('alice@example.com'),
    });
    passes(await server.push('main'));
    refused(await server.push(`${topic}:refs/heads/release/1`), 'role-not-allowed');
    passes(await server.push('main:refs/heads/release/1'));
  });
});

describe('refs', () => {
  it('3: replaced objects are seen as they are', async () => {
    const server = await makeServer(world, people, team());
    const good = await server.commit('alice');
    passes(await server.push('main'));
    const bad = await server.commit(undefined);
    refused(await server.push(`${good}:refs/replace/${bad}`), 'ref-reserved');
    refused(await server.push(`${good}:refs/signet/x`), 'ref-reserved');
    await server.onServer('fetch', '-q', server.clone, 'main');
    await server.onServer('replace', bad, good);
    refused(await server.push('main'), 'unsigned');
  });

  it('4: symbolic ones have the rules of what they lead to, and names have no case where files have none', async () => {
    const server = await makeServer(world, people, team());
    await server.onServer('symbolic-ref', 'refs/heads/master', 'refs/heads/main');
    await server.onServer('symbolic-ref', 'refs/heads/later', 'refs/heads/release/2');
    await server.commit('bob');
    for (const name of ['master', 'later'])
      refused(await server.push(`HEAD:refs/heads/${name}`), 'role-not-allowed');
    passes(await server.push('HEAD:refs/heads/topic'));
    await server.onServer('config', 'core.ignoreCase', 'true');
    refused(await server.push('HEAD:refs/heads/Release/1'), 'role-not-allowed');
    await server.onServer('config', 'core.ignoreCase', 'false');
    passes(await server.push('HEAD:refs/heads/Release/1'));
  });

  it('are neither forced nor deleted where a rule names them', async () => {
    const server = await makeServer(world, people, team());
    await server.commit('alice');
    passes(await server.push('main', 'main:release/1', 'main:topic'));
    await server.git(['commit', '-q', '--amend', '-S', '--allow-empty', '-m', 'again'], {
      env: await people.as('alice@example.com'),
    });
    refused(await server.push('+main:release/1'), 'non-fast-forward');
    passes(await server.push('+main:topic'));
    refused(await server.push(':main'), 'policy-ref-deletion');
    refused(await server.push(':release/1'), 'deletion');
    passes(await server.push(':topic'));
  });

  it('17: tags are what they say, where they say', async () => {
    const server = await makeServer(world, people, team());
    const env = await people.as('alice@example.com');
    const tag = (name: string, what = 'HEAD', as = env) =>
      server.git(['tag', '-s', '-m', name, name, what], { env: as });
    await tag('v1.0');
    passes(await server.push('v1.0'));
    refused(await server.push('v1.0:refs/tags/v2.0'), 'tag-name-mismatch');
    refused(await server.push('HEAD:refs/tags/v3'), 'tag-lightweight');
    await tag('v4', 'v1.0');
    refused(await server.push('v4'), 'tag-nested');
    await tag('v5', 'HEAD:.signet.toml');
    refused(await server.push('v5'), 'tag-of-no-commit');
    refused(await server.push(':refs/tags/v1.0'), 'deletion');
    await tag('v6', 'HEAD', await people.as('bob@example.com'));
    refused(await server.push('v6'), 'role-not-allowed');
    await server.commit('alice');
    await tag('v7');
    refused(await server.push('v7'), 'tag-target');
    passes(await server.push('main', 'v7'));
    await server.git(['tag', '-f', '-s', '-m', 'moved', 'v1.0'], { env });
    refused(await server.push('+v1.0'), 'tag-moved');
  });

  it('of notes go forward only', async () => {
    const server = await makeServer(world, people, team());
    await server.git(['notes', '--ref=signet', 'add', '-m', 'x']);
    passes(await server.push('refs/notes/signet'));
    await server.git(['update-ref', '-d', 'refs/notes/signet']);
    await server.git(['notes', '--ref=signet', 'add', '-m', 'y']);
    refused(await server.push('+refs/notes/signet'), 'non-fast-forward');
    refused(await server.push(':refs/notes/signet'), 'deletion');
  });
});

describe('the policy', () => {
  it('5: is changed by editors only, by the policy before', async () => {
    const server = await makeServer(world, people, team());
    const withMallory = team().replace('bob@example.com', 'mallory@example.com');
    await server.commit('mallory', { '.signet.toml': withMallory });
    refused(await server.push('main'), 'identity-not-listed');
    await server.git(['reset', '-q', '--hard', 'HEAD~1']);
    await server.onServer('config', 'signet.maxCommits', '50');
    await server.commit('bob', { '.signet.toml': withMallory });
    refused(await server.push('main'), 'policy-change-denied');
    passes(await server.push('main:proposal'));
    await server.git(['reset', '-q', '--hard', 'HEAD~1']);
    await server.commit('alice', { '.signet.toml': withMallory });
    passes(await server.push('main'));
  });

  it('6: counts from the commit that changes it on, on its own ref', async () => {
    const server = await makeServer(world, people, team());
    const withCarol = team()
      .replaceAll('"alice"]\nmerged', '"alice", "carol"]\nmerged')
      .replace('bob@', 'carol@')
      .replace('bob =', 'carol =')
      .replaceAll('"bob"', '"carol"');
    await server.commit('alice', { '.signet.toml': withCarol });
    await server.git(['branch', 'topic']);
    await server.commit('carol');
    const carols = await server.git(['rev-parse', 'HEAD']);
    await server.git(['checkout', '-q', 'topic']);
    await server.commit('carol', { c: 'c' });
    refused(await server.push('main', 'topic'), 'identity-not-listed');
    passes(await server.push('main'));
    expect(await server.onServer('rev-parse', 'main')).toBe(carols);
    passes(await server.push('topic'));
  });

  it('7: of the policy ref judges a branch from an old commit', async () => {
    const server = await makeServer(world, people, team());
    const old = await server.git(['rev-parse', 'HEAD']);
    const without = team()
      .replace(/bob = .*\n/, '')
      .replace('"alice", "bob"', '"alice"');
    await server.commit('alice', { '.signet.toml': without });
    passes(await server.push('main'));
    await server.git(['checkout', '-q', '-b', 'topic', old]);
    await server.commit('bob');
    refused(await server.push('topic'), 'identity-not-listed');
    await server.git(['reset', '-q', '--hard', old]);
    await server.commit('alice');
    passes(await server.push('topic'));
  });

  it.each([
    ['no TOML', (text: string) => `${text}\n[[[`],
    ['a key twice', (text: string) => text.replace('[policy]', '[policy]\neditors = ["alice"]')],
    ['an unknown key', (text: string) => text.replace('[policy]', '[policy]\nlax = true')],
    [
      'a date that never was',
      (text: string) => `${text}\n[[revoke]]\nsigner = "bob"\nafter = "2024-02-30T00:00:00Z"\n`,
    ],
    ['no editor', (text: string) => text.replace('editors = ["alice"]', 'editors = []')],
  ])('19: stays as it was where the new one has %s', async (_, change) => {
    const server = await makeServer(world, people, team());
    await server.commit('alice', { '.signet.toml': change(team()) });
    refused(await server.push('main'), 'policy-invalid');
    await server.commit('alice', { '.signet.toml': `${team()}# a remark\n` }, ['--amend']);
    passes(await server.push('main'));
  });

  it('19: is not deleted', async () => {
    const server = await makeServer(world, people, team());
    await server.git(['rm', '-q', '.signet.toml']);
    await server.commit('alice');
    refused(await server.push('main'), 'policy-invalid');
  });

  it('is not rolled back by a merge that has the ref as its side branch', async () => {
    const server = await makeServer(world, people, team());
    const old = await server.git(['rev-parse', 'HEAD']);
    await server.commit('alice', { '.signet.toml': `${team()}# newer\n` });
    passes(await server.push('main'));
    await server.git(['checkout', '-q', '-b', 'side', old]);
    await server.commit('alice', { a: 'a' });
    await server.git(['merge', '-q', '-S', '-s', 'ours', '-m', 'back', 'main'], {
      env: await people.as('alice@example.com'),
    });
    refused(await server.push('side:main'), 'old-as-side-branch');
  });
});

describe('what is not whole', () => {
  it('18: a push from a shallow clone is incomplete', async () => {
    const server = await makeServer(world, people, team());
    await server.onServer('config', 'receive.shallowUpdate', 'true');
    const other = await makeServer(world, people, team());
    await other.commit('alice');
    await other.commit('alice');
    const shallow = join(world.folder, 'shallow-clone');
    await world.git(['clone', '-q', '--depth=1', `file://${other.clone}`, shallow]);
    const pushed = await world.git(['push', `file://${server.bare}`, 'HEAD:refs/heads/topic'], {
      cwd: shallow,
      mayFail: true,
    });
    expect(pushed.code).toBe(1);
    expect(pushed.stderr).toMatch(/ incomplete /);
  });

  it('every fault refuses', async () => {
    const server = await makeServer(world, people, team());
    await server.commit('alice');
    const root = await server.onServer('config', 'signet.trustedRoot');
    const faults: readonly (readonly [string, string, RegExp])[] = [
      ['signet.trustedRoot', '/nowhere/root.json', /trusted root/],
      ['signet.policyRef', 'refs/heads/gone', /first-push/],
      ['signet.policyRef', 'main', /no full name/],
      ['signet.maxCommits', 'many', /no number/],
      ['signet.policy', '/nowhere/policy.toml', /cannot be read/],
    ];
    for (const [key, value, said] of faults) {
      const before = (
        await world.git(['config', '--get', key], { cwd: server.bare, mayFail: true })
      ).stdout.trim();
      await server.onServer('config', key, value);
      const { code, stderr } = await server.push('main');
      expect([code, stderr]).toEqual([1, expect.stringMatching(said)]);
      await (before === ''
        ? server.onServer('config', '--unset', key)
        : server.onServer('config', key, before));
    }
    expect(await server.onServer('config', 'signet.trustedRoot')).toBe(root);
    passes(await server.push('main'));
  });

  it('20: texts of commits reach no terminal as they are, and long pushes are refused', async () => {
    const server = await makeServer(world, people, team());
    await server.commit(undefined);
    await server.git([
      'commit',
      '-q',
      '--amend',
      '--no-gpg-sign',
      '--allow-empty',
      '-m',
      '\u001b]0;x\u0007 ::error::x',
    ]);
    const pushed = await server.push('main');
    refused(pushed, 'unsigned');
    expect(pushed.stderr).not.toContain('\u001b]0');
    expect(pushed.stderr).toContain('\\u{1b}]0;x');
    await server.onServer('config', 'signet.maxCommits', '2');
    for (let count = 0; count < 3; count += 1) await server.commit('alice');
    refused(await server.push('main'), 'too-many-commits');
  });

  it.each([
    ['nothing', ''],
    ['half a line', `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x`],
    ['rubbish', 'x\n'],
    ['a ref twice', `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\n`.repeat(2)],
  ])('%s on standard input is refused', async (_, input) => {
    const server = await makeServer(world, people, team());
    const ended = await world.begin('signet', ['hook', 'pre-receive'], { cwd: server.bare, input }).ended;
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining('cannot be read')]);
  });
});

describe("the pusher's environment", () => {
  it('has no say', async () => {
    const server = await makeServer(world, people, team());
    await server.commit('mallory');
    const line = `${server.introduction} ${await server.git(['rev-parse', 'HEAD'])} refs/heads/main\n`;
    await server.onServer('fetch', '-q', server.clone, 'main');
    const global = join(world.folder, 'pushers-config');
    writeFileSync(global, `[signet]\nallow = mallory@example.com ${people.issuer}\npolicy = /nowhere\n`);
    chmodSync(global, 0o644);
    const hook = join(server.bare, 'hooks/pre-receive');
    const run = (env: NodeJS.ProcessEnv) =>
      world.begin(hook, [], { cwd: server.bare, input: line, env: { GIT_DIR: '.', ...env } }).ended;
    const hostile = {
      GIT_CONFIG_GLOBAL: global,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'signet.policyRef',
      GIT_CONFIG_VALUE_0: '',
      SIGNET_TRUSTED_ROOT: '/nowhere',
      GIT_PUSH_OPTION_COUNT: '1',
      GIT_PUSH_OPTION_0: 'force',
      NODE_OPTIONS: '--require=/nowhere.js',
    };
    for (const env of [{}, hostile]) {
      const { code, stderr } = await run(env);
      expect([code, stderr]).toEqual([1, expect.stringContaining('identity-not-listed')]);
    }
    expect((await run({ GIT_NAMESPACE: 'x' })).code).toBe(2);
    expect((await run({ GL_ID: 'user-1' })).stderr).toMatch(
      /^GL-HOOK-ERR: git-signet: refs\/heads\/main REJECTED/,
    );
  });
});

describe('the first push', () => {
  it('brings the ref of the policy alone, with the introduction in it', async () => {
    const other: Server = await makeServer(world, people, team());
    const bare = join(world.folder, 'fresh.git');
    await world.git(['init', '-q', '--bare', '-b', 'main', bare]);
    const root = await other.git(['config', 'signet.trustedRoot']);
    await world.git(['config', 'signet.trustedRoot', root], { cwd: bare });
    expect((await world.signet(['hook', 'install'], { cwd: bare, mayFail: true })).code).toBe(2);
    await world.signet(['hook', 'install', '--introduction', other.introduction], { cwd: bare });
    await other.git(['remote', 'set-url', 'origin', `file://${bare}`]);
    await other.commit('alice');
    refused(await other.push('main', 'main:topic'), 'first-push');
    await other.git(['checkout', '-q', '--orphan', 'unrelated']);
    await other.commit('alice');
    refused(await other.push('unrelated:main'), 'introduction-missing');
    await other.git(['checkout', '-q', 'main']);
    await other.commit('mallory');
    refused(await other.push('main'), 'identity-not-listed');
    passes(await other.push('main~1:refs/heads/main'));
  });
});
