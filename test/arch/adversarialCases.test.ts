/** The table of cases that the gate was designed against names tests that are there, and no test of a case is beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CASES } from '../e2e/adversarial/cases.ts';
import { root } from './repository.ts';

const folder = join(root, 'test/e2e/adversarial');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const names = Object.values(CASES).flatMap(({ tests }) =>
  Object.entries(tests).flatMap(([file, titles]) => titles.map((title) => ({ file, title }))),
);

test('all twenty are there', () => {
  const numbers = Array.from({ length: 20 }, (_, place) => String(place + 1));
  expect(Object.keys(CASES)).toEqual(numbers);
});

test.each(names)('$file has: $title', ({ file, title }) => {
  expect(titlesIn(read(file)).some((one) => one.startsWith(title))).toBe(true);
});

test('each test of a case is in the table', () => {
  const numbered = readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => titlesIn(read(file)).map((title) => ({ file, title })))
    .filter(({ title }) => /^\d+: /.test(title));
  const missing = numbered.filter(
    (one) => !names.some(({ file, title }) => file === one.file && one.title.startsWith(title)),
  );
  expect([numbered.length > 20, missing]).toEqual([true, []]);
});

function titlesIn(source: string): readonly string[] {
  const calls = source.matchAll(
    /(?:^|\s)(?:it|test|describe)(?:\.runIf\(\w+(?:\(\))?\))?\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g,
  );
  const tables = source.matchAll(/\]\)\(\s*'((?:[^'\\]|\\.)*)'/g);
  return [...calls, ...tables].map(([, single, double]) => single ?? double ?? '');
}
