/** TUF repositories by their address, and where what was verified of them is kept. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { tufFolder } from './place.ts';

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
 * Absolute path of the folder for a mirror, made or not. Its name is for people; the digest in it tells mirrors
 * apart. Undefined where the environment names no place.
 */
export function mirrorFolder(env: NodeJS.ProcessEnv, mirror: string): string | undefined {
  const name = mirror.replace(/^https?:\/\//, '').replace(/[^\w.-]+/g, '-');
  const folder = tufFolder(env);
  return folder && join(folder, `${name.slice(0, 60)}-${hash('sha256', mirror, 'hex').slice(0, 12)}`);
}
