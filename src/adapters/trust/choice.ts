/**
 * What the settings say about trust, as git's verify call reads it: mostly nothing. What the rarer ones mean is
 * found out in wishes.ts, which is loaded only for them.
 */
import { isAbsolute, join } from 'node:path';
import { badSetting, readText, type Setting, type Settings } from '../settings.ts';

export const TRUSTED_ROOT = {
  key: 'signet.trustedRoot',
  env: 'SIGNET_TRUSTED_ROOT',
  standard: '',
} as const;

export interface TrustChoice {
  /** Absolute path of a trusted_root.json, in the place of the shipped one and of all that TUF brings. */
  readonly file: string | undefined;
  /** Whatever else is set, variable or git key in lower case, and its value. */
  readonly others: readonly (readonly [name: string, value: string])[];
}

/** Looked up one by one: going through the whole environment takes a fifth of a millisecond. */
const VARIABLES = [
  'SIGNET_TRUST_MIRROR',
  'SIGNET_TIMESTAMP_CERT_CHAIN',
  'GITSIGN_TIMESTAMP_CERT_CHAIN',
  'SIGSTORE_TIMESTAMP_CERT_CHAIN',
  'GITSIGN_FULCIO_ROOT',
  'SIGSTORE_FULCIO_ROOT',
  'SIGSTORE_ROOT_FILE',
  'SIGSTORE_REKOR_PUBLIC_KEY',
  'SIGSTORE_CT_LOG_PUBLIC_KEY_FILE',
  'SIGSTORE_TSA_CERTIFICATE_FILE',
];
const KEYS = [
  'signet.trustmirror',
  'signet.timestampcertchain',
  'gitsign.fulcioroot',
  'gitsign.timestampcertchain',
];

/** Parses them. Throws SignetError `config` for a relative path. */
export function parseTrustChoice(settings: Settings): TrustChoice {
  const { git, env } = settings;
  const others: [string, string][] = [];
  const add = (name: string, value = ''): void => {
    if (value !== '') others.push([name, value]);
  };
  for (const name of VARIABLES) add(name, env[name]);
  for (const key of KEYS) add(key, git.get(key)?.at(-1));
  return { file: parsePath(TRUSTED_ROOT, readText(TRUSTED_ROOT, settings).value), others };
}

/** git starts us inside the tree that is being judged: a relative path would be read from there. */
export function parsePath(setting: Pick<Setting, 'key'>, value: string): string | undefined {
  if (value === '') return undefined;
  const home = value.startsWith('~/') ? process.getBuiltinModule('node:os').homedir() : '';
  const path = home === '' ? value : join(home, value.slice(2));
  if (isAbsolute(path)) return path;
  throw badSetting(setting, value, 'is a relative path', 'Give an absolute path, or one that starts with ~/');
}
