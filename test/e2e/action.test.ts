/** `action.yml` as a runner calls it, for each event: what is allowed, and its twin that is refused. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTION, type Job, runAction } from './actionRunner.ts';
import { type Forge, makeForge } from './forge.ts';
import type { People, Server } from './server.ts';
import type { World } from './world.ts';

const NONE = '0'.repeat(40);
const HOSTILE = '::add-mask::x %0A::error::y ##[add-mask]z <b>| @acme www.example.com';

let forge: Forge;
let place: Forge['place'];
let checkOut: Forge['checkOut'];
let world: World;
let people: People;
let server: Server;
/** Tip of main on the server. */
let main: string;
let workspace: string;

beforeAll(async () => {
  forge = await makeForge();
  ({ world, people, server, main, place, checkOut } = forge);
  workspace = await checkOut('workspace');
}, 120_000);
afterAll(() => world?.close(), 120_000);

const propose = (
  who: string | undefined,
  { onto = main, files = {} }: { onto?: string; files?: Readonly<Record<string, string>> } = {},
) => forge.propose(who, onto, files);

function pullRequest(head: string, base: string, ref = 'main') {
  const own = { ref: `x";$(touch pwned);'`, sha: head, repo: { full_name: 'stranger/app' } };
  return {
    action: 'synchronize',
    number: 7,
    pull_request: { title: HOSTILE, body: HOSTILE, head: own, base: { ref, sha: base } },
  };
}

const run = (event: string, payload: unknown, more: Partial<Job> = {}) =>
  runAction(world, { workspace, event, payload, inputs: { 'policy-ref': 'refs/heads/main' }, ...more });

const reasonsIn = (report = ''): readonly string[] =>
  JSON.parse(readFileSync(report, 'utf8')).findings.map(({ reason }: { reason: string }) => reason);

