import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledPackages, readLicense } from '../../scripts/lib/licenses.mjs';
import { loadMetafiles } from './metafile.ts';
import { root } from './repository.ts';

test('every bundled package is listed with its licence text', async () => {
  const folders = bundledPackages([...loadMetafiles().values()]);
  const text = readFileSync(join(root, 'THIRD_PARTY_LICENSES.txt'), 'utf8');
  expect(folders.length).toBeGreaterThan(0);
  const packages = await Promise.all(folders.map((folder) => readLicense(root, folder)));
  expect(packages.filter(({ texts }) => texts.length === 0).map(({ name }) => name)).toEqual([]);
  expect(packages.filter(({ name, version }) => !text.includes(`\n${name} ${version} (`))).toEqual([]);
});
