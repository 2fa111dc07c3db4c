/** What an update undoes without a commit that does so, where the ref's old value is no commit of its line. */
import { someGlobIsTouched } from '../../core/policy/glob.ts';
import { mayUpdate, type RefRules } from '../../core/policy/refRules.ts';
import { POLICY_FILE_NAME } from '../../core/policyFile.ts';
import { isAncestor } from './ancestry.ts';
import type { FactsReader } from './commitFacts.ts';
import type { Gate } from './gate.ts';
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
 * A protected path that is otherwise than it was at the old value; undefined where nothing is undone. Whoever may delete the
 * ref may make it anew as they like: there is nothing to protect then.
 */
export async function findUndone(
  { old, tip, range, rules, isPolicyRef }: LeftLine,
  { repository, maxCommits }: Gate,
  facts: FactsReader,
): Promise<string | undefined> {
  if (!isPolicyRef && mayUpdate(rules, 'force') && mayUpdate(rules, 'delete')) return undefined;
  const [paths = []] = (await repository.changes([{ commit: tip, parent: old }])).values();
  if (isPolicyRef && paths.includes(POLICY_FILE_NAME)) return POLICY_FILE_NAME;
  const guarded = paths.filter((path) => rules.paths.some((rule) => someGlobIsTouched(rule.paths, path)));
  if (guarded.length === 0 || !(await isAncestor(old, [tip], repository))) return guarded[0];
  const walked = await repository.commits([tip], [old], maxCommits);
  if (walked.length > maxCommits) return guarded[0];
  const commits = [...(await facts.read(walked.map(({ oid }) => oid))).values()];
  const changes = await ownChanges(commits, repository);
  const judged = new Set(range.all.map(({ oid }) => oid));
  const pathsOf = (wanted: readonly { readonly oid: string }[]) =>
    new Set(wanted.flatMap(({ oid }) => changes.get(oid) ?? []));
  // A change is somebody's; what a merge makes of it, nobody's who was asked where another ref has judged it.
  const made = pathsOf(walked.filter(({ parents }) => parents.length < 2));
  const merged = pathsOf(walked.filter(({ oid, parents }) => parents.length > 1 && !judged.has(oid)));
  return guarded.find((path) => !made.has(path) || merged.has(path));
}
