// Build, types, style, then every test; the last line printed is `N passed, N failed, N skipped`, in which
// build, types and style count as one each. `--tests-only` leaves those out; other arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const bin = (name, path) => [process.execPath, join(root, 'node_modules', name, path)];

const args = process.argv.slice(2);
const testsOnly = args.includes('--tests-only');
const vitestArgs = args.filter((arg) => arg !== '--tests-only');

// Where nobody looks on, colours are noise. Biome does not know NO_COLOR.
const colors = process.stdout.isTTY ? '--colors=force' : '--colors=off';

const STEPS = [
  { name: 'build', command: [process.execPath, join(root, 'scripts/build.mjs')] },
  { name: 'types', command: [...bin('typescript', 'bin/tsc'), '--noEmit'] },
  { name: 'style', command: [...bin('@biomejs/biome', 'bin/biome'), 'ci', '--error-on-warnings', colors] },
];

const total = { passed: 0, failed: 0, skipped: 0 };
for (const { name, command } of testsOnly ? [] : STEPS) {
  const ok = run(command) === 0;
  total[ok ? 'passed' : 'failed'] += 1;
  process.stdout.write(`${ok ? 'passed' : 'FAILED'} ${name}\n`);
  // Without a program there is nothing to test.
  if (!ok && name === 'build') finish();
}
const counts = runVitest();
for (const key of Object.keys(total)) total[key] += counts[key];
finish();

function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), 'signet-test-'));
  const file = join(folder, 'counts.json');
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/lib/reporter.mjs')}`];
  const status = run([...bin('vitest', 'vitest.mjs'), 'run', ...reporters, ...vitestArgs], {
    SIGNET_TEST_COUNTS: file,
  });
  try {
    const counts = JSON.parse(readFileSync(file, 'utf8'));
    // Vitest also fails on what no test is to blame for, such as finding none.
    return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run([program, ...programArgs], extra = {}) {
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  const env = { ...process.env, ...plain, ...extra };
  return spawnSync(program, programArgs, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env }).status;
}

function finish() {
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  process.exit(total.failed === 0 ? 0 : 1);
}
