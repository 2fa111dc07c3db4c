/** What the repository of the current folder brings: its policy, its hook, its notes. */
import { existsSync } from 'node:fs';
import { CONFIG_SETTINGS, parseConfig } from '../../adapters/config.ts';
import { parseGateSettings } from '../../adapters/gate/gateSettings.ts';
import { hookPath } from '../../adapters/gate/hookFile.ts';
import { commonFolder } from '../../adapters/git/commonFolder.ts';
import { NOTES_REF } from '../../adapters/git/notesFormat.ts';
import { openPolicy } from '../../adapters/policy/openPolicy.ts';
import { readPolicyFile } from '../../adapters/policy/outsidePolicy.ts';
import type { Settings } from '../../adapters/settings.ts';
import type { Judged } from '../../app/verifyObjects.ts';
import { POLICY_FILE_NAME } from '../../core/policyFile.ts';
import { EXIT } from '../../errors.ts';
import { visibleProblems } from '../hookCheck.ts';
import { bareRepository } from '../hookInstall.ts';
import { findPolicy } from '../policyPlace.ts';
import { type Examined, type Finding, ok, warn, wrong } from './finding.ts';

/** Which policy counts here, and whether the file that lies here is one. Throws SignetError `config`. */
export async function examinePolicy(examined: Examined): Promise<readonly Finding[]> {
  const { settings, place } = examined;
  if (settings === undefined) return [];
  const ref = parseGateSettings(settings).policyRef;
  if (place === 'bare repository' && ref !== undefined)
    return [ok('policy', `read from ${ref} at each push`)];
  const counting = await countingHere(settings, examined);
  const root = place === 'work tree' ? examined.git('rev-parse', '--show-toplevel') : undefined;
  const file = `${root ?? ''}/${POLICY_FILE_NAME}`;
  if (root === undefined || !existsSync(file)) return [counting];
  // Throws for a file that is no policy, whoever trusts it.
  readPolicyFile(file);
  const isTrusted = findPolicy(examined.env) !== undefined;
  return isTrusted
    ? [counting]
    : [
        warn(
          'policy',
          `${POLICY_FILE_NAME} is here, but nobody trusted it in this clone, so it counts for nothing.`,
          'Get the id of a commit from somebody you know, and run git-signet policy trust OID',
        ),
      ];
}

async function countingHere(settings: Settings, { env, place }: Examined): Promise<Finding> {
  const config = parseConfig(settings);
  const counting = findPolicy(env);
  if (counting !== undefined) {
    const { signers, rules } = counting.file;
    const { note } =
      place === 'nothing' ? {} : await openPolicy({ ...config, local: `${commonFolder(env)}/config` });
    const text = `${counting.source}: ${signers.length} signers, ${rules.length} rules`;
    return note === undefined ? ok('policy', text) : warn('policy', note, 'Run git-signet policy update');
  }
  if (config.policy.kind === 'allow')
    return ok('policy', `${config.policy.identities.length} identities in ${CONFIG_SETTINGS.allow.key}`);
  const text = 'No policy says who may sign, ';
  const remedy =
    "Begin with git-signet policy init, or name who may sign: git config --add signet.allow 'ADDRESS ISSUER'";
  if (config.requirePolicy)
    return wrong('policy', `${text}and signet.requirePolicy refuses everything without one.`, remedy);
  return warn('policy', `${text}so a sound signature by anybody is good.`, remedy);
}

/** Where pushes arrive. The proof is left to `hook check`, which pushes. */
export async function examineHook({ env, place, settings }: Examined): Promise<readonly Finding[]> {
  if (place !== 'bare repository' || settings === undefined) return [];
  const gitDir = bareRepository(env);
  const isMeant = existsSync(hookPath(gitDir)) || parseGateSettings(settings).introductions.length > 0;
  if (!isMeant) return [warn('hook', 'Nobody judges what is pushed here.', 'Run git-signet hook install')];
  const problems = await visibleProblems(gitDir, env);
  if (problems.length === 0)
    return [ok('hook', 'in its place; git-signet hook check proves that it holds, by pushes')];
  return problems.map((text) => wrong('hook', text, 'Then run git-signet hook check', EXIT.no));
}

/** Log entries of commits that carry none: only of use where they are, and git fetches them only if told to. */
export function examineNotes({ git, place }: Examined, head: Judged | undefined): readonly Finding[] {
  if (place === 'nothing') return [];
  const isHere = git('rev-parse', '--verify', '--quiet', NOTES_REF) !== undefined;
  if (head?.verdict.status === 'unproven')
    return [
      warn(
        'notes',
        'HEAD carries no log entry, and no note has it: it is not good.',
        isHere ? FETCH : `Run git-signet prove, or get the notes of others: ${FETCH}`,
      ),
    ];
  if (!isHere) return [ok('notes', 'none; only commits that carry no log entry need them')];
  const fetched = git('config', '--get-regexp', String.raw`^remote\..*\.fetch$`);
  if (place === 'bare repository' || fetched === undefined || /refs\/notes\/(signet|\*)/.test(fetched))
    return [ok('notes', 'here')];
  return [warn('notes', 'They are here, but git fetch does not bring new ones.', FETCH)];
}

const FETCH = `git fetch origin ${NOTES_REF}:${NOTES_REF}`;
