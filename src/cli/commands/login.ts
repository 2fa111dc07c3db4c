/** `git-signet login`: a credential for the next commits. */

import type { Argv } from 'yargs';
import { startHold } from '../../adapters/keychain/startHold.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { findCredential } from '../credential.ts';
import { newCredential } from '../newCredential.ts';
import { programFile } from '../ownName.ts';
import { print } from '../print.ts';
import { prepare } from './prepare.ts';
import { describeSignerState } from './status.ts';

export function addLoginCommand(parser: Argv, { env, run }: CommandContext): Argv {
  const device = {
    type: 'boolean',
    default: false,
    describe: 'show a code to type into a browser on any other device',
  } as const;
  const hold = {
    type: 'boolean',
    default: false,
    describe: 'where there is no keychain: keep the credential in the memory of a background process',
  } as const;
  return parser.command(
    'login',
    'log in now, so that the next signatures ask nothing',
    (y) => y.option('device', device).option('hold', hold),
    (args) => run(() => loginCommand(env, args)),
  );
}

interface LoginArguments {
  readonly hold: boolean;
  readonly device: boolean;
}

async function loginCommand(env: NodeJS.ProcessEnv, args: LoginArguments): Promise<ExitCode> {
  const prepared = await prepare(env);
  const store = args.hold ? await startHold(programFile(), env) : prepared.store;
  if (store === undefined) throw nowhereToKeep();
  const wanted = { ...prepared, store };
  const credential =
    (await findCredential(wanted)) ??
    (await newCredential(wanted, { method: args.device ? 'device' : 'browser' }));
  if ((await findCredential(wanted)) === undefined) throw notKept(store.name);
  print(describeSignerState(credential, store.name, prepared.trust.sandbox));
  return EXIT.good;
}

/** As where the quota of the kernel's keyrings is used up. */
function notKept(where: string): SignetError {
  return new SignetError(
    'config',
    `You are logged in, but that could not be kept in: ${where}. The next signature would ask you again.`,
    'Make room there (git-signet doctor looks at it), or use git-signet login --hold: a background process keeps it in memory until it expires.',
  );
}

function nowhereToKeep(): SignetError {
  return new SignetError(
    'config',
    'There is no keychain here in which a login could be kept.',
    'Run git-signet login --hold: a background process keeps it in memory until it expires.',
  );
}
