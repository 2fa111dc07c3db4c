/**
 * Where settings come from: the environment first, then git configuration, then a default.
 * docs/configuration.md lists them all; a test compares it with SETTINGS.
 */
import { SignetError } from '../errors.ts';
import { type GitConfig, readGitConfig } from './git/readConfig.ts';

/** Every setting by its git key: environment variable (where there is one) and default. */
export const SETTINGS = {
  'signet.fulcio': ['SIGNET_FULCIO_URL', 'https://fulcio.sigstore.dev'],
  'signet.rekor': ['SIGNET_REKOR_URL', 'https://rekor.sigstore.dev'],
  'signet.issuer': ['SIGNET_OIDC_ISSUER', 'https://oauth2.sigstore.dev/auth'],
  'signet.clientID': ['SIGNET_OIDC_CLIENT_ID', 'sigstore'],
  'signet.redirectURL': ['SIGNET_OIDC_REDIRECT_URL', ''],
  'signet.connectorID': ['SIGNET_CONNECTOR_ID', ''],
  'signet.trustedRoot': ['SIGNET_TRUSTED_ROOT', ''],
  'signet.insecureHTTP': ['', 'false'],
  'signet.allow': ['', ''],
  'signet.requirePolicy': ['', 'false'],
  'signet.untrustedAs': ['', 'errsig'],
} as const satisfies Record<string, readonly [env: string, standard: string]>;

export type SettingKey = keyof typeof SETTINGS;

/** What has been read, not yet parsed. */
export interface Settings {
  readonly git: GitConfig;
  readonly env: NodeJS.ProcessEnv;
}

/** Where a value came from, for `git-signet config`. */
export interface SettingValue {
  readonly value: string;
  readonly source: 'environment' | 'git config' | 'default';
}

/**
 * Reads the settings with one `git config` call. `SIGNET_NO_GIT_CONFIG=1` leaves that call out, for callers
 * that set everything in the environment: then no policy can apply, and nobody is trusted.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return { git: env['SIGNET_NO_GIT_CONFIG'] === '1' ? new Map() : readGitConfig(env), env };
}

/** A single-valued setting; of git's scopes the narrowest. An empty value is none. */
export function readText(key: SettingKey, { git, env }: Settings): SettingValue {
  const [name, standard] = SETTINGS[key];
  const fromEnv = name === '' ? '' : (env[name] ?? '');
  if (fromEnv !== '') return { value: fromEnv, source: 'environment' };
  const fromGit = git.get(key.toLowerCase())?.at(-1) ?? '';
  return fromGit === '' ? { value: standard, source: 'default' } : { value: fromGit, source: 'git config' };
}

/** git's rules: true/yes/on/non-zero number, false/no/off/0/empty; a key without `=` is true. */
export function readBoolean(key: SettingKey, { git }: Settings): boolean {
  const values = git.get(key.toLowerCase()) ?? ['false'];
  const value = values.at(-1);
  if (value === undefined || /^(true|yes|on|[+-]?0*[1-9]\d*)$/i.test(value)) return true;
  if (/^(false|no|off|[+-]?0+|)$/i.test(value)) return false;
  throw badSetting(key, value, 'is neither true nor false', `Run: git config ${key} true`);
}

/** Throw it: names the setting, its value, what is wrong with it and what to do. */
export function badSetting(key: SettingKey, value: string, what: string, hint: string): SignetError {
  return new SignetError('config', `The setting ${key} (${JSON.stringify(value)}) ${what}.`, hint);
}
