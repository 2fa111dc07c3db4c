/** Every attack of the threat model: an object in attacks/, a test that it names, or the reason why it has none. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllow } from '../../src/adapters/allow.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import type { ObjectFormat, ObjectKind } from '../../src/core/verdict.ts';
import { verifyObject } from '../../src/core/verify.ts';

const ATTACKS = join(import.meta.dirname, 'attacks');
const DOCS = resolve(import.meta.dirname, '../../docs');

interface Facts {
  readonly attacks: readonly number[];
  readonly kind: ObjectKind;
  readonly objectFormat: ObjectFormat;
  readonly outcome: 'refused' | 'unproven' | 'untrusted';
  readonly allow?: readonly string[];
}

const cases = readdirSync(ATTACKS)
  .filter((name) => name.endsWith('_bad'))
  .map((name) => ({
    name,
    folder: join(ATTACKS, name),
    facts: JSON.parse(readFileSync(join(ATTACKS, name, 'case.json'), 'utf8')) as Facts,
  }));

function outcome(folder: string, file: string, facts: Facts, trustedRoot: string): string {
  const trust = parseTrustedRoot(readFileSync(trustedRoot));
  const raw = readFileSync(join(folder, file));
  const { status } = verifyObject(raw, facts.kind, facts.objectFormat, trust, parseAllow(facts.allow ?? []));
  return status === 'bad' || status === 'unreadable' ? 'refused' : status;
}

describe('objects that must not be good', () => {
  const common = join(ATTACKS, 'trusted_root.json');

  test('are there', () => {
    expect(cases.length).toBeGreaterThan(60);
  });

  test.each(cases)('$name', ({ folder, facts }) => {
    const own = join(folder, 'trusted_root.json');
    expect(outcome(folder, 'object', facts, existsSync(own) ? own : common)).toBe(facts.outcome);
    expect(outcome(folder, 'control', facts, common)).toBe('good');
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(readme).toContain(`Attack ${facts.attacks.join(', ')} of docs/threat-model.md.`);
  });
});

describe('the list in the threat model', () => {
  const text = readFileSync(join(DOCS, 'threat-model.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| \d+ \|/.test(line));
  const numbers = Array.from({ length: 26 }, (_, place) => place + 1);

  test('has all 26 attacks, each once', () => {
    expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(numbers);
  });

  test.each(numbers)('answers attack %i with vectors, tests or a reason', (number) => {
    const row = rows[number - 1] ?? '';
    const answer = row.split('|')[3] ?? '';
    const links = [...answer.matchAll(/\]\(([^)#]+)/g)].map(([, target]) => join(DOCS, target ?? ''));
    const vectors = cases.filter(({ facts }) => facts.attacks.includes(number));
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
    const tests = links.filter((path) => path.endsWith('.test.ts'));
    const because = /^ not answered: /.test(answer) && answer.includes('see below');
    expect(vectors.length > 0 || tests.length > 0 || because).toBe(true);
    // The line above the table leads to the folders.
    if (vectors.length > 0) expect(text).toContain('](../test/vectors/SOURCE.md)');
  });
});
