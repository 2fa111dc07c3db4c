/** The real Secret Service and the real kernel keyring, and what is done where they are not usable. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shouldAnnounceNoKeychain } from '../../src/adapters/keychain/advice.ts';
import { run } from '../run.ts';
import { hasPrograms, makeFolder, makePlace, type Place, parseLines } from './harness.ts';

const isLinux = process.platform === 'linux';
const hasSecretService = isLinux && hasPrograms('dbus-run-session', 'gnome-keyring-daemon', 'dbus-send');
const hasKeyctl = isLinux && hasPrograms('keyctl');

const UNLOCK = 'printf pw | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1';
const UNLOCK_INSTEAD = UNLOCK.replace('--unlock', '--replace --unlock');
const START_LOCKED = 'gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1';
/** Whether it was found to hang: nothing of that may be remembered of one that only is locked. */
const TELL_HUNG =
  '[ -e $XDG_RUNTIME_DIR/git-signet/run/secret-service-hung ] && echo \'{"hung":true}\' || echo \'{"hung":false}\'';
/** The process id that the bus knows behind the Secret Service: no other one is ever stopped. */
const SERVICE_PID =
  "$(dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | tr -dc '0-9 ' | awk '{print $NF}')";

let place: Place;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(() => place.remove());

/** Runs a script with `$CHILD` on a session bus of its own, whose daemon meets no other one in its folder. */
async function onSessionBus(script: string): Promise<Record<string, unknown>[]> {
  const own = makeFolder(place.runtimeDir, 'bus-');
  const env = { ...place.env, XDG_RUNTIME_DIR: own, CHILD: `${process.execPath} ${place.program}` };
  // The daemon puts itself in the background and would outlive the bus.
  const ended = `end() { kill -9 ${SERVICE_PID} 2>/dev/null; }; trap end EXIT; ${script}`;
  return parseLines(await run('dbus-run-session', ['--', 'bash', '-c', ended], { env }));
}

/** It was waited for: a second, and not for ever, or for the 25 of a library. A machine under load needs its time besides. */
function expectBounded(line: Record<string, unknown> | undefined): void {
  expect(line?.['ms']).toBeGreaterThan(1_000);
  expect(line?.['ms']).toBeLessThan(8_000);
}

describe.skipIf(!hasSecretService)('Secret Service', () => {
  test('keeps, finds and removes across processes', async () => {
    const lines = await onSessionBus(
      `${UNLOCK}; $CHILD store set:k:secret; $CHILD store get:k get:other; $CHILD store delete:k get:k`,
    );
    expect(lines).toMatchObject([
      { name: 'Secret Service' },
      { set: null },
      { name: 'Secret Service' },
      { get: 'secret' },
      { get: null },
      { name: 'Secret Service' },
      { delete: null },
      { get: null },
    ]);
  });

  test('locked, or without a collection: passed over at once, and used as soon as it is unlocked', async () => {
    await onSessionBus(UNLOCK);
    const lines = await onSessionBus(
      `${START_LOCKED}; $CHILD store; ${TELL_HUNG}; ${UNLOCK_INSTEAD}; $CHILD store`,
    );
    expect(lines).toMatchObject([{}, { hung: false }, { name: 'Secret Service' }]);
    expect(lines[0]?.['name']).not.toBe('Secret Service');
    rmSync(join(place.home, '.local'), { recursive: true });
    const empty = await onSessionBus(`${START_LOCKED}; $CHILD store; ${TELL_HUNG}`);
    expect(empty[0]?.['name']).not.toBe('Secret Service');
    expect(empty[1]).toEqual({ hung: false });
  });

  test('stopped behind a live bus: waited for once, and then it is remembered', async () => {
    const lines = await onSessionBus(
      `${UNLOCK}; $CHILD store; kill -STOP ${SERVICE_PID}; $CHILD store; ${TELL_HUNG}; $CHILD store; kill -CONT ${SERVICE_PID}`,
    );
    expect(lines[0]?.['name']).toBe('Secret Service');
    expect(lines[1]?.['name']).not.toBe('Secret Service');
    expectBounded(lines[1]);
    expect(lines[2]).toEqual({ hung: true });
    expect(lines[3]?.['name']).not.toBe('Secret Service');
    expect(lines[3]?.['ms']).toBeLessThan(Number(lines[1]?.['ms']));
  });
});

