/**
 * When trust is looked after: on request, or besides a login or `git-signet verify`, at most once a day. Never
 * in git's verify call: the only thing there is the cache.
 */
import { join } from 'node:path';
import { type Patience, TUF_PATIENCE_BESIDES, TUF_REFRESH_MS, TUF_RETRY_MS } from '../../core/limits.ts';
import { isSignetError, SignetError } from '../../errors.ts';
import { readFileBytes } from '../readBytes.ts';
import type { TrustChoice } from '../trust/choice.ts';
import { toWishes } from '../trust/wishes.ts';
import { type CacheState, readState, targetFile } from './cache.ts';
import { EMBEDDED_ROOTS, mirrorFolder, PUBLIC_MIRROR } from './mirrors.ts';

/** The shipped root.json of the public repository, beside this module and beside the bundle made of it. */
const EMBEDDED = 'tuf_root.json';

/** Of the last attempt that failed. */
const FAILURE_FILE = 'failure.json';

export interface Failure {
  readonly at: string;
  readonly message: string;
}

interface MirrorPlace {
  readonly mirror: string;
  readonly folder: string;
}

/** Where a mirror's files are kept; undefined stands for the public one. Throws `config` where there is no place. */
export function placeOf(mirror: string | undefined, env: NodeJS.ProcessEnv): MirrorPlace {
  const folder = mirrorFolder(env, mirror ?? PUBLIC_MIRROR);
  if (folder !== undefined) return { mirror: mirror ?? PUBLIC_MIRROR, folder };
  throw new SignetError('config', 'There is no place to keep trust material.', 'Set HOME, or TUF_ROOT.');
}

/** The root.json to begin with where nobody gave another. */
export function embeddedRoot(): { readonly digest: string; readonly bytes: Uint8Array } {
  const bytes = readFileBytes(join(import.meta.dirname, EMBEDDED), 1 << 20);
  return { digest: EMBEDDED_ROOTS[0] ?? '', bytes };
}

/** Updates a mirror that was set up; the public one always is. Throws SignetError as `updateTrust` does. */
export async function updateMirror(
  mirror: string | undefined,
  env: NodeJS.ProcessEnv,
  limits: { readonly patience: Patience; readonly signal: AbortSignal },
): Promise<CacheState> {
  const place = placeOf(mirror, env);
  const { stateOrNone, updateTrust } = await import('./update.ts');
  try {
    const initialRoot = beginningOf(place, stateOrNone(place.folder), mirror === undefined);
    return await updateTrust({ ...place, ...limits, env, initialRoot });
  } catch (error) {
    if (isSignetError(error) && !limits.signal.aborted) await rememberFailure(place.folder, error);
    throw error;
  }
}

/**
 * Looks after the chosen trust if a day has passed, unless `offline` or in a hook (a login may). Whatever goes
 * wrong is passed over while the trust has not ended; then it throws `no-trust`. A trusted root in a file never
 * ends.
 */
export async function refreshTrust(
  choice: TrustChoice,
  env: NodeJS.ProcessEnv,
  options: { readonly offline: boolean; readonly login?: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { mirror } = toWishes(choice);
  const folder = mirrorFolder(env, mirror ?? PUBLIC_MIRROR);
  if (choice.file !== undefined || folder === undefined) return;
  const state = readable(folder);
  // A mirror that nobody set up is refused by whoever loads it.
  if (state === undefined && mirror !== undefined) return;
  let reason: unknown;
  const isHook = options.login !== true && startedByGit(env);
  const mayFetch = !options.offline && !isHook && !/^(1|true)$/i.test(env['SIGSTORE_NO_CACHE'] ?? '');
  if (mayFetch && isDue(folder, state)) {
    try {
      await updateMirror(mirror, env, { patience: TUF_PATIENCE_BESIDES, signal: options.signal });
    } catch (error) {
      reason = error;
    }
  }
  const now = readable(folder);
  if (now !== undefined && hasEnded(now)) throw ended(folder, now, reason);
}

/** In a hook or an alias: git names the repository there, or where in it we are (measured with 2.39). */
function startedByGit(env: NodeJS.ProcessEnv): boolean {
  return env['GIT_DIR'] !== undefined || env['GIT_PREFIX'] !== undefined;
}

/** Ended, older than a day, or from the future; but not again soon after a failure. */
export function isDue(folder: string, state: CacheState | undefined): boolean {
  if (state !== undefined && hasEnded(state)) return true;
  const age = Date.now() - Date.parse(state?.refreshedAt ?? '1970-01-01');
  if (age >= 0 && age < TUF_REFRESH_MS) return false;
  const sinceFailure = Date.now() - Date.parse(lastFailure(folder)?.at ?? '1970-01-01');
  return !(sinceFailure >= 0 && sinceFailure < TUF_RETRY_MS);
}

export function hasEnded({ expiresAt }: CacheState): boolean {
  return Date.parse(expiresAt) <= Date.now();
}

/** Why the last attempt came to nothing; undefined where it did not, or nobody knows. */
export function lastFailure(folder: string): Failure | undefined {
  try {
    const { at, message } = JSON.parse(
      new TextDecoder().decode(readFileBytes(join(folder, FAILURE_FILE), 4096)),
    );
    return typeof at === 'string' && typeof message === 'string' ? { at, message } : undefined;
  } catch {
    return undefined;
  }
}

function beginningOf({ mirror }: MirrorPlace, state: CacheState | undefined, onlyOurs: boolean) {
  const embedded = embeddedRoot();
  const digest = state?.initialRoot;
  if (digest !== undefined && (!onlyOurs || EMBEDDED_ROOTS.includes(digest)))
    return { digest, bytes: digest === embedded.digest ? embedded.bytes : undefined };
  if (mirror === PUBLIC_MIRROR) return embedded;
  throw new SignetError(
    'config',
    `Nothing was ever fetched from ${mirror}.`,
    `Run git-signet trust init --mirror ${mirror} --root FILE.`,
  );
}

/** So that not everybody waits for a dead repository again. */
async function rememberFailure(folder: string, { message }: SignetError): Promise<void> {
  const failure: Failure = { at: new Date().toISOString(), message };
  const { writeWhole } = await import('./folder.ts');
  try {
    writeWhole(folder, FAILURE_FILE, new TextEncoder().encode(JSON.stringify(failure)));
  } catch {
    // The error that is on its way says more.
  }
}

/** A cache that cannot be used is refused where it is loaded. */
function readable(folder: string): CacheState | undefined {
  try {
    return readState(folder);
  } catch {
    return undefined;
  }
}

function ended(folder: string, { mirror, expiresAt, trustedRoot }: CacheState, reason: unknown): SignetError {
  const why = reason instanceof Error ? ` It could not be renewed: ${reason.message}` : '';
  const file = join(folder, targetFile('trusted_root', trustedRoot));
  return new SignetError(
    'no-trust',
    `The trust material of ${mirror} ended on ${expiresAt}.${why}`,
    `Run git-signet trust update where there is a network. To judge by what was verified until then: SIGNET_TRUSTED_ROOT=${file}`,
    reason,
  );
}
