/** The commits of a range, each by the policy that holds when it comes: the policy ref's own changes count from there on. */

import { MAX_POLICY_BYTES } from '../../core/limits.ts';
import { someGlobIsTouched } from '../../core/policy/glob.ts';
import { type CommitDeed, isByEditor, judgeCommit } from '../../core/policy/mayDo.ts';
import { type RefRules, rulesFor } from '../../core/policy/refRules.ts';
import { whoIs } from '../../core/policy/whoIs.ts';
import { POLICY_FILE_NAME, type PolicyFile } from '../../core/policyFile.ts';
import type { PlacedPolicy } from '../../ports.ts';
import { type ObjectFacts, withKeysOf } from './commitFacts.ts';
import { type Finding, finding, type Gate, isRefused } from './gate.ts';
import type { Range } from './range.ts';

export interface RangeContext {
  readonly names: readonly string[];
  /** The ref is the one that the policy is read from. */
  readonly isPolicyRef: boolean;
  /** Its policy is the one before the range. */
  readonly gate: Gate;
  /** Anybody may merge what the policy's ref has taken in by the same rules: they could make the ref anew from there. */
  readonly mergesFreely?: boolean;
  /** Only rules that this lets pass: a tag's commits are not judged by rules that name where they must be. */
  readonly narrow?: (rules: RefRules) => RefRules;
}

/** Changed paths by commit, where somebody needs them; and which commits change the policy. */
interface Changes {
  readonly paths: ReadonlyMap<string, readonly string[]>;
  readonly policy: ReadonlySet<string>;
}

export interface JudgedRange {
  /** One for each commit, in the order in which they came. */
  readonly findings: readonly Finding[];
  /** What holds after it. */
  readonly policy: PlacedPolicy;
}

export async function judgeRange(range: Range, context: RangeContext): Promise<JudgedRange> {
  const { gate, isPolicyRef } = context;
  const changes = await readChanges(range, context);
  const findings: Finding[] = [];
  let policy: PlacedPolicy = gate.policy;
  for (const segment of segmentsOf(range, changes)) {
    findings.push(...(await judgeSegment(segment, range, changes, { ...context, policy })));
    const last = segment.at(-1);
    if (!isPolicyRef || range.leftLine || last === undefined || !changes.policy.has(last.oid)) continue;
    const place = findings.findIndex(({ oid }) => oid === last.oid);
    const judged = findings[place];
    if (judged === undefined || isRefused(judged)) continue;
    const next = await readPolicy(last.oid, gate);
    if (typeof next === 'string') {
      findings[place] = { ...judged, reason: 'policy-invalid', detail: next };
    } else policy = { file: next, commit: last.oid };
  }
  return { findings, policy };
}

/** The policy file of a commit, or why it has none. */
export async function readPolicy(
  commit: string,
  { repository, parsePolicy }: Pick<Gate, 'repository' | 'parsePolicy'>,
): Promise<PolicyFile | string> {
  const bytes = await repository.file(commit, POLICY_FILE_NAME, MAX_POLICY_BYTES);
  if (bytes === undefined) return `there is no ${POLICY_FILE_NAME}`;
  return bytes === 'too-large' ? TOO_LARGE : parsePolicy(bytes);
}

const TOO_LARGE = `it is larger than ${MAX_POLICY_BYTES >> 10} KiB`;

async function readChanges(range: Range, context: RangeContext): Promise<Changes> {
  const { gate, isPolicyRef, names } = context;
  const changesOf = (only?: string) => changesIn(range, context, only);
  const ofPolicy = isPolicyRef ? await changesOf(POLICY_FILE_NAME) : NONE;
  const changing = new Set([...ofPolicy].filter(([, paths]) => paths.length > 0).map(([oid]) => oid));
  const needsPaths = changing.size > 0 || rulesFor(gate.policy.file, names, gate.ignoreCase).paths.length > 0;
  return { policy: changing, paths: needsPaths ? await changesOf() : NONE };
}

/**
 * Of the line what differs from the commit before; of what it brings, what each commit has done by itself. Where the line was
 * left (`git pull` merges the wrong way round) too: what it comes to in the end was compared with the old value. A merge of
 * what the policy's ref had taken in by the same rules changes what both say.
 */
async function changesIn(
  { all, mainline, brings, leftLine }: Range,
  { gate: { repository }, mergesFreely = false }: RangeContext,
  only: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const line = leftLine ? [] : mainline;
  const pairs = line.map(({ oid, commit }) => ({ commit: oid, parent: commit?.parents[0] }));
  const ofLine = await repository.changes(pairs, only);
  const takesKnown = ({ oid, commit }: ObjectFacts): boolean =>
    mergesFreely && commit?.parents.length === 2 && (brings.get(oid) ?? []).length === 0;
  const isAsked = (one: ObjectFacts): boolean => !ofLine.has(one.oid) || takesKnown(one);
  const own = await ownChanges(all.filter(isAsked), repository, only);
  const ofBoth = [...own].map(
    ([oid, paths]) => [oid, paths.filter((path) => ofLine.get(oid)?.includes(path) ?? true)] as const,
  );
  return new Map([...ofLine, ...ofBoth]);
}

