/** All refs of a push together: branches first, then tags, then the rest; one refusal refuses the whole push. */
import { foldRef } from '../../core/policy/refRules.ts';
import type { PolicyFile } from '../../core/policyFile.ts';
import { SignetError } from '../../errors.ts';
import type { RefOnDisk } from '../../ports.ts';
import { isAncestor } from './ancestry.ts';
import { factsReader } from './commitFacts.ts';
import {
  type Finding,
  finding,
  type Gate,
  isAccepted,
  isZero,
  type RefResult,
  type RefUpdate,
} from './gate.ts';
import type { UpdateContext } from './judgeCommits.ts';
import { readPolicy } from './judgeRange.ts';
import { judgeUpdate } from './judgeUpdate.ts';
import { isAmongNames, type NamedUpdate, nameUpdates, placeInOrder, sameRef } from './names.ts';

/** Judges every ref; in the order in which they were judged. Throws SignetError where nothing can be judged at all. */
export async function judgePushedRefs(
  updates: readonly RefUpdate[],
  gate: Gate,
): Promise<readonly RefResult[]> {
  const { repository, ignoreCase } = gate;
  const refs = await repository.refs();
  const named = await nameUpdates(updates, refs, gate);
  refuseTwice(named, ignoreCase);
  const present = await repository.types(gate.introductions);
  const introductions = gate.introductions.filter((oid) => present.get(oid) === 'commit');
  const open = { ...gate, introductions };
  const policyRef = await resolve(gate.policy.ref, refs, gate);
  const policyTip = policyRef === undefined ? undefined : gate.policy.commit;
  const accepted = new Map<string, string | undefined>();
  const facts = factsReader(open);
  const results: RefResult[] = [];
  const context: UpdateContext = {
    gate: open,
    facts,
    refs,
    accepted,
    policy: gate.policy.file,
    policyRef,
    policyTip,
  };
  for (const one of named.toSorted((a, b) => placeInOrder(a) - placeInOrder(b))) {
    const findings = await judgeUpdate(one, context);
    const result = { update: one.update, findings };
    if (placeInOrder(one) === 0 && isAccepted(result)) {
      accepted.set(one.moved, isZero(one.update.new) ? undefined : one.update.new);
    }
    results.push(result);
  }
  return results;
}

/** The ref that it leads to, where it is a symbolic one. */
export async function resolve(
  ref: string | undefined,
  refs: ReadonlyMap<string, RefOnDisk>,
  { repository }: Pick<Gate, 'repository'>,
): Promise<string | undefined> {
  if (ref === undefined) return undefined;
  const there = refs.get(ref);
  return (there === undefined ? await repository.symbolicTarget(ref) : there.target) ?? ref;
}

function refuseTwice(named: readonly NamedUpdate[], ignoreCase: boolean): void {
  const seen = new Set<string>();
  for (const { moved, update } of named) {
    const name = foldRef(moved, ignoreCase);
    if (seen.has(name)) {
      throw new SignetError('malformed', `The push moves ${update.ref} twice.`, 'Push one value to it.');
    }
    seen.add(name);
  }
}

/** What a first push is judged by: the policy at the introduction. */
export interface FirstPolicy {
  readonly file: PolicyFile;
  readonly commit: string;
}

/**
 * The first push into a repository that reads its policy from a ref: it brings that ref alone, and the introduction is in
 * it. Gives the policy of the introduction that is nearest to the tip, or what is refused.
 */
export async function openFirstPush(
  updates: readonly RefUpdate[],
  policyRef: string,
  gate: Omit<Gate, 'policy'>,
): Promise<FirstPolicy | readonly RefResult[]> {
  const refuse = (reason: Finding['reason'], update: RefUpdate, detail = ''): RefResult => ({
    update,
    findings: [finding(reason, detail === '' ? {} : { detail })],
  });
  const others = updates.filter(({ ref }) => !sameRef(ref, policyRef, gate.ignoreCase));
  const [update] = updates.filter(({ ref }) => isAmongNames([ref], policyRef, gate.ignoreCase));
  if (update === undefined || others.length > 0)
    return updates.map((one) => refuse(others.includes(one) ? 'first-push' : 'allowed', one));
  if (isZero(update.new)) return [refuse('policy-ref-deletion', update)];
  const types = await gate.repository.types([update.new, ...gate.introductions]);
  if (types.get(update.new) !== 'commit') return [refuse('wrong-type', update)];
  const present = gate.introductions.filter((oid) => types.get(oid) === 'commit');
  let newest: string | undefined;
  for (const oid of present) {
    const isInside = await isAncestor(oid, [update.new], gate.repository);
    const isNewer = newest === undefined || (await isAncestor(newest, [oid], gate.repository));
    if (isInside && isNewer) newest = oid;
  }
  if (newest === undefined) return [refuse('introduction-missing', update)];
  const file = await readPolicy(newest, gate);
  if (typeof file === 'string')
    return [refuse('policy-invalid', update, `at the introduction ${newest}: ${file}`)];
  return { file, commit: newest };
}
