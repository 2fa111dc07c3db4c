/** `git-signet sandbox`: a whole Sigstore on this machine, to try things out and for tests. */
import type { Argv } from 'yargs';
import { EXIT, SignetError } from '../../errors.ts';
import type { RekorVersion } from '../../sandbox/gitConfig.ts';
import type { SandboxState } from '../../sandbox/lifecycle.ts';
import type { CommandContext } from '../commandLine.ts';
import { ownName } from '../ownName.ts';
import { print, printJson, printText } from '../print.ts';
import { quoteForShell } from '../quoteForShell.ts';
import { addMintCommand } from './sandboxMint.ts';
import {
  commandOf,
  known,
  lifecycle,
  REKOR_VERSION_OPTION,
  runInside,
  type SandboxArguments,
  startIn,
  stateDirOf,
} from './sandboxRun.ts';

export function addSandboxCommand(parser: Argv, context: CommandContext): Argv {
  return parser.command('sandbox', 'a toy Sigstore on this machine, to try things out and for tests', (y) => {
    const withState = y.option('state', {
      type: 'string',
      describe: 'folder with its keys and its log',
      defaultDescription: '~/.local/state/git-signet/sandbox',
    });
    const commands = addUseCommands(addLifeCommands(withState, context), context);
    return addMintCommand(commands, context).demandCommand(1, 'Name what to do with the sandbox.');
  });
}

const JSON_OPTION = { type: 'boolean', default: false, describe: 'print JSON' } as const;
const PORT_OPTION = {
  type: 'number',
  describe: 'port of the first start, which it keeps [any free one]',
} as const;

/** `serve` is what `start` runs, and in no help. */
function addLifeCommands<T extends SandboxArguments>(parser: Argv<T>, { env, run }: CommandContext): Argv<T> {
  return parser
    .command(
      'start',
      'start it in the background',
      (s) => s.option('port', PORT_OPTION),
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
      (s) => s.option('json', JSON_OPTION),
      (a) => run(() => status(env, a)),
    )
    .command(
      'serve',
      false,
      (s) => s.option('port', PORT_OPTION).option('leashed', { type: 'boolean', default: false }),
      (a) => run(() => serve(env, a)),
    );
}

function addUseCommands<T extends SandboxArguments>(parser: Argv<T>, { env, run }: CommandContext): Argv<T> {
  return parser
    .command(
      'env',
      'print the git commands that make this repository use it; add: | sh',
      (s) => s.option('json', JSON_OPTION).option('rekor-version', REKOR_VERSION_OPTION),
      (a) => run(() => printEnv(env, a)),
    )
    .command(
      'run [command..]',
      'run a command whose git uses it, as in: sandbox run -- git commit -S',
      (s) =>
        s
          .positional('command', { type: 'string', array: true, defaultDescription: 'what follows --' })
          .option('rekor-version', REKOR_VERSION_OPTION),
      (a) => run(() => runInside(env, { ...a, command: commandOf(a) })),
    );
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
  const state = await startIn(stateDir, env, { port });
  if (port !== undefined && new URL(state.url).port !== String(port))
    throw new SignetError(
      'config',
      `The sandbox in ${stateDir} runs already, at ${state.url}, and never changes its port.`,
      'Leave the port out, or name another folder: --state',
    );
  const folder = args.state === undefined ? '' : ` --state ${quoteForShell(stateDir)}`;
  printText([
    `The sandbox runs at ${state.url} [sandbox]. It is a toy: it believes whatever address you type.`,
    ...placesOf(state),
    `To use it in a repository: git-signet sandbox env${folder} | sh`,
  ]);
  return EXIT.good;
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
    printText([
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

async function serve(
  env: NodeJS.ProcessEnv,
  args: SandboxArguments & { port: number | undefined; leashed: boolean },
): Promise<number> {
  const options = {
    stateDir: stateDirOf(env, args),
    leashed: args.leashed,
    ...(args.port === undefined ? {} : { port: args.port }),
  };
  await (await lifecycle()).serveUntilSignal(options);
  return EXIT.good;
}
