/** One commit that changes the policy, as a push of it alone to the policy's ref would be judged. */
import { MAX_NEW_COMMITS } from '../../core/limits.ts';
import { POLICY_FILE_NAME } from '../../core/policyFile.ts';
import type { GateReader } from '../../ports.ts';
import { type FactsReader, factsReader, type ObjectFacts } from './commitFacts.ts';
import { type Finding, finding, type Gate } from './gate.ts';
import { judgeRange, ownChanges } from './judgeRange.ts';
import type { Range } from './range.ts';

export interface ChangeJudged {
  readonly finding: Finding;
  /** What holds after it; the gate's own where the change is refused. */
  readonly policy: Gate['policy'];
  readonly facts: ObjectFacts;
}

/**
 * Judges a commit of the first-parent line of `ref`, which is the policy's. Of what it merges, only those commits are looked
 * at that change the policy too: a forge may bring them where editors made them.
 */
export async function judgeAlone(
  oid: string,
  ref: string,
  gate: Gate,
  isPolicyRef = true,
): Promise<ChangeJudged> {
  const reader = factsReader(gate);
  const facts = (await reader.read([oid])).get(oid) as ObjectFacts;
  const refuse = (reason: Finding['reason']): ChangeJudged => ({
    finding: finding(reason, { oid }),
    policy: gate.policy,
    facts,
  });
  const { problem } = facts.judged.object;
  if (problem !== undefined) return refuse(problem.code);
  if (facts.commit === undefined) return refuse('incomplete');
  const brought = isPolicyRef ? await changesOfSide(facts.commit.parents, reader, gate.repository) : [];
  if (brought === undefined) return refuse('too-many-commits');
  const range: Range = {
    all: [facts, ...brought],
    mainline: [facts],
    brings: new Map([[oid, brought]]),
    leftLine: false,
  };
  const { findings, policy } = await judgeRange(range, { names: [ref], isPolicyRef, gate });
  return { finding: findings.find((one) => one.oid === oid) ?? finding('missing', { oid }), policy, facts };
}

/** Commits that only the further parents reach, and that change the policy; undefined where there are too many of them. */
async function changesOfSide(
  [first, ...others]: readonly string[],
  reader: FactsReader,
  repository: GateReader,
): Promise<readonly ObjectFacts[] | undefined> {
  if (first === undefined || others.length === 0) return [];
  const side = await repository.commits(others, [first], MAX_NEW_COMMITS);
  if (side.length > MAX_NEW_COMMITS) return undefined;
  const pairs = side.flatMap(({ oid, parents: [one, ...more] }) =>
    [one, ...more].map((parent) => ({ commit: oid, parent })),
  );
  const touched = await repository.changes(pairs, POLICY_FILE_NAME);
  const oids = side.map(({ oid }) => oid).filter((oid) => (touched.get(oid) ?? []).length > 0);
  const facts = [...(await reader.read(oids)).values()];
  const changed = await ownChanges(facts, repository, POLICY_FILE_NAME);
  return facts.filter(({ oid }) => changed.get(oid)?.length !== 0);
}
