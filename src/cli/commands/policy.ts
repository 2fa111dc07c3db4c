/** `git-signet policy`: who may sign what, in a file of the repository. */
import type { Argv } from 'yargs';
import type { CommandContext } from '../commandLine.ts';
import { policyCheckCommand } from './policyCheck.ts';
import { policyShowCommand, policyTrustCommand, policyUpdateCommand } from './policyTrust.ts';

const FORMAT = {
  choices: ['text', 'json'],
  default: 'text',
  describe: 'for people or for programs',
} as const;

export function addPolicyCommand(parser: Argv, context: CommandContext): Argv {
  return parser.command('policy', 'who may sign what, in a file of the repository', (y) =>
    addShow(addUpdate(addTrust(addCheck(y, context), context), context), context).demandCommand(
      1,
      'Name one: check, trust, update or show.',
    ),
  );
}

function addCheck(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'check [file]',
    'what is wrong with a policy file, and what is doubtful',
    (y) =>
      y
        .positional('file', { type: 'string', describe: 'default: .signet.toml of this work tree' })
        .option('format', FORMAT),
    (args) => run(() => policyCheckCommand(env, args)),
  );
}

function addTrust(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'trust <introduction>',
    'begin to believe the policy in this clone, from a commit on',
    (y) =>
      y
        .positional('introduction', {
          type: 'string',
          demandOption: true,
          describe: 'id of a commit that you know',
        })
        .option('ref', {
          type: 'string',
          describe: 'where it is read from (default: what origin/HEAD leads to)',
        })
        .option('yes', { type: 'boolean', default: false, describe: 'do not ask' }),
    (args) => run(() => policyTrustCommand(env, args)),
  );
}

function addUpdate(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'update',
    'follow its changes by editors, up to what was fetched',
    (y) => y,
    () => run(() => policyUpdateCommand(env)),
  );
}

function addShow(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'show',
    'who may sign here, and who says so',
    (y) => y,
    () => run(() => policyShowCommand(env)),
  );
}
