/** What an update undoes without a commit that does so, where the ref's old value is no commit of its line. */
import { someGlobIsTouched } from '../../core/policy/glob.ts';
import { type CommitDeed, judgeCommit, type Ruling } from '../../core/policy/mayDo.ts';
import { mayUpdate, type RefRules } from '../../core/policy/refRules.ts';
import { POLICY_FILE_NAME } from '../../core/policyFile.ts';
import type { CommitPair, WalkedCommit } from '../../ports.ts';
import { isAncestor } from './ancestry.ts';
import type { FactsReader, ObjectFacts } from './commitFacts.ts';
import { type Gate, isRefused } from './gate.ts';
import { ownChanges } from './judgeRange.ts';
import type { Range } from './range.ts';

export interface LeftLine {
  readonly old: string;
  readonly tip: string;
  readonly range: Range;
  readonly rules: RefRules;
  readonly isPolicyRef: boolean;
}

/**
 * A protected path that is otherwise than it was at the old value, and that no commit has changed, or that somebody
 * brought to the line who may not change it; undefined where nothing is undone. Whoever may delete the ref may make it
 * anew as they like: there is nothing to protect then.
 */
export async function findUndone(
  { old, tip, range, rules, isPolicyRef }: LeftLine,
  gate: Gate,
  facts: FactsReader,
): Promise<string | undefined> {
  const { repository, maxCommits } = gate;
  if (!isPolicyRef && mayBeMadeAnew(rules)) return undefined;
  const [paths = []] = (await repository.changes([{ commit: tip, parent: old }])).values();
  if (isPolicyRef && paths.includes(POLICY_FILE_NAME)) return POLICY_FILE_NAME;
  const isGuarded = (path: string) => rules.paths.some((rule) => someGlobIsTouched(rule.paths, path));
  const guarded = paths.filter(isGuarded);
  if (guarded.length === 0 || !(await isAncestor(old, [tip], repository))) return guarded[0];
  const walked = await repository.commits([tip], [old], maxCommits);
  if (walked.length > maxCommits) return guarded[0];
  const read = await facts.read(walked.map(({ oid }) => oid));
  const changes = await ownChanges([...read.values()], repository);
  const line = lineFrom(old, walked);
  const ofLine = await repository.changes(line);
  const judged = new Set(range.all.map(({ oid }) => oid));
  for (const { commit: oid, parent } of line) {
    // That merge is on the policy's ref, which takes the same to change the path.
    if (parent === old && !judged.has(oid)) continue;
    const touched = (ofLine.get(oid) ?? []).filter(isGuarded);
    const deed = { ...(read.get(oid) as ObjectFacts), touched, own: changes.get(oid) ?? [] };
    if (touched.length > 0 && isRefused(await judgeOnLine(deed, rules, gate))) return touched[0];
  }
  const pathsOf = (wanted: readonly WalkedCommit[]) =>
    new Set(wanted.flatMap(({ oid }) => changes.get(oid) ?? []));
  // What a merge makes of changes is nobody's who was asked, where another ref has judged it.
  const made = pathsOf(walked.filter(({ parents }) => parents.length < 2));
  const merged = pathsOf(walked.filter(({ oid, parents }) => parents.length > 1 && !judged.has(oid)));
  return guarded.find((path) => !made.has(path) || merged.has(path));
}

/** By whoever deletes it first: what was there before is protected by nothing. */
export function mayBeMadeAnew(rules: RefRules): boolean {
  return mayUpdate(rules, 'force') && mayUpdate(rules, 'delete');
}

/**
 * The line as it were if the commit that joined it to the old value had been made the other way round, newest first. `walked`:
 * newest first, parents after their children.
 */
function lineFrom(old: string, walked: readonly WalkedCommit[]): readonly CommitPair[] {
  const reaching = new Set([old]);
  for (const { oid, parents } of walked.toReversed()) {
    if (parents.some((parent) => reaching.has(parent))) reaching.add(oid);
  }
  const byId = new Map(walked.map((commit) => [commit.oid, commit]));
  const line: CommitPair[] = [];
  for (let next = walked[0]; next !== undefined; ) {
    const [first = ''] = next.parents;
    const isJoined = reaching.has(first);
    line.push({ commit: next.oid, parent: isJoined ? first : old });
    next = isJoined ? byId.get(first) : undefined;
  }
  return line;
}

interface OnLine extends ObjectFacts {
  readonly touched: readonly string[];
  readonly own: readonly string[];
}

async function judgeOnLine(
  { oid, signed, commit, touched, own }: OnLine,
  rules: RefRules,
  { repository, policy }: Gate,
): Promise<Ruling> {
  const [first = '', second = ''] = commit?.parents ?? [];
  const trees = commit?.parents.length === 2 ? await repository.mergedTrees([[first, second]]) : [];
  const deed: CommitDeed = {
    oid,
    signed,
    mainline: true,
    author: commit?.author,
    committer: commit?.committer,
    changedPaths: touched,
    policyChange: 'none',
    cleanMerge: trees[0] !== undefined && trees[0] === commit?.tree,
    byRename: own,
  };
  return judgeCommit(deed, rules, policy.file);
}
