import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { findProgram } from '../../src/adapters/findProgram.ts';
import { type Outcome, run } from '../run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Place {
  /** The only state folders the child knows: a HOME and an XDG_RUNTIME_DIR of its own. */
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly runtimeDir: string;
  /** Where the program of child.ts was built to. */
  readonly program: string;
  /** Runs jobs of child.ts in a process of its own. */
  child(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome>;
  remove(): void;
}

/** A folder of its own with child.ts built into it: Node 20 cannot run TypeScript. */
export async function makePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-keychain-'));
  const program = join(folder, 'child.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./child.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@napi-rs/keyring'],
    define: { 'import.meta.filename': '__filename' },
    logLevel: 'error',
  });
  const home = makeFolder(folder, 'home-');
  const runtimeDir = makeFolder(folder, 'run-');
  const env = {
    PATH: process.env['PATH'],
    NODE_PATH: join(ROOT, 'node_modules'),
    HOME: home,
    XDG_RUNTIME_DIR: runtimeDir,
  };
  return {
    env,
    home,
    runtimeDir,
    program,
    child: (args, more = {}) => run(process.execPath, [program, ...args], { env: { ...env, ...more } }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A new folder of mode 0700. */
export function makeFolder(parent: string, prefix: string): string {
  const folder = mkdtempSync(join(parent, prefix));
  chmodSync(folder, 0o700);
  return folder;
}

/** The lines of child.ts' output. */
export function parseLines(outcome: Outcome): Record<string, unknown>[] {
  return (
    outcome.stdout
      .split('\n')
      // A keyring daemon that the bus starts by itself talks on the same standard output.
      .filter((line) => line !== '' && !/^[A-Z_]+=/.test(line))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  );
}

/** Says in one line which programs are missing; true where all are there. */
export function hasPrograms(...names: readonly string[]): boolean {
  const missing = names.filter((name) => findProgram(name, process.env) === undefined);
  if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`);
  return missing.length === 0;
}
