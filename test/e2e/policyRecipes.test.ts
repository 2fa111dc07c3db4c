/** The policies of docs/policy-recipes.md as they stand there, each with a server, pushes that pass and pushes that do not. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { blocksOf, readDocument } from '../docs/markdown.ts';
import { closeKeys, hasKeyPrograms, makePgpKey, makeSshKey, type PgpKey, type SshKey } from './keys.ts';
import { findPeople } from './server.ts';
import { makeWorld, type World } from './world.ts';

// Keys and many processes: nothing here is to fail by the load of a machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** In the order of the document. */
const NAMES = ['one', 'team', 'squash', 'bot', 'past', 'leaving'];
const RECIPES = new Map(
  blocksOf(readDocument('docs/policy-recipes.md'))
    .filter(({ language }) => language === 'toml')
    .map(({ text }, place) => [NAMES[place] ?? `the ${place + 1}th`, text]),
);

let world: World;
let instance = '';
let forge: PgpKey;
let key: SshKey;

/** `-c` options and surroundings in which git signs as somebody. */
interface By {
  readonly options: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const NOBODY: By = { options: ['-c', 'commit.gpgSign=false'] };
const minted = new Map<string, By>();

/** Anybody, under the sandbox's authority. */
async function as(san: string, issuer: string, ...more: string[]): Promise<By> {
  const name = [san, issuer, ...more].join(' ');
  const known = minted.get(name);
  if (known !== undefined) return known;
  const folder = join(world.folder, `minted-${minted.size}`);
  const where = ['--state', join(world.folder, 'sandbox'), '--out', folder];
  await world.signet(['sandbox', 'mint', '--san', san, '--issuer', issuer, ...more, ...where]);
  const by = { options: ['-c', 'gpg.format=x509', '-c', `gpg.x509.program=${folder}/signer`] };
  minted.set(name, by);
  return by;
}

const alice = () => as('email:alice@example.com', 'github');
const bob = (...more: string[]) => as('email:bob@example.com', 'google', ...more);

class Project {
  readonly clone: string;
  readonly bare: string;
  constructor(name: string) {
    this.clone = join(world.folder, name);
    this.bare = join(world.folder, `${name}.git`);
  }

  async git(args: readonly string[], by: By = NOBODY): Promise<string> {
    const call = { cwd: this.clone, ...(by.env && { env: by.env }) };
    return (await world.git([...by.options, ...args], call)).stdout.trim();
  }

  async commit(by: By, files: Readonly<Record<string, string>> = {}, ...more: string[]): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.clone, path)), { recursive: true });
      writeFileSync(join(this.clone, path), text);
    }
    await this.git(['add', '-A']);
    const sign = by === NOBODY ? '--no-gpg-sign' : '-S';
    await this.git(['commit', '-q', sign, '--allow-empty', '-m', 'work', ...more], by);
    return this.git(['rev-parse', 'HEAD']);
  }

  /** Reasons of the refusal, or none where it landed; the clone is then as it was before. */
  async push(...refs: string[]): Promise<readonly string[]> {
    const { code, stderr } = await world.git(['push', '-q', 'origin', ...refs], {
      cwd: this.clone,
      mayFail: true,
    });
    const lines = stderr.split('\n').map((line) => line.replace(/^remote: ?/, '').trimEnd());
    const reasons = lines.flatMap(
      (line) => /^ {2}(?:[0-9a-f]{10}(?: ".*?")? {2})?([a-zA-Z-]+) {2}/.exec(line)?.[1] ?? [],
    );
    expect(code === 0, stderr).toBe(reasons.length === 0);
    if (code !== 0) await this.git(['reset', '-q', '--hard', 'refs/remotes/origin/main']);
    return [...new Set(reasons)];
  }

  async try(by: By, files?: Readonly<Record<string, string>>, ...more: string[]): Promise<readonly string[]> {
    await this.commit(by, files, ...more);
    return this.push('main');
  }

  /** A branch with one commit, merged by somebody. */
  async merge(side: By, by: By, extra?: Readonly<Record<string, string>>): Promise<readonly string[]> {
    await this.git(['checkout', '-q', '-b', 'topic']);
    await this.commit(side, { [`side-${Math.random()}`]: '' });
    await this.git(['checkout', '-q', 'main']);
    await this.git(['merge', '-q', '--no-ff', '--no-commit', 'topic']);
    await this.git(['branch', '-q', '-M', 'topic', 'merged']);
    return this.try(by, extra);
  }
}

