/**
 * One `git config` call: everything under `signet.` and `gitsign.`, in the scopes and with the includes that git itself
 * would use here. It lists everything, since `--get-regexp` ends with 1 where no key matches, and so does many
 * a broken `git`: settings that cannot be read must not pass for settings that nobody made.
 */
import { view } from '../../core/bytes.ts';
import { SignetError } from '../../errors.ts';
import { callGit, complaintOf } from './callGit.ts';

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
  const args = ['config', '-z', '--list', '--show-origin', '--show-scope'];
  const bounds = { maxBuffer: MAX_CONFIG_BYTES, timeout: TIMEOUT_MS };
  const { status, stdout, stderr, error } = callGit(args, env, bounds);
  if (status === 0 && error === undefined) return parseScopedConfig(stdout);
  throw new SignetError(
    'config',
    `git could not read its configuration: ${complaintOf(stderr)}.`,
    'Run git config --list to see what is wrong.',
    error,
  );
}

/**
 * `scope NUL origin NUL item NUL`. The first origin of the repository's own scope is its `config`, which lies in the
 * folder that all its work trees share: what it includes comes after the line that includes it.
 */
export function parseScopedConfig(output: Uint8Array): ReadConfig {
  const fields = view(output).toString().split('\0');
  const git = new Map<string, (string | undefined)[]>();
  let local: string | undefined;
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [scope, origin, item] = fields.slice(at, at + 3) as [string, string, string];
    if (scope === 'local') local ??= origin.slice('file:'.length);
    addItem(git, item);
  }
  return { git, local };
}

/** `key LF value`, or `key` for one without `=`. */
function addItem(config: Map<string, (string | undefined)[]>, item: string): void {
  const newline = item.indexOf('\n');
  const key = (newline < 0 ? item : item.slice(0, newline)).toLowerCase();
  if (!key.startsWith('signet.') && !key.startsWith('gitsign.')) return;
  const values = config.get(key) ?? [];
  values.push(newline < 0 ? undefined : item.slice(newline + 1));
  config.set(key, values);
}
