import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPrivateFolder } from '../../src/adapters/keychain/privateFolder.ts';
import { happenedRecently, RECENT_MS, rememberEvent } from '../../src/adapters/keychain/recentEvents.ts';

let home: string;
let runtimeDir: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'signet-home-'));
  runtimeDir = join(home, 'runtime');
  mkdirSync(runtimeDir, { mode: 0o700 });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('private folder', () => {
  test('in the runtime folder, else in the state folder, else nowhere', () => {
    const inHome = join(home, '.local', 'state', 'git-signet', 'run');
    const env = { HOME: home, XDG_RUNTIME_DIR: runtimeDir };
    expect(openPrivateFolder(env)).toBe(join(runtimeDir, 'git-signet', 'run'));
    expect(openPrivateFolder({ HOME: home, XDG_RUNTIME_DIR: 'relative' })).toBe(inHome);
    expect(openPrivateFolder({ HOME: home, XDG_STATE_HOME: join(home, 'state') })).toBe(
      join(home, 'state', 'git-signet', 'run'),
    );
    expect(openPrivateFolder({ HOME: home })).toBe(inHome);
    expect(openPrivateFolder({})).toBeUndefined();
    expect(existsSync('relative')).toBe(false);
  });

  test('passed over where others could put something in', () => {
    const env = { XDG_RUNTIME_DIR: runtimeDir };
    const folder = openPrivateFolder(env) ?? '';
    const open = (path: string, mode: number): string | undefined => {
      chmodSync(path, mode);
      const found = openPrivateFolder(env);
      chmodSync(path, 0o700);
      return found;
    };
    expect(open(folder, 0o700)).toBe(folder);
    expect(open(folder, 0o710)).toBeUndefined();
    expect(open(join(folder, '..'), 0o755)).toBe(folder);
    expect(open(join(folder, '..'), 0o777)).toBeUndefined();
    expect(open(runtimeDir, 0o775)).toBe(folder);
    expect(open(runtimeDir, 0o777)).toBeUndefined();
  });

  test('a link in its place is not followed', () => {
    mkdirSync(join(home, 'elsewhere'), { mode: 0o700 });
    mkdirSync(join(runtimeDir, 'git-signet'));
    symlinkSync(join(home, 'elsewhere'), join(runtimeDir, 'git-signet', 'run'));
    expect(openPrivateFolder({ XDG_RUNTIME_DIR: runtimeDir })).toBeUndefined();
  });
});

describe('what happened lately', () => {
  const event = 'hold-hung';

  test('is remembered for ten minutes, of this subject and event only', () => {
    const env = { HOME: home, LOCALAPPDATA: home };
    expect(happenedRecently(env, event, 'a')).toBe(false);
    rememberEvent(env, event, 'a');
    expect(happenedRecently(env, event, 'a')).toBe(true);
    expect(happenedRecently(env, event, 'b')).toBe(false);
    expect(happenedRecently(env, 'secret-service-hung', 'a')).toBe(false);
  });

  test.each([
    ['now', 0, true],
    ['nine minutes ago', -9 * 60_000, true],
    ['more than ten minutes ago', -RECENT_MS - 1, false],
    ['in the future: the clock was set back', 60_000, false],
  ])('%s', (_, offsetMs, expected) => {
    const env = { HOME: home, LOCALAPPDATA: home };
    rememberEvent(env, event, 'a');
    const file = join(openPrivateFolder(env) ?? '', event);
    const [, digest] = readFileSync(file, 'utf8').split(' ');
    writeFileSync(file, `${Date.now() + offsetMs} ${digest}`);
    expect(happenedRecently(env, event, 'a')).toBe(expected);
    writeFileSync(file, 'rubbish');
    expect(happenedRecently(env, event, 'a')).toBe(false);
  });
});
