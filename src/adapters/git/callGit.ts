/** git, run to its end. Its verifying call reads settings with this: nothing heavy belongs here. */
import type { SpawnSyncReturns } from 'node:child_process';
import { childEnvironment } from '../childEnvironment.ts';
import { findGit } from './findGit.ts';
import { type Bounds, spawnToEnd } from './spawnToEnd.ts';

export type GitBounds = Partial<Bounds>;

/** Throws SignetError `config` where there is no git; otherwise whatever git does is in what it returns. */
export function callGit(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  bounds?: GitBounds,
): SpawnSyncReturns<Buffer> {
  return spawnToEnd(findGit(env), args, childEnvironment(env), { maxBuffer: 1 << 28, ...bounds });
}

/** What git complains of, in its own words; hints and warnings stand before it. Null: it was not even started. */
export function complaintOf(stderr: Buffer | string | null): string {
  const text = `${stderr ?? ''}`;
  const [, said] = /^(?:fatal|error): *(.+)/m.exec(text) ?? /^(?!warning: |hint: )(.+)/m.exec(text) ?? [];
  return said ?? 'it did not say why';
}
