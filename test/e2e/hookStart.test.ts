/** How the hook is started: the short way past the full command line, other object names, and forges by their environment. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { findProgram } from '../../src/adapters/findProgram.ts';
import { embed, NOW } from '../core/toySigstore.ts';
import {
  makeToyWorld,
  passes,
  pushFrom,
  reasonsIn,
  TEAM,
  type ToyServer,
  type ToyWorld,
} from './adversarial/toyServer.ts';
import { PROGRAM } from './world.ts';

let world: ToyWorld;
let server: ToyServer;
/** A commit that may come, and one on top of it that may not. */
let good: string;
let bad: string;
beforeAll(async () => {
  world = makeToyWorld();
  server = await world.makeServer(TEAM);
  good = await server.commit(world.alice);
  bad = await server.commit(undefined);
});
afterAll(() => world?.close());

describe('the short way', () => {
  const dist = join(PROGRAM, '../../dist');
  const inputsOf = (bundle: string): readonly string[] =>
    Object.keys(JSON.parse(readFileSync(join(dist, `meta/${bundle}.json`), 'utf8')).inputs);

  test('loads no package and not the other commands', () => {
    const packages = (bundle: string) => inputsOf(bundle).filter((path) => path.includes('node_modules'));
    expect(packages('cli-allCommands')).not.toEqual([]);
    for (const bundle of ['cli-commandLine', 'cli-preReceive']) {
      expect(packages(bundle)).toEqual([]);
      expect(inputsOf(bundle).filter((path) => path.includes('src/cli/commands/'))).toEqual([]);
    }
    expect(statSync(join(dist, 'cli-commandLine.cjs')).size).toBeLessThan(8_000);
  });

  const judge = async (words: readonly string[], oid: string) => {
    await server.onServer('fetch', '-q', server.clone, oid);
    const input = `${server.introduction} ${oid} refs/heads/main\n`;
    return world.signet(words, { cwd: server.bare, env: { GIT_DIR: '.' }, input, mayFail: true });
  };

  it('judges', async () => {
    expect((await judge(['hook', 'pre-receive'], good)).code).toBe(0);
    const { code, stderr } = await judge(['hook', 'pre-receive'], bad);
    expect([code, reasonsIn(stderr)]).toEqual([1, ['unsigned']]);
  });

  it.each([['x'], ['--force'], ['--ref=refs/heads/other'], ['']])(
    'refuses whatever it is given with the word %j',
    async (word) => {
      for (const words of [
        ['hook', 'pre-receive', word],
        ['hook', word, 'pre-receive'],
        [word, 'hook', 'pre-receive'],
      ]) {
        const { code, stdout } = await judge(words, good);
        expect([code, stdout], words.join(' ')).toEqual([2, '']);
      }
    },
  );
});

it('starts few processes, as many for ten commits as for one', async () => {
  const forge = await world.makeServer(TEAM);
  const folder = join(world.folder, 'counting');
  const counts = join(folder, 'counts');
  mkdirSync(folder);
  const git = findProgram('git', process.env) ?? '';
  writeFileSync(join(folder, 'git'), `#!/bin/sh\necho x >> '${counts}'\nexec '${git}' "$@"\n`, {
    mode: 0o755,
  });
  forge.setHook(`PATH="${folder}:$PATH" "$judge"`);
  const pushCommits = async (count: number): Promise<number> => {
    for (let made = 0; made < count; made += 1) await forge.commit(world.alice, { message: `${made}` });
    writeFileSync(counts, '');
    passes(await forge.push('main'));
    return readFileSync(counts, 'utf8').split('\n').length - 1;
  };
  const forOne = await pushCommits(1);
  expect(forOne).toBeGreaterThan(3);
  // Each takes about a tenth of what an empty program does: 4 of those are the budget of the whole hook.
  expect(forOne).toBeLessThanOrEqual(9);
  expect(await pushCommits(10)).toBe(forOne);
});

