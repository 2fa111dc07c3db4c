import { defineConfig } from 'vitest/config';

/** Folders whose tests start the built program; the others run from the source alone. */
const PROGRAM = ['test/e2e/**', 'test/package/**', 'test/arch/**', 'test/docs/**', 'test/faults/**'];

/**
 * What no release of Node changes: texts, the source's own form, other programs' opinions, long tables of inputs, real
 * waiting, and what git and the policy make of verdicts. With SIGNET_TEST_SHORT=1 it is left out: CI's runs on further
 * releases say so in one line. What stays is start-up, git's calls, logins, keychains, services and verification.
 */
const SAME_EVERYWHERE = [
  ...['docs', 'arch', 'oracles', 'fuzz', 'vectors', 'faults', 'policy', 'gate', 'e2e/adversarial'].map(
    (folder) => `test/${folder}/**`,
  ),
  'test/e2e/{bundle,ciRecipes,doctor,gate,hook*,log,mint,patience,policy*,prove,trust,words}.test.ts',
];
const leftOut = process.env['SIGNET_TEST_SHORT'] === '1' ? SAME_EVERYWHERE : [];

const shared = {
  // What a hanging child process costs before the test says so; the slow ones set their own.
  testTimeout: 30_000,
  hookTimeout: 60_000,
  pool: 'forks' as const,
};

export default defineConfig({
  test: {
    // End-to-end tests start many processes each: more workers than this only make them time out.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'source',
          include: ['test/**/*.test.ts'],
          exclude: [...PROGRAM, ...leftOut],
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'program',
          include: PROGRAM.map((folder) => `${folder}/*.test.ts`),
          exclude: leftOut,
          globalSetup: 'scripts/lib/buildIfStale.mjs',
        },
      },
    ],
  },
});
