import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findChromium } from '../../scripts/lib/chromium.mjs';
import { run } from '../run.ts';
import { blocksOf, ROOT, readDocument } from './markdown.ts';
import { missingLines } from './snippets.ts';

describe.runIf(findChromium() !== undefined)('the demo (needs chromium)', () => {
  test('tells the story that README.md shows', async () => {
    const [shown] = blocksOf(readDocument('README.md')).filter(({ language }) => language === 'text');
    const story = join(ROOT, 'scripts/lib/demo.mjs');
    const { FORCE_COLOR: _, ...env } = process.env;
    const { code, stdout, stderr } = await run(
      'bash',
      ['-c', 'exec "$0" "$1" 2>&1', process.execPath, story],
      {
        env,
        timeoutMs: 150_000,
      },
    );
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    expect(missingLines(shown?.text ?? 'nothing is shown', stdout)).toEqual([]);
  }, 180_000);
});
