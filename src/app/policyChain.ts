/** From a trusted commit to the newest: each change of the policy on the way is one that the hook would have let in. */

import { MAX_POLICY_COMMITS } from '../core/limits.ts';
import { POLICY_FILE_NAME } from '../core/policyFile.ts';
import { REASONS, type Reason } from '../core/reasons.ts';
import { SignetError } from '../errors.ts';
import type { PlacedPolicy, WalkedCommit } from '../ports.ts';
import { isAncestor } from './gate/ancestry.ts';
import { type Gate, isRefused } from './gate/gate.ts';
import { readPolicy } from './gate/judgeRange.ts';
import { judgeAlone } from './gate/policyChange.ts';

/** A policy, and the commit that it is believed at. */
export type TrustedPolicy = PlacedPolicy & { readonly commit: string };

export interface Followed extends TrustedPolicy {
  /** Commits of the line that changed it, oldest first. */
  readonly changes: readonly string[];
}

export interface ChainRequest {
  readonly from: TrustedPolicy;
  readonly tip: string;
  /** Full name that the policy's ref has where pushes are judged. */
  readonly ref: string;
}

/** Throws SignetError `refused-identity` at the first change that nobody may have made: all before it stays what counts. */
export async function followPolicy(
  { from, tip, ref }: ChainRequest,
  gate: Omit<Gate, 'policy'>,
): Promise<Followed> {
  const { repository } = gate;
  const line = await findLine(from, tip, gate);
  const changed = await repository.changes(
    line.map(({ oid, parents }) => ({ commit: oid, parent: parents[0] })),
    POLICY_FILE_NAME,
  );
  const changes = line.filter(({ oid }) => (changed.get(oid) ?? []).length > 0);
  let { file } = from;
  for (const { oid, parents } of changes) {
    // Its key files are those of the commit before, as they are for a push.
    const before = { file, commit: parents[0] ?? from.commit };
    const { finding, policy } = await judgeAlone(oid, ref, { ...gate, policy: before });
    if (isRefused(finding)) throw refused(oid, finding.reason, finding.detail);
    file = policy.file;
  }
  return { commit: tip, file, changes: changes.map(({ oid }) => oid) };
}

/** The policy of a commit. Throws SignetError `config`. */
export async function readPolicyAt(
  commit: string,
  { repository, parsePolicy }: Pick<Gate, 'repository' | 'parsePolicy'>,
): Promise<TrustedPolicy> {
  const file = await readPolicy(commit, { repository, parsePolicy });
  if (typeof file !== 'string') return { file, commit };
  throw new SignetError(
    'config',
    `The policy in ${commit} cannot be used: ${file.replace(/\.$/, '')}.`,
    'An editor has to put it right with a further commit, and you to trust that one.',
  );
}

/**
 * The first-parent line from the trusted commit to the tip, oldest first. Where that commit came in by a merge (a policy
 * from a branch; a plain `git pull` and push), the line begins at the merge, if the policy there is still the same.
 */
async function findLine(
  from: TrustedPolicy,
  tip: string,
  gate: Pick<Gate, 'repository'>,
): Promise<readonly WalkedCommit[]> {
  if (tip === from.commit) return [];
  const { repository } = gate;
  const line = await repository.firstParents(tip, [from.commit], MAX_POLICY_COMMITS);
  if (line.length > MAX_POLICY_COMMITS) throw refused(tip, 'too-many-commits');
  if (line.at(-1)?.parents[0] === from.commit) return line.toReversed();
  const reaching = await countReaching(line, from.commit, gate);
  const merge = line[reaching - 1];
  if (merge === undefined) throw leftLine(from.commit, tip);
  const pair = { commit: merge.oid, parent: from.commit };
  const changed = await repository.changes([pair], POLICY_FILE_NAME);
  if ((changed.get(merge.oid) ?? []).length > 0) throw refused(merge.oid, 'old-as-side-branch');
  return line.slice(0, reaching - 1).toReversed();
}

/** How many of the line, from the newest on, have the commit among their ancestors. */
async function countReaching(
  line: readonly WalkedCommit[],
  commit: string,
  { repository }: Pick<Gate, 'repository'>,
): Promise<number> {
  let [known, unknown] = [0, line.length];
  while (known < unknown) {
    const middle = (known + unknown) >> 1;
    const reaches = await isAncestor(commit, [line[middle]?.oid ?? commit], repository);
    if (reaches) known = middle + 1;
    else unknown = middle;
  }
  return known;
}

function refused(oid: string, reason: Reason, detail?: string): SignetError {
  return new SignetError(
    'refused-identity',
    `The policy is not followed to ${oid}: ${REASONS[reason].text}${detail === undefined ? '' : ` (${detail})`}.`,
    'What was trusted before still counts. If you know better, trust a later commit by its id: git-signet policy trust OID',
  );
}

function leftLine(from: string, tip: string): SignetError {
  return new SignetError(
    'config',
    `${from} is not in the history of ${tip}, where the ref of the policy is.`,
    'Push the commit, or fetch; or name the ref that has it with --ref. Else the ref was rewritten.',
  );
}
