/** Starts `driver.ts` as a process of its own, without any terminal or on one of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Instance } from '../../src/ports.ts';

const SCRIPT = '/usr/bin/script';

/** script(1) makes the terminals. */
export const hasPty = process.platform === 'linux' && existsSync(SCRIPT);

export interface Result {
  readonly principal?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
  readonly terminal: boolean;
  readonly ms: number;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it wrote to its standard streams, and what its result was, once it has ended. */
  readonly ended: Promise<{ readonly result: Result; readonly stdout: string; readonly stderr: string }>;
}

export interface Start {
  /** The bundled driver. */
  readonly driver: string;
  /** Where results are left. */
  readonly folder: string;
  readonly instance: Instance;
  readonly env: NodeJS.ProcessEnv;
  readonly options?: object;
}

export async function buildDriver(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('driver.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
  });
}

/** Without a terminal: a session of its own. */
export function startAlone(start: Start): Running {
  const child = spawn(process.execPath, argvOf(start), {
    env: start.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = closed(child).then(() => ({ result: resultOf(start), stdout, stderr }));
  return { child, ended };
}

/** The standard streams of the process itself go to files, as git's pipes do; `screen` is its terminal. */
export function startOnTerminal(start: Start): Running & { screen(): string } {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const [out, err] = [join(start.folder, 'out'), join(start.folder, 'err')];
  const words = [process.execPath, ...argvOf(start)].map(quote);
  const command = `${words.join(' ')} > ${quote(out)} 2> ${quote(err)}`;
  const child = spawn(SCRIPT, ['-qfec', command, '/dev/null'], {
    env: { ...start.env, TERM: 'dumb', SHELL: '/bin/sh' },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let screen = '';
  child.stdout.on('data', (chunk) => {
    screen += chunk;
  });
  const ended = closed(child).then(() => ({
    result: resultOf(start),
    stdout: readFileSync(out, 'utf8'),
    stderr: readFileSync(err, 'utf8'),
  }));
  return { child, ended, screen: () => screen };
}

/** The first group of the pattern, once it is on the screen. */
export async function seen(screen: () => string, pattern: RegExp): Promise<string> {
  for (let tries = 0; tries < 1000; tries++) {
    const [, found] = pattern.exec(screen()) ?? [];
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not seen within 10 s: ${pattern} in ${screen()}`);
}

function argvOf({ driver, folder, instance, options = {} }: Start): string[] {
  return [driver, JSON.stringify(instance), JSON.stringify(options), join(folder, 'result.json')];
}

function resultOf({ folder }: Start): Result {
  return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
}

function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('close', () => resolve()));
}
