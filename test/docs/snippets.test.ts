import { describe, expect, test } from 'vitest';
import { findChromium } from '../../scripts/lib/chromium.mjs';
import { blocksOf, DOCUMENTS, readDocument } from './markdown.ts';
import { missingLines, runDocument } from './snippets.ts';

/** What the reader of a document has before its first command. */
const WORLDS: Readonly<Record<string, 'empty' | 'prepared'>> = {
  'README.md': 'empty',
  'docs/bundles.md': 'prepared',
  'docs/configuration.md': 'prepared',
  'docs/history.md': 'prepared',
  'docs/library.md': 'prepared',
  'docs/notes.md': 'prepared',
  'docs/trust.md': 'prepared',
  'docs/sandbox.md': 'empty',
  'docs/signing.md': 'prepared',
  'docs/troubleshooting.md': 'prepared',
  'docs/verifying.md': 'prepared',
};

test('every document with commands is among those that are run', () => {
  const withCommands = DOCUMENTS.filter((name) =>
    blocksOf(readDocument(name)).some(({ language }) => language === 'sh' || language === 'js'),
  );
  expect(withCommands.toSorted()).toEqual(Object.keys(WORLDS).toSorted());
});

describe.runIf(findChromium() !== undefined)('commands and their output (needs chromium)', () => {
  test.each(Object.entries(WORLDS))(
    '%s',
    async (name, world) => {
      const { code, stderr, steps } = await runDocument(readDocument(name), world);
      const last = steps.findLast(({ output }) => output !== undefined);
      expect(code, `stopped after line ${last?.line} of ${name}\n${last?.output}\n${stderr}`).toBe(0);
      expect(steps.filter(({ missing }) => missing.length > 0)).toEqual([]);
    },
    300_000,
  );

  test('a command that fails stops its document, and output that does not come is missed', async () => {
    const fence = '```';
    const markdown = [
      `${fence}sh`,
      'echo one',
      fence,
      '',
      `${fence}text`,
      'two',
      fence,
      `${fence}sh`,
      'false',
      fence,
    ];
    const { code, steps } = await runDocument(markdown.join('\n'), 'empty');
    expect(code).toBe(1);
    expect(steps.map(({ missing }) => missing)).toEqual([['two'], []]);
  }, 60_000);
});

test('output is compared without its ports, ids and times, and in order', () => {
  const output = 'at http://127.0.0.1:1234 on 2026-01-02 03:04:05 UTC\nGood …\nBad';
  expect(missingLines('at http://127.0.0.1:9 on 2020-09-09 09:09:09 UTC\nBad', output)).toEqual([]);
  expect(missingLines('at … UTC\nBad', output)).toEqual([]);
  expect(missingLines('Bad\nat … UTC', output)).toEqual(['at … UTC']);
  expect(missingLines('Worse', output)).toEqual(['Worse']);
});
