/** Settings of our own, and the keychain. */
import { createHash, randomUUID } from 'node:crypto';
import { parseConfig } from '../../adapters/config.ts';
import { parseGateSettings } from '../../adapters/gate/gateSettings.ts';
import { servicesOfGitsign } from '../../adapters/gitsignServices.ts';
import { parseInstance } from '../../adapters/instance.ts';
import { adviceWithoutKeychain } from '../../adapters/keychain/advice.ts';
import { openCredentialStore } from '../../adapters/keychain/openCredentialStore.ts';
import type { Settings } from '../../adapters/settings.ts';
import { withServices } from '../../adapters/trust/services.ts';
import { SETTINGS } from '../commands/config.ts';
import { quoteForShell } from '../quoteForShell.ts';
import { type Finding, ok, warn } from './finding.ts';

/** Throws SignetError `config` for the first that is not valid. */
export async function examineSettings(settings: Settings): Promise<readonly Finding[]> {
  parseConfig(settings);
  parseGateSettings(settings);
  const all = await withServices(settings);
  const { warnings } = parseInstance(all);
  const known: ReadonlySet<string> = new Set(SETTINGS.map(({ key }) => key.toLowerCase()));
  const mine = [...settings.git.keys()].filter((key) => key.startsWith('signet.'));
  const unknown = mine.filter((key) => !known.has(key));
  const doubts = [
    ...warnings.map((text) => warn('settings', text, 'See git-signet config')),
    ...unknown.map((key) => warn('settings', `${key} is no setting of git-signet.`, 'See git-signet config')),
    ...servicesOfGitsign(all).map(({ key, ours, value }) =>
      warn(
        'settings',
        `${key} is gitsign's, and not read here.`,
        `Run git config ${ours} ${quoteForShell(value)}`,
      ),
    ),
  ];
  if (doubts.length > 0) return doubts;
  return [ok('settings', mine.length === 0 ? 'all as they come' : `${mine.length} made here, all valid`)];
}

/** By keeping something there for a moment. */
export async function examineKeychain(env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const token = ['SIGNET_ID_TOKEN', 'SIGSTORE_ID_TOKEN'].find((name) => env[name]?.trim());
  const store = await openCredentialStore(env);
  const [first = '', ...others] = adviceWithoutKeychain().split('\n');
  const remedy = others[0]?.trim() ?? 'Run git-signet login --hold';
  if (store === undefined) {
    if (token !== undefined) return [ok('keychain', `none, and none needed: ${token} is set`)];
    return [warn('keychain', first.replace(/ Remed.*$/, ''), remedy)];
  }
  const key = createHash('sha256').update(`doctor ${randomUUID()}`).digest('hex');
  try {
    const secret = Buffer.from('probe');
    await store.set(key, secret, new Date(Date.now() + 60_000));
    const kept = await store.get(key);
    await store.delete(key);
    if (kept !== undefined && Buffer.compare(kept, secret) === 0) return [ok('keychain', store.name)];
  } catch {
    // said below
  }
  return [warn('keychain', `${store.name} does not keep what it is given.`, remedy)];
}
