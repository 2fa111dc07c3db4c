import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holdStore, stopHold } from '../../src/adapters/keychain/holdClient.ts';
import { startHold } from '../../src/adapters/keychain/startHold.ts';
import { makePlace, type Place, parseLines } from './harness.ts';

let place: Place;
let folder: string;
let socket: string;
beforeEach(async () => {
  place = await makePlace();
  folder = join(place.runtimeDir, 'git-signet', 'run');
  socket = join(folder, 'hold.sock');
});
afterEach(async () => {
  if (existsSync(folder)) chmodSync(folder, 0o700);
  if (existsSync(socket)) chmodSync(socket, 0o600);
  await stopHold(place.env);
  place.remove();
});

const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);
const bytes = (text: string): Uint8Array => Buffer.from(text);
/** Of the one hold process that was started from this place. */
function processId(): number {
  const command = `${place.program} hold-agent`;
  const lines =
    process.platform === 'linux'
      ? readdirSync('/proc').map((pid) => `${pid} ${commandLine(pid)}`)
      : execFileSync('ps', ['-axo', 'pid=,args=']).toString().split('\n');
  return Number(
    lines
      .find((line) => line.includes(command))
      ?.trim()
      .split(' ')[0],
  );
}

function commandLine(pid: string): string {
  try {
    return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : '';
  } catch {
    return ''; // it has ended meanwhile
  }
}

/** Whether this process, and no other one of the machine, listens at 127.0.0.1:9229. */
function isDebugged(pid: number): boolean {
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const listeners = lines.map((line) => line.trim().split(/\s+/)).filter(([, at]) => at === '0100007F:240D');
  const own = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
  return listeners.some((fields) => own.includes(`socket:[${fields[9]}]`));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // it was closed meanwhile
  }
}

async function isGone(): Promise<boolean> {
  for (let i = 0; i < 300 && existsSync(socket); i++) await sleep(50);
  return !existsSync(socket);
}

