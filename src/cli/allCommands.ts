/** All commands and their options. */
import yargs, { type Argv } from 'yargs';
import { EXIT, SignetError } from '../errors.ts';
import type { CommandContext } from './commandLine.ts';
import { addBundleCommand } from './commands/bundle.ts';
import { addConfigCommand } from './commands/config.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addGateCommand } from './commands/gate.ts';
import { addHoldAgentCommand } from './commands/holdAgent.ts';
import { addHookCommand } from './commands/hook.ts';
import { addLogCommand } from './commands/log.ts';
import { addLoginCommand } from './commands/login.ts';
import { addLogoutCommand } from './commands/logout.ts';
import { addPolicyCommand } from './commands/policy.ts';
import { addProveCommand } from './commands/prove.ts';
import { addReportCommand } from './commands/report.ts';
import { addSandboxCommand } from './commands/sandbox.ts';
import { addSetupCommand } from './commands/setup.ts';
import { addStatusCommand } from './commands/status.ts';
import { addTrustCommand } from './commands/trust.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { VERSION } from './version.ts';

const ABOUT =
  '$0 COMMAND\n\nSigns git commits and tags with your login instead of a long-lived key, and verifies them.';

const EPILOGUE = `git starts this program by itself once it is set up: git-signet setup
Exit codes: 0 good, 1 no, 2 usage or settings, 3 cannot be judged, 4 login, 5 a service, 6 no trusted root, 70 a bug.`;

const COMMANDS = [
  addSetupCommand,
  addLoginCommand,
  addLogoutCommand,
  addStatusCommand,
  addConfigCommand,
  addDoctorCommand,
  addTrustCommand,
  addVerifyCommand,
  addPolicyCommand,
  addLogCommand,
  addReportCommand,
  addProveCommand,
  addBundleCommand,
  addGateCommand,
  addHookCommand,
  addSandboxCommand,
  addHoldAgentCommand,
];

/** Runs one of them; returns its exit code. Throws SignetError. */
export async function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const run: CommandContext['run'] = (command) => {
    throw new Chosen(command);
  };
  const parser = COMMANDS.reduce((base, add) => add(base, { env, argv, run }), baseParser(argv));
  if (argv.length === 0) {
    parser.showHelp('error');
    return EXIT.usage;
  }
  try {
    await parser.parseAsync();
    return EXIT.good;
  } catch (error) {
    if (!(error instanceof Chosen)) throw error;
    return error.command();
  }
}

/** Thrown by a handler to get out of yargs, which would make the whole help next, for nobody: 30 ms. */
class Chosen {
  readonly command: () => Promise<number>;

  constructor(command: () => Promise<number>) {
    this.command = command;
  }
}

function baseParser(argv: readonly string[]): Argv {
  return yargs([...argv])
    .scriptName('git-signet')
    .usage(ABOUT)
    .parserConfiguration({ 'populate--': true })
    .demandCommand(1, 'Name a command.')
    .strictCommands()
    .strict()
    .version(VERSION)
    .alias('h', 'help')
    .epilogue(EPILOGUE)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message: string | null, error: unknown) => {
      if (error && !isWrongUse(error)) throw error;
      throw usage(isWrongUse(error) ? error.message : (message ?? 'That is no command.'), argv);
    });
}

/** yargs says most of what is wrong as a message, and an option without its value as an error of its own. */
function isWrongUse(error: unknown): error is Error {
  return error instanceof Error && error.name === 'YError';
}

/** Commands that have commands of their own. */
const GROUPS = ['hook', 'policy', 'sandbox', 'trust'];

function usage(message: string, argv: readonly string[]): SignetError {
  const oneLine = message.replaceAll(/\s*\n\s*/g, ' ');
  const unknown = /^Unknown commands?: (.*)$/.exec(oneLine)?.[1]?.split(', ') ?? [];
  const [first, second] = argv.map((word) =>
    /^[a-z][a-z-]*$/.test(word) && !unknown.includes(word) ? word : undefined,
  );
  const words = ['git-signet', first, first && GROUPS.includes(first) ? second : undefined];
  const help = [...words, '--help'].filter((word) => word !== undefined).join(' ');
  return new SignetError('usage', inOurWords(oneLine), `Run ${help} to see what it can do.`);
}

/** yargs counts arguments that nobody else has a name for. */
function inOurWords(message: string): string {
  if (message.startsWith('Not enough non-option arguments')) return 'Something is missing after the command.';
  const option = /^Not enough arguments following: (\S+)$/.exec(message)?.[1];
  return option === undefined ? message : `The option --${option} needs a value.`;
}