describe.skipIf(!isLinux)('a bus that does not answer', () => {
  let server: Server;
  let asked = 0;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    asked = 0;
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  async function listen(path: string, onData: (socket: Socket, data: Buffer) => void): Promise<void> {
    server = createServer((socket) => {
      asked += 1;
      sockets.add(socket);
      socket.on('error', () => {}).on('data', (data) => onData(socket, data));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  }

  const hanging = {
    'accepts and is silent': () => {},
    'says OK and no more': (socket: Socket, data: Buffer) => {
      if (data.includes('AUTH EXTERNAL')) socket.write('OK 0123456789abcdef0123456789abcdef\r\n');
    },
    'sends half a message': (socket: Socket, data: Buffer) => {
      const isAuth = data.includes('AUTH EXTERNAL');
      socket.write(isAuth ? 'OK 0123456789abcdef0123456789abcdef\r\n' : 'l\x02\x01\x01');
    },
  };

  test.each(Object.entries(hanging))('%s: waited for once', async (_, onData) => {
    const path = join(place.runtimeDir, 'bus');
    await listen(path, onData);
    const [first] = parseLines(await place.child(['store']));
    expect(first?.['name']).not.toBe('Secret Service');
    expectBounded(first);
    expect(asked).toBe(1);
    const [second] = parseLines(await place.child(['store']));
    expect(second?.['name']).not.toBe('Secret Service');
    expect(asked).toBe(1);
    const state = join(place.runtimeDir, 'git-signet', 'run');
    expect(statSync(state).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(state)) expect(statSync(join(state, name)).mode & 0o077).toBe(0);
    // Another bus has not hung: it is asked, and this one is found dead at once.
    const address = `unix:abstract=signet-${randomUUID()}`;
    const [other] = parseLines(await place.child(['store'], { DBUS_SESSION_BUS_ADDRESS: address }));
    expect(other?.['ms']).toBeLessThan(Number(first?.['ms']));
  });

  test.each([
    ['refuses us', 'REJECTED EXTERNAL\r\n'],
    ['floods us', 'x'.repeat(100_000)],
    ['speaks something else', 'OK 00\r\nHTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('%s: passed over at once, and nothing is remembered', async (_, words) => {
    await listen(join(place.runtimeDir, 'bus'), (socket) => socket.write(words));
    const [line] = parseLines(await place.child(['store']));
    expect(line?.['name']).not.toBe('Secret Service');
    // One that was waited for is remembered.
    expect(existsSync(join(place.runtimeDir, 'git-signet', 'run', 'secret-service-hung'))).toBe(false);
  });
});

describe.skipIf(!hasKeyctl)('kernel keyring', () => {
  const inSession = (args: readonly string[]) =>
    run('keyctl', ['session', '-', process.execPath, place.program, ...args], { env: place.env });

  test('keeps, finds and removes; shared by the sessions of one person', async () => {
    const key = randomUUID();
    expect(parseLines(await inSession(['store', `set:${key}:secret`, `get:${key}`]))).toMatchObject([
      { name: 'kernel keyring' },
      { set: null },
      { get: 'secret' },
    ]);
    const [, found] = parseLines(await inSession(['store', `get:${key}`]));
    expect(found).toMatchObject({ get: 'secret' });
    const lines = parseLines(await inSession(['store', `delete:${key}`, `get:${key}`]));
    expect(lines).toMatchObject([{}, { delete: null }, { get: null }]);
  });

  test('what has ended goes with the next login, whoever that is', async () => {
    const [ended, live, next] = [randomUUID(), randomUUID(), randomUUID()];
    await inSession(['store', `set:${ended}:old:-1`, `set:${live}:other`]);
    await inSession(['store', `set:${next}:new`]);
    const lines = parseLines(await inSession(['store', ...[ended, live, next].map((key) => `get:${key}`)]));
    expect(lines).toMatchObject([{}, { get: null }, { get: 'other' }, { get: 'new' }]);
    await inSession(['store', `delete:${live}`, `delete:${next}`]);
  });

  test('outside a session keyring: kept from one process to the next', async () => {
    const key = randomUUID();
    await place.child(['store', `set:${key}:secret`]);
    const lines = parseLines(await place.child(['store', `get:${key}`, `delete:${key}`, `get:${key}`]));
    expect(lines).toMatchObject([{}, { get: 'secret' }, { delete: null }, { get: null }]);
  });
});

test('that there is no keychain is said once in ten minutes', () => {
  expect(shouldAnnounceNoKeychain(place.env)).toBe(true);
  expect(shouldAnnounceNoKeychain(place.env)).toBe(false);
  expect(shouldAnnounceNoKeychain({})).toBe(true);
});
