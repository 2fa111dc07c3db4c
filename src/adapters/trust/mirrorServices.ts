/** Defaults for the settings of services, from the signing config that TUF brought. */
import { isSignetError, SignetError } from '../../errors.ts';
import { INSTANCE_SETTINGS } from '../instance.ts';
import { readText, type Setting, type Settings } from '../settings.ts';
import { readState, readTarget } from '../tuf/cache.ts';
import { mirrorFolder, PUBLIC_MIRROR } from '../tuf/mirrors.ts';
import type { TrustChoice } from './choice.ts';
import { toInstanceDefaults } from './signingConfig.ts';
import { toWishes } from './wishes.ts';

/** By setting key. Throws SignetError `config`, `no-trust`. */
export function readDefaults(choice: TrustChoice, settings: Settings): ReadonlyMap<string, string> {
  const { mirror = PUBLIC_MIRROR } = toWishes(choice);
  if (mirror === PUBLIC_MIRROR) return new Map();
  const { fulcio, rekor, issuer, rekorVersion } = INSTANCE_SETTINGS;
  const isSet = (setting: Setting): boolean => readText(setting, settings).source !== 'default';
  const bytes = readSigningConfig(mirrorFolder(settings.env, mirror), mirror);
  if (bytes === undefined) {
    // Nobody meant the public Sigstore, whose log is for ever.
    return new Map([fulcio, rekor, issuer].filter((setting) => !isSet(setting)).map(({ key }) => [key, '']));
  }
  const version = readText(rekorVersion, settings).value;
  const all = Object.values(INSTANCE_SETTINGS);
  return toInstanceDefaults(bytes, {
    now: new Date(),
    isSet: (key) => all.some((setting) => setting.key === key && isSet(setting)),
    rekorVersion: isSet(rekorVersion) ? (version === '2' ? 2 : 1) : undefined,
  });
}

function readSigningConfig(folder: string | undefined, mirror: string): Uint8Array | undefined {
  try {
    const state = folder === undefined ? undefined : readState(folder);
    if (folder === undefined || !state?.signingConfig) return undefined;
    return readTarget(folder, 'signing_config', state.signingConfig);
  } catch (error) {
    if (!isSignetError(error)) throw error;
    throw new SignetError(
      'no-trust',
      `The signing config of ${mirror} cannot be used: ${error.message}.`,
      `Run git-signet trust update --mirror ${mirror}`,
      error,
    );
  }
}