describe.skipIf(process.platform === 'win32')('login --hold', () => {
  test('none runs: told within 50 ms', async () => {
    const times: number[] = [];
    for (let i = 0; i < 10; i++) {
      const startedAt = performance.now();
      expect(await holdStore(place.env)).toBeUndefined();
      times.push(performance.now() - startedAt);
    }
    expect(Math.min(...times)).toBeLessThan(50);
    expect(await stopHold(place.env)).toBe(false);
  });

  test('keeps, finds and removes, from any process, until it is stopped', async () => {
    const store = await startHold(place.program, place.env);
    await store.set('k', bytes('secret'), inMinutes(10));
    expect(Buffer.from((await store.get('k')) ?? []).toString()).toBe('secret');
    expect(parseLines(await place.child(['store', 'get:k', 'get:other']))).toMatchObject([
      { name: 'git-signet login --hold (memory)' },
      { get: 'secret' },
      { get: null },
    ]);
    await store.delete('k');
    expect(await store.get('k')).toBeUndefined();
    expect(await stopHold(place.env)).toBe(true);
    expect(await isGone()).toBe(true);
  });

  test('is closed to others: modes, core dumps, environment, debugger', async () => {
    const noisy = { ...place.env, SIGSTORE_ID_TOKEN: 'sesame', NODE_OPTIONS: '--no-warnings' };
    const store = await startHold(place.program, noisy);
    await store.set('k', bytes('secret'), inMinutes(10));
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
    expect(lstatSync(socket).mode & 0o777).toBe(0o600);
    if (process.platform !== 'linux') return;
    const pid = processId();
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max core file size +0 +0 /);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/sesame|NODE_OPTIONS/);
    process.kill(pid, 'SIGUSR1');
    await sleep(300);
    expect(isDebugged(pid)).toBe(false);
    expect(await store.get('k')).toBeDefined();
  });

  test.each([
    ['folder', 0o750],
    ['folder', 0o701],
    ['socket', 0o666],
    ['socket', 0o620],
  ] as const)('a %s of mode %o is refused', async (what, mode) => {
    const store = await startHold(place.program, place.env);
    await store.set('k', bytes('secret'), inMinutes(10));
    const path = what === 'folder' ? folder : socket;
    chmodSync(path, mode);
    expect(await holdStore(place.env)).toBeUndefined();
    chmodSync(path, what === 'folder' ? 0o700 : 0o600);
    expect(await holdStore(place.env)).toBeDefined();
  });

  test('an expired item is not given out, and the process ends after the last one', async () => {
    const store = await startHold(place.program, place.env);
    await store.set('short', bytes('secret'), new Date(Date.now() + 4_000));
    await expect(store.set('past', bytes('secret'), new Date(Date.now() - 1))).rejects.toThrow('not kept it');
    expect(await store.get('short')).toBeDefined();
    expect(await store.get('past')).toBeUndefined();
    expect(await isGone()).toBe(true);
    expect(await holdStore(place.env)).toBeUndefined();
  });

  test('ends on SIGTERM; after kill -9 it is absent at once and a new one takes its place', async () => {
    await startHold(place.program, place.env);
    process.kill(processId(), 'SIGTERM');
    expect(await isGone()).toBe(true);
    await startHold(place.program, place.env);
    const killed = processId();
    process.kill(killed, 'SIGKILL');
    while (processId() === killed) await sleep(10);
    expect(existsSync(socket)).toBe(true);
    expect(await holdStore(place.env)).toBeUndefined();
    const store = await startHold(place.program, place.env);
    await store.set('k', bytes('secret'), inMinutes(10));
    expect(await store.get('k')).toBeDefined();
  });

  test('rubbish does not hurt it; one that hangs costs half a second, once', async () => {
    const store = await startHold(place.program, place.env);
    await store.set('k', bytes('secret'), inMinutes(10));
    for (const rubbish of [
      'GET / HTTP/1.1\r\n\r\n',
      '\xff\xff\xff\xff',
      '\0\0\0\x01\x09',
      '\0\0\0\0',
      '\0\0\0\x05abc',
    ]) {
      const client = connect(socket).on('error', () => {});
      client.end(Buffer.from(rubbish, 'latin1'));
      await new Promise((resolve) => client.once('close', resolve).resume());
    }
    expect(await store.get('k')).toBeDefined();
    const pid = processId();
    process.kill(pid, 'SIGSTOP');
    const times: number[] = [];
    for (let i = 0; i < 2; i++) {
      const startedAt = performance.now();
      expect(await holdStore(place.env)).toBeUndefined();
      times.push(performance.now() - startedAt);
    }
    process.kill(pid, 'SIGKILL');
    // Without a bound it would be waited for until somebody lets it go on.
    expect(times[0]).toBeGreaterThan(450);
    expect(times[0]).toBeLessThan(5_000);
    expect(existsSync(join(folder, 'hold-hung'))).toBe(true);
    expect(times[1]).toBeLessThan(times[0] ?? 0);
  });

  test('a listener that only a stranger could have put there is not told anything', async () => {
    await holdStore(place.env);
    let told = 0;
    const stranger = createServer(() => told++);
    await new Promise<void>((resolve) => stranger.listen(socket, resolve));
    chmodSync(socket, 0o777);
    expect(await holdStore(place.env)).toBeUndefined();
    expect(told).toBe(0);
    await new Promise((resolve) => stranger.close(resolve));
  });

  test('says why it cannot start', async () => {
    const long = { ...place.env, XDG_RUNTIME_DIR: '', XDG_STATE_HOME: join(place.home, 'x'.repeat(120)) };
    await expect(startHold(place.program, long)).rejects.toMatchObject({ code: 'config' });
    await expect(startHold(place.program, {})).rejects.toMatchObject({ code: 'config' });
  });
});
