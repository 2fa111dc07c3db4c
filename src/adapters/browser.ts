import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, isAbsolute } from 'node:path';
import { childEnvironment } from './childEnvironment.ts';
import { findProgram, safeSearchPath, searchPathName } from './findProgram.ts';

/** Where nobody sits in front of a screen. `CI` is set by nearly all of them; these are the others. */
const CI_VARIABLES = ['TF_BUILD', 'JENKINS_URL', 'TEAMCITY_VERSION', 'CODEBUILD_BUILD_ID'];

/** An opener that finds no browser ends within this time; the person does not notice it. */
const EARLY_MS = 400;

/** Programs that open the person's browser on Linux and the BSDs. */
const OPENERS = ['xdg-open', 'x-www-browser'];

/**
 * Whether a browser that the person sees can be expected. A program named by BROWSER says so for itself
 * (`BROWSER=none` says no), also in CI; else it takes a graphical session of this machine.
 */
export function browserPossible(env: NodeJS.ProcessEnv): boolean {
  if (env['BROWSER'] === 'none') return false;
  if (browserProgram(env) !== undefined) return true;
  if (isCi(env)) return false;
  if (process.platform === 'darwin' || process.platform === 'win32') return !isSsh(env);
  if (isWsl(env) && !isSsh(env)) return true;
  return hasDisplay(env) && opener(env) !== undefined;
}

/**
 * Opens a http(s) URL in the person's browser and does not wait for it. The child has neither our stdin nor our
 * stdout or stderr, is detached, and gets no tokens and a PATH of safe folders only. False: none could be started.
 */
export async function openBrowser(url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (!/^https?:\/\//.test(url)) return false;
  const childEnv: NodeJS.ProcessEnv = childEnvironment(env);
  childEnv[searchPathName(env)] = safeSearchPath(env).join(delimiter);
  const program = browserProgram(env);
  if (program !== undefined) return startProgram(program, url, childEnv);
  try {
    return await startedWell(await withProcessEnvironment(childEnv, () => openWithLibrary(url, env)));
  } catch {
    return false;
  }
}

/** BROWSER as an absolute program or as a name on PATH; anything else (lists, `%s`) is left to xdg-open. */
function browserProgram(env: NodeJS.ProcessEnv): string | undefined {
  const value = env['BROWSER'] ?? '';
  return isAbsolute(value) ? value : findProgram(value, env);
}

function isCi(env: NodeJS.ProcessEnv): boolean {
  const ci = env['CI'] ?? '';
  return (ci !== '' && ci !== '0' && ci !== 'false') || CI_VARIABLES.some((name) => env[name]);
}

/** A browser would open on the screen of the other machine. */
function isSsh(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['SSH_CONNECTION'] || env['SSH_CLIENT'] || env['SSH_TTY']);
}

function isWsl(env: NodeJS.ProcessEnv): boolean {
  return process.platform === 'linux' && Boolean(env['WSL_DISTRO_NAME']);
}

function hasDisplay(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

function opener(env: NodeJS.ProcessEnv): string | undefined {
  for (const name of OPENERS) {
    const path = findProgram(name, env);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** The URL is the only argument; no shell sees it. */
function startProgram(program: string, url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return startedWell(spawn(program, [url], { env, stdio: 'ignore', detached: true, windowsHide: true }));
}

/** Whether an opener is still at it, or done, shortly after its start: one without a browser fails at once. */
function startedWell(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (well: boolean): void => {
      clearTimeout(timer);
      child.unref();
      resolve(well);
    };
    const timer = setTimeout(() => end(true), EARLY_MS);
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
  });
}

/**
 * The library knows the ways of macOS, Windows and WSL. Elsewhere it would look for a bare `xdg-open`, so it is
 * told the absolute path.
 */
async function openWithLibrary(url: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const { default: open } = await import('open');
  const elsewhere = process.platform !== 'darwin' && process.platform !== 'win32' && !isWsl(env);
  if (!elsewhere) return open(url);
  const program = opener(env);
  if (program === undefined) throw new Error('no program to open a browser with');
  return open(url, { app: { name: program } });
}

/** The library hands its child this process's environment and offers no other way, so it is exchanged meanwhile. */
async function withProcessEnvironment<T>(env: NodeJS.ProcessEnv, run: () => Promise<T>): Promise<T> {
  const before = process.env;
  process.env = env;
  try {
    return await run();
  } finally {
    process.env = before;
  }
}
