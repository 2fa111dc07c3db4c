/** `git-signet hook check`: looks for the known ways around the hook, and pushes what it must refuse. */
import { accessSync, constants, lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { childEnvironment } from '../adapters/childEnvironment.ts';
import { hookEnvironment } from '../adapters/gate/hookEnvironment.ts';
import { hookPath, isOurs, programsOf } from '../adapters/gate/hookFile.ts';
import { findOpenKeys } from '../adapters/gate/openKeys.ts';
import { pushIntoCopy } from '../adapters/gate/scratchServer.ts';
import { runRawGit } from '../adapters/git/rawGit.ts';
import { runGit } from '../adapters/git/runGit.ts';
import { escapeForTerminal } from '../adapters/terminal.ts';
import { findMissingInstances } from '../core/policy/missingInstances.ts';
import { PUBLIC_INSTANCES } from '../core/policy/readPolicy.ts';
import { POLICY_FILE_NAME, type PolicyFile } from '../core/policyFile.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { EXIT, type ExitCode, isSignetError } from '../errors.ts';
import { openGating } from './gating.ts';
import { bareRepository } from './hookInstall.ts';
import { printText } from './print.ts';

/** Prints what is wrong; 0 where every push that must be refused was refused. */
export async function hookCheck(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const gitDir = bareRepository(env);
  const problems = [...fileProblems(gitDir), ...pathProblems(gitDir, env)];
  const opened = await openOrSay(gitDir, env, problems);
  const proofs = await pushIntoCopy(gitDir, withoutGit(env), opened);
  for (const { what, refused, said } of proofs) {
    if (!refused) problems.push(`A push in a copy of this repository was not refused by us (${what})${said}`);
  }
  if (problems.length > 0) {
    printText(['The hook does not hold:', ...problems.map((line) => `  ${escapeForTerminal(line)}`)]);
    return EXIT.no;
  }
  printText([
    `The hook holds: ${proofs.length} pushes into a copy were refused as they must be (${proofs.map(({ what }) => what).join(', ')}).`,
    ...findOpenKeys().map((line) => escapeForTerminal(line)),
    'Whoever has a shell on this server can go around every hook (git push --receive-pack=…): see docs/server.md.',
  ]);
  return EXIT.good;
}

/** What can be seen without a push: the file, where git looks for hooks, and whether the settings can be read. */
export async function visibleProblems(gitDir: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const problems = [...fileProblems(gitDir), ...pathProblems(gitDir, env)];
  await openOrSay(gitDir, env, problems);
  return problems;
}

/** git passes over a hook that is not executable, empty or a dangling link, and takes the push. */
function fileProblems(gitDir: string): readonly string[] {
  const path = hookPath(gitDir);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [`${path} is not there. Run git-signet hook install.`];
  if (stats.isSymbolicLink()) {
    return [
      `${path} is a link: when what it leads to goes, git takes every push. Run git-signet hook install.`,
    ];
  }
  if (!stats.isFile()) return [`${path} is no file.`];
  if (stats.size === 0) return [`${path} is empty: it takes every push. Run git-signet hook install.`];
  const problems: string[] = [];
  if (!isExecutable(path))
    problems.push(`${path} is not executable: git passes over it. Run chmod 755 on it.`);
  if ((stats.mode & 0o022) !== 0)
    problems.push(`${path} can be changed by others than its owner. Run chmod 755 on it.`);
  if (!isOurs(path)) return [...problems, `${path} is not the one that git-signet hook install writes.`];
  for (const program of programsOf(path)) {
    if (lstatSync(program, { throwIfNoEntry: false }) === undefined) {
      problems.push(`${program}, which the hook starts, is not there: every push is refused. Install again.`);
    }
  }
  return problems;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whichever scope says it: then git looks for hooks elsewhere. */
function pathProblems(gitDir: string, env: NodeJS.ProcessEnv): readonly string[] {
  const args = ['--git-dir', gitDir, 'config', '--null', '--show-origin', '--get-all', 'core.hooksPath'];
  // Not by our own reader, which sets this very key.
  let output: string;
  try {
    output = runGit(args, withoutGit(env));
  } catch {
    return [];
  }
  const fields = output.split('\0').slice(0, -1);
  const path = fields.at(-1) ?? '';
  if (resolve(gitDir, path) === join(gitDir, 'hooks')) return [];
  return [
    `core.hooksPath is ${path} (${fields.at(-2) ?? ''}): git does not look at ${gitDir}/hooks. Run git-signet hook install.`,
  ];
}

/** Gives the policy's ref and its tip; settings that cannot be read refuse every push, which is told. */
async function openOrSay(gitDir: string, env: NodeJS.ProcessEnv, problems: string[]) {
  const inside = { ...hookEnvironment(env), GIT_DIR: gitDir };
  try {
    const { policy, gate, gateSettings, trust } = await openGating(inside, {});
    const ref =
      gateSettings.policyRef ?? (await runRawGit(['symbolic-ref', 'HEAD'], inside)).stdout.toString().trim();
    const tip = (await gate.repository.refs()).get(ref)?.oid;
    if ('unborn' in policy && gate.introductions.length === 0) {
      problems.push(
        'No introduction is set: the first push is refused. Run git-signet hook install --introduction OID.',
      );
    }
    if ('file' in policy) problems.push(...trustProblems(policy.file, trust));
    return { ref, tip, objectFormat: gate.repository.objectFormat };
  } catch (error) {
    if (!isSignetError(error)) throw error;
    problems.push(`Every push is refused: ${error.message} ${error.hint}`);
    return { ref: 'refs/heads/main', tip: undefined, objectFormat: 'sha1' as const };
  }
}

/** A Sigstore that the policy counts and the trusted root does not know: whatever is signed there is refused. */
function trustProblems(policy: PolicyFile, trust: Trust): readonly string[] {
  const known = trust.certificateAuthorities.map((authority) => authority.root().instance);
  const lines = findMissingInstances(policy, known).map((instance) => {
    const isPublic = PUBLIC_INSTANCES.includes(instance);
    const [which, remedy] = isPublic
      ? ['of the public Sigstore', 'go back to the shipped one: git config --unset signet.trustedRoot']
      : [
          `under the root certificate ${instance}`,
          'name a trusted_root.json that has it: git config signet.trustedRoot FILE',
        ];
    return `The policy counts signatures ${which}, which the trusted root of this server does not hold: each of them is refused as foreign. Have an editor correct instance in ${POLICY_FILE_NAME}, or ${remedy}`;
  });
  return [...new Set(lines)];
}

/** As the account of the server would run git, with its own configuration. */
function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(childEnvironment(env)).filter(([name]) => !/^GIT_(?!CONFIG_)/.test(name));
  return Object.fromEntries(kept);
}
