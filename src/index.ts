/**
 * The library: judge git objects, and sign payloads, with the code of the program. No call here reads git's
 * configuration, asks a person or writes a file; errors are SignetError.
 */
import { loadTrust as load } from './adapters/trust/loadTrust.ts';
import type { Trust } from './core/trustedRoot.ts';

export { NO_POLICY, type Policy } from './core/policy.ts';
export type * from './core/verdict.ts';
export { verifyObject } from './core/verify.ts';
export { type ErrorCode, type ExitCode, isSignetError, SignetError } from './errors.ts';
export type { Trust };

/**
 * Trust made of the trusted_root.json at `path` (absolute), or of the shipped copy of the public-good
 * Sigstore's. Read it once and keep it. Throws SignetError `no-trust`.
 */
export function loadTrust(path?: string): Trust {
  return load(path);
}
