/** git, run to its end. Its verifying call reads settings with this: nothing heavy belongs here. */
import type { SpawnSyncReturns } from 'node:child_process';
import { childEnvironment } from '../childEnvironment.ts';
import { findGit } from './findGit.ts';

export interface GitBounds {
  readonly input?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Bytes of output; what is beyond ends git. */
  readonly maxBuffer?: number;
}

/** Throws SignetError `config` where there is no git; otherwise whatever git does is in what it returns. */
export function callGit(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  bounds?: GitBounds,
): SpawnSyncReturns<Buffer> {
  // Loading it takes 3 ms, which callers that set everything in the environment do not pay.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  return spawnSync(findGit(env), args, {
    maxBuffer: 1 << 28,
    ...bounds,
    env: childEnvironment(env),
    windowsHide: true,
  });
}

/** What git complains of, in its own words; hints and warnings stand before it. Null: it was not even started. */
export function complaintOf(stderr: Buffer | string | null): string {
  const text = `${stderr ?? ''}`;
  const [, said] = /^(?:fatal|error): *(.+)/m.exec(text) ?? /^(?!warning: |hint: )(.+)/m.exec(text) ?? [];
  return said ?? 'it did not say why';
}
