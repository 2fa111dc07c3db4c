/** The trusted root that verdicts hang on: the configured one, else what TUF brought, else the shipped one. */
import { join } from 'node:path';
import { MAX_TRUSTED_ROOT_BYTES } from '../../core/limits.ts';
import { parseTrustedRoot, type Trust } from '../../core/trustedRoot.ts';
import { isSignetError, SignetError } from '../../errors.ts';
import { readFileBytes } from '../readBytes.ts';
import { type CacheState, readState, readTarget } from '../tuf/cache.ts';
import { EMBEDDED_ROOTS, mirrorFolder, PUBLIC_MIRROR, SHIPPED_SINCE } from '../tuf/mirrors.ts';
import type { TrustChoice } from './choice.ts';

/** Name of the shipped file, beside this module and beside the bundle that is made of it. */
const SHIPPED = 'trusted_root.json';

/** Trust, and what of it stands in the place of the trusted root's own: lines for the person. */
export type LoadedTrust = Trust & { readonly replaced?: readonly string[] };

/** A trusted root before it is parsed. */
export interface RootFile {
  readonly bytes: Uint8Array;
  /** The file. */
  readonly path: string;
  /** Its authorities were looked through before: when it was shipped, or when TUF brought it. */
  readonly proven: boolean;
}

/**
 * Loads trust from `path` (absolute), or the shipped root where it is undefined: a configured root replaces
 * the shipped one and never adds to it. Throws SignetError `no-trust`.
 */
export function loadTrust(path: string | undefined): Trust {
  return parse(readRootFile(path));
}

/** Loads what the settings choose, without network. Throws SignetError `no-trust`. */
export async function openTrust(choice: TrustChoice, env: NodeJS.ProcessEnv): Promise<LoadedTrust> {
  const root = chosenRoot(choice, env);
  if (choice.replacements.length === 0 && choice.timestampChain === undefined) return parse(root);
  const { replaceParts } = await import('./replaceParts.ts');
  return replaceParts(root, choice);
}

/** The file that the settings choose. Throws SignetError `no-trust`. */
export function chosenRoot({ file, mirror }: TrustChoice, env: NodeJS.ProcessEnv): RootFile {
  if (file !== undefined) return readRootFile(file);
  return cachedRoot(mirror, env) ?? readRootFile(undefined);
}

/** What TUF brought; undefined where the shipped root is as good. */
function cachedRoot(mirror: string | undefined, env: NodeJS.ProcessEnv): RootFile | undefined {
  const folder = mirrorFolder(env, mirror ?? PUBLIC_MIRROR);
  try {
    const state = folder === undefined ? undefined : readState(folder);
    if (folder !== undefined && state !== undefined && (mirror !== undefined || replacesShipped(state))) {
      const bytes = readTarget(folder, 'trusted_root', state.trustedRoot);
      return { bytes, path: folder, proven: state.proven };
    }
  } catch (error) {
    throw unusable(
      `The trust material in ${folder} cannot be used: ${reasonOf(error)}.`,
      'Run git-signet trust update; if that does not help, remove the folder.',
      error,
    );
  }
  if (mirror === undefined) return undefined;
  throw unusable(
    `Nothing was ever fetched from ${mirror}, which signet.trustMirror names.`,
    `Run git-signet trust init --mirror ${mirror} --root FILE.`,
  );
}

/** Nobody chose it: only what was verified from a root of ours, and is not older than the shipped one. */
export function replacesShipped({ initialRoot, refreshedAt }: CacheState): boolean {
  return EMBEDDED_ROOTS.includes(initialRoot) && Date.parse(refreshedAt) >= Date.parse(SHIPPED_SINCE);
}

function readRootFile(configured: string | undefined): RootFile {
  const path = configured ?? join(import.meta.dirname, SHIPPED);
  const proven = configured === undefined;
  try {
    return { bytes: readFileBytes(path, MAX_TRUSTED_ROOT_BYTES), path, proven };
  } catch (error) {
    throw unusableFile({ path, proven }, error);
  }
}

function parse(root: RootFile): Trust {
  try {
    return parseTrustedRoot(root.bytes, root);
  } catch (error) {
    throw unusableFile(root, error);
  }
}

function unusableFile({ path, proven }: Omit<RootFile, 'bytes'>, error: unknown): SignetError {
  return unusable(
    `The trusted root ${path} cannot be used: ${reasonOf(error)}.`,
    proven ? 'Install git-signet again.' : 'Check signet.trustedRoot or SIGNET_TRUSTED_ROOT.',
    error,
  );
}

function unusable(message: string, hint: string, cause?: unknown): SignetError {
  return new SignetError('no-trust', message, hint, cause);
}

const IN_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder',
};

/** Without the sentence around it that the parser makes for those who have no file name. */
function reasonOf(error: unknown): string {
  if (isSignetError(error)) return error.cause instanceof Error ? error.cause.message : error.message;
  const { code = 'unreadable' } = error as NodeJS.ErrnoException;
  return IN_WORDS[code] ?? code;
}
