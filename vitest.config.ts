import { defineConfig } from 'vitest/config';

/** Folders whose tests start the built program; the others run from the source alone. */
const PROGRAM = ['test/e2e/**', 'test/package/**', 'test/arch/**', 'test/docs/**', 'test/faults/**'];

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
        test: { ...shared, name: 'source', include: ['test/**/*.test.ts'], exclude: PROGRAM },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'program',
          include: PROGRAM.map((folder) => `${folder}/*.test.ts`),
          globalSetup: 'scripts/lib/buildIfStale.mjs',
        },
      },
    ],
  },
});
