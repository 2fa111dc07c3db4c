import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { IdTokenOverrides } from '../../src/sandbox/idToken.ts';
import { visit } from '../login/person.ts';
import { fillLoginForm } from '../login/sandboxLogin.ts';
import {
  type Ended,
  eventually,
  type OnTerminal,
  type Process,
  processesAbout,
  type Running,
  type Start,
  start,
  startOnTerminal,
} from './process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const PROGRAM = join(ROOT, 'bin/git-signet.cjs');

export type Call = Start & { readonly mayFail?: boolean };

/** A person's whole surroundings: an empty home, a sandbox of their own, a repository that uses it. */
export interface World {
  readonly folder: string;
  readonly home: string;
  readonly repo: string;
  readonly env: NodeJS.ProcessEnv;
  readonly issuer: string;
  readonly sandboxUrl: string;
  /** A program for BROWSER: it notes the address it is given, and prints junk on both its streams. */
  readonly browser: string;
  /** Runs git in the repository, without a terminal; throws on failure unless `mayFail`. */
  git(args: readonly string[], options?: Call): Promise<Ended>;
  signet(args: readonly string[], options?: Call): Promise<Ended>;
  /** These or any other program, without waiting for the end. */
  begin(program: string, args: readonly string[], options?: Call): Running;
  beginOnTerminal(program: string, args: readonly string[], options?: Call): OnTerminal;
  /** Another repository that uses the sandbox. */
  makeRepo(name: string, objectFormat?: 'sha1' | 'sha256'): Promise<string>;
  /** An ID token of the sandbox's provider for this address. */
  idToken(email: string, overrides?: IdTokenOverrides): Promise<string>;
  setFaults(faults: readonly Fault[]): Promise<void>;
  /** How often the sandbox was asked, by `METHOD /path`. */
  requestCounts(): Promise<Readonly<Record<string, number>>>;
  /** The next address that `browser` was opened with; each is handed out once. */
  openedUrl(): Promise<string>;
  /** Logs in at each address that `browser` is opened with while the task runs; the number of logins. */
  loggingInAs(email: string, task: () => Promise<unknown>): Promise<number>;
  /** Logs out; a new hold process takes the place of the one that ended. */
  forgetCredentials(): Promise<void>;
  /** Ends all and removes all. Throws where a process of this world is left. */
  close(): Promise<void>;
}

/** Environment of a child: nothing of this machine's person but PATH, with `git-signet` on it. */
export function cleanEnvironment(folder: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(PROGRAM, join(bin, 'git-signet'));
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

export interface WorldOptions {
  readonly objectFormat?: 'sha1' | 'sha256';
  /** A hold process keeps the credentials, so nothing of the tests goes to this person's keychain. Default true. */
  readonly hold?: boolean;
}

/** Builds a world. Its folder goes when it is closed, or when the tests are broken off before that. */
export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-e2e-'));
  if (open.size === 0) {
    process.once('exit', abandonAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => process.exit(1));
  }
  open.add(folder);
  try {
    return await buildWorld(folder, options);
  } catch (error) {
    abandon(folder);
    throw error;
  }
}

/** Folders of the worlds that are not closed yet. */
const open = new Set<string>();

function abandonAll(): void {
  for (const folder of open) abandon(folder);
}

function abandon(folder: string): void {
  killAll(processesAbout(folder));
  rmSync(folder, { recursive: true, force: true });
  open.delete(folder);
}

