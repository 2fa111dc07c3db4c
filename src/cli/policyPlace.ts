/** The repository of the current folder, as the commands about its policy need it. */

import { parseConfig } from '../adapters/config.ts';
import { parsePolicyBytes } from '../adapters/gate/loadPolicy.ts';
import { commonFolder } from '../adapters/git/commonFolder.ts';
import { openGateReader } from '../adapters/git/gateReader.ts';
import { runGit } from '../adapters/git/runGit.ts';
import { openKeyJudge } from '../adapters/keySignatures.ts';
import { readOutsidePolicy } from '../adapters/policy/outsidePolicy.ts';
import { readPin } from '../adapters/policy/pin.ts';
import { readSettings } from '../adapters/settings.ts';
import { factsReader } from '../app/gate/commitFacts.ts';
import type { ChainPorts, TrustedPolicy } from '../app/policyChain.ts';
import { MAX_POLICY_BYTES } from '../core/limits.ts';
import { SignetError } from '../errors.ts';
import { openJudging } from './judging.ts';

/** Full id of a commit. Throws SignetError `usage`. */
export function commitOf(rev: string, env: NodeJS.ProcessEnv): string {
  return runGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`], env).trim();
}

/**
 * Offline: what proves a signature is in it, or in the notes. Keys are those of the policy given, their files of the commit
 * it was read from.
 */
export async function openChain(env: NodeJS.ProcessEnv, from?: TrustedPolicy): Promise<ChainPorts> {
  const repository = openGateReader(env);
  const { judge } = await openJudging(env, { offline: true, cache: true });
  const keys =
    from &&
    openKeyJudge({
      policy: from.policy,
      file: (path) => repository.file(from.commit, path, MAX_POLICY_BYTES),
      env,
      clock: () => new Date(),
    });
  if (keys !== undefined) process.once('exit', () => keys.close());
  const facts = factsReader({ repository, judge, ...(keys && { judgeKey: keys.judge }) });
  return { repository, facts, parsePolicy: parsePolicyBytes };
}

/** The policy that counts here, and the commit that its key files are read from. Throws SignetError `config` without one. */
export function countingPolicy(env: NodeJS.ProcessEnv): TrustedPolicy & { readonly source: string } {
  const { policyFile } = parseConfig(readSettings(env));
  if (policyFile !== '') return { policy: readOutsidePolicy(policyFile), commit: 'HEAD', source: policyFile };
  const pin = readPin(commonFolder(env));
  if (pin !== undefined) return { policy: pin.policy, commit: pin.tip, source: `${pin.ref} at ${pin.tip}` };
  throw new SignetError('config', 'No policy file counts here.', 'Run git-signet policy trust OID');
}
