/** gitsign's own settings of services. They are not read: whoever comes from there is told, before an address gets public elsewhere. */
import { INSTANCE_SETTINGS } from './instance.ts';
import { readText, type Settings } from './settings.ts';

export interface GitsignService {
  /** `gitsign.fulcio`; what its value is here would be called `ours`. */
  readonly key: string;
  readonly ours: string;
  /** Somebody's text: escape before printing. */
  readonly value: string;
}

const { fulcio, rekor, timestampServerUrl, issuer, clientId, redirectUrl, connectorId } = INSTANCE_SETTINGS;

/** Those that git's configuration has for gitsign, and that nothing has said otherwise for git-signet. */
export function servicesOfGitsign(settings: Settings): readonly GitsignService[] {
  return [fulcio, rekor, timestampServerUrl, issuer, clientId, redirectUrl, connectorId].flatMap(
    (setting) => {
      const key = setting.key.replace('signet.', 'gitsign.');
      const value = settings.git.get(key.toLowerCase())?.at(-1) ?? '';
      const { source, value: used } = readText(setting, settings);
      return value === '' || source !== 'default' || value === used
        ? []
        : [{ key, ours: setting.key, value }];
    },
  );
}
