import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

/** What may be skipped even in CI, because nobody can install it there. */
const MAY_SKIP = [
  { name: /gitsign/i, when: !onPath('gitsign') || !process.env.SIGNET_TEST_STACK },
  // Containers forbid the system calls, as a rule.
  {
    name: /kernel keyring/i,
    when: onPath('keyctl') && spawnSync('keyctl', ['session', '-', 'true']).status !== 0,
  },
  { name: /macos|darwin/i, when: process.platform !== 'darwin' },
  { name: /windows|win32/i, when: process.platform !== 'win32' },
];

/**
 * Counts, prints every skip in one line with its reason, and writes `{ passed, failed, skipped }` to the
 * file in SIGNET_TEST_COUNTS. With CI=true a skip of anything that can be installed counts as a failure.
 */
export default class Counts {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += brokenSuites(module);
      for (const test of module.children.allTests()) this.count(counts, module, test);
    }
    const path = process.env.SIGNET_TEST_COUNTS;
    if (path) writeFileSync(path, JSON.stringify(counts));
  }

  count(counts, module, test) {
    const { state, note } = test.result();
    if (state === 'passed') counts.passed += 1;
    // A test that never came to its end, because its worker died, has not passed either.
    else if (state !== 'skipped') counts.failed += 1;
    else {
      const line = `${relative(root, module.moduleId)} > ${test.fullName}${note ? `: ${note}` : ''}`;
      const excused = process.env.CI !== 'true' || isExcused(line) || lacksShared(module.moduleId);
      counts[excused ? 'skipped' : 'failed'] += 1;
      const word = excused ? 'SKIPPED' : 'FAILED (skipped, but CI can install what it needs)';
      process.stdout.write(`${word} ${stripVTControlCharacters(line).replaceAll(/\s+/g, ' ')}\n`);
    }
  }
}

/** Files that do not load and hooks that throw: their tests count as skipped, so count them themselves. */
function brokenSuites(module) {
  return [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0).length;
}

function isExcused(line) {
  return MAY_SKIP.some(({ name, when }) => when && name.test(line));
}

/** Tests read the corpora and recordings beside the checkout through one module; where they are not, nobody can install them. */
function lacksShared(file) {
  return (
    !existsSync(join(root, '../shared')) &&
    /\b(shared|corpus|recordings|recordedProvider)\.ts'/i.test(readFileSync(file, 'utf8'))
  );
}

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
