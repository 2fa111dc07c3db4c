/** Running git on bytes, for its own objects: nothing replaced, nothing fetched, no hook of the repository run. */
import { spawn } from 'node:child_process';
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

/** Throws SignetError `config` where there is no git; otherwise whatever git does is in what it returns. */
export function runGitBytes(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Uint8Array = '',
): Promise<GitOutput> {
  const child = spawn(findGit(env), [...HARMLESS, ...args], {
    env: readingEnvironment(env),
    stdio: 'pipe',
    // A Ctrl-C is for us: what is being written shall be written.
    detached: true,
    windowsHide: true,
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // It ended before it read everything: its status says why.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => {
    const settle = (status: number | null): void => {
      const said = Buffer.concat(stderr).toString('utf8').trim().split('\n')[0] ?? '';
      resolve({ status, stdout: Buffer.concat(stdout), said });
    };
    child.once('error', () => settle(null));
    child.once('close', settle);
  });
}
