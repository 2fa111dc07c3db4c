/** `git-signet login`: a credential for the next commits. */

import { startHold } from '../../adapters/keychain/startHold.ts';
import { loadConfig } from '../../adapters/loadConfig.ts';
import { loadTrust } from '../../adapters/trust/loadTrust.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import { findCredential, prepareCredential } from '../credential.ts';
import { newCredential } from '../newCredential.ts';
import { print } from '../print.ts';
import { describeSignerState } from './status.ts';

export interface LoginArguments {
  readonly hold: boolean;
  readonly device: boolean;
}

export async function loginCommand(env: NodeJS.ProcessEnv, args: LoginArguments): Promise<ExitCode> {
  const config = loadConfig(env);
  const trust = loadTrust(config.trustedRootPath);
  const prepared = await prepareCredential(env, config, trust);
  const store = args.hold ? await startHold(process.argv[1] ?? '', env) : prepared.store;
  if (store === undefined) throw nowhereToKeep();
  const wanted = { ...prepared, store };
  const credential =
    (await findCredential(wanted)) ??
    (await newCredential(wanted, { method: args.device ? 'device' : 'browser' }));
  print(describeSignerState(credential, store.name, trust.sandbox));
  return EXIT.good;
}

function nowhereToKeep(): SignetError {
  return new SignetError(
    'config',
    'There is no keychain here in which a login could be kept.',
    'Run git-signet login --hold: a process keeps it in memory until it ends.',
  );
}
