/** The commits that come with a branch or a tag, by the policy as it was before the push. */

import { mayUpdate, type RefRules, rulesFor } from '../../core/policy/refRules.ts';
import type { PolicyFile } from '../../core/policyFile.ts';
import { REASONS } from '../../core/reasons.ts';
import type { RefOnDisk } from '../../ports.ts';
import { isAncestor } from './ancestry.ts';
import type { FactsReader } from './commitFacts.ts';
import { type Finding, finding, type Gate } from './gate.ts';
import { judgeRange } from './judgeRange.ts';
import type { NamedUpdate } from './names.ts';
import { openRange } from './range.ts';
import { findUndone, mayBeMadeAnew } from './undone.ts';

export interface UpdateContext {
  readonly gate: Gate;
  readonly facts: FactsReader;
  readonly refs: ReadonlyMap<string, RefOnDisk>;
  /** Values that this push gives to branches, of those that were judged good; undefined where it removes them. */
  readonly accepted: ReadonlyMap<string, string | undefined>;
  readonly policy: PolicyFile;
  /** The ref that the policy is read from, by its own name and by what it leads to. */
  readonly policyRef: string | undefined;
  /** Commit that the policy is read from, where it is a ref's. */
  readonly policyTip: string | undefined;
}

export interface RefCase {
  readonly named: NamedUpdate;
  readonly rules: RefRules;
  readonly isPolicyRef: boolean;
  readonly narrow?: (rules: RefRules) => RefRules;
}

/** The commits up to a tip that are new for the ref. */
export async function judgeCommits(
  tip: string,
  { named, rules, isPolicyRef, narrow }: RefCase,
  context: UpdateContext,
): Promise<readonly Finding[]> {
  const { gate, facts } = context;
  const { repository } = gate;
  const old = named.current === undefined ? undefined : await peel(named.current, context);
  const judged = await policyTipIfJudged(tip, { named, rules, isPolicyRef }, context);
  const known = [...gate.introductions, ...judged];
  const range = await openRange({ tip, old, known }, gate, facts);
  // In a history that is cut nobody knows what it comes from.
  if ('reason' in range && REASONS[range.reason].decision === 'incomplete') return [range];
  const isForward = old === undefined || (!('reason' in range) && !range.leftLine);
  if (!isForward && !mayUpdate(rules, 'force') && !(await isAncestor(old, [tip], repository))) {
    return [finding('non-fast-forward')];
  }
  if ('reason' in range) return [range];
  if (range.leftLine && old !== undefined) {
    const undone = await findUndone({ old, tip, range, rules, isPolicyRef }, gate, facts);
    if (undone !== undefined) return [finding('old-as-side-branch', { detail: `it changes ${undone}` })];
  }
  const mergesFreely = judged.length > 0 && mayBeMadeAnew(rules);
  const judging = {
    names: named.names,
    isPolicyRef,
    mergesFreely,
    gate,
    ...(narrow !== undefined && { narrow }),
  };
  const { findings } = await judgeRange(range, judging);
  return findings.length === 0 ? [finding('allowed', { detail: 'no new commits' })] : findings;
}

/** A tag ref's old value may be a tag object. */
async function peel(oid: string, { gate, facts }: UpdateContext): Promise<string | undefined> {
  const type = (await gate.repository.types([oid])).get(oid);
  if (type === 'commit') return oid;
  if (type !== 'tag') return undefined;
  const target = (await facts.read([oid])).get(oid)?.tag;
  return target?.targetType === 'commit' ? target.target : undefined;
}

/**
 * What the policy's ref holds counts as judged where each rule was asked there too: a ref may be older than the gate or a
 * rule, and to push its commits on would launder them.
 */
async function policyTipIfJudged(
  tip: string,
  { named, rules, isPolicyRef }: RefCase,
  { gate, policy, policyRef, policyTip }: UpdateContext,
): Promise<readonly string[]> {
  if (isPolicyRef || policyTip === undefined || policyRef === undefined) return [];
  const theirs = rulesFor(policy, [policyRef], gate.ignoreCase);
  const isAsked = (['whole', 'paths'] as const).every((kind) =>
    rules[kind].every((rule) => theirs[kind].includes(rule)),
  );
  if (isAsked) return [policyTip];
  if (named.current !== undefined) return [];
  const beside = await gate.repository.firstParents(tip, [policyTip], 0);
  return beside.length === 0 ? [policyTip] : [];
}
