/** What README.md says about a clone: built and linked, with the dependencies that are here in the place of `npm ci`. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { blocksOf, readDocument } from '../docs/markdown.ts';
import { root } from './install.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-clone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('is built and linked by the three commands of the README, and then on the PATH', () => {
  const block = blocksOf(readDocument('README.md')).find(({ language }) => language === 'console');
  const commands = (block?.text ?? '').split('\n').map((line) => line.replace(/^\$ /, ''));
  expect(commands).toEqual(['npm ci --ignore-scripts', 'npm run build', 'npm link']);
  const [clone, prefix, home] = ['clone', 'prefix', 'home'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [clone, prefix, home]) mkdirSync(path);
  for (const name of ['bin', 'scripts', 'src', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(root, name), join(clone, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  const env = { ...process.env, HOME: home, npm_config_prefix: prefix };
  const script = commands.slice(1).join(' && ');
  execFileSync('/bin/sh', ['-ec', script], { cwd: clone, env, stdio: 'pipe' });
  const PATH = [join(prefix, 'bin'), process.env['PATH']].join(delimiter);
  const said = execFileSync('git-signet', ['--version'], {
    cwd: home,
    env: { ...env, PATH },
    encoding: 'utf8',
  });
  expect(said).toMatch(/^\S*\d+\.\d+\.\d+/);
}, 120_000);
