/**
 * Where settings come from: the environment first, then git configuration, then a default. The settings of
 * verdicts are parsed in config.ts, those of services in instance.ts; docs/configuration.md lists them all.
 */
import { SignetError } from '../errors.ts';
import { type GitConfig, readGitConfig } from './git/readConfig.ts';

/** A setting: its git key, its environment variable (empty: none) and its default. */
export interface Setting {
  readonly key: string;
  readonly env: string;
  readonly standard: string;
}

/** What has been read, not yet parsed. */
export interface Settings {
  readonly git: GitConfig;
  readonly env: NodeJS.ProcessEnv;
  /** File of the repository's own settings, as git names it. */
  readonly local?: string | undefined;
  /** Stronger than the standard values: those of a private Sigstore, by key. */
  readonly defaults?: ReadonlyMap<string, string>;
}

/** Where a value came from, for `git-signet config`. */
export interface SettingValue {
  readonly value: string;
  readonly source: 'environment' | 'git config' | 'mirror' | 'default';
}

/**
 * Reads the settings with one `git config` call. `SIGNET_NO_GIT_CONFIG=1` leaves that call out, for callers
 * that set everything in the environment: then no policy can apply, and nobody is trusted.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  if (env['SIGNET_NO_GIT_CONFIG'] === '1') return { git: new Map(), env };
  return { ...readGitConfig(env), env };
}

/** A single-valued setting; of git's scopes the narrowest. An empty value is none. */
export function readText(
  { key, env: name, standard }: Setting,
  { git, env, defaults }: Settings,
): SettingValue {
  const fromEnv = env[name] ?? '';
  if (fromEnv !== '') return { value: fromEnv, source: 'environment' };
  const fromGit = git.get(key.toLowerCase())?.at(-1) ?? '';
  if (fromGit !== '') return { value: fromGit, source: 'git config' };
  const value = defaults?.get(key);
  return value === undefined ? { value: standard, source: 'default' } : { value, source: 'mirror' };
}

/** git's rules: true/yes/on/non-zero number, false/no/off/0/empty; a key without `=` is true. */
export function readBoolean(setting: Setting, { git }: Settings): boolean {
  const { key } = setting;
  const values = git.get(key.toLowerCase());
  // The patterns below take longer to compile than all the rest of the settings to read.
  if (values === undefined) return false;
  const value = values.at(-1);
  if (value === undefined || /^(true|yes|on|[+-]?0*[1-9]\d*)$/i.test(value)) return true;
  if (/^(false|no|off|[+-]?0+|)$/i.test(value)) return false;
  throw badSetting(setting, value, 'is neither true nor false', `Run: git config ${key} true`);
}

/** Throw it: names the setting, its value, what is wrong with it and what to do. */
export function badSetting(
  { key }: Pick<Setting, 'key'>,
  value: string,
  what: string,
  hint: string,
): SignetError {
  return new SignetError('config', `The setting ${key} (${JSON.stringify(value)}) ${what}.`, hint);
}
