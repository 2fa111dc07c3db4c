/** `git-signet hook install` and `uninstall`, in a bare repository. */
import { resolve } from 'node:path';
import { CONFIG_SETTINGS } from '../adapters/config.ts';
import { checkRefName, GATE_SETTINGS } from '../adapters/gate/gateSettings.ts';
import { hookEnvironment } from '../adapters/gate/hookEnvironment.ts';
import { removeHook, writeHook } from '../adapters/gate/hookFile.ts';
import { parsePolicyBytes } from '../adapters/gate/loadPolicy.ts';
import { openGateReader } from '../adapters/git/gateReader.ts';
import { runRawGit } from '../adapters/git/rawGit.ts';
import { runGit } from '../adapters/git/runGit.ts';
import { escapeForTerminal } from '../adapters/terminal.ts';
import { readPolicy } from '../app/gate/judgeRange.ts';
import { type FailingRef, findFailingRefs } from '../app/gate/otherRefs.ts';
import { counted } from '../core/counted.ts';
import { EXIT, type ExitCode, SignetError } from '../errors.ts';
import { cacheFolderOf, openGating } from './gating.ts';
import { programFile } from './ownName.ts';
import { printText } from './print.ts';

/** Absolute path of the bare repository that the current folder is in. Throws SignetError `usage` for any other. */
export function bareRepository(env: NodeJS.ProcessEnv): string {
  const isBare = runGit(['rev-parse', '--is-bare-repository'], env).trim();
  if (isBare !== 'true') {
    throw new SignetError(
      'usage',
      'This is no bare repository: pushes are judged where they arrive.',
      'Go to the folder of the repository on the server, mostly named NAME.git.',
    );
  }
  return resolve(runGit(['rev-parse', '--absolute-git-dir'], env).trim());
}

export interface InstallOptions {
  readonly introduction: readonly string[];
  readonly policyRef: string | undefined;
}

export async function hookInstall(env: NodeJS.ProcessEnv, options: InstallOptions): Promise<ExitCode> {
  const gitDir = bareRepository(env);
  const inside = { ...hookEnvironment(env), GIT_DIR: gitDir };
  const place = await findPolicyRef(gitDir, options, inside);
  const known = runIfSet(gitDir, inside);
  const introductions =
    place === undefined ? options.introduction : await findIntroductions(place, options, known, inside);
  for (const oid of introductions) await checkIntroduction(oid, inside);
  const set = (args: readonly string[]) => runGit(['config', '--file', `${gitDir}/config`, ...args], inside);
  if (place !== undefined) set([GATE_SETTINGS.policyRef.key, place]);
  for (const oid of introductions) {
    if (!known.includes(oid)) set(['--add', GATE_SETTINGS.introduction.key, oid]);
  }
  // Stronger than a core.hooksPath of the system's or an account's; as seen from the repository, so that it can move.
  set(['core.hooksPath', 'hooks']);
  writeHook(gitDir, { node: process.execPath, program: programFile() });
  const failing = await judgeWhatIsThere(gitDir, inside);
  printText([
    `Each push into ${gitDir} is judged from now on.`,
    place === undefined ? 'The policy is kept outside the repository.' : `The policy is read from ${place}.`,
    ...introductions.map((oid) => `Trusted by name, with all before it: ${oid}`),
    ...toLines(failing),
    'See whether it holds: git-signet hook check',
  ]);
  return EXIT.good;
}

async function judgeWhatIsThere(gitDir: string, env: NodeJS.ProcessEnv): Promise<readonly FailingRef[]> {
  const { gate, policy, close } = await openGating(env, { cacheFolder: cacheFolderOf(gitDir) });
  try {
    return 'unborn' in policy ? [] : await findFailingRefs({ ...gate, policy });
  } finally {
    close();
  }
}

const SHOWN = 20;

/** They stay where they are; nobody trusts them unasked. */
function toLines(failing: readonly FailingRef[]): readonly string[] {
  if (failing.length === 0) return [];
  const shown = failing.slice(0, SHOWN).map(({ ref, oid, failed, reason }) => {
    return `  ${escapeForTerminal(ref)}: ${counted(failed, 'commit')}, ${reason}, the newest is ${oid}`;
  });
  return [
    'These refs hold commits that the policy refuses in every push that takes them elsewhere:',
    ...shown,
    ...(failing.length > SHOWN ? [`  and ${failing.length - SHOWN} more`] : []),
    'Where they are to go on, trust them by name: git-signet hook install --introduction OID',
  ];
}

export function hookUninstall(env: NodeJS.ProcessEnv): ExitCode {
  const gitDir = bareRepository(env);
  const removed = removeHook(gitDir);
  printText([
    removed
      ? `The hook is gone from ${gitDir}: pushes are not judged any more. The settings stay.`
      : `There was no hook of ours in ${gitDir}.`,
  ]);
  return removed ? EXIT.good : EXIT.usage;
}

/** Undefined where the policy is kept outside the repository, and no ref was named. */
async function findPolicyRef(
  gitDir: string,
  { policyRef }: InstallOptions,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (policyRef !== undefined) {
    checkRefName(GATE_SETTINGS.policyRef, policyRef);
    return policyRef;
  }
  const config = async (key: string) =>
    (await runRawGit(['config', '--get', key], env)).stdout.toString('utf8').trim();
  const before = await config(GATE_SETTINGS.policyRef.key);
  if (before !== '') return before;
  if ((await config(CONFIG_SETTINGS.policyFile.key)) !== '' || (await config('signet.allow')) !== '')
    return undefined;
  return runGit(['--git-dir', gitDir, 'symbolic-ref', 'HEAD'], env).trim();
}

/**
 * Those that were named; else what the policy's ref holds on the day of the first installation. Later nothing more is
 * trusted unasked: the hook may be installed again because it did not run.
 */
async function findIntroductions(
  policyRef: string,
  { introduction }: InstallOptions,
  known: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const repository = openGateReader(env);
  const tip = (await repository.refs()).get(policyRef)?.oid;
  if (tip === undefined) {
    if (introduction.length > 0) return introduction;
    if (known.length > 0) return known;
    throw new SignetError(
      'usage',
      `${policyRef} is not there yet, and no introduction was named.`,
      'Name the commit that brings the policy: git-signet hook install --introduction OID',
    );
  }
  const policy = await readPolicy(tip, { repository, parsePolicy: parsePolicyBytes });
  if (typeof policy === 'string') {
    throw new SignetError(
      'config',
      `${policyRef} has no policy that can be used: ${policy}.`,
      'Push one there first.',
    );
  }
  if (introduction.length > 0) return introduction;
  return known.length > 0 ? known : [tip];
}

/** One that is yet to be pushed is taken as it is. */
async function checkIntroduction(oid: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid))
    throw new SignetError('usage', `${JSON.stringify(oid)} is no full object id.`, 'Give all of its digits.');
  const type = (await runRawGit(['cat-file', '-t', oid], env)).stdout.toString('utf8').trim();
  if (type !== '' && type !== 'commit') {
    const hint =
      'Name a commit. Tags of the past are pushed before the hook is installed: it judges each new one.';
    throw new SignetError('usage', `${oid} is a ${type}, and only commits are trusted by name.`, hint);
  }
}

function runIfSet(gitDir: string, env: NodeJS.ProcessEnv): readonly string[] {
  try {
    const args = ['config', '--file', `${gitDir}/config`, '--get-all', GATE_SETTINGS.introduction.key];
    return runGit(args, env).split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
