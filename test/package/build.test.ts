import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from './install.ts';

/** A tree with two lazy boundaries, one behind the other, and a module that both sides share. */
const TREE = {
  'main.ts': `import { name } from './core/name.ts';
    if (process.argv[2] === 'cli') void import('./cli/main.ts').then((m) => m.run());
    else console.log('hot', name);`,
  'core/name.ts': `export const name: string = 'shared-name';`,
  'cli/main.ts': `import { name } from '../core/name.ts';
    export async function run(): Promise<void> {
      const { log } = await import('../sandbox/log.ts');
      log('only-in-cli', name);
    }`,
  'sandbox/log.ts': `export function log(...words: string[]): void { console.log('only-in-sandbox', ...words); }`,
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signet-build-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function build(tree: Readonly<Record<string, string>>): { status: number | null; stderr: string } {
  for (const [name, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, 'src', name)), { recursive: true });
    writeFileSync(join(folder, 'src', name), text);
  }
  const script = join(root, 'scripts/build.mjs');
  const paths = ['--src', join(folder, 'src'), '--out', join(folder, 'dist')];
  return spawnSync(process.execPath, [script, ...paths], { encoding: 'utf8' });
}

function start(...args: string[]): string {
  return execFileSync(process.execPath, [join(folder, 'dist/main.cjs'), ...args], {
    encoding: 'utf8',
  }).trim();
}

test('a dynamic import of our own source becomes a bundle of its own, loaded when it is reached', () => {
  expect(build(TREE)).toMatchObject({ status: 0 });
  expect(start()).toBe('hot shared-name');
  expect(start('cli')).toBe('only-in-sandbox only-in-cli shared-name');
  const hot = readFileSync(join(folder, 'dist/main.cjs'), 'utf8');
  expect(hot).toContain('shared-name');
  expect(hot).not.toMatch(/only-in/);
  expect(readFileSync(join(folder, 'dist/cli-main.cjs'), 'utf8')).not.toContain('only-in-sandbox');
});

test('what an earlier build left is removed', () => {
  build(TREE);
  expect(existsSync(join(folder, 'dist/sandbox-log.cjs'))).toBe(true);
  build({ ...TREE, 'cli/main.ts': `export async function run(): Promise<void> {}` });
  expect(existsSync(join(folder, 'dist/cli-main.cjs'))).toBe(true);
  expect(existsSync(join(folder, 'dist/sandbox-log.cjs'))).toBe(false);
});

test('a lazy module that does not exist fails the build by its name', () => {
  const { status, stderr } = build({ 'main.ts': `void import('./absent.ts');` });
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/no such lazy module: .*absent\.ts/);
});
