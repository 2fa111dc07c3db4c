/** A push to refs/tags: the tag object itself, what it names, and the commits that come with it. */
import { isTagOf } from '../../core/objectClaims.ts';
import { someGlobMatches } from '../../core/policy/glob.ts';
import { judgeTag } from '../../core/policy/mayDo.ts';
import { foldRef, mayUpdate, type RefRules } from '../../core/policy/refRules.ts';
import { isAncestor } from './ancestry.ts';
import { type Finding, finding, isRefused } from './gate.ts';
import { judgeCommits, type UpdateContext } from './judgeCommits.ts';
import { toFinding } from './judgeRange.ts';
import type { NamedUpdate } from './names.ts';

export interface TagCase {
  readonly named: NamedUpdate;
  readonly rules: RefRules;
  /** Of the new object. */
  readonly type: string;
}

export async function judgeTagUpdate(tag: TagCase, context: UpdateContext): Promise<readonly Finding[]> {
  const { named, rules, type } = tag;
  if (named.current !== undefined && !mayUpdate(rules, 'update')) return [finding('tag-moved')];
  if (type === 'commit') {
    if (rules.whole.some(({ tags }) => tags !== 'any')) return [finding('tag-lightweight')];
    return judgeTarget(named.update.new, tag, context);
  }
  if (type !== 'tag') return [finding('tag-of-no-commit', { detail: `it is a ${type}` })];
  const own = await judgeTagObject(tag, context);
  if (isRefused(own.finding) || own.target === undefined) return [own.finding];
  return [own.finding, ...(await judgeTarget(own.target, tag, context))];
}

async function judgeTagObject(
  { named, rules }: TagCase,
  { facts, policy }: UpdateContext,
): Promise<{ readonly finding: Finding; readonly target?: string }> {
  const oid = named.update.new;
  const read = (await facts.read([oid])).get(oid);
  const header = read?.tag;
  const refuse = (reason: Finding['reason'], detail = '') => ({
    finding: finding(reason, {
      oid,
      type: 'tag',
      ...(read && { judged: read.judged }),
      ...(detail && { detail }),
    }),
  });
  if (read?.judged.object.problem !== undefined) return refuse(read.judged.object.problem.code);
  if (read === undefined || header === undefined) return refuse('malformed', 'it begins like no tag');
  if (!isTagOf(header.name, named.moved)) {
    return refuse('tag-name-mismatch', `it calls itself ${header.name.slice(0, MAX_SHOWN)}`);
  }
  if (header.targetType === 'tag') return refuse('tag-nested');
  if (header.targetType !== 'commit') return refuse('tag-of-no-commit', `it is of a ${header.targetType}`);
  const ruling = judgeTag({ signed: read.signed, tagger: header.tagger }, rules, policy);
  return { finding: { ...toFinding(read, ruling), subject: header.name }, target: header.target };
}

/** A tag may call itself by megabytes. */
const MAX_SHOWN = 200;

/** The commit that is tagged is in the refs that the rules name; where a rule names none, its commits are judged. */
async function judgeTarget(
  commit: string,
  { named, rules }: TagCase,
  context: UpdateContext,
): Promise<readonly Finding[]> {
  const { gate } = context;
  if ((await gate.repository.types([commit])).get(commit) !== 'commit')
    return [finding('missing', { oid: commit })];
  for (const rule of rules.whole.filter(({ target }) => target.length > 0)) {
    if (!(await isReached(commit, rule.target, context)))
      return [finding('tag-target', { oid: commit, rule })];
  }
  const withoutTarget = (all: RefRules): RefRules => ({
    ...all,
    whole: all.whole.filter(({ target }) => target.length === 0),
  });
  if (rules.whole.length > 0 && withoutTarget(rules).whole.length === 0) return [finding('allowed')];
  return judgeCommits(commit, { named, rules, isPolicyRef: false, narrow: withoutTarget }, context);
}

/** By the refs as they are before the push, and by the branches that this push moves where they were judged good. */
async function isReached(
  commit: string,
  target: readonly string[],
  { gate, refs, accepted }: UpdateContext,
): Promise<boolean> {
  const fold = (text: string): string => foldRef(text, gate.ignoreCase);
  const patterns = target.map(fold);
  const values = new Map<string, string | undefined>([...refs].map(([name, { oid }]) => [name, oid]));
  for (const [name, oid] of accepted) values.set(name, oid);
  const tips = [...values].filter(([name]) => someGlobMatches(patterns, fold(name))).map(([, oid]) => oid);
  const commits = tips.filter((oid) => oid !== undefined);
  return commits.length > 0 && (await isAncestor(commit, commits, gate.repository));
}
