/**
 * One `git config` call: everything under `signet.` and `gitsign.`, in the scopes and with the includes that git itself
 * would use here. It lists everything, since `--get-regexp` ends with 1 where no key matches, and so does many
 * a broken `git`: settings that cannot be read must not pass for settings that nobody made.
 */
import { SignetError } from '../../errors.ts';
import { childEnvironment } from '../childEnvironment.ts';
import { findGit } from './findGit.ts';

/** Values by lower-case key, widest scope first; `undefined` stands for a key without `=`. */
export type GitConfig = ReadonlyMap<string, readonly (string | undefined)[]>;

const MAX_CONFIG_BYTES = 4 << 20;
const TIMEOUT_MS = 10_000;

export interface ReadConfig {
  readonly git: GitConfig;
  /** File of the repository's own settings, as git names it; undefined outside of repositories. */
  readonly local: string | undefined;
}

/**
 * Reads all `signet.*` and `gitsign.*` keys. Throws SignetError `config` where git is missing or its configuration is
 * broken. (--show-scope: since git 2.26.)
 */
export function readGitConfig(env: NodeJS.ProcessEnv): ReadConfig {
  const git = findGit(env);
  // Loading it takes 3 ms, which callers that set everything in the environment do not pay.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const result = spawnSync(git, ['config', '-z', '--list', '--show-origin', '--show-scope'], {
    env: childEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: MAX_CONFIG_BYTES,
    timeout: TIMEOUT_MS,
    windowsHide: true,
  });
  if (result.error !== undefined || result.status !== 0) throw unreadable(result.error, result.stderr);
  return parseScopedConfig(result.stdout);
}

/**
 * `scope NUL origin NUL item NUL`. The first origin of the repository's own scope is its `config`, which lies in the
 * folder that all its work trees share: what it includes comes after the line that includes it.
 */
export function parseScopedConfig(output: Uint8Array): ReadConfig {
  const fields = new TextDecoder().decode(output).split('\0');
  const git = new Map<string, (string | undefined)[]>();
  let local: string | undefined;
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [scope, origin, item] = fields.slice(at, at + 3) as [string, string, string];
    if (scope === 'local') local ??= origin.slice('file:'.length);
    addItem(git, item);
  }
  return { git, local };
}

/** Parses `git config -z` output: `key LF value NUL`, or `key NUL` for a key without `=`. */
export function parseGitConfig(output: Uint8Array): GitConfig {
  const config = new Map<string, (string | undefined)[]>();
  for (const item of new TextDecoder().decode(output).split('\0')) {
    addItem(config, item);
  }
  return config;
}

function addItem(config: Map<string, (string | undefined)[]>, item: string): void {
  const newline = item.indexOf('\n');
  const key = (newline < 0 ? item : item.slice(0, newline)).toLowerCase();
  if (!/^(?:git)?sign(?:et)?\./.test(key)) return;
  const values = config.get(key) ?? [];
  values.push(newline < 0 ? undefined : item.slice(newline + 1));
  config.set(key, values);
}

function unreadable(error: Error | undefined, stderr: Uint8Array | null): SignetError {
  const said =
    new TextDecoder()
      .decode(stderr ?? new Uint8Array())
      .trim()
      .split('\n')[0] ?? '';
  return new SignetError(
    'config',
    `git could not read its configuration${said === '' ? '' : `: ${said}`}.`,
    'Run git config --list to see what is wrong.',
    error,
  );
}
