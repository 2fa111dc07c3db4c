/** Running git on bytes, for its own objects: nothing replaced, nothing fetched, no hook of the repository run. */
import { spawn } from 'node:child_process';
import { MAX_GIT_OUTPUT_BYTES } from '../../core/limits.ts';
import { findGit } from './findGit.ts';
import { readingEnvironment } from './rawGit.ts';

export interface GitOutput {
  /** 0 where it went well; null where git could not be run to its end. */
  readonly status: number | null;
  readonly stdout: Buffer;
  /** Its first line, for people; may hold names from strangers. */
  readonly said: string;
}

/** `-c` options before every command: a repository may bring programs to be run. */
export const HARMLESS = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'] as const;

/**
 * Throws SignetError `config` where there is no git; otherwise whatever git does is in what it returns. Who says more than
 * `maxBytes` is ended: a folder that holds itself in 256 ways, eight times over, is a push of 100 kB.
 */
export function runGitBytes(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Uint8Array = '',
  maxBytes: number = MAX_GIT_OUTPUT_BYTES,
): Promise<GitOutput> {
  const child = spawn(findGit(env), [...HARMLESS, ...args], {
    env: readingEnvironment(env),
    stdio: 'pipe',
    // A Ctrl-C is for us: what is being written shall be written.
    detached: true,
    windowsHide: true,
  });
  running.add(child);
  const stdout: Buffer[] = [];
  let stderr = '';
  let left = maxBytes;
  child.stdout.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left >= 0) stdout.push(chunk);
    else child.kill();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < MAX_SAID_LENGTH) stderr += chunk;
  });
  // It ended before it read everything: its status says why.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => {
    const settle = (status: number | null): void => {
      running.delete(child);
      const said = stderr.trim().split('\n')[0] ?? '';
      resolve(left < 0 ? CUT : { status, stdout: Buffer.concat(stdout), said });
    };
    child.once('error', () => settle(null));
    child.once('close', settle);
  });
}

/** A merge of two such folders says nothing for hours, and a hook that is over has nobody to say it to. */
const running = new Set<{ kill(): boolean }>();
process.on('exit', () => {
  for (const child of running) child.kill();
});

const MAX_SAID_LENGTH = 64 << 10;
const CUT: GitOutput = { status: null, stdout: Buffer.alloc(0), said: 'its answer is too long' };
