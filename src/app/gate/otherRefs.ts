/** What lies on a server before it is guarded: commits that could not be pushed to another ref, or merged. */
import { REASONS, type Reason } from '../../core/reasons.ts';
import { type Gate, isRefused } from './gate.ts';
import { judgePushedRefs } from './judgePush.ts';

/** A branch or tag with commits that the policy refuses. */
export interface FailingRef {
  readonly ref: string;
  /** How many of its commits fail. */
  readonly failed: number;
  /** The newest of them, and why. */
  readonly oid: string;
  readonly reason: Reason;
}

/**
 * Judges every branch and tag but the policy's own as if somebody pushed it into a repository that has that one alone. What
 * is there already stays there: this is about where it may go on. Throws SignetError where nothing can be judged.
 */
export async function findFailingRefs(gate: Gate): Promise<readonly FailingRef[]> {
  const refs = await gate.repository.refs();
  const own =
    gate.policy.ref === undefined ? undefined : (refs.get(gate.policy.ref)?.target ?? gate.policy.ref);
  const kept = new Map([...refs].filter(([name]) => name === own));
  const others = [...refs].filter(
    ([name, { target }]) => name !== own && target === undefined && /^refs\/(heads|tags)\//.test(name),
  );
  const alone = { ...gate, repository: { ...gate.repository, refs: async () => kept } };
  const updates = others.map(([ref, { oid }]) => ({ ref, old: oid.replaceAll(/./g, '0'), new: oid }));
  const results = await judgePushedRefs(updates, alone);
  return results.flatMap(({ update, findings }) => {
    const failed = findings.filter((one) => isRefused(one) && isOfCommits(one));
    const newest = failed.at(-1);
    if (newest === undefined) return [];
    return [{ ref: update.ref, failed: failed.length, oid: newest.oid ?? update.new, reason: newest.reason }];
  });
}

/** An old tag is pushed no more, and a push has no certificate here: only commits go on. */
function isOfCommits({ type, oid, reason }: { type?: string; oid?: string; reason: Reason }): boolean {
  if (type !== undefined) return type === 'commit';
  return oid !== undefined || reason === 'too-many-commits' || REASONS[reason].decision === 'incomplete';
}
