import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A program that serves the sandbox of the folder it is given until it is told to end. */
export interface ServeProgram {
  /** For process.execPath, before the folder. */
  readonly path: string;
  readonly remove: () => void;
}

/** Builds it from the source; inside node_modules, so that it finds the packages. */
export async function buildServeProgram(): Promise<ServeProgram> {
  const folder = mkdtempSync(join(ROOT, 'node_modules/.serve-'));
  const path = join(folder, 'serve.mjs');
  await build({
    stdin: {
      contents: `import { serveUntilSignal } from './src/sandbox/lifecycle.ts';
const [stateDir, port] = process.argv.slice(2);
serveUntilSignal({ stateDir, ...(port === undefined ? {} : { port: Number(port) }) }, () => console.log('ready')).catch((error) => {
  console.error(error.message);
  process.exitCode = error.exitCode;
});`,
      resolveDir: ROOT,
    },
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    outdir: folder,
    entryNames: 'serve',
    outExtension: { '.js': '.mjs' },
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}

/** Starts it as a child of ours and resolves once it says that it is ready. */
export async function serve(program: ServeProgram, stateDir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program.path, stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return child;
}

/** Ends it with a signal and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