/** The recipe's policy on a server of its own, after `past`. */
async function start(
  recipe: string,
  past: (project: Project) => Promise<unknown> = async () => {},
  change: (text: string) => string = (text) => text,
): Promise<Project> {
  const project = new Project(recipe);
  await world.makeRepo(recipe);
  await world.git(['init', '-q', '--bare', '-b', 'main', project.bare]);
  const root = await project.git(['config', 'signet.trustedRoot']);
  await world.git(['config', 'signet.trustedRoot', root], { cwd: project.bare });
  await project.git(['remote', 'add', 'origin', `file://${project.bare}`]);
  await past(project);
  const text = (RECIPES.get(recipe) ?? '')
    .replace('version = 1', `version = 1\ninstance = ["${instance}"]`)
    .replace('968479A1AFF927E37D1A566BB5690EEEBB952194', forge.fingerprint);
  const introduction = await project.commit(await alice(), {
    '.signet.toml': change(text),
    'keys/web-flow.asc': forge.publicKey,
  });
  await world.signet(['hook', 'install', '--introduction', introduction], { cwd: project.bare });
  expect(await project.push('main')).toEqual([]);
  return project;
}

describe.runIf(hasKeyPrograms)('recipes (needs ssh-keygen and gpg)', () => {
  beforeAll(async () => {
    world = await makeWorld();
    ({ instance } = await findPeople(world));
    forge = makePgpKey(world, 'noreply@github.com');
    key = makeSshKey(world, 'alice');
  });
  afterAll(async () => {
    closeKeys(world);
    await world?.close();
  });

  it('are all there', () => expect([...RECIPES.keys()]).toEqual(NAMES));

  it('one maintainer', async () => {
    const project = await start('one');
    expect(RECIPES.get('one')?.trim().split('\n')).toHaveLength(3);
    expect(await project.try(await alice())).toEqual([]);
    expect(await project.try(await as('email:alice@example.com', 'google'))).toEqual(['issuer-mismatch']);
    expect(await project.try(await bob())).toEqual(['identity-not-listed']);
    expect(await project.try(NOBODY)).toEqual(['unsigned']);
    // What it cannot stop: hers, made elsewhere, pushed by anybody.
    await project.git(['checkout', '-q', '-b', 'experiment']);
    await project.commit(await alice());
    expect(await project.push('experiment:main')).toEqual([]);
  });

  it('a team that merges in the browser', async () => {
    const project = await start('team');
    const [byBob, byForge] = [await bob(), { options: forge.options, env: forge.env }];
    expect(await project.merge(byBob, byForge)).toEqual([]);
    expect(await project.merge(byBob, await alice())).toEqual([]);
    expect(await project.merge(byBob, byForge, { more: 'x' })).toEqual(['forge-not-allowed']);
    expect(await project.merge(NOBODY, byForge)).toEqual(['unsigned']);
    expect(await project.try(byForge, { edit: 'x' })).toEqual(['forge-not-allowed']);
    expect(await project.try(byBob)).toEqual(['role-not-allowed']);
    await project.git(['checkout', '-q', '-b', 'request']);
    await project.commit(byBob);
    const gate = ['gate', '--ref', 'refs/heads/main', '--base', 'main', '--head', 'request', '--as', 'merge'];
    const call = { cwd: project.clone, mayFail: true };
    const policy = ['--policy-ref', 'refs/remotes/origin/main'];
    expect((await world.signet([...gate, ...policy], call)).code).toBe(0);
    await project.commit(NOBODY);
    expect((await world.signet([...gate, ...policy], call)).code).not.toBe(0);
  });

  it('squashed merges, and dependabot', async () => {
    const project = await start('squash');
    const byForge = { options: forge.options, env: forge.env };
    const author = (name: string) => `--author=A <${name}@users.noreply.github.com>`;
    expect(await project.try(byForge, { a: '1' }, author('49699333+dependabot[bot]'))).toEqual([]);
    expect(await project.try(byForge, { a: '2' }, author('1+alice'))).toEqual([]);
    expect(await project.try(byForge, { a: '3' }, author('2+mallory'))).toEqual(['forge-not-allowed']);
    const workflow = { '.github/workflows/ci.yml': 'x' };
    expect(await project.try(byForge, workflow, author('1+alice'))).toEqual(['forge-not-allowed']);
    expect(await project.try(await alice(), workflow)).toEqual([]);
    expect(await project.merge(await alice(), byForge)).toEqual(['forge-not-allowed']);
  });

  it('a bot that releases', async () => {
    const project = await start('bot');
    const bot = (owner: string, repository = 'acme/app', ref = 'refs/heads/main') =>
      as(
        `uri:https://github.com/acme/app/.github/workflows/release.yml@${ref}`,
        'github-actions',
        ...[`12=https://github.com/${repository}`, `17=${owner}`, '20=push', '11=github-hosted'].flatMap(
          (text) => ['--ext', text],
        ),
      );
    let version = 0;
    const release = async (by: By) => {
      version += 1;
      await project.git(['tag', '-s', '-m', 'release', `v${version}`], by);
      return project.push(`v${version}`);
    };
    expect(await release(await bot('5678'))).toEqual([]);
    expect(await release(await bot('9999'))).toEqual(['claim-mismatch']);
    expect(await release(await bot('5678', 'mallory/fork'))).toEqual(['claim-mismatch']);
    expect(await release(await bot('5678', 'acme/app', 'refs/pull/7/merge'))).toEqual([
      'identity-not-listed',
    ]);
    expect(await release(await alice())).toEqual(['role-not-allowed']);
    expect(await project.try(await bot('5678'))).toEqual(['role-not-allowed']);
    await project.commit(await alice());
    expect(await release(await bot('5678'))).toEqual(['tag-target']);
  });

  it('a past that nobody signed', async () => {
    const project = await start('past', async (one) => {
      await one.commit(NOBODY);
      await one.git(['branch', 'old']);
      await one.commit(NOBODY);
    });
    expect(await project.try(await bob())).toEqual([]);
    expect(await project.try(NOBODY)).toEqual(['unsigned']);
    const introduction = await project.git(['rev-parse', 'main~1']);
    // The branch from before: its own unsigned commits are not those of the introduction.
    await project.git(['checkout', '-q', 'old']);
    await project.commit(NOBODY);
    expect(await project.push('old')).toEqual(['unsigned']);
    await project.git(['checkout', '-q', 'main']);
    const trust = ['policy', 'trust', introduction, '--ref', 'refs/remotes/origin/main', '--yes'];
    await world.signet(trust, { cwd: project.clone });
    expect((await world.signet(['verify', `${introduction}..`], { cwd: project.clone })).code).toBe(0);
    const past = await world.signet(['verify', `${introduction}~1`], { cwd: project.clone, mayFail: true });
    expect(past.code).toBe(3);
  });

  it('a key, and a person, that leave', async () => {
    const project = await start('leaving', undefined, (text) => text.replace(/ssh-ed25519 [^"]*/, key.line));
    const at = (time: string) => ['--time', time];
    expect(await project.try(await bob(...at('2026-06-29T23:59:59Z')))).toEqual([]);
    expect(await project.try(await bob(...at('2026-06-30T00:00:00Z')))).toEqual(['expired']);
    const carol = (time: string) => as('email:carol@example.com', 'github', ...at(time));
    expect(await project.try(await carol('2026-08-31T23:59:59Z'))).toEqual([]);
    expect(await project.try(await carol('2026-09-01T00:00:00Z'))).toEqual(['revoked']);
    expect(await project.try(key)).toEqual(['expired']);
    const dated = { GIT_COMMITTER_DATE: '2025-01-01T00:00:00Z', GIT_AUTHOR_DATE: '2025-01-01T00:00:00Z' };
    expect(await project.try({ ...key, env: dated })).toEqual(['expired']);
    const longer = (RECIPES.get('leaving') ?? '')
      .replace('version = 1', `version = 1\ninstance = ["${instance}"]`)
      .replace(/ssh-ed25519 [^"]*/, key.line)
      .replace('2026-01-01', '2099-01-01');
    expect(await project.try(await alice(), { '.signet.toml': longer })).toEqual([]);
    expect(await project.try(key)).toEqual([]);
  });
});
