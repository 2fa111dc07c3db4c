import { describe, expect, test } from 'vitest';
import { globMatches, someGlobIsTouched } from '../../src/core/policy/glob.ts';

describe('names', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['refs/heads/*', ['refs/heads/a', 'refs/heads/'], ['refs/heads/a/b', 'refs/tags/a', 'xrefs/heads/a']],
    ['refs/**', ['refs/heads/a/b'], ['ref']],
    ['.github/**', ['.github/a', '.github/a/b'], ['xgithub/a', 'a/.github/b', '.github']],
    ['**/*.ts', ['a/b.ts', 'a/b/c.ts'], ['b.ts', 'a/b.tsx']],
    ['a*b*c', ['abc', 'axbxc', 'abbcc'], ['ab', 'a/bc', 'abcd']],
    ['a.c', ['a.c'], ['abc', 'A.c']],
  ])('fit globs: %s', (pattern, fitting, others) => {
    expect(fitting.filter((name) => !globMatches(pattern, name))).toEqual([]);
    expect(others.filter((name) => globMatches(pattern, name))).toEqual([]);
  });

  test('take no long time whatever the pattern', () => {
    const started = performance.now();
    expect(globMatches('*a'.repeat(200), `${'a'.repeat(4000)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('changed paths', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['deploy/**', ['deploy/a', 'deploy'], ['deploys', 'x/deploy']],
    ['.github/workflows/*.yml', ['.github/workflows/a.yml', '.github/workflows', '.github'], ['.github/x']],
    ['packages/*/LICENSE', ['packages/a/LICENSE', 'packages'], ['packages/a', 'LICENSE']],
    ['**/secret', ['a/secret'], ['a', 'secret']],
    ['Makefile', ['Makefile', 'makefile'], ['make']],
    ['caf\u00e9/**', ['CAFE\u0301/x', 'caf\u00e9/x'], ['cafe/x']],
    ['deploy/**', ['Deploy/a', 'DEPLOY', 'de\u200cploy/a'], ['de-ploy/a']],
  ])('touch %s, also in the place of its folder', (pattern, touching, others) => {
    expect(touching.filter((path) => !someGlobIsTouched([pattern], path))).toEqual([]);
    expect(others.filter((path) => someGlobIsTouched([pattern], path))).toEqual([]);
  });
});
