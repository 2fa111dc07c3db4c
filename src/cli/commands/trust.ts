/** `git-signet trust`: where the trusted root comes from, and whether it is up to date. */
import type { Argv } from 'yargs';
import { parseConfig } from '../../adapters/config.ts';
import { readSettings } from '../../adapters/settings.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { toWishes } from '../../adapters/trust/wishes.ts';
import type { CacheState } from '../../adapters/tuf/cache.ts';
import { toMirror } from '../../adapters/tuf/mirrors.ts';
import { updateMirror } from '../../adapters/tuf/refresh.ts';
import { TUF_PATIENCE } from '../../core/limits.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { print, printJson } from '../print.ts';
import { trustInitCommand } from './trustInit.ts';
import { trustShowCommand } from './trustShow.ts';

const FORMAT = {
  choices: ['text', 'json'],
  default: 'text',
  describe: 'for people or for programs',
} as const;

export function addTrustCommand(parser: Argv, context: CommandContext): Argv {
  return parser.command('trust', 'where the trusted root comes from, and how old it is', (y) =>
    addShow(addUpdate(addInit(y, context), context), context).demandCommand(
      1,
      'Name one: init, update or show.',
    ),
  );
}

function addInit(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'init',
    'begin to trust a TUF repository',
    (y) =>
      y
        .option('mirror', {
          type: 'string',
          describe: 'its address (default: TUF_MIRROR, else the public one)',
        })
        .option('root', { type: 'string', describe: 'its root.json, file or URL (default: TUF_ROOT_JSON)' })
        .option('root-sha256', { type: 'string', describe: 'what SHA-256 of that root must be' })
        .option('global', { type: 'boolean', describe: 'use it for all your repositories' })
        .option('local', { type: 'boolean', describe: 'use it for this repository' })
        .conflicts('global', 'local'),
    (args) => run(() => trustInitCommand(env, args)),
  );
}

function addUpdate(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'update',
    'fetch what is newer now',
    (y) =>
      y
        .option('mirror', { type: 'string', describe: 'another one than is used here' })
        .option('format', FORMAT),
    (args) => run(() => trustUpdateCommand(env, args)),
  );
}

function addShow(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'show',
    'which authorities and logs are trusted here, and why',
    (y) => y.option('format', FORMAT),
    (args) => run(() => trustShowCommand(env, args)),
  );
}

async function trustUpdateCommand(
  env: NodeJS.ProcessEnv,
  args: { readonly mirror?: string | undefined; readonly format: 'text' | 'json' },
): Promise<ExitCode> {
  const { trust } = parseConfig(readSettings(env));
  const mirror = args.mirror === undefined ? toWishes(trust).mirror : toMirror(args.mirror);
  const limits = { patience: TUF_PATIENCE, signal: new AbortController().signal };
  const state = await updateMirror(mirror, env, limits);
  if (args.format === 'json') printJson({ schema: 'git-signet/trust-update/v1', ...state });
  else {
    print(describeUpdate(state));
    if (trust.file !== undefined)
      print([`Note: signet.trustedRoot (${escapeForTerminal(trust.file)}) is what counts here.`]);
  }
  return EXIT.good;
}

/** Lines for a person, safe for a terminal. */
export function describeUpdate({ mirror, trustedRoot, expiresAt }: CacheState): readonly string[] {
  return [`Up to date: ${mirror}`, `Trusted root  SHA-256 ${trustedRoot}`, `Good until    ${expiresAt}`].map(
    escapeForTerminal,
  );
}
