/** The committed file of the GitHub Action is what the source makes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './install.ts';

test('action/gate.cjs is what scripts/action.mjs makes, byte for byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-action-'));
  try {
    const out = join(folder, 'gate.cjs');
    execFileSync(process.execPath, [join(root, 'scripts/action.mjs'), '--out', out], { cwd: folder });
    const [made, committed] = [out, join(root, 'action/gate.cjs')].map((path) => readFileSync(path, 'utf8'));
    // Not the two texts: a difference of them fills the screen.
    expect(made === committed, 'it is stale: run node scripts/action.mjs, and commit action/gate.cjs').toBe(
      true,
    );
    expect(made?.length).toBeGreaterThan(100_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('it loads nothing but what Node has', () => {
  const text = readFileSync(join(root, 'action/gate.cjs'), 'utf8');
  const asked = [...text.matchAll(/\brequire\(\s*([^)]*?)\s*\)/g)].map(([, what = '']) => what);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((what) => !/^['"]node:[a-z0-9_/]+['"]$/.test(what))).toEqual([]);
  expect(text).not.toMatch(/\bimport\(/);
});
