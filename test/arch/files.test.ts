import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow, root } from './repository.ts';

const read = (name: string): string => readFileSync(join(root, name), 'utf8');

describe('files of src', () => {
  test('stay within 400 lines', () => {
    const lengths = filesBelow('src')
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ name, lines: read(name).split('\n').length - 1 }));
    expect(lengths.length).toBeGreaterThan(5);
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  });
});

describe('committed files', () => {
  const patterns = [...registryHosts(), ...machinePaths()];

  test('name no package registry and no path of a machine', () => {
    const found = filesBelow('.').flatMap((name) => mentions(name, read(name)));
    expect(found).toEqual([]);
  });

  test.each([
    `"resolved": "https://${['registry', 'npmjs', 'org'].join('.')}/x.tgz"`,
    `cd ${['', 'home', 'jane', 'git-signet'].join('/')}`,
    `cat ${['', 'root', '.npmrc'].join('/')}`,
    `see ${join(root, 'src')}`,
  ])('would be caught with %s', (text) => {
    expect(mentions('example', text)).toHaveLength(1);
  });

  test.each([
    'https://example.com/home/jane/',
    'src/root/x',
    '~/trusted_root.json',
    '/home/alice/r.json',
    "HOME: '/root'",
  ])('may hold %s', (text) => {
    expect(mentions('example', text)).toEqual([]);
  });

  function mentions(name: string, text: string): string[] {
    return text
      .split('\n')
      .flatMap((line, i) =>
        patterns.some((p) => p.test(line)) ? [`${name}:${i + 1} ${line.slice(0, 120)}`] : [],
      );
  }
});

/** In pieces, or this file would be the first to name them. */
function registryHosts(): RegExp[] {
  const known = [
    ['registry', 'npmjs', 'org'],
    ['registry', 'yarnpkg', 'com'],
    ['npm', 'pkg', 'github', 'com'],
  ].map((parts) => parts.join('.'));
  const configured = execFileSync('npm', ['config', 'get', 'registry', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
  });
  const host = URL.canParse(configured.trim()) ? [new URL(configured.trim()).host] : [];
  return [...known, ...host].map((name) => new RegExp(name.replaceAll('.', '\\.')));
}

/** The checkout's own folder, anybody's home but alice's, and folders that no installed program has. */
function machinePaths(): RegExp[] {
  const start = String.raw`(?<![\w.~/-])`;
  const folders = [
    String.raw`/(?:home|Users)/(?!alice\b|you\b)\w+`,
    '/(?:root|work)/',
    String.raw`[A-Z]:\\Users`,
  ];
  const own = `${root}(?![\\w-])`;
  return [own, ...folders].map((path) => new RegExp(start + path));
}
