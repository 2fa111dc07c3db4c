/** `git-signet sandbox`: a whole Sigstore on this machine, to try things out and for tests. */
import { spawn } from 'node:child_process';
import { isAbsolute, join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { childEnvironment } from '../../adapters/childEnvironment.ts';
import { findProgram } from '../../adapters/findProgram.ts';
import { stateFolder } from '../../adapters/stateFolder.ts';
import { EXIT, SignetError } from '../../errors.ts';
import type { RekorVersion } from '../../sandbox/gitConfig.ts';
import type { SandboxState } from '../../sandbox/lifecycle.ts';
import type { CommandContext } from '../commandLine.ts';
import { ownName, programFile } from '../ownName.ts';
import { print, printJson } from '../print.ts';

interface SandboxArguments {
  readonly state: string | undefined;
}

/** Its code is large and only loaded when asked for. */
const lifecycle = () => import('../../sandbox/lifecycle.ts');

export function addSandboxCommand(parser: Argv, { env, run }: CommandContext): Argv {
  const json = { type: 'boolean', default: false, describe: 'print JSON' } as const;
  const port = {
    type: 'number',
    describe: 'port of the first start, which it keeps [any free one]',
  } as const;
  const rekorVersion = {
    choices: [1, 2] as readonly RekorVersion[],
    default: 1 as RekorVersion,
    describe: 'log to sign with; 2 has a timestamp made as well',
  } as const;
  return parser.command('sandbox', 'a toy Sigstore on this machine, to try things out and for tests', (y) =>
    y
      .option('state', {
        type: 'string',
        describe: 'folder with its keys and its log',
        defaultDescription: '~/.local/state/git-signet/sandbox',
      })
      .command(
        'start',
        'start it in the background',
        (s) => s.option('port', port),
        (a) => run(() => start(env, a)),
      )
      .command(
        'stop',
        'end it; its keys and log stay for the next start',
        (s) => s,
        (a) => run(() => stop(env, a)),
      )
      .command(
        'status',
        'whether it runs, and where',
        (s) => s.option('json', json),
        (a) => run(() => status(env, a)),
      )
      .command(
        'env',
        'print the git commands that make this repository use it; add: | sh',
        (s) => s.option('json', json).option('rekor-version', rekorVersion),
        (a) => run(() => printEnv(env, a)),
      )
      .command(
        'run [command..]',
        'run a command whose git uses it, as in: sandbox run -- git commit -S',
        (s) => s.positional('command', { type: 'string', array: true }).option('rekor-version', rekorVersion),
        (a) =>
          run(() =>
            runInside(env, {
              ...a,
              command: [...(a.command ?? []), ...((a['--'] as string[] | undefined) ?? [])],
            }),
          ),
      )
      .command(
        'serve',
        false,
        (s) => s.option('port', port),
        (a) => run(() => serve(env, a)),
      )
      .demandCommand(1, 'Name what to do with the sandbox.'),
  );
}

/** The folder of the sandbox: `--state`, else in the person's state folder. */
function stateDirOf(env: NodeJS.ProcessEnv, { state }: SandboxArguments): string {
  return state === undefined ? join(stateFolder(env), 'sandbox') : resolve(state);
}

async function start(
  env: NodeJS.ProcessEnv,
  args: SandboxArguments & { port: number | undefined },
): Promise<number> {
  const { port } = args;
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new SignetError(
      'usage',
      '--port takes a whole number from 1 to 65535.',
      'Leave it out for a free one.',
    );
  const stateDir = stateDirOf(env, args);
  const state = await startIn(stateDir, env, port);
  if (port !== undefined && new URL(state.url).port !== String(port))
    throw new SignetError(
      'config',
      `The sandbox in ${stateDir} runs already, at ${state.url}, and never changes its port.`,
      'Leave the port out, or name another folder: --state',
    );
  const folder = args.state === undefined ? '' : ` --state ${quoteForShell(stateDir)}`;
  print([
    `The sandbox runs at ${state.url} [sandbox]. It is a toy: it believes whatever address you type.`,
    ...placesOf(state),
    `To use it in a repository: git-signet sandbox env${folder} | sh`,
  ]);
  return EXIT.good;
}

async function startIn(stateDir: string, env: NodeJS.ProcessEnv, port?: number): Promise<SandboxState> {
  const args = [
    programFile(),
    'sandbox',
    'serve',
    '--state',
    stateDir,
    ...(port === undefined ? [] : ['--port', String(port)]),
  ];
  return (await lifecycle()).startDetached(stateDir, { args, env: childEnvironment(env) });
}

async function stop(env: NodeJS.ProcessEnv, args: SandboxArguments): Promise<number> {
  const stopped = await (await lifecycle()).stopDetached(stateDirOf(env, args));
  print([stopped ? 'The sandbox ended. Its state stays, for the next start.' : 'No sandbox was running.']);
  return EXIT.good;
}

async function status(env: NodeJS.ProcessEnv, args: SandboxArguments & { json: boolean }): Promise<number> {
  const state = await (await lifecycle()).statusOf(stateDirOf(env, args));
  if (args.json)
    printJson(state === undefined ? { running: false } : { running: state.pid !== undefined, ...state });
  else if (state === undefined) print(['There is no sandbox yet. Start one: git-signet sandbox start']);
  else if (state.pid === undefined)
    print([`The sandbox ${state.url} [sandbox] does not run. Start it: git-signet sandbox start`]);
  else
    print([
      `The sandbox runs at ${state.url} [sandbox], process ${state.pid}, ${state.treeSize} + ${state.treeSizeV2} log entries.`,
      ...placesOf(state),
    ]);
  return EXIT.good;
}

/** What is not at the address itself. */
function placesOf(state: SandboxState): readonly string[] {
  return [
    `  Rekor v2    ${state.rekorV2Url}`,
    `  timestamps  ${state.timestampUrl}`,
    `  TUF mirror  ${state.tufUrl}`,
    `  its root    ${state.tufRootPath}`,
  ];
}

/** For `| sh`, or for programs as JSON. Only ever `--local`: elsewhere a toy would judge real work. */
async function printEnv(
  env: NodeJS.ProcessEnv,
  args: SandboxArguments & { json: boolean; rekorVersion: RekorVersion },
): Promise<number> {
  const { gitConfigOf } = await import('../../sandbox/gitConfig.ts');
  const settings = gitConfigOf(await known(stateDirOf(env, args)), ownName(env), args.rekorVersion);
  if (args.json) printJson(Object.fromEntries(settings));
  else print(settings.map(([key, value]) => `git config --local ${key} ${quoteForShell(value)}`));
  return EXIT.good;
}

/** The command sees the sandbox through its environment; repositories stay as they are. */
async function runInside(
  env: NodeJS.ProcessEnv,
  args: SandboxArguments & { command: readonly string[]; rekorVersion: RekorVersion },
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
  const settings = gitConfigOf(await startIn(stateDir, env), ownName(env), args.rekorVersion);
  try {
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

function runChild(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolveCode, reject) => {
    const child = spawn(program, args, { env, stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code) => resolveCode(code ?? EXIT.no));
  });
}

async function serve(
  env: NodeJS.ProcessEnv,
  args: SandboxArguments & { port: number | undefined },
): Promise<number> {
  const options = {
    stateDir: stateDirOf(env, args),
    ...(args.port === undefined ? {} : { port: args.port }),
  };
  await (await lifecycle()).serveUntilSignal(options);
  return EXIT.good;
}

async function known(stateDir: string): Promise<SandboxState> {
  const state = await (await lifecycle()).statusOf(stateDir);
  if (state !== undefined) return state;
  throw new SignetError('config', 'There is no sandbox yet.', 'Start one: git-signet sandbox start');
}

function quoteForShell(value: string): string {
  return /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
