import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../scripts/lib/chromium.mjs';
import type { Instance } from '../../src/ports.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type Desk, instanceAt, makeDesk, visit } from './person.ts';
import { buildDriver, hasPty, type Running, seen, startAlone, startOnTerminal } from './processes.ts';
import { type RecordedProvider, recording, recordings, startRecordedProvider } from './recordedProvider.ts';
import { fillLoginForm } from './sandboxLogin.ts';

let folder: string;
let driver: string;
let sandbox: RunningSandbox;
let desk: Desk;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signet-driver-'));
  driver = join(folder, 'driver.cjs');
  sandbox = await startSandbox({ stateDir: join(folder, 'sandbox') });
  await buildDriver(driver);
});
afterAll(async () => {
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  desk = makeDesk();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  desk.clear();
});

/** The driver at the sandbox, or where `instance` says. */
function start<R extends Running>(
  how: (start: Parameters<typeof startAlone>[0]) => R,
  env: NodeJS.ProcessEnv,
  options = {},
  instance = instanceAt(sandbox.issuer),
): R {
  const running = how({ driver, folder: desk.folder, instance, env, options });
  children.push(running.child);
  return running;
}

const ALONE = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: desk.folder });

describe('a login without a terminal', () => {
  const nowhere: readonly [string, () => NodeJS.ProcessEnv][] = [
    ['no display', ALONE],
    ['CI with a display', () => ({ ...ALONE(), DISPLAY: ':0', CI: 'true' })],
    ['BROWSER=none', () => ({ ...ALONE(), DISPLAY: ':0', BROWSER: 'none' })],
  ];
  it.each(nowhere)('and with %s is impossible within a second, and says what helps', async (_what, env) => {
    const { result, stdout, stderr } = await start(startAlone, env()).ended;
    expect(result).toMatchObject({ code: 'login-impossible', terminal: false });
    expect(result.hint).toContain('git-signet login');
    expect(result.hint).toContain('SIGSTORE_ID_TOKEN');
    expect(result.ms).toBeLessThan(1_000);
    expect(stdout + stderr).toBe('');
  });

  it('opens the browser, writes nothing, and ends by itself', async () => {
    const { ended } = start(startAlone, desk.env);
    const callback = await fillLoginForm(await desk.openedUrl(), 'alice@example.com');
    const page = await visit(callback);
    expect(page.body).toContain('alice@example.com');
    const { result, stdout, stderr } = await ended;
    expect(result).toMatchObject({ principal: 'alice@example.com', terminal: false });
    expect(stdout + stderr).toBe('');
    await expect(visit(callback)).rejects.toThrow('ECONNREFUSED');
  });

  it.skipIf(process.platform !== 'linux')(
    'opens it with xdg-open on a desktop, from the bundle too',
    async () => {
      const { BROWSER = '', ...env } = desk.env;
      symlinkSync(BROWSER, join(desk.folder, 'xdg-open'));
      const { ended } = start(startAlone, { ...env, PATH: `${desk.folder}:/usr/bin:/bin`, DISPLAY: ':7' });
      await visit(await fillLoginForm(await desk.openedUrl(), 'alice@example.com'));
      expect((await ended).result).toMatchObject({ principal: 'alice@example.com' });
    },
  );

  it.each(['SIGTERM', 'SIGINT'] as const)('is cancelled by %s and leaves no listener', async (signal) => {
    const { child, ended } = start(startAlone, desk.env);
    const url = await desk.openedUrl();
    child.kill(signal);
    const { result, stdout, stderr } = await ended;
    expect(result.code).toBe('login-cancelled');
    expect(stdout + stderr).toBe('');
    await expect(visit(new URL(url).searchParams.get('redirect_uri') ?? '')).rejects.toThrow('ECONNREFUSED');
  });

  it('ends when nobody comes', async () => {
    const { result } = await start(startAlone, desk.env, { timeoutMs: 300 }).ended;
    expect(result.code).toBe('login-timeout');
  });

  it('cannot use a device code', async () => {
    const { result } = await start(startAlone, desk.env, { method: 'device' }).ended;
    expect(result.code).toBe('login-impossible');
  });
});

