/** `git-signet logout`: forgets the credential of the configured instance, and ends a holding process. */

import type { Argv } from 'yargs';
import { parseInstance } from '../../adapters/instance.ts';
import { stopHold } from '../../adapters/keychain/holdClient.ts';
import { openCredentialStore } from '../../adapters/keychain/openCredentialStore.ts';
import { readSettings } from '../../adapters/settings.ts';
import { withServices } from '../../adapters/trust/services.ts';
import { credentialKey } from '../../app/credentialCache.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import type { Instance } from '../../ports.ts';
import type { CommandContext } from '../commandLine.ts';
import { readIdToken } from '../credential.ts';
import { print } from '../print.ts';

export function addLogoutCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'logout',
    'forget the login, and end a --hold process',
    (y) => y,
    () => run(() => logoutCommand(env)),
  );
}

async function logoutCommand(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const { instance } = parseInstance(await withServices(readSettings(env)));
  // First, since it stands before the keychain while it runs, which may keep an older credential.
  await stopHold(env);
  const store = await openCredentialStore(env);
  try {
    for (const key of keysOf(instance, env)) await store?.delete(key);
  } catch (error) {
    const what = `The ${store?.name} does not let go of the credential.`;
    throw new SignetError(
      'config',
      what,
      'It ends by itself within ten minutes; or remove it by hand.',
      error,
    );
  }
  print([`Logged out of ${instance.fulcioUrl}. What was signed stays signed.`]);
  return EXIT.good;
}

/** A credential that was got with an ID token is an item of its own: of those, the one of the token at hand. */
function keysOf(instance: Instance, env: NodeJS.ProcessEnv): readonly string[] {
  const own = credentialKey(instance);
  try {
    const idToken = readIdToken(env);
    return idToken === undefined ? [own] : [own, credentialKey(instance, idToken)];
  } catch {
    // Nothing was ever kept of a token that cannot be read, and nobody stays logged in because of it.
    return [own];
  }
}
