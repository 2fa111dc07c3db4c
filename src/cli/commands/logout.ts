/** `git-signet logout`: forgets the credential of the configured instance, and ends a holding process. */

import type { Argv } from 'yargs';
import { stopHold } from '../../adapters/keychain/holdClient.ts';
import { loadConfig } from '../../adapters/loadConfig.ts';
import { loadTrust } from '../../adapters/trust/loadTrust.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { prepareCredential } from '../credential.ts';
import { print } from '../print.ts';

export function addLogoutCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'logout',
    'forget the credential',
    (y) => y,
    () => run(() => logoutCommand(env)),
  );
}

export async function logoutCommand(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const config = loadConfig(env);
  const { store, key } = await prepareCredential(env, config, loadTrust(config.trustedRootPath));
  await store?.delete(key);
  await stopHold(env);
  print(['Logged out: no credential is kept any more. What was signed stays signed.']);
  return EXIT.good;
}
