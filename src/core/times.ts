import type { EntryState } from './embeddedEntry.ts';
import type { OpenedToken } from './timestampToken.ts';
import type { SigningTime } from './verdict.ts';

/** All times that were found, the one that counts first: the log's own, else the earliest token's. */
export function timesOf(
  entry: EntryState | undefined,
  tokens: readonly OpenedToken[],
): readonly SigningTime[] {
  const stamped = tokens.map(({ at, by }): SigningTime => ({ source: 'timestamp', at, by }));
  stamped.sort((a, b) => a.at.getTime() - b.at.getTime());
  if (entry?.kind !== 'logged' || entry.at === undefined) return stamped;
  return [{ source: 'log', at: entry.at, by: entry.proof.logUrl }, ...stamped];
}
