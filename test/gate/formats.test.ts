/** The gate's answer in each format, for a refusal as large as they come and subjects as bad. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { type Finding, finding, type RefResult } from '../../src/app/gate/gate.ts';
import { renderReport, whoOf } from '../../src/cli/renderGate.ts';
import { gateGithub, gateJson, gateJunit, gateSummary } from '../../src/cli/renderGateFormats.ts';
import { readDocument, tableOf } from '../docs/markdown.ts';
import { commandsIn } from '../e2e/actionRunner.ts';

const SUBJECTS = [
  '::error::x',
  '##[add-mask]x',
  '%0A::add-mask::x\r\n::stop-commands::y',
  '\u001b]0;x\u0007 \u202eevil \ud800 \ufffe\uffff \u0000',
  ']]> <b>&"\' | @acme #1 [x](https://example.com) www.example.com',
  '\u{1f600}'.repeat(300),
  '\u0001'.repeat(300),
];

const oidOf = (n: number): string => n.toString(16).padStart(40, '0');

function resultOf(refused: number): RefResult {
  const bad = Array.from({ length: refused }, (_, n): Finding => {
    const subject = SUBJECTS[n % SUBJECTS.length] ?? '';
    return finding('unsigned', { oid: oidOf(n + 1), type: 'commit', subject, detail: subject });
  });
  const good = finding('allowed', { oid: oidOf(0), type: 'commit', subject: 'Good' });
  return { update: { ref: 'refs/heads/main', old: oidOf(1), new: oidOf(2) }, findings: [good, ...bad] };
}

const CONTEXT = { exitCode: 1, policyRef: 'refs/heads/main', policyCommit: oidOf(3), as: 'merge' } as const;

test('text shows twenty and counts the others', () => {
  const lines = renderReport([resultOf(3000)], { prefix: '' });
  expect(lines.filter((line) => line.includes('  unsigned  '))).toHaveLength(20);
  expect(lines).toContain('  and 2980 more');
  expect(renderReport([resultOf(20)], { prefix: '' }).join()).not.toContain('more');
});

test.each([
  [10, 10, undefined],
  [11, 10, '2 more'],
  [3000, 10, '2991 more'],
])('GitHub gets %i refusals in %i annotations', (refused, shown, more) => {
  const result = resultOf(refused);
  const log = gateGithub(result, renderReport([result], { prefix: '' })).join('\n');
  const commands = commandsIn(log);
  expect(commands).toHaveLength(shown);
  expect(commands.every((command) => command.startsWith('error title=git-signet'))).toBe(true);
  if (more !== undefined) expect(commands.at(-1)).toBe(`error title=git-signet ${more}`);
});

test('the summary stays below the size that GitHub drops, and says how many it left out', () => {
  const text = gateSummary(resultOf(3000), 1);
  const rows = text.split('\n').filter((line) => line.startsWith('| <code>'));
  expect(Buffer.byteLength(text)).toBeLessThan(1 << 20);
  expect(rows.length).toBeGreaterThan(50);
  expect(text).toContain(`and ${3000 - rows.length} more`);
  expect(text).toMatch(/^- <code>Sign them/m);
  expect(rows.every((row) => row.split('|').length === 6)).toBe(true);
  expect(text).not.toMatch(/[^\n -~]|<b>|www\.|@|https:|::/);
  expect(gateSummary(resultOf(0), 0)).not.toContain('more');
});

test('JUnit is well-formed, with a failure for each refusal', () => {
  const text = gateJunit(resultOf(700));
  expect(XMLValidator.validate(text)).toBe(true);
  // What XML 1.0 has no character for; the parser above lets it pass.
  expect(text).not.toMatch(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' });
  const { testsuite } = parser.parse(text);
  expect(testsuite).toMatchObject({ tests: '701', failures: '700', errors: '0' });
  expect(testsuite.testcase).toHaveLength(701);
  expect(testsuite.testcase[1].failure.type).toBe('unsigned');
  expect(testsuite.testcase[0].failure).toBeUndefined();
  expect(XMLValidator.validate(text.replace('</testsuite>', ''))).not.toBe(true);
});

test('JSON holds all of them, and what docs/ci.md says of it', () => {
  const report = JSON.parse(gateJson(resultOf(3000), CONTEXT));
  expect(report).toMatchObject({ schema: 'git-signet/gate/v1', judged: 3001, refused: 3000 });
  const keys = (value: object, prefix = ''): readonly string[] =>
    Object.keys(value).map((key) => `\`${prefix}${key}\``);
  const all = [
    ...keys(report),
    ...keys(report.policy, 'policy.'),
    ...keys(report.findings[0], 'findings[].'),
  ];
  const rows = tableOf(readDocument('docs/ci.md'), 'field', 'value');
  expect(rows.map(([field]) => field).toSorted()).toEqual(
    all.filter((key) => key !== '`policy`' && key !== '`findings`').toSorted(),
  );
});

test('a user name looks like no address, and cannot push out who vouches for it', () => {
  const ADDRESS = 'alice@example.com (https://github.com/login/oauth)';
  const nameIn = (type: 'email' | 'username', value: string): string => {
    const identity = { subject: { type, value }, issuer: 'https://issuer.example' };
    const verdict = { status: 'good', signer: { identity }, signedAt: new Date('2026-06-01T12:00:00Z') };
    const judged = { verdict } as unknown as Exclude<Finding['judged'], undefined>;
    return whoOf(finding('unsigned', { oid: oidOf(1), type: 'commit', judged }));
  };
  expect(nameIn('email', 'alice@example.com')).toBe(
    'alice@example.com (https://issuer.example), signed 2026-06-01T12:00Z',
  );
  expect(nameIn('username', 'alice@example.com')).toBe(
    '!alice@example.com (https://issuer.example), signed 2026-06-01T12:00Z',
  );
  const long = nameIn('username', `${ADDRESS}, signed 2026-06-01T12:00Z${' '.repeat(2000)}`);
  expect(long).toMatch(/^!alice@.*\.\.\. +\(https:\/\/issuer\.example\), signed 2026-06-01T12:00Z$/);
  expect(long.length).toBeLessThan(250);
});
