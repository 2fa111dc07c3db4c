/** Programs as git, a person or a CI starts them: in a session of their own, without any terminal or on one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const SCRIPT = '/usr/bin/script';

/** script(1) makes the terminals. */
export const hasPty = process.platform === 'linux' && existsSync(SCRIPT);

/** Those of a machine under load are slower than those of a person. */
const TIMEOUT_MS = 60_000;

export interface Start {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  /** A descriptor in the place of the pipe for standard output. */
  readonly stdout?: number;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
  readonly ms: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Without a terminal, also where the tests themselves have one. At the time limit the whole group is killed. */
export function start(program: string, args: readonly string[], options: Start = {}): Running {
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ['pipe', options.stdout ?? 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input ?? '');
  const timer = setTimeout(() => killGroup(child), options.timeoutMs ?? TIMEOUT_MS);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      const stdoutBytes = Buffer.concat(stdout);
      const ms = performance.now() - startedAt;
      const texts = { stdout: stdoutBytes.toString(), stderr: Buffer.concat(stderr).toString() };
      resolve({ code, ...texts, stdoutBytes, ms });
    });
  });
  return { child, ended };
}

export interface OnTerminal extends Running {
  /** What the person sees, so far. */
  screen(): string;
  /** What the person types. */
  type(text: string): void;
}

/** On a terminal of its own; standard output and error of the program still go to pipes, as in an editor's git. */
export function startOnTerminal(folder: string, command: readonly string[], options: Start): OnTerminal {
  const streams = ['out', 'err'].map((name) => `${folder}/${name}-${Math.random().toString(36).slice(2)}`);
  const [out = '', err = ''] = streams;
  const line = `${command.map(quote).join(' ')} > ${quote(out)} 2> ${quote(err)}`;
  const env = { ...options.env, TERM: 'dumb', SHELL: '/bin/sh' };
  const child = spawn(SCRIPT, ['-qfec', line, '/dev/null'], { cwd: options.cwd, env, detached: true });
  const startedAt = performance.now();
  let screen = '';
  child.stdout.on('data', (chunk) => {
    screen += chunk;
  });
  child.stdin.on('error', () => {});
  const timer = setTimeout(() => killGroup(child), options.timeoutMs ?? TIMEOUT_MS);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      const [stdoutBytes = Buffer.alloc(0), stderr = ''] = streams.map((path) => readFileSync(path));
      const ms = performance.now() - startedAt;
      resolve({ code, stdout: stdoutBytes.toString(), stderr: stderr.toString(), stdoutBytes, ms });
    });
  });
  return { child, ended, screen: () => screen, type: (text) => child.stdin.write(text) };
}

/** The first thing that is neither undefined nor false; throws after the time limit, saying what was awaited. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 15_000,
): Promise<T> {
  for (const startedAt = performance.now(); performance.now() - startedAt < timeoutMs; ) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}`);
}

export interface Process {
  readonly pid: number;
  readonly argv: string;
  readonly environment: string;
}

/** Every process that names the text in its arguments or environment, but the tests' own. Linux only: elsewhere none. */
export function processesAbout(text: string): readonly Process[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), argv: peek(name, 'cmdline'), environment: peek(name, 'environ') }))
    .filter(({ argv, environment }) => argv.includes(text) || environment.includes(text));
}

function peek(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it ended in this very moment
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
