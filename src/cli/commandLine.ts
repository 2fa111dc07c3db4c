/** The full command line: words in, one command called. Loaded only when git is not the caller. */
import yargs from 'yargs';
import { EXIT, type ExitCode, SignetError } from '../errors.ts';
import { configCommand } from './commands/config.ts';
import { loginCommand } from './commands/login.ts';
import { logoutCommand } from './commands/logout.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { setupCommand } from './commands/setup.ts';
import { statusCommand } from './commands/status.ts';
import { printError } from './printError.ts';
import { VERSION } from './version.ts';

const EPILOGUE = `git starts this program by itself once it is set up: git-signet setup
Exit codes: 0 good, 1 no, 2 usage or settings, 3 cannot be judged, 4 login, 5 a service, 6 no trusted root, 70 a bug.`;

/** Runs one command; returns its exit code. Never throws. */
export async function runCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const outcome: { exitCode: ExitCode } = { exitCode: EXIT.good };
  const run = (command: () => Promise<ExitCode>) => async (): Promise<void> => {
    outcome.exitCode = await command();
  };
  try {
    await parser(argv, env, run).parseAsync();
    return outcome.exitCode;
  } catch (error) {
    return printError(error);
  }
}

type Runner = (command: () => Promise<ExitCode>) => () => Promise<void>;

function parser(argv: readonly string[], env: NodeJS.ProcessEnv, run: Runner) {
  const json = { type: 'boolean', default: false, describe: 'print JSON' } as const;
  return yargs([...argv])
    .scriptName('git-signet')
    .usage(
      '$0 COMMAND\n\nSigns git commits and tags with your login instead of a long-lived key, and verifies them.',
    )
    .command(
      'setup',
      'make git sign with git-signet',
      (y) =>
        y
          .option('global', { type: 'boolean', default: false, describe: 'for all your repositories' })
          .option('sign', {
            type: 'boolean',
            default: true,
            describe: 'sign every commit and tag unasked (--no-sign: only with -S)',
          }),
      (args) => run(() => setupCommand(env, args))(),
    )
    .command(
      'login',
      'log in now, so that the next commits ask nothing',
      (y) =>
        y
          .option('device', {
            type: 'boolean',
            default: false,
            describe: 'type a code on any other device instead of opening a browser here',
          })
          .option('hold', {
            type: 'boolean',
            default: false,
            describe: 'where there is no keychain: keep the credential in a process until it ends',
          }),
      (args) => run(() => loginCommand(env, args))(),
    )
    .command(
      'logout',
      'forget the credential',
      (y) => y,
      () => run(() => logoutCommand(env))(),
    )
    .command(
      'status',
      'who you sign as, and for how long',
      (y) => y.option('json', json),
      (args) => run(() => statusCommand(env, args))(),
    )
    .command(
      'config',
      'all settings, and where each comes from',
      (y) => y.option('json', json),
      (args) => run(() => configCommand(env, args))(),
    )
    .command(sandboxCommand(env, run))
    .command(
      'hold-agent',
      false,
      (y) => y,
      () => run(() => import('./commands/holdAgent.ts').then((m) => m.holdAgent(env)))(),
    )
    .demandCommand(1, 'Name a command.')
    .strict()
    .version(VERSION)
    .alias('h', 'help')
    .epilogue(EPILOGUE)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message: string | null, error: unknown) => {
      throw (
        error ??
        new SignetError(
          'usage',
          message ?? 'That is no command.',
          'Run git-signet --help to see what it can do.',
        )
      );
    });
}