async function buildWorld(
  folder: string,
  { objectFormat = 'sha1', hold = true }: WorldOptions,
): Promise<World> {
  const env = cleanEnvironment(folder);
  const home = join(folder, 'home');
  const repo = join(folder, 'repo');
  const state = join(folder, 'sandbox');
  const { browser, takeVisit } = makeBrowser(folder);
  const words = (program: string, args: readonly string[]): [string, ...string[]] =>
    program === 'signet' ? [process.execPath, PROGRAM, ...args] : [program, ...args];
  const settle = (o: Call = {}): Start => ({ cwd: repo, ...o, env: { ...env, ...o.env } });

  const begin: World['begin'] = (program, args, o) => {
    const [first, ...rest] = words(program, args);
    return start(first, rest, settle(o));
  };
  const go = async (program: string, args: readonly string[], o: Call = {}): Promise<Ended> => {
    const ended = await begin(program, args, o).ended;
    if (ended.code === 0 || o.mayFail) return ended;
    throw new Error(
      `${program} ${args.join(' ')} ended with ${ended.code}\n${ended.stdout}\n${ended.stderr}`,
    );
  };
  const git: World['git'] = (args, o) => go('git', args, o);
  const signet: World['signet'] = (args, o) => go('signet', args, o);

  mkdirSync(repo);
  await signet(['sandbox', 'start', '--state', state]);
  const json = async (what: string) =>
    JSON.parse((await signet(['sandbox', what, '--state', state, '--json'])).stdout) as Record<
      string,
      string
    >;
  const { url = '', issuer = '' } = await json('status');
  const config = await json('env');

  const makeRepo: World['makeRepo'] = async (name, format = 'sha1') => {
    const path = join(folder, name);
    await git(['init', '-q', '-b', 'main', `--object-format=${format}`, path]);
    const settings = { 'user.name': 'Alice', 'user.email': 'alice@example.com', ...config };
    for (const [key, value] of Object.entries(settings)) await git(['config', key, value], { cwd: path });
    return path;
  };
  const post = async (path: string, body: unknown): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const idToken: World['idToken'] = async (email, overrides = {}) =>
    ((await post('oidc/sandbox/token', { email, ...overrides })) as { id_token: string }).id_token;

  await makeRepo('repo', objectFormat);
  const keepInMemory = async (): Promise<void> => {
    if (!hold) return;
    // Under a name that no test signs with: whoever a test logs in as has no credential yet.
    await signet(['login', '--hold'], { env: { SIGSTORE_ID_TOKEN: await idToken('holder@example.com') } });
  };
  await keepInMemory();
  return {
    folder,
    home,
    repo,
    env,
    issuer,
    sandboxUrl: url,
    browser,
    git,
    signet,
    begin,
    beginOnTerminal: (program, args, o) => startOnTerminal(folder, words(program, args), settle(o)),
    makeRepo,
    idToken,
    setFaults: async (faults) => {
      await post('sandbox/faults', { faults });
    },
    requestCounts: async () =>
      (await fetch(`${url}/sandbox/requests`)).json() as Promise<Record<string, number>>,
    openedUrl: () => eventually('a browser was opened', takeVisit),
    loggingInAs: async (email, task) => {
      let over = false;
      let logins = 0;
      const ended = task().finally(() => {
        over = true;
      });
      ended.catch(() => {}); // awaited below, unless a login fails before
      while (!over) {
        const opened = takeVisit();
        if (opened === undefined) await new Promise((next) => setTimeout(next, 20));
        else {
          logins += 1;
          await visit(await fillLoginForm(await passWelcome(opened), email));
        }
      }
      await ended;
      return logins;
    },
    forgetCredentials: async () => {
      await signet(['logout']);
      await keepInMemory();
    },
    close: async () => {
      await signet(['logout'], { mayFail: true });
      await signet(['sandbox', 'stop', '--state', state], { mayFail: true });
      const left = await leftBehind(folder);
      abandon(folder);
      if (left.length > 0) throw new Error(`still running: ${left.map(({ argv }) => argv).join(', ')}`);
    },
  };
}

/** Before a first login without terminal the browser is shown what becomes public; a click leads on. */
export async function passWelcome(url: string): Promise<string> {
  if (!url.endsWith('/welcome')) return url;
  const { body } = await visit(url);
  const [, link] = /<a href="([^"]+)"/.exec(body) ?? [];
  if (link === undefined) throw new Error(`no link on the page: ${body}`);
  return link.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** Processes of a world that do not end by themselves within some seconds; they are ended then. */
export async function leftBehind(folder: string, patienceMs = 8_000): Promise<readonly Process[]> {
  try {
    await eventually('all have ended', () => processesAbout(folder).length === 0, patienceMs);
    return [];
  } catch {
    const left = processesAbout(folder);
    killAll(left);
    return left;
  }
}

function killAll(processes: readonly Process[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has just ended
    }
  }
}

/** A program that leaves each address in a file of its own; `takeVisit` reads and removes one. */
function makeBrowser(folder: string): { browser: string; takeVisit: () => string | undefined } {
  const browser = join(folder, 'bin', 'noting-browser');
  const visits = join(folder, 'visits');
  mkdirSync(visits);
  writeFileSync(
    browser,
    `#!/bin/sh
echo 'Opening in existing browser session.'
echo '[1234:5678] ERROR: GPU process is not usable' >&2
env > "${folder}/browser-environment"
printf %s "$1" > "${visits}/$$.new" && mv "${visits}/$$.new" "${visits}/$$.url"
`,
  );
  chmodSync(browser, 0o755);
  const takeVisit = (): string | undefined => {
    const [name] = readdirSync(visits).filter((file) => file.endsWith('.url'));
    if (name === undefined) return undefined;
    const url = readFileSync(join(visits, name), 'utf8');
    rmSync(join(visits, name));
    return url;
  };
  return { browser, takeVisit };
}
