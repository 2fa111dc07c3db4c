/** What `git-signet doctor` found, for a person or as JSON. */
import { escapeForTerminal } from '../adapters/terminal.ts';
import type { ExitCode } from '../errors.ts';
import type { Finding } from './doctor/finding.ts';
import { colour, print, printJson } from './print.ts';
import { VERSION } from './version.ts';
import { wrapText } from './wrap.ts';

/** What no setting mends: said each time, since a row of `ok` looks like more than it is. */
const LIMITS = [
  'git merge --verify-signatures looks at the tip only, not at what it brings.',
  'Commits signed with OpenPGP or SSH never reach git-signet in git itself; git-signet verify names them.',
];

export interface DoctorOptions {
  readonly format: 'text' | 'json';
  readonly online: boolean;
  readonly exitCode: ExitCode;
}

export function printDoctor(findings: readonly Finding[], { format, online, exitCode }: DoctorOptions): void {
  if (format === 'json') {
    printJson({
      schema: 'git-signet/doctor/v1',
      version: VERSION,
      online,
      exitCode,
      findings: findings.map(({ what, level, text, remedy }) => ({ what, level, text, remedy })),
      limits: LIMITS,
    });
    return;
  }
  print(findings.flatMap(toLines));
  print([
    '',
    'What git itself cannot do:',
    ...LIMITS.map((text) => `  ${wrapText(text, 2)}`),
    '',
    sumOf(findings),
  ]);
}

const COLOURS = { ok: 'green', warn: 'yellow', wrong: 'red' } as const;
const INDENT = 21;

function toLines({ what, level, text, remedy }: Finding): readonly string[] {
  const start = `${colour(COLOURS[level], level.padEnd(6))} ${what.padEnd(13)} `;
  const line = wrapText(start + escapeForTerminal(text), INDENT);
  if (remedy === '') return [line];
  const todo = `${' '.repeat(INDENT - 3)}-> ${escapeForTerminal(remedy)}`;
  return [line, wrapText(todo, INDENT)];
}

function sumOf(findings: readonly Finding[]): string {
  const count = (wanted: Finding['level']) => findings.filter(({ level }) => level === wanted).length;
  const [doubts, faults] = [count('warn'), count('wrong')];
  if (faults > 0) return `${faults} wrong, ${doubts} to look at. See docs/troubleshooting.md`;
  return doubts > 0 ? `Nothing is wrong, ${doubts} to look at.` : 'Nothing is wrong.';
}
