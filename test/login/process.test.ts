import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type Desk, instanceAt, makeDesk, visit } from './person.ts';
import { fillLoginForm } from './sandboxLogin.ts';

interface Result {
  readonly principal?: string;
  readonly code?: string;
  readonly hint?: string;
  readonly terminal: boolean;
  readonly ms: number;
}

let folder: string;
let driver: string;
let sandbox: RunningSandbox;
let desk: Desk;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signet-driver-'));
  driver = join(folder, 'driver.cjs');
  sandbox = await startSandbox({ stateDir: join(folder, 'sandbox') });
  await build({
    entryPoints: [fileURLToPath(new URL('driver.ts', import.meta.url))],
    outfile: driver,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
  });
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

interface Running {
  readonly child: ChildProcess;
  /** What the process wrote to its standard streams, and what its result was, once it has ended. */
  readonly ended: Promise<{ result: Result; stdout: string; stderr: string }>;
}

/** Without a terminal: a session of its own. */
function startAlone(env: NodeJS.ProcessEnv, options: object = {}): Running {
  const result = join(desk.folder, 'result.json');
  const argv = [driver, JSON.stringify(instanceAt(sandbox.issuer)), JSON.stringify(options), result];
  const child = spawn(process.execPath, argv, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => ({
    result: JSON.parse(readFileSync(result, 'utf8')) as Result,
    stdout,
    stderr,
  }));
  return { child, ended };
}

const ALONE = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: desk.folder });

describe('a login without a terminal', () => {
  const nowhere: readonly [string, () => NodeJS.ProcessEnv][] = [
    ['no display', ALONE],
    ['CI with a display', () => ({ ...ALONE(), DISPLAY: ':0', CI: 'true' })],
    ['BROWSER=none', () => ({ ...ALONE(), DISPLAY: ':0', BROWSER: 'none' })],
  ];
  it.each(nowhere)('and with %s is impossible within a second, and says what helps', async (_what, env) => {
    const { result, stdout, stderr } = await startAlone(env()).ended;
    expect(result).toMatchObject({ code: 'login-impossible', terminal: false });
    expect(result.hint).toContain('git-signet login');
    expect(result.hint).toContain('SIGSTORE_ID_TOKEN');
    expect(result.ms).toBeLessThan(1_000);
    expect(stdout + stderr).toBe('');
  });

  it('opens the browser, writes nothing, and ends by itself', async () => {
    const { ended } = startAlone(desk.env);
    const callback = await fillLoginForm(await desk.openedUrl(), 'alice@example.com');
    const page = await visit(callback);
    expect(page.body).toContain('alice@example.com');
    const { result, stdout, stderr } = await ended;
    expect(result).toMatchObject({ principal: 'alice@example.com', terminal: false });
    expect(stdout + stderr).toBe('');
    await expect(visit(callback)).rejects.toThrow('ECONNREFUSED');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('is cancelled by %s and leaves no listener', async (signal) => {
    const { child, ended } = startAlone(desk.env);
    const url = await desk.openedUrl();
    child.kill(signal);
    const { result, stdout, stderr } = await ended;
    expect(result.code).toBe('login-cancelled');
    expect(stdout + stderr).toBe('');
    await expect(visit(new URL(url).searchParams.get('redirect_uri') ?? '')).rejects.toThrow('ECONNREFUSED');
  });

  it('ends when nobody comes', async () => {
    const { result } = await startAlone(desk.env, { timeoutMs: 300 }).ended;
    expect(result.code).toBe('login-timeout');
  });

  it('cannot use a device code', async () => {
    const { result } = await startAlone(desk.env, { method: 'device' }).ended;
    expect(result.code).toBe('login-impossible');
  });
});

const SCRIPT = '/usr/bin/script';
const hasPty = process.platform === 'linux' && existsSync(SCRIPT);

/** On a terminal made by script(1); the standard streams of the process itself go to files, as git's pipes do. */
function startOnTerminal(env: NodeJS.ProcessEnv, options: object = {}): Running & { screen(): string } {
  const file = (name: string) => join(desk.folder, name);
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const words = [
    process.execPath,
    driver,
    JSON.stringify(instanceAt(sandbox.issuer)),
    JSON.stringify(options),
  ];
  const command = `${[...words, file('result.json')].map(quote).join(' ')} > ${quote(file('out'))} 2> ${quote(file('err'))}`;
  const child = spawn(SCRIPT, ['-qfec', command, '/dev/null'], {
    env: { ...env, TERM: 'dumb', SHELL: '/bin/sh' },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  let screen = '';
  child.stdout.on('data', (chunk) => {
    screen += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => ({
    result: JSON.parse(readFileSync(file('result.json'), 'utf8')) as Result,
    stdout: readFileSync(file('out'), 'utf8'),
    stderr: readFileSync(file('err'), 'utf8'),
  }));
  return { child, ended, screen: () => screen };
}

async function seen(screen: () => string, pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 1000; tries++) {
    const [, found] = pattern.exec(screen()) ?? [];
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not seen within 10 s: ${pattern} in ${screen()}`);
}

describe.skipIf(!hasPty)(`a login on a terminal${hasPty ? '' : ' (no script(1))'}`, () => {
  it('without a browser shows the way, and takes a pasted answer', async () => {
    const { child, ended, screen } = startOnTerminal({ ...ALONE(), CI: '' });
    const url = await seen(screen, /^\s+(http:\S+)\r?$/m);
    const port = new URL(new URL(url).searchParams.get('redirect_uri') ?? '').port;
    await seen(screen, new RegExp(`(ssh -L ${port}:localhost:${port})`));
    const callback = await fillLoginForm(url, 'alice@example.com');
    child.stdin?.write(`${callback.replace(/state=[^&]+/, 'state=wrong')}\n`);
    await seen(screen, /(not the address)/);
    child.stdin?.write(`${callback}\n`);
    const { result, stdout, stderr } = await ended;
    expect(result).toMatchObject({ principal: 'alice@example.com', terminal: true });
    expect(screen()).toContain('Logged in as alice@example.com.');
    expect(stdout + stderr).toBe('');
  });

  it('opens the browser and shows the URL', async () => {
    const { ended, screen } = startOnTerminal(desk.env);
    const url = await desk.openedUrl();
    expect(await seen(screen, /^\s+(http:\S+)\r?$/m)).toBe(url);
    await visit(await fillLoginForm(url, 'alice@example.com'));
    expect((await ended).result.principal).toBe('alice@example.com');
    expect(screen()).not.toContain('ssh');
  });

  it('is cancelled by Ctrl-C, also while it waits for a line', async () => {
    for (const env of [desk.env, ALONE()]) {
      const { child, ended, screen } = startOnTerminal(env);
      await seen(screen, /^\s+(http:\S+)\r?$/m);
      child.stdin?.write('\u0003');
      expect((await ended).result.code).toBe('login-cancelled');
    }
  });

  it('waits on when the person closes the input', async () => {
    const { child, ended, screen } = startOnTerminal(ALONE());
    const url = await seen(screen, /^\s+(http:\S+)\r?$/m);
    child.stdin?.write('\u0004');
    await visit(await fillLoginForm(url, 'alice@example.com'));
    expect((await ended).result.principal).toBe('alice@example.com');
  });
});
