import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, installTarball, root } from './install.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
let installed: Installed;

beforeAll(() => {
  installed = installTarball();
}, 180_000);

afterAll(() => rmSync(installed.folder, { recursive: true, force: true }));

describe('the tarball', () => {
  test('holds the program, the library and the papers, and nothing of how it was made', () => {
    expect(installed.files).toEqual(
      expect.arrayContaining([
        'bin/git-signet.cjs',
        'dist/main.cjs',
        'dist/trusted_root.json',
        'dist/index.cjs',
        'dist/index.mjs',
        'dist/index.d.ts',
        'dist/index.d.cts',
        'LICENSE',
        'THIRD_PARTY_LICENSES.txt',
      ]),
    );
    const known =
      /^(bin\/git-signet\.cjs|dist\/[\w-]+\.(cjs|mjs|json|d\.ts|d\.cts)|docs\/[a-z-]+\.md|[A-Z_]+(\.md|\.txt)?|package\.json)$/;
    expect(installed.files.filter((file) => !known.test(file))).toEqual([]);
  });

  test('brings nothing but the keychain module with it', () => {
    const modules = join(installed.bin, '../lib/node_modules/git-signet/node_modules');
    expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual(['@napi-rs']);
  });
});

describe('the installed program', () => {
  test('says its version', () => {
    const output = execFileSync('git-signet', ['--version'], {
      cwd: installed.home,
      env: installed.env,
      encoding: 'utf8',
    });
    expect(output).toContain(version);
  });

  test('is found by git as git signet', () => {
    const output = execFileSync('git', ['signet', '--version'], {
      cwd: installed.home,
      env: installed.env,
      encoding: 'utf8',
    });
    expect(output).toContain(version);
  });

  test('loads every bundle that it may load lazily', () => {
    const dist = join(installed.bin, '../lib/node_modules/git-signet/dist');
    const lazy = readdirSync(dist).filter(
      (name) => name.endsWith('.cjs') && !/^(main|sign|start|index\.d)/.test(name),
    );
    expect(lazy.length).toBeGreaterThan(2);
    const script = `for (const name of process.argv.slice(1)) require(${JSON.stringify(dist)} + '/' + name)`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script, ...lazy], {
      env: installed.env,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  test('refuses words that it does not know, with exit 2', () => {
    const { status } = spawnSync('git-signet', ['frobnicate'], { cwd: installed.home, env: installed.env });
    expect(status).toBe(2);
  });
});
