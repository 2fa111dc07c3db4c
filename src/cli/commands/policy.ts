/** `git-signet policy`: who may sign what, in a file of the repository. */
import type { Argv } from 'yargs';
import type { CommandContext } from '../commandLine.ts';
import { policyCheckCommand } from './policyCheck.ts';
import { policyAddCommand, policyRemoveCommand } from './policyEdit.ts';
import { policyExplainCommand, policyExportCommand } from './policyExplain.ts';
import { policyInitCommand } from './policyInit.ts';
import { policyShowCommand, policyTrustCommand, policyUpdateCommand } from './policyTrust.ts';

const FORMAT = {
  choices: ['text', 'json'],
  default: 'text',
  describe: 'for people or for programs',
} as const;

export function addPolicyCommand(parser: Argv, context: CommandContext): Argv {
  return parser.command('policy', 'who may sign what, in a file of the repository', (y) =>
    [addInit, addCheck, addAdd, addRemove, addTrust, addUpdate, addShow, addExplain, addExport]
      .reduce((base, add) => add(base, context), y)
      .demandCommand(1, 'Name one: init, check, add, remove, trust, update, show, explain or export.'),
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
          describe:
            'where it is read from (default: origin/HEAD, else the only remote main or master, else the upstream)',
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

function addInit(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'init',
    'write a first policy file, from the history',
    (y) => y.option('email', { type: 'string', describe: 'address you log in with (default: user.email)' }),
    (args) => run(() => policyInitCommand(env, args)),
  );
}

function addAdd(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'add <name>',
    'add a signer to the file of this work tree',
    (y) =>
      y
        .positional('name', { type: 'string', demandOption: true, describe: 'as rules will name them' })
        .option('email', { type: 'string', describe: 'address they log in with' })
        .option('uri', { type: 'string', describe: 'URI in their certificates' })
        .option('workflow', {
          type: 'string',
          describe: 'owner/repository/.github/workflows/x.yml@refs/heads/main',
        })
        .option('ssh', { type: 'string', describe: 'line of a public key file' })
        .option('issuer', { type: 'string', describe: 'who vouches for them: github, google, a URL' }),
    (args) => run(() => policyAddCommand(env, args)),
  );
}

function addRemove(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'remove <name>',
    'take a signer out of the file of this work tree',
    (y) => y.positional('name', { type: 'string', demandOption: true }),
    (args) => run(() => policyRemoveCommand(env, args)),
  );
}

function addExplain(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'explain <rev>',
    'what each rule says of a commit, and what follows',
    (y) =>
      y
        .positional('rev', { type: 'string', demandOption: true })
        .option('ref', {
          type: 'string',
          describe: 'full name of a ref (default: the branch that is checked out)',
        })
        .option('policy', {
          type: 'string',
          describe: 'a file to try, such as .signet.toml, in place of what git goes by',
        }),
    (args) => run(() => policyExplainCommand(env, args)),
  );
}

function addExport(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'export',
    'signers for other programs',
    (y) =>
      y.option('allowed-signers', {
        type: 'boolean',
        demandOption: true,
        describe: "SSH keys, for git's gpg.ssh.allowedSignersFile",
      }),
    () => run(() => policyExportCommand(env)),
  );
}
