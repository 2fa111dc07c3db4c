/** The repository of the current folder, as the commands about its policy need it. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CONFIG_SETTINGS, type Config, parseConfig } from '../adapters/config.ts';
import { parsePolicyBytes } from '../adapters/gate/loadPolicy.ts';
import { callGit } from '../adapters/git/callGit.ts';
import { commonFolder } from '../adapters/git/commonFolder.ts';
import { openGateReader } from '../adapters/git/gateReader.ts';
import { runGit } from '../adapters/git/runGit.ts';
import { readOutsidePolicy, readPolicyFile } from '../adapters/policy/outsidePolicy.ts';
import { type Pin, readPin } from '../adapters/policy/pin.ts';
import { openPolicyKeys, type PolicyKeys } from '../adapters/policyKeys.ts';
import { readSettings } from '../adapters/settings.ts';
import { parsePath } from '../adapters/trust/choice.ts';
import type { Gate, PolicyHere } from '../app/gate/gate.ts';
import { MAX_NEW_COMMITS } from '../core/limits.ts';
import { POLICY_FILE_NAME } from '../core/policyFile.ts';
import { isSignetError, SignetError } from '../errors.ts';
import type { GateReader } from '../ports.ts';
import { openJudging } from './judging.ts';

/** Full id of a commit. Throws SignetError `usage`. */
export function commitOf(rev: string, env: NodeJS.ProcessEnv): string {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${rev}^{commit}`];
  const { status, stderr } = callGit(args, env);
  if (status === 1 && stderr.length === 0) {
    const hint = 'See whether it is written right, and fetch it where it is elsewhere.';
    throw new SignetError('usage', `${JSON.stringify(rev)} is no commit here.`, hint);
  }
  return runGit(args, env).trim();
}

/** Throws SignetError `usage` where a work tree has no policy file. */
export function demandFile(path: string): void {
  if (existsSync(path)) return;
  throw new SignetError(
    'usage',
    `There is no ${POLICY_FILE_NAME} here.`,
    'Write one: git-signet policy init',
  );
}

/** Offline: what proves a signature is in it, or in the notes. */
export async function openPolicyGate(env: NodeJS.ProcessEnv): Promise<Omit<Gate, 'policy'>> {
  const repository = openGateReader(env);
  // Which policy is asked, the gate says: what is pinned may not know yet whom an editor has let in since.
  const { judge } = await openJudging(env, { offline: true, cache: true, factsOnly: true });
  return {
    repository,
    parsePolicy: parsePolicyBytes,
    judge,
    judgeKey: openKeys(repository, env).judge,
    introductions: [],
    maxCommits: MAX_NEW_COMMITS,
    ignoreCase: false,
  };
}

/** What they leave on disk goes when the process ends. */
export function openKeys(repository: Pick<GateReader, 'file'>, env: NodeJS.ProcessEnv): PolicyKeys {
  const keys = openPolicyKeys({ repository, env, clock: () => new Date() });
  process.once('exit', keys.close);
  return keys;
}

/** The policy file that counts here, and where. */
export type CountingPolicy = PolicyHere & { readonly source: string };

/** Throws SignetError `config` without one. */
export function countingPolicy(env: NodeJS.ProcessEnv): CountingPolicy {
  const counting = findPolicy(env);
  if (counting !== undefined) return counting;
  throw new SignetError('config', 'No policy file counts here.', 'Run git-signet policy trust OID');
}

/** A policy file that is tried: git goes by another, or by none. Throws SignetError `config` where it cannot be read. */
export function triedPolicy(path: string): CountingPolicy {
  const file = readPolicyFile(path, 'Name a file that can be read.');
  return { file, folder: dirname(resolve(path)), source: `${path}, only tried here: git does not go by it` };
}

/** Undefined without a policy file. Throws SignetError `config` where it cannot be read. */
export function findPolicy(
  env: NodeJS.ProcessEnv,
  { policyFile }: Pick<Config, 'policyFile'> = parseConfig(readSettings(env)),
): CountingPolicy | undefined {
  if (policyFile !== '') {
    const path = parsePath(CONFIG_SETTINGS.policyFile, policyFile) ?? policyFile;
    return { file: readOutsidePolicy(policyFile), folder: dirname(path), source: policyFile };
  }
  const pin = findPin(env);
  if (pin === undefined) return undefined;
  const { policy, ref, tip } = pin;
  return { file: policy, commit: tip, ref: onServer(ref), source: `${ref} at ${tip}` };
}

/** Outside of repositories nothing is pinned. */
export function findPin(env: NodeJS.ProcessEnv): Pin | undefined {
  let folder: string;
  try {
    folder = commonFolder(env);
  } catch (error) {
    if (isSignetError(error) && error.code === 'usage') return undefined;
    throw error;
  }
  return readPin(folder);
}

/** The policy's ref has another name in a clone: refs/remotes/origin/main is what refs/heads/main was when it was fetched. */
export function onServer(ref: string): string {
  const [, branch] = /^refs\/remotes\/[^/]+\/(.+)$/.exec(ref) ?? [];
  return branch === undefined ? ref : `refs/heads/${branch}`;
}
