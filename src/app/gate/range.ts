/** Which commits an update brings, and which of them are its own line: the others a merge brought in. */
import type { WalkedCommit } from '../../ports.ts';
import type { FactsReader, ObjectFacts } from './commitFacts.ts';
import { type Finding, finding, type Gate } from './gate.ts';

export interface Range {
  /** All that is judged, newest first. */
  readonly all: readonly ObjectFacts[];
  /** The first-parent line, oldest first. */
  readonly mainline: readonly ObjectFacts[];
  /** What each commit of the line brings in, by its id. */
  readonly brings: ReadonlyMap<string, readonly ObjectFacts[]>;
  /** The ref's old value is no commit of the new line: everything counts as the line. */
  readonly leftLine: boolean;
}

export interface RangeRequest {
  readonly tip: string;
  /** Value of the ref before; undefined for a new one. */
  readonly old: string | undefined;
  /** What counts as judged besides, with all its history where it is an introduction. */
  readonly known: readonly string[];
  /** The commits are to be merged or made anew: what the known has by a merge is no part of the line then. */
  readonly landing?: true;
}

/**
 * Finds them. Only the first-parent lines of what is known count as judged: to move a release branch to a commit that
 * was merged into it is to make that commit a part of its line. Gives a finding where history is cut, or too long.
 */
export async function openRange(
  { tip, old, known, landing }: RangeRequest,
  gate: Gate,
  facts: FactsReader,
): Promise<Range | Finding> {
  const { repository, maxCommits } = gate;
  const not = [...new Set([...(old === undefined ? [] : [old]), ...known])];
  const tooMany = finding('too-many-commits', { detail: `more than ${maxCommits}` });
  const walked = await repository.commits([tip], not, maxCommits);
  if (walked.length > maxCommits) return tooMany;
  const { known: seen, end } = followLine(tip, walked);
  const isWhole = landing || end === undefined || not.includes(end);
  const line = isWhole ? seen : [...seen, ...(await repository.firstParents(end, not, maxCommits))];
  if (line.length > maxCommits) return tooMany;
  const inSet = new Set(walked.map(({ oid }) => oid));
  const chain = await withoutIntroduced(line, inSet, gate);
  const leftLine = old !== undefined && end !== old && !(await isOnLine(old, tip, gate));
  const extra = chain.filter(({ oid }) => !inSet.has(oid));
  const byId = await facts.read([...walked, ...extra].map(({ oid }) => oid));
  const cut = findCut([...walked, ...extra], byId);
  if (cut !== undefined) return cut;
  const all = [...byId.values()];
  if (leftLine) return { all, mainline: all.toReversed(), brings: new Map(), leftLine };
  const mainline = chain.toReversed().map(({ oid }) => byId.get(oid) as ObjectFacts);
  return { all, mainline, brings: findBrought(mainline, byId), leftLine };
}

/**
 * The first-parent line as far as it was walked, and what it leads to there: mostly the ref's old value, and then git
 * need not be asked again. Undefined where history begins.
 */
function followLine(
  tip: string,
  walked: readonly WalkedCommit[],
): { known: readonly WalkedCommit[]; end: string | undefined } {
  const byId = new Map(walked.map((commit) => [commit.oid, commit]));
  const known: WalkedCommit[] = [];
  let end: string | undefined = tip;
  for (let next = byId.get(tip); next !== undefined; next = byId.get(end ?? '')) {
    known.push(next);
    [end] = next.parents;
  }
  return { known, end };
}

/** History below an introduction is trusted whole, side branches too; the line only tells first parents. */
async function withoutIntroduced(
  line: readonly WalkedCommit[],
  inSet: ReadonlySet<string>,
  { repository, introductions, maxCommits }: Gate,
): Promise<readonly WalkedCommit[]> {
  const doubtful = line.filter(({ oid }) => !inSet.has(oid)).map(({ oid }) => oid);
  if (doubtful.length === 0 || introductions.length === 0) return line;
  const unknown = await repository.commits(doubtful, introductions, maxCommits);
  if (unknown.length > maxCommits) return line;
  const notIntroduced = new Set(unknown.map(({ oid }) => oid));
  return line.filter(({ oid }) => inSet.has(oid) || notIntroduced.has(oid));
}

/** Whether the first-parent line of the tip comes back to the old value: a plain `git pull` and push does not. */
async function isOnLine(old: string, tip: string, { repository, maxCommits }: Gate): Promise<boolean> {
  if (old === tip) return true;
  const line = await repository.firstParents(tip, [old], maxCommits);
  return line.at(-1)?.parents[0] === old;
}

/**
 * Where the parents in a commit's own bytes are not those that git walked to, history is cut (a shallow clone) or led
 * elsewhere (a graft): what is behind it was not seen.
 */
function findCut(
  walked: readonly WalkedCommit[],
  facts: ReadonlyMap<string, ObjectFacts>,
): Finding | undefined {
  for (const { oid, parents } of walked) {
    const { commit, judged } = facts.get(oid) as ObjectFacts;
    if (judged.object.problem !== undefined) return finding(judged.object.problem.code, { oid });
    if (commit === undefined) return finding('incomplete', { oid, detail: 'it begins like no commit' });
    if (commit.parents.join() !== parents.join()) return finding('incomplete', { oid });
  }
  return undefined;
}

/** Each commit belongs to the first of the line that reaches it. */
function findBrought(
  mainline: readonly ObjectFacts[],
  all: ReadonlyMap<string, ObjectFacts>,
): ReadonlyMap<string, readonly ObjectFacts[]> {
  const taken = new Set(mainline.map(({ oid }) => oid));
  const brings = new Map<string, readonly ObjectFacts[]>();
  for (const { oid, commit } of mainline) {
    const brought: ObjectFacts[] = [];
    const open = [...(commit?.parents.slice(1) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const one = all.get(next);
      if (one === undefined || taken.has(next)) continue;
      taken.add(next);
      brought.push(one);
      open.push(...(one.commit?.parents ?? []));
    }
    brings.set(oid, brought);
  }
  return brings;
}