export async function ownChanges(
  commits: readonly ObjectFacts[],
  repository: Gate['repository'],
  only?: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const made = commits.flatMap(({ oid, commit }) => (commit === undefined ? [] : [{ oid, ...commit }]));
  return repository.ownChanges(made, only);
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map();

/** The line, cut after each commit that changes the policy: it is judged by the policy before it. */
function segmentsOf({ mainline, leftLine }: Range, changes: Changes): readonly (readonly ObjectFacts[])[] {
  const segments: ObjectFacts[][] = [[]];
  for (const commit of mainline) {
    segments.at(-1)?.push(commit);
    if (!leftLine && changes.policy.has(commit.oid)) segments.push([]);
  }
  return segments;
}

async function judgeSegment(
  segment: readonly ObjectFacts[],
  range: Range,
  changes: Changes,
  context: RangeContext & { readonly policy: PlacedPolicy },
): Promise<readonly Finding[]> {
  const { gate, names, narrow = (rules: RefRules) => rules } = context;
  const policy = context.policy.file;
  const rules = narrow(rulesFor(policy, names, gate.ignoreCase));
  const brings = (commit: ObjectFacts) => range.brings.get(commit.oid) ?? [];
  const read = segment.flatMap((commit) => [...brings(commit), commit]);
  // The facts were read with the keys of the gate's policy.
  const commits = policy === gate.policy.file ? read : await withKeysOf(context.policy, read, gate);
  const byId = new Map(commits.map((commit) => [commit.oid, commit]));
  const clean = await findCleanMerges(commits, policy, gate);
  const onLine = new Set(segment.map(({ oid }) => oid));
  const isGuarded = (path: string) =>
    path === POLICY_FILE_NAME || rules.paths.some((one) => someGlobIsTouched(one.paths, path));
  const guarding = segment.filter(({ oid }) => clean.has(oid) && changes.paths.get(oid)?.some(isGuarded));
  const moved = await gate.repository.moved(guarding.map(({ oid }) => oid));
  return commits.map((commit) => {
    const { oid, signed, commit: header } = commit;
    const mainline = onLine.has(oid);
    const changedPaths = changes.paths.get(oid) ?? [];
    const deed: CommitDeed = {
      oid,
      signed,
      mainline,
      author: header?.author,
      committer: header?.committer,
      changedPaths,
      policyChange: mainline && changes.policy.has(oid) ? changeOf(commit) : 'none',
      cleanMerge: clean.has(oid),
      byRename: mainline ? (moved.get(oid) ?? []) : changedPaths,
    };
    return toFinding(commit, judgeCommit(deed, rules, policy));
    function changeOf(merge: ObjectFacts): 'own' | 'by-editors' {
      const changing = brings(merge).filter((one) => changes.policy.has(one.oid));
      const isEditors = changing.every(({ oid }) => isByEditor(byId.get(oid)?.signed ?? UNSEEN, policy));
      const isTheirs = isEditors && !moved.get(merge.oid)?.includes(POLICY_FILE_NAME);
      return clean.has(merge.oid) && changing.length > 0 && isTheirs ? 'by-editors' : 'own';
    }
  });
}

const UNSEEN = { reason: 'missing' } as const;

export function toFinding(
  { oid, commit, judged }: ObjectFacts,
  ruling: ReturnType<typeof judgeCommit>,
): Finding {
  const { kind } = judged.object;
  return finding(ruling.reason, { ...ruling, oid, type: kind, judged, subject: commit?.subject ?? '' });
}

/** Asked only about merges that a forge signed: nobody else needs one to be clean. */
async function findCleanMerges(
  commits: readonly ObjectFacts[],
  policy: PolicyFile,
  { repository }: Gate,
): Promise<ReadonlySet<string>> {
  const merges = commits.flatMap(({ oid, commit, signed }) => {
    const [first, second, ...more] = commit?.parents ?? [];
    if (commit === undefined || first === undefined || second === undefined || more.length > 0) return [];
    if ('reason' in signed) return [];
    const standing = whoIs(signed.facts, policy);
    const isForges = 'known' in standing && standing.known.some(({ forge }) => forge);
    return isForges ? [{ oid, tree: commit.tree, parents: [first, second] as const }] : [];
  });
  const trees = await repository.mergedTrees(merges.map(({ parents }) => parents));
  return new Set(merges.filter(({ tree }, place) => trees[place] === tree).map(({ oid }) => oid));
}
