/** docs/policy.md beside the code. */
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/adapters/policy/parsePolicy.ts';
import { REASONS } from '../../src/core/reasons.ts';
import { CHECKS } from '../../src/core/verdict.ts';
import { PROBLEMS } from '../../src/ports.ts';
import { blocksOf, readDocument, tableOf } from '../docs/markdown.ts';

const markdown = readDocument('docs/policy.md');

test('every reason is documented as it is', () => {
  const rows = tableOf(markdown, 'reason', 'decision', 'exit', 'meaning');
  const expected = Object.entries(REASONS).map(([reason, { decision, exitCode, text }]) => [
    `\`${reason}\``,
    decision,
    String(exitCode),
    text,
  ]);
  expect(rows).toEqual(expected);
});

describe('the policies of the documentation', () => {
  const blocks = [markdown, readDocument('docs/policy-recipes.md')]
    .flatMap(blocksOf)
    .filter(({ language }) => language === 'toml');
  test('are there', () => expect(blocks.length).toBeGreaterThan(7));
  test.each(blocks.map(({ text }) => [text]))('are right: %s', (text) => {
    expect(parsePolicy(Buffer.from(text)).problems).toEqual([]);
  });
});

test('reasons say what, and hints what to do', () => {
  for (const { text, hint } of Object.values(REASONS)) {
    expect(text).toMatch(/^[a-z].*[^.]$/);
    // A command at the end is to be copied: it has no stop.
    expect(hint).toMatch(/^$|^[A-Z].*(\.|: git-signet [a-z ]+)$/);
  }
});

test('nothing that can happen is without a reason', () => {
  for (const code of PROBLEMS) expect(REASONS).toHaveProperty(code);
  for (const check of CHECKS) expect(REASONS).toHaveProperty(`${check}-failed`);
});
