import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokenArrows } from './arrows.ts';
import { filesBelow, root } from './repository.ts';

describe('the arrows of the architecture', () => {
  test('hold for every import of src, types included', () => {
    const files = new Map(
      filesBelow('src')
        .filter((name) => name.endsWith('.ts'))
        .map((name) => [name.slice('src/'.length), readFileSync(join(root, name), 'utf8')]),
    );
    expect(files.size).toBeGreaterThan(5);
    expect(brokenArrows(files)).toEqual([]);
  });

  test.each([
    ['core/a.ts', `import type { Clock } from '../ports.ts';`, 'core may not reach ports'],
    ['core/a.ts', `export { x } from '../app/sign.ts';`, 'core may not reach app'],
    ['core/a.ts', `import { readFileSync } from 'node:fs';`, 'core may not reach node:fs'],
    ['core/a.ts', `import * as asn1 from 'asn1js';`, 'core may not reach npm'],
    ['app/a.ts', `type T = import('../adapters/rekor.ts').T;`, 'app may not reach adapters'],
    ['app/a.ts', `const m = await import('../cli/gpg.ts');`, 'app may not reach cli'],
    ['app/a.ts', `import { get } from 'node:http';`, 'app may not reach node:http'],
    ['adapters/oidc/a.ts', `export * from '../../app/login.ts';`, 'adapters may not reach app'],
    ['sandbox/a.ts', `import '../adapters/http.ts';`, 'sandbox may not reach adapters'],
    ['index.ts', `export type * from './cli/gpg.ts';`, 'index may not reach cli'],
    ['cli/a.ts', `import '../main.ts';`, 'cli may not reach main'],
    ['cli/a.ts', 'await import(name);', 'cli may not reach <not a literal>'],
    ['errors.ts', `import type { KeyObject } from 'node:crypto';`, 'errors may not reach node:crypto'],
    ['ports.ts', `import fs = require('node:fs');`, 'ports may not reach node:fs'],
    ['utils.ts', '', 'src has no place for this'],
  ])('name the edge that breaks them: %s with %s', (path, text, reason) => {
    expect(brokenArrows(new Map([[path, text]]))).toEqual([expect.stringContaining(reason)]);
  });

  test.each([
    ['core/a.ts', `import { createHash } from 'node:crypto'; import { b } from './b.ts';`],
    ['adapters/oidc/a.ts', `import type { Clock } from '../../ports.ts'; await import('openid-client');`],
    ['main.ts', `void import('./cli/commands.ts');`],
    ['index.ts', `export { verifyObject } from './core/verify.ts';`],
  ])('let pass what follows them: %s with %s', (path, text) => {
    expect(brokenArrows(new Map([[path, text]]))).toEqual([]);
  });
});
