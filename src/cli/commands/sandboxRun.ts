/** Commands that see the sandbox, and what all of `git-signet sandbox` needs for them. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { childEnvironment } from '../../adapters/childEnvironment.ts';
import { findProgram } from '../../adapters/findProgram.ts';
import { makeFolder } from '../../adapters/makeFolder.ts';
import { stateFolder } from '../../adapters/stateFolder.ts';
import { SignetError } from '../../errors.ts';
import type { RekorVersion } from '../../sandbox/gitConfig.ts';
import type { SandboxState } from '../../sandbox/lifecycle.ts';
import { ownName, programFile } from '../ownName.ts';

export interface SandboxArguments {
  readonly state: string | undefined;
}

export const REKOR_VERSION_OPTION = {
  choices: [1, 2] as readonly RekorVersion[],
  default: 1 as RekorVersion,
  describe: 'log to sign with; 2 has a timestamp made as well',
} as const;

/** Its code is large and only loaded when asked for. */
export const lifecycle = () => import('../../sandbox/lifecycle.ts');

/** The folder of the sandbox: `--state`, else in the person's state folder. */
export function stateDirOf(env: NodeJS.ProcessEnv, { state }: SandboxArguments): string {
  return state === undefined ? join(stateFolder(env), 'sandbox') : resolve(state);
}

/** Starts the sandbox of the folder in the background; one that runs already is good too, though it may outlive us. */
export async function startIn(
  stateDir: string,
  env: NodeJS.ProcessEnv,
  { port, leashed = false }: { readonly port?: number | undefined; readonly leashed?: boolean } = {},
): Promise<SandboxState> {
  openFolder(stateDir);
  const args = [
    programFile(),
    'sandbox',
    'serve',
    '--state',
    stateDir,
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(leashed ? ['--leashed'] : []),
  ];
  return (await lifecycle()).startDetached(stateDir, { args, env: childEnvironment(env), leashed });
}

/** Before anything of Node's own tries for ever: see makeFolder. Throws `config`. */
export function openFolder(folder: string): void {
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new SignetError(
      'config',
      `The folder ${folder} cannot be made (${code}).`,
      'Set HOME or XDG_STATE_HOME to a folder of yours, or name another one.',
      error,
    );
  }
}

/** Throws `config` where there was never one. */
export async function known(stateDir: string): Promise<SandboxState> {
  const state = await (await lifecycle()).statusOf(stateDir);
  if (state !== undefined) return state;
  throw new SignetError('config', 'There is no sandbox yet.', 'Start one: git-signet sandbox start');
}

/** Words before and after `--` alike. */
export function commandOf(args: { readonly command?: readonly string[] | undefined }): readonly string[] {
  return [...(args.command ?? []), ...((args as { '--'?: string[] })['--'] ?? [])];
}

/** The command sees the sandbox through its environment, with this program for git; repositories stay as they are. */
export async function runInside(
  env: NodeJS.ProcessEnv,
  args: SandboxArguments & { command: readonly string[]; rekorVersion: RekorVersion },
  signerOf: (state: SandboxState) => Promise<string> = async () => ownName(env),
): Promise<number> {
  const [name, ...rest] = args.command;
  if (name === undefined)
    throw new SignetError('usage', 'No command was given.', 'As in: git-signet sandbox run -- git commit -S');
  const program = isAbsolute(name) ? name : name.includes('/') ? resolve(name) : findProgram(name, env);
  if (program === undefined)
    throw new SignetError('usage', `There is no program ${name} on the PATH.`, 'Check its name.');
  const { gitConfigOf } = await import('../../sandbox/gitConfig.ts');
  const stateDir = stateDirOf(env, args);
  const ranBefore = (await (await lifecycle()).statusOf(stateDir))?.pid !== undefined;
  const state = await startIn(stateDir, env, { leashed: true });
  try {
    const settings = gitConfigOf(state, await signerOf(state), args.rekorVersion);
    return await runChild(program, rest, { ...env, ...gitEnvironment(settings, env) });
  } finally {
    if (!ranBefore) await (await lifecycle()).stopDetached(stateDir);
  }
}

/** git-config(1): GIT_CONFIG_COUNT adds settings that win over every file. */
function gitEnvironment(
  settings: readonly (readonly [string, string])[],
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const first = Number(env['GIT_CONFIG_COUNT'] ?? '0') || 0;
  const entries = settings.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${first + i}`, key],
    [`GIT_CONFIG_VALUE_${first + i}`, value],
  ]);
  return { ...Object.fromEntries(entries), GIT_CONFIG_COUNT: String(first + settings.length) };
}

/**
 * As a shell does it: Ctrl-C reaches the command by itself, and a pager or an editor goes on after it; what only we are
 * told is passed on. A command that a signal ended counts as 128 and the signal's number.
 */
function runChild(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolveCode, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => {});
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolveCode(code ?? 128 + (signal ? constants.signals[signal] : 0)),
    );
  });
}