it('judges repositories whose objects are named by SHA-256', async () => {
  const [bare, clone] = [join(world.folder, 'long.git'), join(world.folder, 'long')];
  await world.git(['init', '-q', '--bare', '-b', 'main', '--object-format=sha256', bare]);
  await world.git(['init', '-q', '-b', 'main', '--object-format=sha256', clone]);
  const git = async (args: readonly string[], input: string | Uint8Array = ''): Promise<string> =>
    (await world.git(args, { cwd: clone, input })).stdout.trim();
  writeFileSync(join(clone, '.signet.toml'), world.policy(TEAM));
  await git(['add', '-A']);
  const tree = await git(['write-tree']);
  const person = `Alice <alice@example.com> ${NOW.getTime() / 1000} +0000`;
  const store = async (parents: readonly string[], isSigned: boolean): Promise<string> => {
    const lines = [`tree ${tree}`, ...parents.map((oid) => `parent ${oid}`)];
    const payload = Buffer.from([...lines, `author ${person}`, `committer ${person}`, '', 'x\n'].join('\n'));
    const raw = isSigned ? embed(payload, world.alice(payload, NOW), 'gpgsig-sha256') : payload;
    const oid = await git(['hash-object', '-t', 'commit', '-w', '--stdin'], raw);
    await git(['update-ref', 'refs/heads/main', oid]);
    return oid;
  };
  const introduction = await store([], false);
  await git(['remote', 'add', 'origin', `file://${bare}`]);
  await git(['push', '-q', 'origin', 'main']);
  await world.git(['config', 'signet.trustedRoot', join(world.folder, 'root.json')], { cwd: bare });
  await world.signet(['hook', 'install'], { cwd: bare });
  const signed = await store([introduction], true);
  const first = await pushFrom(world, { bare, clone }, ['main']);
  expect(first.code, first.stderr).toBe(0);
  await store([signed], false);
  const second = await pushFrom(world, { bare, clone }, ['main']);
  expect([second.code, second.reasons]).toEqual([1, ['unsigned']]);
});

describe('in a folder pre-receive.d', () => {
  /** What the docs say to put there. */
  const SCRIPT = '#!/bin/sh\nexec git-signet hook pre-receive\n';

  /** As forges do: each program of the folder gets the same lines, and the first that fails counts. */
  const delegate = (folder: string) =>
    `#!/bin/sh\nlines=$(cat)\nfor hook in ${folder}/*; do\n  printf '%s\\n' "$lines" | "$hook" || exit $?\ndone\n`;

  async function makeForge(folder: string): Promise<ToyServer> {
    const forge = await world.makeServer(TEAM);
    mkdirSync(join(forge.bare, folder), { recursive: true });
    writeFileSync(join(forge.bare, folder, 'git-signet'), SCRIPT, { mode: 0o755 });
    writeFileSync(join(forge.bare, 'hooks/judge'), delegate(folder), { mode: 0o755 });
    return forge;
  }

  it.each([
    ['GitLab', 'custom_hooks/pre-receive.d', { GL_ID: 'user-1', GL_USERNAME: 'mallory' }, 'GL-HOOK-ERR: '],
    ['Gitea or Forgejo', 'hooks/pre-receive.d', { GITEA_PUSHER_NAME: 'mallory', GITEA_REPO_ID: '1' }, ''],
  ])('of %s it judges, with summary lines for its users', async (_, folder, env, prefix) => {
    const forge = await makeForge(folder);
    await forge.commit(world.alice);
    const push = () => world.git(['push', 'origin', 'main'], { cwd: forge.clone, env, mayFail: true });
    expect((await push()).code).toBe(0);
    await forge.commit(undefined);
    const { code, stderr } = await push();
    expect([code, reasonsIn(stderr)]).toEqual([1, ['unsigned']]);
    const summaries = stderr.split('\n').filter((line) => line.includes('git-signet: '));
    const begins = `remote: ${prefix}git-signet: refs/heads/main REJECTED: 1 of 1 `;
    expect(summaries.map((line) => line.slice(0, begins.length))).toEqual([begins]);
  });
});

describe("on GitHub's own server", () => {
  /** Its git hangs for longer than that server lets a hook run. */
  const hangs = (seconds: number): string => {
    const folder = join(world.folder, `slow-${seconds}`);
    mkdirSync(folder, { recursive: true });
    const git = findProgram('git', process.env) ?? '';
    const script = `#!/bin/sh\ncase " $* " in *" rev-list "*) sleep ${seconds};; esac\nexec '${git}' "$@"\n`;
    writeFileSync(join(folder, 'git'), script, { mode: 0o755 });
    return `PATH="${folder}:$PATH" "$judge"`;
  };

  it.each([['GITHUB_VIA'], ['GITHUB_REPO_NAME']])(
    'it answers before its time is up, told by %s',
    async (name) => {
      const forge = await world.makeServer(TEAM);
      await forge.commit(world.alice);
      forge.setHook(`${name}=x ${hangs(8)}`);
      const late = await forge.push('main');
      expect([late.code, late.hookCode], late.stderr).toEqual([1, 3]);
      expect(late.stderr).toContain('could not be judged within 4 seconds');
    },
  );

  it('and elsewhere it waits', async () => {
    const forge = await world.makeServer(TEAM);
    await forge.commit(world.alice);
    forge.setHook(hangs(5));
    passes(await forge.push('main'));
  });

  it('a smaller signet.deadline holds there too', async () => {
    const forge = await world.makeServer(TEAM);
    await forge.commit(world.alice);
    await forge.onServer('config', 'signet.deadline', '1');
    forge.setHook(`GITHUB_VIA=x ${hangs(5)}`);
    expect((await forge.push('main')).stderr).toContain('could not be judged within 1 second');
  });
});