describe.skipIf(!hasPty)(`a login on a terminal${hasPty ? '' : ' (no script(1))'}`, () => {
  it('without a browser shows the way, and takes a pasted answer', async () => {
    const { child, ended, screen } = start(startOnTerminal, { ...ALONE(), CI: '' });
    const url = await seen(screen, /^\s+(http:\S+)\r?\n/m);
    const port = new URL(new URL(url).searchParams.get('redirect_uri') ?? '').port;
    await seen(screen, new RegExp(`(ssh -L ${port}:localhost:${port})`));
    const callback = await fillLoginForm(url, 'alice@example.com');
    child.stdin?.write(`${callback.replace(/state=[^&]+/, 'state=wrong')}\n`);
    await seen(screen, /(not the address)/);
    child.stdin?.write(`${callback}\n`);
    const { result, stdout, stderr } = await ended;
    expect(result).toMatchObject({ principal: 'alice@example.com', terminal: true });
    expect(stdout + stderr).toBe('');
  });

  it('opens the browser and shows the URL', async () => {
    const { ended, screen } = start(startOnTerminal, desk.env);
    const url = await desk.openedUrl();
    expect(await seen(screen, /^\s+(http:\S+)\r?\n/m)).toBe(url);
    await visit(await fillLoginForm(url, 'alice@example.com'));
    expect((await ended).result.principal).toBe('alice@example.com');
    expect(screen()).not.toContain('ssh');
  });

  it('is cancelled by Ctrl-C, also while it waits for a line', async () => {
    for (const env of [desk.env, ALONE()]) {
      const { child, ended, screen } = start(startOnTerminal, env);
      await seen(screen, /^\s+(http:\S+)\r?\n/m);
      child.stdin?.write('\u0003');
      expect((await ended).result.code).toBe('login-cancelled');
    }
  });

  it('waits on when the person closes the input', async () => {
    const { child, ended, screen } = start(startOnTerminal, ALONE());
    const url = await seen(screen, /^\s+(http:\S+)\r?\n/m);
    child.stdin?.write('\u0004');
    await visit(await fillLoginForm(url, 'alice@example.com'));
    expect((await ended).result.principal).toBe('alice@example.com');
  });

  it.skipIf(!recordings)('asks for a device login as recorded, at the provider’s pace', async () => {
    const pending = recordedAnswer('device token, pending');
    const provider = await startRecordedProvider({ polls: [pending, pending] });
    try {
      const { ended, screen } = start(startOnTerminal, ALONE(), DEVICE(provider), deviceInstance(provider));
      expect(await seen(screen, /enter the code (\S+)\s/)).toBe('WHXW-ZRQK');
      expect(screen()).toContain('http://127.0.0.1');
      expect((await ended).result).toMatchObject({ principal: 'alice@example.com' });
      expect(provider.tokenRequests).toHaveLength(3);
      expect(provider.tokenRequests[0]?.get('code_verifier')).toMatch(/^[\w-]{43}$/);
    } finally {
      await provider.close();
    }
  });

  it.skipIf(!recordings)('tells why a device login was refused', async () => {
    const provider = await startRecordedProvider({ polls: [recordedAnswer('device token, unknown code')] });
    try {
      const { ended } = start(startOnTerminal, ALONE(), DEVICE(provider), deviceInstance(provider));
      const { result } = await ended;
      expect(result.code).toBe('login-refused');
      expect(result.message).toContain('Invalid Device code');
    } finally {
      await provider.close();
    }
  });

  it('is cancelled and timed out during a device login', async () => {
    const cancelled = start(startOnTerminal, ALONE(), { method: 'device' });
    await seen(cancelled.screen, /enter the code (\S+)\s/);
    cancelled.child.stdin?.write('\u0003');
    const cancelledAt = performance.now();
    expect((await cancelled.ended).result.code).toBe('login-cancelled');
    expect(performance.now() - cancelledAt).toBeLessThan(2_000);
    const late = start(startOnTerminal, ALONE(), { method: 'device', timeoutMs: 300 });
    expect((await late.ended).result.code).toBe('login-timeout');
  });

  const chromium = findChromium();
  it.skipIf(!chromium)(
    `shows a code to enter on another device${chromium ? '' : ' (no Chromium)'}`,
    async () => {
      const { ended, screen } = start(startOnTerminal, ALONE(), { method: 'device' });
      const url = await seen(screen, /^\s+(http:\S+)\r?\n/m);
      const code = await seen(screen, /enter the code (\S+)\s/);
      const browser = await launchChromium(chromium ?? '');
      try {
        const page = await browser.newPage();
        await page.goto(url);
        for (
          let step = 0;
          step < 5 && !(await page.innerText('main')).includes('You are logged in');
          step++
        ) {
          if (await page.locator('input[name=email]').count())
            await page.fill('input[name=email]', 'alice@example.com');
          else if (await page.locator('.code').count()) expect(await page.innerText('.code')).toBe(code);
          await page.click('button[type=submit]:not(.other)');
        }
      } finally {
        await browser.close();
      }
      const { result, stdout, stderr } = await ended;
      expect(result).toMatchObject({ principal: 'alice@example.com' });
      expect(stdout + stderr).toBe('');
    },
    60_000,
  );
});

const DEVICE = (provider: RecordedProvider) => ({ method: 'device', now: provider.clock().toISOString() });

function deviceInstance(provider: RecordedProvider): Instance {
  return instanceAt(provider.issuer, { clientId: 'sigstore-device' });
}

function recordedAnswer(name: string): { status: number; body: Record<string, unknown> } {
  const { status = 0, raw = '' } = recording(name).response ?? {};
  return { status, body: JSON.parse(raw) };
}