describe('action.yml', () => {
  it('starts one file with Node, and hands no word of an event to a shell', () => {
    const text = readFileSync(join(import.meta.dirname, '../../action.yml'), 'utf8');
    expect(ACTION.runs).toEqual({ using: 'node24', main: 'action/gate.cjs' });
    expect([...text.matchAll(/\$\{\{(.*?)\}\}/g)].map(([, inside]) => inside)).toEqual([' github.token ']);
  });

  it.each(['pull_request', 'pull_request_target'])('judges a %s by its own commits', async (event) => {
    const good = await run(event, pullRequest(await propose('bob'), main));
    expect([good.code, good.commands, good.stderr]).toEqual([0, [], '']);
    expect(good.outputs).toMatchObject({ verdict: 'accepted', 'exit-code': '0', judged: '1', refused: '0' });
    expect(Object.keys(good.outputs).toSorted()).toEqual(Object.keys(ACTION.outputs).toSorted());
    expect(good.summary).toContain('accepted');
    const head = await propose('dora');
    const bad = await run(event, pullRequest(head, main));
    expect([bad.code, reasonsIn(bad.outputs['report'])]).toEqual([1, ['merged-not-allowed']]);
    expect(bad.outputs).toMatchObject({ verdict: 'rejected', judged: '1', refused: '1' });
    expect(bad.commands).toEqual([expect.stringMatching(`^error title=git-signet%3A merged-.* ${head} `)]);
  });

  it('judges as the request will land', async () => {
    const payload = pullRequest(await propose('bob'), main);
    const inputs = { 'policy-ref': 'refs/heads/main' };
    expect((await run('pull_request', payload, { inputs: { ...inputs, as: 'squash' } })).code).toBe(0);
    expect((await run('pull_request', payload, { inputs: { ...inputs, as: 'rebase' } })).code).toBe(1);
  });

  it('makes commands of nothing that a stranger wrote, and runs nothing of theirs', async () => {
    const branch = `a;$(touch\${IFS}pwned)"'`;
    await place(`refs/heads/${branch}`, main);
    const message = ['-m', '::stop-commands::x\n::error::body'];
    await server.git(['config', 'user.name', HOSTILE]);
    await server.git(['checkout', '-q', '--detach', main]);
    const files = { '.gitattributes': '* filter=evil diff=evil merge=evil\n', '.npmrc': 'x=y\n' };
    for (const [path, text] of Object.entries(files)) writeFileSync(join(server.clone, path), text);
    await server.git(['add', '-A']);
    const commit = ['commit', '-q', '-m', HOSTILE, ...message];
    await server.git([...commit, '--no-gpg-sign']);
    const head = await server.git(['rev-parse', 'HEAD']);
    await place('refs/pull/7/head', head);
    const bad = await run('pull_request_target', pullRequest(head, main, branch));
    expect([bad.code, bad.commands.length, reasonsIn(bad.outputs['report'])]).toEqual([1, 1, ['unsigned']]);
    expect(bad.commands[0]).not.toMatch(/mask/);
    expect(bad.summary).not.toMatch(/<b>|@acme|www\.|::/);
    await server.git([...commit, '--amend', '-S'], { env: await people.as('bob@example.com') });
    const signed = await server.git(['rev-parse', 'HEAD']);
    await place('refs/pull/7/head', signed);
    await server.git(['config', 'user.name', 'Alice']);
    const good = await run('pull_request_target', pullRequest(signed, main, branch));
    expect([good.code, good.commands, good.stderr]).toEqual([0, [], '']);
    expect(existsSync(join(workspace, 'pwned'))).toBe(false);
  });

  it('takes the policy from the server, not from the checkout or the request', async () => {
    const own = await checkOut('mallory');
    const policy = readFileSync(join(server.clone, '.signet.toml'), 'utf8');
    const opened = policy.replace('["alice", "bob"]', '"*"');
    const head = await propose('dora', { files: { '.signet.toml': opened } });
    await world.git(['fetch', '-q', 'origin', 'refs/pull/7/head'], { cwd: own });
    await world.git(['checkout', '-q', 'FETCH_HEAD'], { cwd: own });
    await world.git(['branch', '-f', 'main', 'HEAD'], { cwd: own });
    await world.git(['update-ref', 'refs/remotes/origin/main', 'HEAD'], { cwd: own });
    const bad = await run('pull_request', pullRequest(head, main), { workspace: own });
    expect([bad.code, reasonsIn(bad.outputs['report'])]).toEqual([1, ['merged-not-allowed']]);
    const twin = await propose('bob');
    expect((await run('pull_request', pullRequest(twin, main), { workspace: own })).code).toBe(0);
  });

  it('judges anew when the base branch is edited', async () => {
    const head = await propose('dora');
    const edited = (ref: string) => ({ ...pullRequest(head, main, ref), action: 'edited' });
    expect((await run('pull_request_target', edited('dev'))).code).toBe(0);
    expect((await run('pull_request_target', edited('main'))).code).toBe(1);
  });

  it('judges a merge queue and a push as the line of the branch', async () => {
    const group = (head: string) => ({
      merge_group: { base_ref: 'refs/heads/main', base_sha: main, head_ref: 'refs/heads/q', head_sha: head },
    });
    const push = (after: string, before = main, ref = 'refs/heads/main') => ({ ref, before, after });
    const alices = await propose('alice');
    expect((await run('merge_group', group(alices))).code).toBe(0);
    expect((await run('push', push(alices))).code).toBe(0);
    const bobs = await propose('bob');
    expect((await run('merge_group', group(bobs))).code).toBe(1);
    const bad = await run('push', push(bobs));
    expect([bad.code, reasonsIn(bad.outputs['report'])]).toEqual([1, ['role-not-allowed']]);
    const back = await run('push', push(server.introduction));
    expect([back.code, reasonsIn(back.outputs['report'])]).toEqual([1, ['non-fast-forward']]);
    expect((await run('push', push(alices, NONE, 'refs/heads/dev2'))).code).toBe(0);
    const tree = await server.git(['rev-parse', `${main}^{tree}`]);
    const unsigned = await server.git(['commit-tree', '-m', 'Of long ago', tree]);
    await place('refs/heads/old', unsigned);
    const old = push(unsigned, NONE, 'refs/heads/old');
    expect((await run('push', old)).code).toBe(1);
    const inputs = { 'policy-ref': 'refs/heads/main', introductions: unsigned };
    expect((await run('push', old, { inputs })).code).toBe(0);
  });

  it('judges a tag itself, though the checkout has its commit in its place', async () => {
    const env = await people.as('alice@example.com');
    await server.git(['tag', '-s', '-m', 'one', 'v1', main], { env });
    await server.git(['tag', 'v2', main]);
    for (const tag of ['v1', 'v2']) {
      await place(`refs/tags/${tag}`, await server.git(['rev-parse', `refs/tags/${tag}`]));
      await world.git(['update-ref', `refs/tags/${tag}`, main], { cwd: workspace });
    }
    const push = (tag: string) => ({ ref: `refs/tags/${tag}`, before: NONE, after: main });
    expect((await run('push', push('v1'))).code).toBe(0);
    const light = await run('push', push('v2'));
    expect([light.code, reasonsIn(light.outputs['report'])]).toEqual([1, ['tag-lightweight']]);
  });

  it('judges nothing in a shallow clone', async () => {
    const payload = pullRequest(await propose('bob'), main);
    const shallow = await checkOut('shallow', '--depth=1');
    const cut = await run('pull_request', payload, { workspace: shallow });
    expect([cut.code, cut.outputs['verdict']]).toEqual([3, 'unjudged']);
    expect(cut.commands.join()).toContain('fetch-depth: 0');
    expect((await run('pull_request', payload)).code).toBe(0);
  });

  it('refuses events and inputs that say nothing', async () => {
    const payload = pullRequest(main, main);
    const refused: readonly (readonly [number, string, unknown, Readonly<Record<string, string>>?])[] = [
      [2, 'workflow_dispatch', {}],
      [3, 'pull_request', '{'],
      [3, 'pull_request', pullRequest('HEAD', main)],
      [3, 'pull_request', pullRequest(main, main, 'main..dev')],
      [3, 'pull_request', pullRequest('1'.repeat(40), main)],
      [2, 'pull_request', payload, { 'policy-ref': 'main' }],
      [2, 'pull_request', payload, { 'policy-ref': 'refs/heads/--upload-pack=x y' }],
      [5, 'pull_request', payload, { 'policy-ref': 'refs/heads/gone' }],
      [2, 'pull_request', payload, { 'policy-ref': 'refs/heads/main', as: 'push' }],
      [2, 'pull_request', payload, { 'policy-ref': 'refs/heads/main', path: '../..' }],
      [2, 'pull_request', payload, { 'policy-ref': 'refs/heads/main', introductions: 'HEAD' }],
    ];
    for (const [code, event, what, inputs] of refused) {
      const ended = await run(event, what, inputs === undefined ? {} : { inputs });
      expect([ended.code, ended.outputs['verdict'], ended.commands.length]).toEqual([code, 'unjudged', 1]);
    }
    const inputs = { 'policy-ref': 'refs/heads/main', path: '.', introductions: ` ${main}\n` };
    expect((await run('pull_request', payload, { inputs })).code).toBe(0);
  });
});

