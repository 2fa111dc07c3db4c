/** The services of the Sigstore that somebody chose by `signet.trustMirror`. */
import type { Settings } from '../settings.ts';
import { parseTrustChoice } from './choice.ts';

/**
 * The settings, with the services of the chosen private mirror in the place of the public ones where nothing else
 * is set. Throws SignetError `config`, `no-trust`.
 */
export async function withServices(settings: Settings): Promise<Settings> {
  const choice = parseTrustChoice(settings);
  // Nearly nobody has a mirror of their own: what it means is loaded for them alone.
  if (!choice.others.some(([name]) => /trust_?mirror$/i.test(name)) || choice.file !== undefined)
    return settings;
  const { readDefaults } = await import('./mirrorServices.ts');
  return { ...settings, defaults: readDefaults(choice, settings) };
}
