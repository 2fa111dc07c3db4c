import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { leaks, loadMetafiles } from './metafile.ts';
import { root } from './repository.ts';

const hot = readFileSync(join(root, 'dist/main.cjs'));
const metafiles = loadMetafiles();

describe('the hot file', () => {
  test('is at most 48 kB', () => {
    expect(hot.length).toBeGreaterThan(500);
    expect(hot.length, `of which ${heaviest('main')}`).toBeLessThanOrEqual(48_000);
  });

  test('does not call fetch, whose first use costs as much as five starts', () => {
    expect(hot.toString()).not.toMatch(/(?<![\w$.])fetch\(/);
  });
});

/** The second is git's signing call. */
test.each(['main', 'sign'])('%s holds no npm package and loads nothing heavy', (name) => {
  const metafile = metafiles.get(name);
  expect(metafile).toBeDefined();
  expect(metafile && leaks(metafile)).toEqual([]);
});

function heaviest(name: string): string {
  const inputs = Object.values(metafiles.get(name)?.outputs ?? {}).flatMap(({ inputs }) =>
    Object.entries(inputs),
  );
  const sizes = inputs.map(([path, { bytesInOutput }]) => ({ path, bytesInOutput }));
  sizes.sort((a, b) => b.bytesInOutput - a.bytesInOutput);
  return sizes.map(({ path, bytesInOutput }) => `${bytesInOutput} ${path}`).join(', ');
}

describe('a leak', () => {
  const importing = (
    path: string,
    kind: 'import-statement' | 'dynamic-import',
    external = false,
  ): Metafile => ({
    inputs: { 'src/main.ts': { bytes: 1, imports: [{ path, kind, external }] } },
    outputs: {},
  });

  test.each([
    ['node_modules/yargs/index.mjs', 'yargs'],
    ['node_modules/@peculiar/x509/build/x509.js', '@peculiar/x509'],
    ['node_modules/a/node_modules/pkijs/index.js', 'pkijs'],
  ])('of %s is named with the module that brought it', (path, name) => {
    expect(leaks(importing(path, 'import-statement'))).toEqual([`${name} (through src/main.ts)`]);
  });

  test.each(['@napi-rs/keyring', 'node:https', './cli-commands.cjs'])(
    'of %s is one unless loaded lazily',
    (path) => {
      expect(leaks(importing(path, 'import-statement', true))).toEqual([`${path} (through src/main.ts)`]);
      expect(leaks(importing(path, 'dynamic-import', true))).toEqual([]);
    },
  );

  test('is not what is light', () => {
    expect(leaks(importing('node:crypto', 'import-statement', true))).toEqual([]);
    expect(leaks(importing('src/core/der.ts', 'import-statement'))).toEqual([]);
  });
});
