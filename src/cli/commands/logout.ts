/** `git-signet logout`: forgets the credential of the configured instance, and ends a holding process. */

import type { Argv } from 'yargs';
import { stopHold } from '../../adapters/keychain/holdClient.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { print } from '../print.ts';
import { prepare } from './prepare.ts';

export function addLogoutCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'logout',
    'forget the login, and end a --hold process',
    (y) => y,
    () => run(() => logoutCommand(env)),
  );
}

export async function logoutCommand(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const { store, key } = await prepare(env);
  await store?.delete(key);
  await stopHold(env);
  print(['Logged out: no credential is kept any more. What was signed stays signed.']);
  return EXIT.good;
}
