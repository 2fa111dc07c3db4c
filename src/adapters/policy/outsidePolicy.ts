/** `signet.policy`: a policy file outside of the repository, believed as it stands. */
import { MAX_POLICY_BYTES } from '../../core/limits.ts';
import { toPolicy } from '../../core/policy/knownSigner.ts';
import type { PolicyFile } from '../../core/policyFile.ts';
import { isSignetError, SignetError } from '../../errors.ts';
import { CONFIG_SETTINGS } from '../config.ts';
import { readFileBytes } from '../readBytes.ts';
import { parsePath } from '../trust/choice.ts';
import type { OpenedPolicy } from './openPolicy.ts';
import { parsePolicy } from './parsePolicy.ts';

/** Throws SignetError `config`. */
export function open(setting: string): OpenedPolicy {
  return { policy: toPolicy(readOutsidePolicy(setting)) };
}

/** What the setting names. Throws SignetError `config`. */
export function readOutsidePolicy(setting: string): PolicyFile {
  return readPolicyFile(parsePath(CONFIG_SETTINGS.policyFile, setting) ?? setting);
}

/** The policy in a file. Throws SignetError `config` where it cannot be read, or with the first thing that is wrong in it. */
export function readPolicyFile(path: string, hint = 'Check signet.policy.'): PolicyFile {
  const { policy, problems } = parsePolicy(readBytes(path, hint));
  if (policy !== undefined) return policy;
  const [{ line, column, message } = { line: 1, column: 1, message: 'It is no policy.' }] = problems;
  throw new SignetError(
    'config',
    `${path}:${line}:${column}: ${message}`,
    `Run git-signet policy check ${path}`,
  );
}

function readBytes(path: string, hint: string): Uint8Array {
  try {
    return readFileBytes(path, MAX_POLICY_BYTES, 'config');
  } catch (error) {
    if (isSignetError(error)) throw new SignetError('config', error.message, hint, error);
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new SignetError('config', `The policy ${path} cannot be read (${code}).`, hint, error);
  }
}
