/** What login and status begin with. */
import { parseConfig } from '../../adapters/config.ts';
import { readSettings } from '../../adapters/settings.ts';
import { openTrust } from '../../adapters/trust/loadTrust.ts';
import { prepareCredential, type Wanted } from '../credential.ts';

/** The settings, the trusted root and the place for credentials, as signing would see them. */
export async function prepare(env: NodeJS.ProcessEnv): Promise<Wanted> {
  const settings = readSettings(env);
  return prepareCredential(settings, await openTrust(parseConfig(settings).trust, env));
}
