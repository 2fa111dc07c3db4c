// Runs a TypeScript program of the tests: Node 20 cannot by itself. Bundled into .cache, started as a process.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** Absolute path of the program as one file; packages stay outside. */
export async function bundleSource(source) {
  const outfile = join(root, '.cache/programs', `${source.replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`);
  await build({
    entryPoints: [join(root, source)],
    outfile,
    bundle: true,
    packages: 'external',
    // Helpers of tests clean up after each test; here the process ends instead.
    alias: { vitest: join(root, 'scripts/lib/noTests.mjs') },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}

/** Its exit code. */
export async function runSource(source, args, nodeOptions = []) {
  const { status } = spawnSync(process.execPath, [...nodeOptions, await bundleSource(source), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  return status ?? 1;
}
