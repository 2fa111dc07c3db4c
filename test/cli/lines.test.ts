/** How lines are made to fit, and numbers to tell the truth. */
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { linesOf } from '../../src/cli/linesOf.ts';
import { showsUnicode } from '../../src/cli/print.ts';
import { shareOf } from '../../src/cli/report/page.ts';
import { hangText, terminalWidth, wrapText } from '../../src/cli/wrap.ts';

test.each([
  ['fits', 'one two', 3, 7, 'one two'],
  ['is broken between words', 'one two three', 2, 8, 'one two\n  three'],
  ['is broken as often as it must', 'one two three', 2, 5, 'one\n  two\n  three'],
  [
    'begins with spaces that stay',
    '  + payload   commit and more',
    4,
    22,
    '  + payload   commit\n    and more',
  ],
  [
    'has a word that is too long',
    'a https://example.com/long b',
    2,
    10,
    'a\n  https://example.com/long\n  b',
  ],
  [
    'has escape codes, which take no room',
    '\u001b[31mone two\u001b[39m',
    2,
    7,
    '\u001b[31mone two\u001b[39m',
  ],
  ['ends in a command, which is copied', 'Do so: git config a b c', 2, 12, 'Do so:\n  git config a b c'],
  ['tells what to run', 'Run git-signet trust update', 2, 10, 'Run\n  git-signet trust update'],
  ['is for a program', 'one two three', 2, undefined, 'one two three'],
])('a line that %s', (_, text, indent, width, wrapped) => {
  expect(wrapText(text, indent, width)).toBe(wrapped);
});

test.each([
  ['a terminal', true, 80, 80],
  ['a terminal that does not know how wide it is', true, 0, undefined],
  ['a file', false, 80, undefined],
])('%s has columns', (_, isTTY, columns, width) => {
  expect(terminalWidth({ isTTY, columns } as NodeJS.WriteStream)).toBe(width);
});

test.each([
  ['a sentence', 'one two three', 'one two\nthree'],
  ['an item of a list', '  one two', '  one\n    two'],
  ['a value behind its name', 'name  a bb cc', 'name  a\n      bb\n      cc'],
])('%s goes on where it belongs', (_, text, hung) => {
  expect(hangText(text, 8)).toBe(hung);
  expect(hangText(text, undefined)).toBe(text);
});

test.each([
  [0, 0, '0'],
  [0, 3001, '0'],
  [1, 3001, '0.1'],
  [1, 30, '3.3'],
  [15, 30, '50'],
  [2970, 3000, '99'],
  [2999, 3000, '99.9'],
  [3000, 3001, '99.9'],
  [3001, 3001, '100'],
])('%d of %d is %s %%', (count, all, share) => {
  expect(shareOf(count, all)).toBe(share);
});

test.runIf(process.platform !== 'win32').each([
  [{ LANG: 'C.UTF-8' }, true],
  [{ LANG: 'en_GB.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, false],
  [{ LANG: 'C.UTF-8', LC_ALL: '' }, true],
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, true],
])('with %j more than ASCII is shown: %s', (env, expected) => {
  expect(showsUnicode(env)).toBe(expected);
});

test('lines that come, and end, before anybody asks for them are all there', async () => {
  const lines = linesOf(Readable.from(['a\nb', 'c\nd']));
  await delay(50);
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  expect(read).toEqual(['a', 'bc', 'd']);
});
