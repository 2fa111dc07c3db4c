/** The trusted root that verdicts hang on: the configured one, else what TUF brought, else the shipped one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_TRUSTED_ROOT_BYTES } from '../../core/limits.ts';
import { parseTrustedRoot, type Trust } from '../../core/trustedRoot.ts';
import { isSignetError, SignetError } from '../../errors.ts';
import { readFileBytes } from '../readBytes.ts';
import { publicStateFile } from '../tuf/place.ts';
import type { TrustChoice } from './choice.ts';

/** Name of the shipped file, beside this module and beside the bundle that is made of it. */
const SHIPPED = 'trusted_root.json';

/** Trust, and what of it stands in the place of the trusted root's own: lines for the person. */
export type LoadedTrust = Trust & { readonly replaced?: readonly string[] };

/** A trusted root before it is parsed. */
export interface RootFile {
  readonly bytes: Uint8Array;
  readonly path: string;
  /** Its authorities were looked through before: when it was shipped, or when TUF brought it. */
  readonly proven: boolean;
}

/**
 * Loads trust from `path` (absolute), or the shipped root where it is undefined: a configured root replaces
 * the shipped one and never adds to it. Throws SignetError `no-trust`.
 */
export function loadTrust(path: string | undefined): Trust {
  return parseRootFile(readRootFile(path));
}

/** Finds what the settings choose, without network and without looking into it. Throws SignetError `no-trust`. */
export async function openRoot(choice: TrustChoice, env: NodeJS.ProcessEnv): Promise<RootFile | LoadedTrust> {
  const { file, others } = choice;
  if (others.length === 0 && (file !== undefined || !existsSync(publicStateFile(env))))
    return readRootFile(file);
  return (await import('./chooseRoot.ts')).chooseRoot(choice, env);
}

/** Throws SignetError `no-trust`. */
export function toTrust(root: RootFile | LoadedTrust): LoadedTrust {
  return 'bytes' in root ? parseRootFile(root) : root;
}

/** Loads what the settings choose, without network. Throws SignetError `no-trust`. */
export async function openTrust(choice: TrustChoice, env: NodeJS.ProcessEnv): Promise<LoadedTrust> {
  return toTrust(await openRoot(choice, env));
}

/** Throws SignetError `no-trust`. */
export function readRootFile(configured: string | undefined): RootFile {
  const path = configured ?? join(import.meta.dirname, SHIPPED);
  const proven = configured === undefined;
  try {
    return { bytes: readFileBytes(path, MAX_TRUSTED_ROOT_BYTES), path, proven };
  } catch (error) {
    throw unusableFile({ path, proven }, error);
  }
}

/** Throws SignetError `no-trust`. */
export function parseRootFile(root: RootFile): Trust {
  try {
    return parseTrustedRoot(root.bytes, root);
  } catch (error) {
    throw unusableFile(root, error);
  }
}

function unusableFile({ path, proven }: Omit<RootFile, 'bytes'>, error: unknown): SignetError {
  return new SignetError(
    'no-trust',
    `The trusted root ${path} cannot be used: ${reasonOf(error)}.`,
    proven ? 'Install git-signet again.' : 'Check signet.trustedRoot or SIGNET_TRUSTED_ROOT.',
    error,
  );
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
