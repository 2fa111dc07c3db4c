/** The repository of the current folder, as the commands about its policy need it. */

import { parsePolicyBytes } from '../adapters/gate/loadPolicy.ts';
import { openGateReader } from '../adapters/git/gateReader.ts';
import { runGit } from '../adapters/git/runGit.ts';
import { factsReader } from '../app/gate/commitFacts.ts';
import type { ChainPorts } from '../app/policyChain.ts';
import { openJudging } from './judging.ts';

/** Full id of a commit. Throws SignetError `usage`. */
export function commitOf(rev: string, env: NodeJS.ProcessEnv): string {
  return runGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`], env).trim();
}

/** Offline: what proves a signature is in it, or in the notes. */
export async function openChain(env: NodeJS.ProcessEnv): Promise<ChainPorts> {
  const repository = openGateReader(env);
  const { judge } = await openJudging(env, { offline: true, cache: true });
  return { repository, facts: factsReader({ repository, judge }), parsePolicy: parsePolicyBytes };
}
