import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SignetError } from '../errors.ts';
import { type Addresses, addressesOf } from './addresses.ts';
import { isRecord } from './answer.ts';
import { type Instance, idOf, loadInstance, prepareFolder } from './instance.ts';
import type { RunningSandbox, SandboxOptions } from './sandbox.ts';

/** What is known of the sandbox in a folder. */
export interface SandboxState extends Addresses {
  readonly url: string;
  readonly issuer: string;
  readonly createdAt: Date;
  /** Of the process that serves it; undefined while none does. */
  readonly pid: number | undefined;
  /** Entries in its logs, while it is served. */
  readonly treeSize: number | undefined;
  readonly treeSizeV2: number | undefined;
}

/** How to run a program that serves a sandbox in the foreground, this one as a rule. */
export interface ServeCommand {
  /** For process.execPath. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Whether it listens to its standard input (`leashed`), and so does not outlive this process, however that ends. */
  readonly leashed?: boolean;
}

/** The sandbox of a folder, or undefined where there was never one. Asks the one that runs, nobody else. */
export async function statusOf(stateDir: string): Promise<SandboxState | undefined> {
  const instance = existsSync(stateDir) ? loadInstance(stateDir) : undefined;
  if (instance === undefined) return undefined;
  const health = await askHealth(instance);
  return {
    url: instance.url,
    issuer: instance.issuer,
    ...addressesOf(instance.url, stateDir),
    createdAt: instance.createdAt,
    pid: health?.pid,
    treeSize: health?.treeSize,
    treeSizeV2: health?.treeSizeV2,
  };
}

/**
 * Starts a sandbox that outlives this process, unless leashed, and resolves once it answers; one that runs already
 * is good too. The command has to serve this folder. Throws `config` with the end of what it printed where it ends
 * instead.
 */
export async function startDetached(stateDir: string, command: ServeCommand): Promise<SandboxState> {
  const before = await statusOf(stateDir);
  if (before?.pid !== undefined) return before;
  prepareFolder(stateDir);
  const logPath = join(stateDir, 'server.log');
  const log = openSync(logPath, 'w', 0o600);
  const child = spawn(process.execPath, command.args, {
    cwd: stateDir,
    detached: true,
    env: command.env,
    stdio: [command.leashed ? 'pipe' : 'ignore', log, log],
    windowsHide: true,
  });
  closeSync(log);
  // It stays open until this process is gone, and does not keep it.
  (child.stdin as Socket | null)?.on('error', () => {}).unref();
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await delay(POLL_MS)) {
    // Asked once more when it has ended: where another start got the port first, that sandbox is as good.
    const last = ended;
    const state = await statusOf(stateDir);
    if (state?.pid !== undefined) return state;
    if (last) break;
  }
  if (!ended) child.kill();
  const lastWords = readFileSync(logPath, 'utf8').trim().split('\n').slice(-3).join(' ');
  throw new SignetError(
    'config',
    'The sandbox did not start.',
    lastWords === ''
      ? `It said nothing, as where the disk is full: see whether there is room in ${stateDir}.`
      : `It said: ${lastWords}`,
  );
}

/** Ends the sandbox of a folder and waits until it is gone. Says whether one ran. */
export async function stopDetached(stateDir: string): Promise<boolean> {
  const pid = (await statusOf(stateDir))?.pid;
  if (pid === undefined) return false;
  // The number comes from who just answered with the id of this folder's log, so it is no stale one.
  process.kill(pid, 'SIGTERM');
  for (const deadline = Date.now() + STOP_MS; Date.now() < deadline; await delay(POLL_MS)) {
    if ((await statusOf(stateDir))?.pid === undefined) return true;
  }
  throw new SignetError('config', `The sandbox, process ${pid}, does not end.`, 'End it by its number.');
}

/** Serves in this process until SIGTERM or SIGINT, or the end of standard input; `onReady` is called once it answers. */
export async function serveUntilSignal(
  options: SandboxOptions & { readonly leashed?: boolean },
  onReady: (sandbox: RunningSandbox) => void = () => {},
): Promise<void> {
  const { startSandbox } = await import('./sandbox.ts');
  const sandbox = await startSandbox(options);
  const signalled = new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    if (options.leashed)
      process.stdin
        .once('close', resolve)
        .on('error', () => {})
        .resume();
  });
  onReady(sandbox);
  await signalled;
  await sandbox.stop();
}

/** Node needs a second to load all of it on a slow machine, keys another. */
const START_MS = 30_000;
const STOP_MS = 10_000;
const POLL_MS = 50;
const HEALTH_MS = 2000;

interface Health {
  readonly pid: number;
  readonly treeSize: number;
  readonly treeSizeV2: number;
}

/** Undefined where nobody answers, or somebody else took the port while the sandbox was down. */
async function askHealth(instance: Instance): Promise<Health | undefined> {
  try {
    const health: unknown = JSON.parse(await textAt(`${instance.url}/sandbox/health`));
    if (!isRecord(health) || health.logId !== idOf(instance).logId) return undefined;
    const { pid, treeSize, treeSizeV2 } = health;
    if (typeof pid !== 'number' || typeof treeSize !== 'number') return undefined;
    // A process of an earlier version, which still serves, has no such log.
    return { pid, treeSize, treeSizeV2: typeof treeSizeV2 === 'number' ? treeSizeV2 : 0 };
  } catch {
    return undefined;
  }
}

/** Not by `fetch`: in Node 20 an answer that has begun is waited for without end once garbage was collected. */
function textAt(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = get(url, { agent: false, signal: AbortSignal.timeout(HEALTH_MS) }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString()));
    });
    sent.on('error', reject);
    // Also of what switches protocols, or is cut, without an error.
    sent.on('close', () => reject(new Error('no answer')));
  });
}
