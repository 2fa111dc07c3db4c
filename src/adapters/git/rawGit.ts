/**
 * git as a reader of what is stored, nothing else: a repository is a stranger's, and several of its files would have
 * git show another object, another history, or start a program.
 */
import { type ChildProcessByStdio, type SpawnSyncReturns, spawn } from 'node:child_process';
import { devNull } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { MAX_GIT_OUTPUT_BYTES } from '../../core/limits.ts';
import { childEnvironment } from '../childEnvironment.ts';
import { callGit, complaintOf, type GitBounds } from './callGit.ts';
import { findGit } from './findGit.ts';

/** git while it writes. */
export interface GitStream {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Its exit code; null where it could not be run to its end. */
  readonly ended: Promise<number | null>;
  /** What it complained of until now. */
  said(): string;
  /** Ends it where it has not ended by itself, without waiting. */
  stop(): void;
}

/** Starts git with pipes on all three streams. Throws SignetError `config` where there is none. */
export function startRawGit(args: readonly string[], env: NodeJS.ProcessEnv): GitStream {
  const child = spawn(findGit(env), [...HARMLESS, ...args], {
    env: readingEnvironment(env),
    stdio: ['pipe', 'pipe', 'pipe'],
    // A Ctrl-C is for us: what is being written shall be written.
    detached: true,
    windowsHide: true,
  });
  running.add(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < MAX_STDERR) stderr += chunk;
  });
  // It ended before it read everything: its exit code says why.
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      stderr += String(error);
      resolve(null);
    });
  }).finally(() => running.delete(child));
  const stop = (): void => {
    child.stdout.destroy();
    child.stdin.destroy();
    if (child.exitCode === null) child.kill();
  };
  return { child, ended, said: () => complaintOf(stderr), stop };
}

const MAX_STDERR = 64 << 10;

/** A merge of folders that hold themselves says nothing for hours, and a hook that is over has nobody to say it to. */
const running = new Set<{ kill(): boolean }>();
process.on('exit', () => {
  for (const child of running) child.kill();
});

/**
 * All of what git answers to this input; it is ended where it says more than `maxBytes`: a folder that holds itself in
 * 256 ways, eight times over, is a push of 100 kB. Throws SignetError `config` where there is no git.
 */
export async function runRawGit(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Uint8Array = '',
  maxBytes: number = MAX_GIT_OUTPUT_BYTES,
): Promise<{ readonly status: number | null; readonly stdout: Buffer; readonly said: string }> {
  const { child, ended, said } = startRawGit(args, env);
  const stdout: Buffer[] = [];
  let left = maxBytes;
  child.stdout.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left >= 0) stdout.push(chunk);
    else child.kill();
  });
  child.stdin.end(input);
  const status = await ended;
  if (left < 0) return { status: null, stdout: Buffer.alloc(0), said: 'its answer is too long' };
  return { status, stdout: Buffer.concat(stdout), said: said() };
}

/** The same where nobody can wait for a promise. */
export function callRawGit(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  bounds?: GitBounds,
): SpawnSyncReturns<Buffer> {
  return callGit([...HARMLESS, ...args], readingEnvironment(env), bounds);
}

/**
 * A repository may bring programs to be run; and its commit-graph files are a statement about history, not history.
 */
const HARMLESS = [
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'],
  ...['-c', 'core.commitGraph=false'],
];

/**
 * No replacements (refs/replace), no grafts; nothing is fetched that a partial clone left out: a promisor's URL
 * is the repository's, and `ext::` in it is a command line. (The variable for that is known since git 2.45; without
 * any allowed protocol the older ones fail to fetch.)
 */
function readingEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...childEnvironment(env),
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: devNull,
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}
