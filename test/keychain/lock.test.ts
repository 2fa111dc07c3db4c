import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../src/adapters/lock.ts';
import { run } from '../run.ts';
import { hasPrograms, makePlace, type Place, parseLines } from './harness.ts';

let place: Place;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(() => place.remove());

const lockFiles = () => readdirSync(join(place.runtimeDir, 'git-signet', 'run'));

test('ten processes at once make one thing once; without a lock they make it more often', async () => {
  const tenTimes = async (product: string, env = {}) => {
    const children = Array.from({ length: 10 }, () => place.child(['lock', product, '20000'], env));
    expect((await Promise.all(children)).map(({ code }) => code)).toEqual(Array(10).fill(0));
    return readFileSync(`${product}.runs`, 'utf8');
  };
  expect(await tenTimes(join(place.home, 'locked'))).toBe('x');
  expect(lockFiles()).toEqual([]);
  const noFolder = { XDG_RUNTIME_DIR: '', HOME: '/dev/null' };
  expect(await tenTimes(join(place.home, 'unlocked'), noFolder)).toMatch(/^xx+$/);
});

test('a holder that was killed with -9 is replaced by one process, within seconds', async () => {
  const mark = join(place.home, 'mark');
  const holder = spawn(process.execPath, [place.program, 'lock-and-sleep', mark], { env: place.env });
  while (!existsSync(mark)) await sleep(10);
  expect(lockFiles()).toEqual(['login.lock']);
  holder.kill('SIGKILL');
  await once(holder, 'close');
  expect(lockFiles()).toEqual(['login.lock']);
  const product = join(place.home, 'product');
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 5 }, () => place.child(['lock', product, '20000'])));
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  expect(readFileSync(`${product}.runs`, 'utf8')).toBe('x');
  expect(lockFiles()).toEqual([]);
});

/** Holds the lock until it is told to end. */
function holdLock(): { readonly isHeld: () => boolean; readonly end: () => Promise<void> } {
  let held = true;
  let end = (): void => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  const ended = withLock(place.env, 'login', { timeoutMs: 0 }, async () => {
    await told;
    held = false;
  });
  return {
    isHeld: () => held,
    end: () => {
      end();
      return ended;
    },
  };
}

test('a living holder is not robbed, and waiting for it is bounded', async () => {
  const { isHeld, end } = holdLock();
  let words = 0;
  const onWait = () => {
    words += 1;
  };
  expect(await withLock(place.env, 'login', { timeoutMs: 4_000, onWait }, async () => isHeld())).toBe(true);
  expect(words).toBe(1);
  const waiting = withLock(place.env, 'login', { timeoutMs: 10_000 }, async () =>
    expect(isHeld()).toBe(false),
  );
  await end();
  await waiting;
  await withLock(place.env, 'login', { timeoutMs: 10_000, onWait }, async () => expect(words).toBe(1));
  expect(lockFiles()).toEqual([]);
});

test('Ctrl-C ends the waiting at once', async () => {
  const cancelled = new AbortController();
  const { isHeld, end } = holdLock();
  setTimeout(() => cancelled.abort(), 200);
  // Longer than the test may take.
  const patience = { timeoutMs: 60_000, signal: cancelled.signal };
  expect(await withLock(place.env, 'login', patience, async () => isHeld())).toBe(true);
  await end();
});

test('released when the task fails; another name is another lock', async () => {
  const failing = withLock(place.env, 'login', { timeoutMs: 0 }, () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(lockFiles()).toEqual([]);
  await withLock(place.env, 'login', { timeoutMs: 0 }, () =>
    withLock(place.env, 'other', { timeoutMs: 0 }, async () => expect(lockFiles().length).toBe(2)),
  );
});

test('on a full disk nothing is left that anybody would wait for', async () => {
  const done = join(place.home, 'done');
  writeFileSync(done, '');
  const lock = [process.execPath, place.program, 'lock', done, '20000'];
  const full = (command: readonly string[]) =>
    run('bash', ['-c', `trap '' XFSZ; ulimit -f 0; exec "$@"`, 'bash', ...command], { env: place.env });
  expect(parseLines(await full(lock))).toMatchObject([{ locked: true }]);
  expect(lockFiles()).toEqual([]);
});

test.skipIf(!hasPrograms('prlimit'))('a disk that becomes full meanwhile does not end the task', async () => {
  const mark = join(place.home, 'mark');
  const holder = spawn(process.execPath, [place.program, 'lock-and-sleep', mark], { env: place.env });
  while (!existsSync(mark)) await sleep(10);
  execFileSync('prlimit', ['--pid', String(holder.pid), '--fsize=0']);
  // Three beats.
  await sleep(1_500);
  expect(holder.exitCode).toBeNull();
  holder.kill('SIGKILL');
  await once(holder, 'close');
});

test('where no lock file can be made the work is done all the same', async () => {
  expect(await withLock({}, 'login', { timeoutMs: 10_000 }, async () => 'done')).toBe('done');
  expect(await withLock({ HOME: '/dev/null' }, 'login', { timeoutMs: 10_000 }, async () => 'done')).toBe(
    'done',
  );
});
