import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type Outcome, type RunOptions, run } from '../run.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** A person's whole surroundings: an empty home, a sandbox of their own, a repository that uses it. */
export interface World {
  readonly folder: string;
  readonly home: string;
  readonly repo: string;
  readonly env: NodeJS.ProcessEnv;
  readonly issuer: string;
  readonly sandboxUrl: string;
  /** Runs git in the repository; throws on failure unless `mayFail`. */
  git(args: readonly string[], options?: RunOptions & { mayFail?: boolean }): Promise<Outcome>;
  signet(args: readonly string[], options?: RunOptions & { mayFail?: boolean }): Promise<Outcome>;
  /** An ID token of the sandbox's provider for this address. */
  idToken(email: string): Promise<string>;
  setFaults(faults: unknown): Promise<void>;
  close(): Promise<void>;
}

/** Environment of a child: nothing of this machine's person but PATH, with `git-signet` on it. */
export function cleanEnvironment(folder: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(join(ROOT, 'bin/git-signet.cjs'), join(bin, 'git-signet'));
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  return {
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    HOME: home,
    XDG_RUNTIME_DIR: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    BROWSER: 'none',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
}

/** Builds a world. Its folder goes when it is closed. */
export async function makeWorld(options: { objectFormat?: 'sha1' | 'sha256' } = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-e2e-'));
  const env = cleanEnvironment(folder);
  const home = join(folder, 'home');
  const repo = join(folder, 'repo');
  const state = join(folder, 'sandbox');
  const go = async (
    program: string,
    args: readonly string[],
    o: RunOptions & { mayFail?: boolean } = {},
  ): Promise<Outcome> => {
    const outcome = await run(program, args, { cwd: repo, ...o, env: { ...env, ...o.env } });
    if (outcome.code === 0 || o.mayFail) return outcome;
    throw new Error(
      `${program} ${args.join(' ')} ended with ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`,
    );
  };
  const signet = (args: readonly string[], o?: RunOptions & { mayFail?: boolean }) =>
    go(process.execPath, [join(ROOT, 'bin/git-signet.cjs'), ...args], o);
  const git = (args: readonly string[], o?: RunOptions & { mayFail?: boolean }) => go('git', args, o);

  await run('git', ['init', '-q', '-b', 'main', `--object-format=${options.objectFormat ?? 'sha1'}`, repo], {
    env,
  });
  await git(['config', 'user.name', 'Alice']);
  await git(['config', 'user.email', 'alice@example.com']);
  await signet(['sandbox', 'start', '--state', state]);
  const status = JSON.parse((await signet(['sandbox', 'status', '--state', state, '--json'])).stdout);
  const config = JSON.parse((await signet(['sandbox', 'env', '--state', state, '--json'])).stdout) as Record<
    string,
    string
  >;
  for (const [key, value] of Object.entries(config)) await git(['config', '--local', key, value]);

  const post = async (path: string, body: unknown): Promise<unknown> => {
    const answer = await fetch(new URL(path, `${status.url}/`), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    folder,
    home,
    repo,
    env,
    git,
    signet,
    issuer: status.issuer,
    sandboxUrl: status.url,
    idToken: async (email) =>
      ((await post('oidc/sandbox/token', { email })) as { id_token: string }).id_token,
    setFaults: async (faults) => {
      await post('sandbox/faults', faults);
    },
    close: async () => {
      await signet(['sandbox', 'stop', '--state', state], { mayFail: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The raw bytes of an object, as git stores it. */
export async function readObject(world: World, rev: string, kind: string): Promise<string> {
  return (await world.git(['cat-file', kind, rev])).stdout;
}

export function readRootFile(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}
