/** `--explain`: one object with all that its verdict rests on, as something to copy into a shell. */
import type { Section } from '../app/redo/section.ts';
import type { Checks } from '../core/verdict.ts';

const INTRO = [
  '',
  'To do it again without this program, run the lines that begin with $ in the',
  'repository, in this order, in one shell (set -e): each succeeds only if what it',
  'checks is so. The keys of logs and authorities are those of the trusted root;',
  'the payload rules, the form of the certificate and who may sign are judged by',
  'this program alone.',
];

/** Not escaped yet. */
export function renderExplanation(checks: Checks, sections: readonly Section[]): readonly string[] {
  if (sections.length === 0) return ['', 'There is nothing here that could be done again.'];
  return [...INTRO, ...sections.flatMap((section) => renderSection(checks, section))];
}

function renderSection(checks: Checks, { check, evidence, commands }: Section): readonly string[] {
  const { result, detail } = checks[check];
  const width = Math.max(...evidence.map(([name]) => name.length));
  return [
    '',
    `${check}: ${result} - ${detail}`,
    ...evidence.flatMap(([name, value]) => {
      const lines = value.split('\n');
      // A certificate's lines fit a terminal only if they begin at its left.
      return lines.length > 1
        ? [`    ${name}`, ...lines.map((line) => `      ${line}`)]
        : [`    ${name.padEnd(width)}  ${value}`];
    }),
    ...commands.map((command) => `  $ ${command}`),
  ];
}
