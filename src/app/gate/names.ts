/** Refs by all their names: a push to a symbolic ref moves another one, and a push to that one moves it. */
import { foldRef } from '../../core/policy/refRules.ts';
import type { RefOnDisk } from '../../ports.ts';
import type { Gate, RefUpdate } from './gate.ts';

/** An update, and what it is about in truth. */
export interface NamedUpdate {
  readonly update: RefUpdate;
  /** The ref as it is named, the one that moves, and those that lead there. */
  readonly names: readonly string[];
  /** The one that moves. */
  readonly moved: string;
  /** Its value before the push; undefined where there is none. */
  readonly current: string | undefined;
}

/** Looks each one up. `refs`: as they are on disk. */
export async function nameUpdates(
  updates: readonly RefUpdate[],
  refs: ReadonlyMap<string, RefOnDisk>,
  { repository, ignoreCase }: Pick<Gate, 'repository' | 'ignoreCase'>,
): Promise<readonly NamedUpdate[]> {
  const spelled = new Map([...refs].map(([name, { oid }]) => [foldRef(name, ignoreCase), oid]));
  // What leads to a ref moves with it: whoever may not move refs/heads/stable may not move what stable is.
  const leading = new Map<string, string[]>();
  const lead = (name: string, target: string): void => {
    const key = foldRef(target, ignoreCase);
    leading.set(key, [...(leading.get(key) ?? []), name]);
  };
  for (const [name, { target }] of refs) {
    if (target !== undefined) lead(name, target);
  }
  if (updates.some(({ ref }) => !refs.has(ref))) {
    for (const [name, target] of repository.symbolicRefs()) lead(name, target);
  }
  const named: NamedUpdate[] = [];
  for (const update of updates) {
    const there = refs.get(update.ref);
    // A symbolic ref that leads to nothing yet is in no list of refs.
    const target = there === undefined ? await repository.symbolicTarget(update.ref) : there.target;
    const moved = target ?? update.ref;
    const names = [...new Set([update.ref, moved, ...(leading.get(foldRef(moved, ignoreCase)) ?? [])])];
    // The file of refs/heads/Main, made as a new ref, would stand for a refs/heads/main that is in packed-refs.
    named.push({
      update,
      names,
      moved,
      current: refs.get(moved)?.oid ?? spelled.get(foldRef(moved, ignoreCase)),
    });
  }
  return named;
}

/** Whether one of the names is this ref, or leads there. */
export function isAmongNames(
  names: readonly string[],
  ref: string | undefined,
  ignoreCase: boolean,
): boolean {
  return ref !== undefined && names.some((name) => sameRef(name, ref, ignoreCase));
}

export function sameRef(a: string, b: string, ignoreCase: boolean): boolean {
  return foldRef(a, ignoreCase) === foldRef(b, ignoreCase);
}

const RESERVED = ['refs/replace/', 'refs/signet/'];

/** Replaced objects change what others see; our own refs, what is trusted. */
export function isReserved(names: readonly string[]): boolean {
  return names.some((name) => RESERVED.some((start) => `${foldRef(name, true)}/`.startsWith(start)));
}

/** Evidence: nothing in these refs is believed before it is verified at each use. */
export function isEvidence(names: readonly string[]): boolean {
  return names.every((name) => name === 'refs/notes/signet' || name.startsWith('refs/attestations/'));
}

/** What is judged first: a tag's commit may come with a branch of the same push. */
export function placeInOrder({ moved }: NamedUpdate): number {
  if (moved.startsWith('refs/heads/')) return 0;
  return moved.startsWith('refs/tags/') ? 1 : 2;
}