it('hands the token to its own server alone, in the place of what the checkout has', async () => {
  const seen: string[][] = [];
  const other = createServer(({ rawHeaders }, answer) => {
    seen.push(rawHeaders.filter((_, i) => /^authorization$/i.test(rawHeaders[i - 1] ?? '')));
    answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const own = await checkOut('token');
    await world.git(['remote', 'set-url', 'origin', `${url}/acme/app`], { cwd: own });
    await world.git(['config', `http.${url}/.extraheader`, 'AUTHORIZATION: basic persisted'], { cwd: own });
    const job = { workspace: own, inputs: { 'policy-ref': 'refs/heads/main', token: 'ghs_secret' } };
    const payload = pullRequest(main, main);
    const basic = `basic ${Buffer.from('x-access-token:ghs_secret').toString('base64')}`;
    const ended = await run('pull_request', payload, { ...job, env: { GITHUB_SERVER_URL: url } });
    expect([ended.code, seen]).toEqual([5, [[basic]]]);
    expect(ended.stdout + ended.stderr).not.toMatch(/ghs_secret|basic/);
    await run('pull_request', payload, job);
    expect(seen.slice(1)).toEqual([['basic persisted']]);
  } finally {
    other.close();
  }
});

describe('a policy that has changed since', () => {
  let bobs: string;
  let before: string;

  it('judges a request against a stale base by the policy of today', async () => {
    bobs = await propose('bob');
    before = main;
    expect((await run('pull_request', pullRequest(bobs, before))).code).toBe(0);
    const policy = readFileSync(join(server.clone, '.signet.toml'), 'utf8');
    const without = policy.replace(/bob = .*\n/, '').replaceAll(', "bob"', '');
    main = await propose('alice', { files: { '.signet.toml': without } });
    await place('refs/heads/main', main);
    const late = await run('pull_request', pullRequest(bobs, before));
    expect([late.code, reasonsIn(late.outputs['report'])]).toEqual([1, ['identity-not-listed']]);
  });

  it('judges a push by the policy before it, not by the one that it brings', async () => {
    const policy = readFileSync(join(server.clone, '.signet.toml'), 'utf8');
    const opened = policy.replace('signers = ["alice"]', 'signers = ["alice", "dora"]');
    const doras = await propose('dora', { files: { '.signet.toml': opened } });
    await place('refs/heads/main', doras);
    const push = (after: string) => ({ ref: 'refs/heads/main', before: main, after });
    const bad = await run('push', push(doras));
    expect([bad.code, reasonsIn(bad.outputs['report'])]).toEqual([1, ['policy-change-denied']]);
    const alices = await propose('alice', { files: { '.signet.toml': opened } });
    const then = await propose('dora', { onto: alices });
    await place('refs/heads/main', then);
    expect((await run('push', push(then))).code).toBe(0);
  });
});
