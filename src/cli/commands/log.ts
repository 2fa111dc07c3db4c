/** `git-signet log`: git's history with the verdict, the time and the signer of each commit. */
import type { Argv } from 'yargs';
import { readObjects } from '../../adapters/git/catFile.ts';
import { type LogLine, logLines } from '../../adapters/git/gitLog.ts';
import { openRawGit, type RawGit } from '../../adapters/git/openRawGit.ts';
import { openPager } from '../../adapters/pager.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { outcomeOf, wordOf } from '../../app/outcome.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { renderRow, renderTotals, type Word } from '../renderLog.ts';
import { openRuledJudging, type RuledJudging } from '../ruling.ts';
import { terminalWidth } from '../wrap.ts';

const USAGE = `$0 log [git log options]

The history as git log shows it (--graph, --first-parent, --since, -20, paths ...), with what each commit's signature is worth.
The transparency log is not asked: what it would take to prove is shown as unproven (see git-signet prove).`;

export function addLogCommand(parser: Argv, { env, argv, run }: CommandContext): Argv {
  return parser.command(
    'log',
    'the history, with who signed each commit, when, and what it is worth',
    // The options are git's: this parser neither knows them nor complains.
    (y) => y.usage(USAGE).strict(false).strictCommands(false).strictOptions(false),
    () => run(() => logCommand(env, argv.slice(argv.indexOf('log') + 1))),
  );
}

/** Shows it; the exit code says only whether it could be shown: judging is `git-signet verify`. */
async function logCommand(env: NodeJS.ProcessEnv, options: readonly string[]): Promise<ExitCode> {
  const git = openRawGit(env);
  const judging = await openRuledJudging(env, { offline: true, cache: true });
  const lines = logLines(git, options);
  // git says what is wrong with its options before a pager takes the screen.
  const first = await lines.next();
  const output = openPager(env);
  const counts = new Map<Word, number>();
  const columns = terminalWidth() ?? Number.POSITIVE_INFINITY;
  try {
    for await (const { text, word } of rows(git, judging, resumed(first, lines), columns)) {
      if (word !== undefined) counts.set(word, (counts.get(word) ?? 0) + 1);
      if (!(await output.write(text))) return EXIT.good;
    }
    await output.write(renderTotals(counts, { sandbox: judging.trust.sandbox, deciding: judging.deciding }));
  } finally {
    await output.end();
  }
  return EXIT.good;
}

async function* resumed(
  first: IteratorResult<LogLine>,
  rest: AsyncIterable<LogLine>,
): AsyncGenerator<LogLine> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** Lines in git's order, each commit's with its verdict. */
async function* rows(
  git: RawGit,
  { judge, deciding }: RuledJudging,
  lines: AsyncIterable<LogLine>,
  columns: number,
): AsyncGenerator<{ readonly text: string; readonly word?: Word }> {
  const waiting: LogLine[] = [];
  async function* requests() {
    for await (const line of lines) {
      waiting.push(line);
      if (line.commit !== undefined) yield { oid: line.commit.oid };
    }
  }
  for await (const judged of judge(readObjects(git, requests()))) {
    let line = waiting.shift();
    for (; line !== undefined && line.commit === undefined; line = waiting.shift()) yield plain(line);
    if (line?.commit === undefined) continue;
    const outcome = outcomeOf(judged, deciding);
    const { refs, subject } = line.commit;
    const row = { graph: line.text, refs, subject, judged, outcome };
    yield { text: renderRow(row, columns), word: wordOf(outcome) };
  }
  for (const line of waiting) yield plain(line);
}

function plain({ text }: LogLine): { readonly text: string } {
  return { text: `${text.split('\t').map(escapeForTerminal).join('\t')}\n` };
}
