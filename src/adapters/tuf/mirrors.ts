/** TUF repositories by their address, and where what was verified of them is kept. */
import { hash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';

/** The public-good Sigstore's. */
export const PUBLIC_MIRROR = 'https://tuf-repo-cdn.sigstore.dev';

/**
 * SHA-256 of every root.json that a release of this program began with. What was verified from one of them
 * takes the place of the shipped trusted root unasked; anything else has to be chosen by a setting.
 */
export const EMBEDDED_ROOTS: readonly string[] = [
  '73747011d0857ada15479a16c4cae0f3ed03aac698b523b97e1de314ac9d9ca8',
];

/** When the shipped trusted_root.json was fetched: a cache that is older knows less than it. */
export const SHIPPED_SINCE = '2026-08-21T19:25:56Z';

/** One address, one name: without slashes at its end. */
export function toMirror(url: string): string {
  return url.replace(/\/+$/, '');
}

/**
 * Absolute path of the folder for a mirror, made or not: `git-signet/tuf/NAME` in TUF_ROOT, else in the person's
 * folder for data. Undefined where the environment names none. NAME is for people, its digest tells mirrors apart.
 */
export function mirrorFolder(env: NodeJS.ProcessEnv, mirror: string): string | undefined {
  const base = dataFolder(env);
  if (base === undefined) return undefined;
  const name = mirror.replace(/^https?:\/\//, '').replace(/[^\w.-]+/g, '-');
  return join(
    base,
    'git-signet',
    'tuf',
    `${name.slice(0, 60)}-${hash('sha256', mirror, 'hex').slice(0, 12)}`,
  );
}

/** XDG Base Directory Specification: relative values are to be ignored. */
function dataFolder({ TUF_ROOT, XDG_DATA_HOME, LOCALAPPDATA, HOME }: NodeJS.ProcessEnv): string | undefined {
  const home = (...path: string[]): string => (HOME ? join(HOME, ...path) : '');
  const standard =
    process.platform === 'win32'
      ? LOCALAPPDATA
      : process.platform === 'darwin'
        ? home('Library', 'Application Support')
        : home('.local', 'share');
  return [TUF_ROOT, XDG_DATA_HOME, standard].find((folder) => folder && isAbsolute(folder));
}
