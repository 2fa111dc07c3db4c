/** Whether a commit is in what others come from, whatever the commits say of their time. */
import type { GateReader } from '../../ports.ts';

/**
 * Of any of the tips. git's walk goes by the dates of commits: that it reaches a commit holds, that it does not may be the
 * doing of a wrong clock, and is asked again in a way that takes longer.
 */
export async function isAncestor(
  commit: string,
  tips: readonly string[],
  repository: Pick<GateReader, 'commits' | 'isAncestor'>,
): Promise<boolean> {
  if ((await repository.commits([commit], tips, 0)).length === 0) return true;
  for (const tip of tips) {
    if (await repository.isAncestor(commit, tip)) return true;
  }
  return false;
}
