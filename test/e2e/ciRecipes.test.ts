/** The recipes of docs/ci.md, run as those systems would, with their variables; and what the gate takes from them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { blocksOf, readDocument } from '../docs/markdown.ts';
import { ACTION, githubEnvironment } from './actionRunner.ts';
import { type Forge, makeForge } from './forge.ts';

const BLOCKS = blocksOf(readDocument('docs/ci.md'));
const [github, gitlab, gitea] = BLOCKS.filter(({ language }) => language === 'yaml').map(({ text }) =>
  parse(text),
);
const [judging = '', following = ''] = BLOCKS.filter(({ language }) => language === 'bash').map(
  ({ text }) => text,
);
const NONE = '0'.repeat(40);

let forge: Forge;
let main: string;
let workspace: string;
beforeAll(async () => {
  forge = await makeForge();
  main = forge.main;
  workspace = await forge.checkOut('workspace');
}, 120_000);
afterAll(() => forge?.world.close(), 120_000);

/** As runners start steps: GitLab's and act's shell both stop at the first command that fails. */
async function runShell(script: string, env: NodeJS.ProcessEnv = {}): Promise<number | null> {
  const args = ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', script];
  const { code } = await forge.world.begin('bash', args, { cwd: workspace, env }).ended;
  return code;
}

/** A request of somebody's, there as a runner leaves it. */
async function propose(who: string): Promise<string> {
  const head = await forge.propose(who, main);
  await forge.world.git(['fetch', '-q', 'origin', 'refs/pull/7/head'], { cwd: workspace });
  return head;
}

it('GitHub: names events that the gate knows, and inputs that the action has', () => {
  expect(Object.keys(github.on)).toEqual(['pull_request_target', 'merge_group', 'push']);
  expect(github.on.pull_request_target.types).toContain('edited');
  const [checkout, gate] = github.jobs.gate.steps;
  expect([github.permissions, checkout.with['fetch-depth']]).toEqual([{ contents: 'read' }, 0]);
  const needed = Object.entries(ACTION.inputs).flatMap(([name, { required }]) => (required ? [name] : []));
  expect(Object.keys(gate.with)).toEqual(expect.arrayContaining(needed));
  expect(Object.keys(ACTION.inputs)).toEqual(expect.arrayContaining(Object.keys(gate.with)));
});

it('GitLab: judges merge requests and pushes', async () => {
  const { script, variables } = gitlab.signatures;
  const job = (env: NodeJS.ProcessEnv) =>
    runShell(script.join('\n'), { GITLAB_CI: 'true', CI: 'true', ...variables, ...env });
  const request = (head: string, more: NodeJS.ProcessEnv = {}) =>
    job({
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: `x";$(touch pwned);'`,
      CI_MERGE_REQUEST_TITLE: '::error::x $(touch pwned)',
      CI_COMMIT_SHA: head,
      CI_COMMIT_BEFORE_SHA: NONE,
      ...more,
    });
  const push = (head: string) =>
    job({
      CI_PIPELINE_SOURCE: 'push',
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_BEFORE_SHA: main,
      CI_COMMIT_SHA: head,
    });
  const doras = await propose('dora');
  expect(await request(doras)).toBe(1);
  const junit = readFileSync(join(workspace, 'gate.xml'), 'utf8');
  expect([XMLValidator.validate(junit), junit.includes('merged-not-allowed')]).toEqual([true, true]);
  // A pipeline for the branch that the request had before, and the merge that GitLab makes to test it.
  const stale = { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'dev', CI_MERGE_REQUEST_DIFF_BASE_SHA: main };
  expect(await request(doras, stale)).toBe(0);
  const bobs = await propose('bob');
  expect(await request(bobs)).toBe(0);
  expect(await request(doras, { CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: bobs })).toBe(0);
  expect(await push(bobs)).toBe(1);
  expect(await push(await propose('alice'))).toBe(0);
  expect(await job({ CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_SHA: bobs })).toBe(2);
  expect(await request(bobs, { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main..dev' })).toBe(3);
});

it('Gitea and Forgejo: judge requests and pushes by the event file', async () => {
  const [checkout, step] = gitea.jobs.signatures.steps;
  expect([Object.keys(gitea.on), checkout.with['fetch-depth']]).toEqual([['pull_request_target', 'push'], 0]);
  const event = join(forge.world.folder, 'event.json');
  const job = (name: string, payload: unknown) => {
    writeFileSync(event, JSON.stringify(payload));
    return runShell(step.run, { ...githubEnvironment(name, event), GITEA_ACTIONS: 'true' });
  };
  const request = (head: string) =>
    job('pull_request_target', { pull_request: { base: { ref: 'main', sha: main }, head: { sha: head } } });
  const bobs = await forge.propose('bob', main);
  expect(await request(bobs)).toBe(0);
  expect(await job('push', { ref: 'refs/heads/main', before: main, after: bobs })).toBe(1);
  expect(await request(await forge.propose('dora', main))).toBe(1);
  expect(await job('schedule', {})).toBe(2);
});

it('plain servers: judge a branch before it is merged', async () => {
  await forge.place('refs/heads/topic', await forge.propose('bob', main));
  expect(await runShell(judging)).toBe(0);
  await forge.place('refs/heads/topic', await forge.propose('dora', main));
  expect(await runShell(judging)).toBe(1);
  const incomplete = judging.replace(/--ref \S+/, '');
  expect([incomplete === judging, await runShell(incomplete)]).toEqual([false, 2]);
});

it('plain servers: follow a branch, and stop at what nobody may have pushed', async () => {
  const seen = async () =>
    (await forge.world.git(['rev-parse', 'refs/signet-seen/main'], { cwd: workspace })).stdout.trim();
  await forge.world.git(['update-ref', 'refs/signet-seen/main', main], { cwd: workspace });
  const alices = await forge.propose('alice', main);
  await forge.place('refs/heads/main', alices);
  expect([await runShell(following), await seen()]).toEqual([0, alices]);
  const policy = readFileSync(join(forge.server.clone, '.signet.toml'), 'utf8');
  const opened = policy.replace('signers = ["alice"]', 'signers = ["alice", "dora"]');
  const doras = await forge.propose('dora', alices, { '.signet.toml': opened });
  await forge.place('refs/heads/main', doras);
  expect([await runShell(following), await seen()]).toEqual([1, alices]);
  const then = await forge.propose('dora', doras);
  await forge.place('refs/heads/main', then);
  expect([await runShell(following), await seen()]).toEqual([1, alices]);
});
