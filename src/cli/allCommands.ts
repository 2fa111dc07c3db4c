/** All commands and their options. */
import yargs, { type Argv } from 'yargs';
import { EXIT, SignetError } from '../errors.ts';
import type { CommandContext } from './commandLine.ts';
import { VERSION } from './version.ts';
import { terminalWidth } from './wrap.ts';

const ABOUT =
  '$0 COMMAND\n\nSigns git commits and tags with your login instead of a long-lived key, and verifies them.';

const EPILOGUE = `git starts this program by itself once it is set up: git-signet setup
Exit codes: 0 good, 1 no, 2 usage or settings, 3 cannot be judged, 4 login, 5 a service, 6 no trusted root, 70 a bug.`;

type AddCommand = (parser: Argv, context: CommandContext) => Argv;

/** Each is a bundle of its own, in the order in which help names them: all of them together take 10 ms to load. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  setup: async () => (await import('./commands/setup.ts')).addSetupCommand,
  login: async () => (await import('./commands/login.ts')).addLoginCommand,
  logout: async () => (await import('./commands/logout.ts')).addLogoutCommand,
  status: async () => (await import('./commands/status.ts')).addStatusCommand,
  config: async () => (await import('./commands/config.ts')).addConfigCommand,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
  trust: async () => (await import('./commands/trust.ts')).addTrustCommand,
  verify: async () => (await import('./commands/verify.ts')).addVerifyCommand,
  policy: async () => (await import('./commands/policy.ts')).addPolicyCommand,
  log: async () => (await import('./commands/log.ts')).addLogCommand,
  report: async () => (await import('./commands/report.ts')).addReportCommand,
  prove: async () => (await import('./commands/prove.ts')).addProveCommand,
  bundle: async () => (await import('./commands/bundle.ts')).addBundleCommand,
  gate: async () => (await import('./commands/gate.ts')).addGateCommand,
  hook: async () => (await import('./commands/hook.ts')).addHookCommand,
  sandbox: async () => (await import('./commands/sandbox.ts')).addSandboxCommand,
  'hold-agent': async () => (await import('./commands/holdAgent.ts')).addHoldAgentCommand,
};

/** Runs one of them; returns its exit code. Throws SignetError. */
export async function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const run: CommandContext['run'] = (command) => {
    throw new Chosen(command);
  };
  const parser = (await commandsOf(argv)).reduce(
    (base, add) => add(base, { env, argv, run }),
    baseParser(argv),
  );
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

/** The command that is named, where the first word is one; for help, and for what is wrong, yargs needs to know them all. */
function commandsOf([first = '']: readonly string[]): Promise<AddCommand[]> {
  const name = first === 'verify-tag' ? 'verify' : first;
  const one = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const wanted = first === '--version' ? [] : one === undefined ? Object.values(COMMANDS) : [one];
  return Promise.all(wanted.map((load) => load()));
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
    .recommendCommands()
    .version(VERSION)
    .alias('h', 'help')
    .epilogue(EPILOGUE)
    .wrap(Math.min(100, terminalWidth() ?? 100))
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
  const likely = oneLine.startsWith('Did you mean') ? argv.slice(GROUPS.includes(argv[0] ?? '') ? 1 : 0) : [];
  const unknown = /^Unknown commands?: (.*)$/.exec(oneLine)?.[1]?.split(', ') ?? likely;
  const [first, second] = argv.map((word) =>
    /^[a-z][a-z-]*$/.test(word) && !unknown.includes(word) ? word : undefined,
  );
  const words = ['git-signet', first, first && GROUPS.includes(first) ? second : undefined];
  const help = [...words, '--help'].filter((word) => word !== undefined).join(' ');
  return new SignetError('usage', inOurWords(oneLine), `Run ${help} to see what it can do.`);
}

/** yargs calls options, values and words alike arguments, and counts those that nobody else has a name for. */
function inOurWords(message: string): string {
  if (message.startsWith('Not enough non-option arguments')) return 'Something is missing after the command.';
  for (const [pattern, say] of SAYINGS) {
    const [, first, ...more] = pattern.exec(message) ?? [];
    if (first !== undefined) return say(first, ...more);
  }
  return message;
}

const SAYINGS: readonly (readonly [RegExp, (...said: string[]) => string])[] = [
  [/^Not enough arguments following: (\S+)$/, (name) => `The option ${asTyped(name)} needs a value.`],
  [/^Missing required arguments?: (.*)$/, (names) => `This command needs ${asTyped(names)}.`],
  [/^Unknown arguments?: (.*)$/, (names) => `There is no ${asTyped(names)} here.`],
  [/^Did you mean (\S+)\?$/, (name) => `There is no such command; did you mean ${name}?`],
  [
    /^Invalid values: Argument: (\S+), Given: (.*), Choices: (.*)$/,
    (name = '', given, choices) => `${asTyped(name)} is ${given}, but can only be one of ${choices}.`,
  ],
];

function asTyped(names = ''): string {
  return names.replaceAll(/[^, ]+/g, (name) => (name.length === 1 ? `-${name}` : `--${name}`));
}
