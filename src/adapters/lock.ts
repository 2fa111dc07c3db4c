import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPrivateFolder } from './keychain/privateFolder.ts';

/** The holder rewrites its file this often … */
const BEAT_MS = 500;

/** … so a file that stays the same for this long, by the waiting process' own watch, has lost its holder. */
const STALE_MS = 3_000;

const POLL_MS = 50;

/** Longer than the step from looking at a stale file to replacing it. */
const SETTLE_MS = 150;

/** Waiting that lasts longer than this is worth a word. */
const WORD_AFTER_MS = 1_000;

/** How long to wait: until the time is up, or until somebody does not want to wait any more (Ctrl-C). */
export interface LockPatience {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Called once, after a second. */
  readonly onWait?: () => void;
}

/**
 * Runs `task` while no other process of this person runs one under the same name (`[a-z0-9-]+`). Once `patience` is
 * over, and where no lock file can be made, it runs all the same: a lock saves work, and nothing may depend on it.
 * Whoever waited looks again whether its work is still needed.
 *
 * The lock is a file that changes as long as its holder lives. Neither process ids (reused, and different in each
 * container) nor times of day (clocks jump, servers have their own) are compared, so it works on shared and network
 * folders too.
 */
export async function withLock<T>(
  env: NodeJS.ProcessEnv,
  name: string,
  patience: LockPatience,
  task: () => Promise<T>,
): Promise<T> {
  const folder = openPrivateFolder(env);
  const release = folder === undefined ? undefined : await acquire(join(folder, `${name}.lock`), patience);
  try {
    return await task();
  } finally {
    release?.();
  }
}

/** Undefined when patience is over or the file cannot be made. */
async function acquire(path: string, patience: LockPatience): Promise<(() => void) | undefined> {
  const { timeoutMs, signal, onWait } = patience;
  const mine = randomUUID();
  const deadline = performance.now() + timeoutMs;
  const wordAt = performance.now() + WORD_AFTER_MS;
  let told = onWait === undefined;
  let seen: string | undefined;
  let seenAt = 0;
  for (;;) {
    const made = create(path, mine);
    if (made === 'impossible') return undefined;
    if (made !== 'exists') return hold(path, mine, made);
    const content = read(path);
    if (content !== seen) [seen, seenAt] = [content, performance.now()];
    if (performance.now() - seenAt > STALE_MS) {
      const taken = await takeOver(path, mine, content);
      if (taken !== undefined) return hold(path, mine, taken);
    }
    if (!told && performance.now() >= wordAt) {
      told = true;
      onWait?.();
    }
    if (signal?.aborted === true || performance.now() >= deadline) return undefined;
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
}

/** A file descriptor of the new file. `wx` is atomic, on network file systems too. */
function create(path: string, content: string): number | 'exists' | 'impossible' {
  let fd: number;
  try {
    fd = openSync(path, 'wx', 0o600);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'exists' : 'impossible';
  }
  if (write(fd, content)) return fd;
  closeSync(fd);
  rmSync(path, { force: true });
  return 'impossible';
}

/** False where the disk is full, or gone: without a beat others take the lock over, which is no reason to end the task. */
function write(fd: number, content: string): boolean {
  try {
    writeSync(fd, content, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Several may find the same file stale: each puts its own over it, and the last one has it. The file is never absent
 * meanwhile, so nobody can create it in between.
 */
async function takeOver(path: string, mine: string, stale: string): Promise<number | undefined> {
  const own = `${path}.${mine}`;
  const fd = create(own, mine);
  if (typeof fd !== 'number') return undefined;
  try {
    if (read(path) === stale) {
      renameSync(own, path);
      await sleep(SETTLE_MS);
      if (read(path) === mine) return fd;
    }
  } catch {
    // not taken
  }
  rmSync(own, { force: true });
  closeSync(fd);
  return undefined;
}

/** Writes through the descriptor, so that a holder which slept does not write into its successor's file. */
function hold(path: string, mine: string, fd: number): () => void {
  let beats = 0;
  const timer = setInterval(() => write(fd, `${mine} ${++beats}`), BEAT_MS).unref();
  const release = (): void => {
    clearInterval(timer);
    process.removeListener('exit', release);
    closeSync(fd);
    if (read(path).startsWith(mine)) rmSync(path, { force: true });
  };
  process.once('exit', release);
  return release;
}

/** Empty where it is just going away: the next look will tell. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
