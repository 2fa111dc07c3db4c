import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './repository.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');

test('versions are exact', () => {
  const versions = Object.entries<string>({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.length).toBeGreaterThan(10);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('the lock file says what was installed, not where from', () => {
  expect(lock).toContain('"integrity"');
  expect(lock).not.toContain('"resolved"');
});

test('the native keychain module is the only dependency of the published package', () => {
  expect(Object.keys(manifest.dependencies)).toEqual(['@napi-rs/keyring']);
  expect(manifest.scripts).not.toHaveProperty('postinstall');
  expect(manifest.scripts).not.toHaveProperty('install');
});

/** npm leaves one out without a word where its registry has none; `npm ci` then refuses the lock file. */
test('the lock file has every optional package, of other platforms too', () => {
  const { packages } = JSON.parse(lock) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const names = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  );
  const has = (name: string): boolean =>
    Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !has(name))).toEqual([]);
});
