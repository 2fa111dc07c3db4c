/** The trusted root that verdicts hang on: the shipped public-good one, or the configured one in its place. */
import { join } from 'node:path';
import { MAX_TRUSTED_ROOT_BYTES } from '../../core/limits.ts';
import { parseTrustedRoot, type Trust } from '../../core/trustedRoot.ts';
import { isSignetError, SignetError } from '../../errors.ts';
import { readFileBytes } from '../readBytes.ts';

/** Name of the shipped file, beside this module and beside the bundle that is made of it. */
const SHIPPED = 'trusted_root.json';

/**
 * Loads trust from `path` (absolute), or the shipped root where it is undefined: a configured root replaces
 * the shipped one and never adds to it. Throws SignetError `no-trust`.
 */
export function loadTrust(path: string | undefined): Trust {
  const file = path ?? join(import.meta.dirname, SHIPPED);
  try {
    return parseTrustedRoot(readFileBytes(file, MAX_TRUSTED_ROOT_BYTES), { proven: path === undefined });
  } catch (error) {
    throw new SignetError(
      'no-trust',
      `The trusted root ${file} cannot be used: ${reasonOf(error)}.`,
      path === undefined ? 'Install git-signet again.' : 'Check signet.trustedRoot or SIGNET_TRUSTED_ROOT.',
      error,
    );
  }
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
