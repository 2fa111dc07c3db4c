/**
 * Runs a program to its end without loading node:child_process: 3 ms, a tenth of an empty program, in each call by git. It
 * asks what `spawnSync` itself asks, `process.binding('spawn_sync')`, which Node deprecates in its documentation alone
 * (DEP0111), and only in the releases of Node that the tests run on: others, and Windows, get `spawnSync`.
 */
import type { SpawnSyncReturns } from 'node:child_process';

export interface Bounds {
  readonly input?: string;
  /** Milliseconds; none unless given. */
  readonly timeout?: number;
  /** Bytes of each stream of output; what is beyond ends the program. */
  readonly maxBuffer: number;
}

interface Binding {
  spawn(options: object): {
    readonly pid: number;
    readonly status: number | null;
    readonly signal: NodeJS.Signals | null;
    /** Null where nothing was started. */
    readonly output: (Buffer | null)[] | null;
    /** Number of libuv, negative. */
    readonly error?: number;
  };
}

const TESTED = /^v2[024]\./;

/** As `spawnSync(file, args, { env, ...bounds })` of node:child_process; `file` is an absolute path. */
export function spawnToEnd(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { input, timeout, maxBuffer }: Bounds,
): SpawnSyncReturns<Buffer> {
  const binding = openBinding();
  // What C would cut at a NUL, `spawnSync` refuses.
  if (binding === undefined || args.some((arg) => arg.includes('\0'))) {
    const { spawnSync } = process.getBuiltinModule('node:child_process');
    return spawnSync(file, args, {
      env,
      maxBuffer,
      windowsHide: true,
      ...(input && { input }),
      ...(timeout && { timeout }),
    });
  }
  const { error, output, ...ended } = binding.spawn({
    file,
    args: [file, ...args],
    envPairs: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    maxBuffer,
    windowsHide: true,
    ...(timeout && { timeout }),
    stdio: [
      { type: 'pipe', readable: true, writable: false, ...(input && { input: Buffer.from(input) }) },
      { type: 'pipe', readable: false, writable: true },
      { type: 'pipe', readable: false, writable: true },
    ],
  });
  const [, stdout, stderr] = output ?? [null, null, null];
  return {
    ...ended,
    output,
    stdout,
    stderr,
    ...(error && { error: toError(error, file) }),
  } as SpawnSyncReturns<Buffer>;
}

function openBinding(): Binding | undefined {
  if (!TESTED.test(process.version) || process.platform === 'win32') return undefined;
  try {
    return (process as unknown as { binding(name: string): Binding }).binding('spawn_sync');
  } catch {
    // Node's permission model
    return undefined;
  }
}

function toError(errno: number, file: string): NodeJS.ErrnoException {
  const code = process.getBuiltinModule('node:util').getSystemErrorName(errno);
  return Object.assign(new Error(`spawnSync ${file} ${code}`), { errno, code, path: file });
}
