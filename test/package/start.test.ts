import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from './install.ts';

let folder: string;
let launcher: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signet-start-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'dist'));
  launcher = join(folder, 'bin/git-signet.cjs');
  copyFileSync(join(root, 'bin/git-signet.cjs'), launcher);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(...nodeArgs: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [...nodeArgs, launcher], { encoding: 'utf8' });
}

test('starts the loader', () => {
  writeFileSync(join(folder, 'dist/start.cjs'), `process.stdout.write('hot'); process.exitCode = 3;`);
  expect(start()).toMatchObject({ status: 3, stdout: 'hot', stderr: '' });
});

test('says in one sentence that nothing is built', () => {
  expect(start()).toMatchObject({ status: 70, stdout: '', stderr: expect.stringContaining('npm run build') });
});

test('does not take a module that the loader misses for a missing build', () => {
  writeFileSync(join(folder, 'dist/start.cjs'), `require('./absent.cjs');`);
  const { status, stderr } = start();
  expect(status).toBe(70);
  expect(stderr).toContain('absent.cjs');
  expect(stderr).not.toContain('npm run build');
});

test.each(['18.20.8', '20.18.3', '8.17.0'])('refuses Node %s with exit 2', (version) => {
  writeFileSync(join(folder, 'dist/start.cjs'), `process.stdout.write('hot');`);
  const preload = join(folder, 'version.cjs');
  writeFileSync(preload, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
  expect(start('--require', preload)).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('20.19'),
  });
});
