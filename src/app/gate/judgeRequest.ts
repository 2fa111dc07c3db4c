/** A pull request: its commits as they will land on a ref, by the policy of the policy ref's tip, before it is merged. */
import { someGlobIsTouched } from '../../core/policy/glob.ts';
import { isByEditor, judgeCommit } from '../../core/policy/mayDo.ts';
import { type RefRules, rulesFor } from '../../core/policy/refRules.ts';
import { POLICY_FILE_NAME, type Rule } from '../../core/policyFile.ts';
import { factsReader, type ObjectFacts } from './commitFacts.ts';
import { type Finding, finding, type Gate, isRefused, isZero, type RefResult } from './gate.ts';
import { judgePushedRefs, resolve } from './judgePush.ts';
import { ownChanges, toFinding } from './judgeRange.ts';
import { isAmongNames, nameUpdates } from './names.ts';
import { openRange, type Range } from './range.ts';

/**
 * `merge`, `squash`: what is judged later is the merge itself; `rebase`, `ff`: these commits become the line; `push`: they
 * are there already, or a merge queue puts exactly them there.
 */
export const LANDINGS = ['merge', 'squash', 'rebase', 'ff', 'push'] as const;
export type Landing = (typeof LANDINGS)[number];

export interface LandingRequest {
  /** Full name of the ref that it is to land on. */
  readonly ref: string;
  /** All zeros where a push makes the ref. */
  readonly base: string;
  /** All zeros where a push removes it. */
  readonly head: string;
  readonly as: Landing;
}

/** What the gate would say when it lands. Nothing in the repository is moved. */
export async function judgeRequest(request: LandingRequest, gate: Gate): Promise<RefResult> {
  const { ref, base, head, as } = request;
  const update = { ref, old: base, new: head };
  const { repository, ignoreCase } = gate;
  const isPush = as === 'ff' || as === 'push';
  const types = await repository.types([base, head, ...gate.introductions]);
  for (const oid of [base, head]) {
    const type = types.get(oid);
    if (isPush ? type === undefined && !isZero(oid) : type !== 'commit') {
      return { update, findings: [finding('missing', { oid })] };
    }
  }
  const introductions = gate.introductions.filter((oid) => types.get(oid) === 'commit');
  const open = { ...gate, introductions };
  if (isPush) {
    // As a push of it would be judged, with the ref where the request says.
    const others = new Map([...(await repository.refs())].filter(([name]) => name !== ref));
    const refs = async () => (isZero(base) ? others : new Map([...others, [ref, { oid: base }]]));
    const [result] = await judgePushedRefs([update], { ...open, repository: { ...repository, refs } });
    return result ?? { update, findings: [finding('missing', { oid: head })] };
  }
  const refs = await repository.refs();
  const [{ names } = { names: [ref] }] = await nameUpdates([update], refs, gate);
  const rules = rulesFor(gate.policy.file, names, ignoreCase);
  if (rules.whole.length === 0 && rules.default === 'deny') {
    return { update, findings: [finding('ref-denied')] };
  }
  const range = await openRange(
    { tip: head, old: undefined, known: [base, ...introductions], landing: true },
    open,
    factsReader(open),
  );
  if ('reason' in range) return { update, findings: [range] };
  const policyRef = await resolve(gate.policy.ref, refs, gate);
  const isPolicyRef = isAmongNames(names, policyRef, ignoreCase);
  const context = { gate: open, rules, mainline: as === 'rebase', isPolicyRef };
  const findings = [...(await judgeLanding(range, context)), ...(await judgeRenames([base, head], context))];
  return {
    update,
    findings: findings.length === 0 ? [finding('allowed', { detail: 'no new commits' })] : findings,
  };
}

interface LandingContext {
  readonly gate: Gate;
  readonly rules: RefRules;
  readonly mainline: boolean;
  readonly isPolicyRef: boolean;
}

/**
 * A forge merges with its own signature: a change of the policy then counts only where each commit that makes it is by an
 * editor, so it is asked for here already.
 */
async function judgeLanding(range: Range, context: LandingContext): Promise<readonly Finding[]> {
  const { gate, rules, mainline, isPolicyRef } = context;
  const policy = gate.policy.file;
  const changes = await ownChanges(range.all, gate.repository, onlyAsked(rules));
  const clean = await cleanMerges(range.all, gate);
  return range.all.toReversed().map((commit) => {
    const changedPaths = changes.get(commit.oid) ?? [];
    const ruling = judgeCommit(
      {
        oid: commit.oid,
        signed: commit.signed,
        mainline,
        author: commit.commit?.author,
        committer: commit.commit?.committer,
        changedPaths,
        policyChange: 'none',
        cleanMerge: clean.has(commit.oid),
        byRename: changedPaths,
      },
      rules,
      policy,
    );
    const found = toFinding(commit, ruling);
    const isChange = isPolicyRef && changedPaths.includes(POLICY_FILE_NAME);
    if (isRefused(found) || !isChange || isByEditor(commit.signed, policy)) return found;
    return { ...found, reason: 'policy-change-denied' };
  });
}

/** Without rules about paths, only the policy file's matters. */
function onlyAsked({ paths }: RefRules): string | undefined {
  return paths.length === 0 ? POLICY_FILE_NAME : undefined;
}

/** Where a file was renamed, git takes a change of the old one to the new one when it lands, which no commit here shows. */
async function judgeRenames(
  [base, head]: readonly [string, string],
  { gate, rules, isPolicyRef }: LandingContext,
): Promise<readonly Finding[]> {
  if (rules.paths.length === 0 && !isPolicyRef) return [];
  const moved = await gate.repository.movedByMerge([base, head]);
  const tell = (reason: Finding['reason'], path: string, rule?: Rule): Finding =>
    finding(reason, {
      oid: head,
      type: 'commit',
      detail: `a file was renamed to ${path} meanwhile: merge ${base.slice(0, 10)} here and sign that`,
      ...(rule && { rule }),
    });
  const ofPolicy = isPolicyRef && moved.includes(POLICY_FILE_NAME);
  return [
    ...(ofPolicy ? [tell('policy-change-denied', POLICY_FILE_NAME)] : []),
    ...rules.paths.flatMap((rule) => {
      const path = moved.find((one) => someGlobIsTouched(rule.paths, one));
      return path === undefined ? [] : [tell('path-not-allowed', path, rule)];
    }),
  ];
}

/** The tree that git's merge has: asked about each merge of two, since there are few in a pull request. */
async function cleanMerges(
  commits: readonly ObjectFacts[],
  { repository }: Gate,
): Promise<ReadonlySet<string>> {
  const merges = commits.flatMap(({ oid, commit }) => {
    const [first, second, ...more] = commit?.parents ?? [];
    if (commit === undefined || first === undefined || second === undefined || more.length > 0) return [];
    return [{ oid, tree: commit.tree, parents: [first, second] as const }];
  });
  const trees = await repository.mergedTrees(merges.map(({ parents }) => parents));
  return new Set(merges.filter(({ tree }, place) => trees[place] === tree).map(({ oid }) => oid));
}
