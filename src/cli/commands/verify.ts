/** `git-signet verify`: commits, tags and whole histories in one process. */
import type { Argv } from 'yargs';
import { type HistoryRequest, openHistory } from '../../adapters/git/history.ts';
import { outcomeOf, wordOf, worse } from '../../app/outcome.ts';
import { redo } from '../../app/redo/redo.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import type { RawObject } from '../../ports.ts';
import type { CommandContext } from '../commandLine.ts';
import { linesOf } from '../linesOf.ts';
import { printLines } from '../printError.ts';
import { startProgress } from '../renderProgress.ts';
import { openPrinter } from '../renderResults.ts';
import { openRuledJudging } from '../ruling.ts';
import { revsIn } from './revsIn.ts';
import { type Format, parseDemand, withVerifyFlags } from './verifyFlags.ts';

export function addVerifyCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser
    .command(
      'verify [revs..]',
      'judge commits, tags and whole histories',
      (y) =>
        withVerifyFlags(
          y.positional('revs', {
            type: 'string',
            array: true,
            defaultDescription: 'HEAD',
            describe: 'HEAD, v1, main..topic',
          }),
        ),
      (args) => run(() => verifyCommand(env, { ...args, revs: revsIn(args) })),
    )
    .command(
      'verify-tag <revs..>',
      'the same for annotated tags only, as gitsign has it',
      (y) =>
        withVerifyFlags(
          y.positional('revs', {
            type: 'string',
            array: true,
            demandOption: true,
            defaultDescription: 'none',
            describe: 'v1, v2',
          }),
        ),
      (args) => run(() => verifyCommand(env, { ...args, revs: revsIn(args), onlyTags: true })),
    );
}

type VerifyArguments = Parameters<typeof parseDemand>[0] & {
  readonly revs: readonly string[];
  readonly all: boolean;
  readonly tags: boolean;
  readonly stdin: boolean;
  readonly offline: boolean;
  readonly format: Format;
  readonly explain: boolean;
  readonly allowUnsigned: boolean;
  readonly cache: boolean;
  readonly onlyTags?: boolean;
};

/** Judges what is named; the exit code is the worst of all results. */
async function verifyCommand(env: NodeJS.ProcessEnv, args: VerifyArguments): Promise<ExitCode> {
  refuseContradictions(args);
  const { format, explain, onlyTags = false } = args;
  const demand = parseDemand(args);
  const history = openHistory(toRequest(args), env);
  if (explain && !history.single) throw contradiction('--explain and more than one object');
  const judging = await openRuledJudging(env, { ...args, demand });
  const { deciding, trust } = judging;
  const { sandbox, replaced } = trust;
  const showing = { deciding, sandbox, replaced, table: process.stdout.isTTY === true };
  const printer = openPrinter({ format, single: history.single, trustDigest: trust.digest }, showing);
  const progress = startProgress();
  const counts = new Map<string, number>();
  let objects = 0;
  let exitCode: ExitCode = EXIT.good;
  try {
    for await (const judged of judging.judge(history.objects)) {
      const outcome = outcomeOf(judged, deciding);
      if (!args.stdin && judged.object.problem?.code === 'other-kind') throw notSigned(judged.object);
      if (onlyTags && judged.object.kind !== 'tag') throw notATag(judged.object.oid);
      exitCode = worse(exitCode, outcome.exitCode);
      objects += 1;
      const word = wordOf(outcome);
      counts.set(word, (counts.get(word) ?? 0) + 1);
      const sections = explain ? redo(judged.object, judged.verdict, trust, judged.evidence) : undefined;
      printer.object({ ...judged, outcome, sections });
      progress.step(objects);
    }
  } finally {
    progress.end();
  }
  if (!history.single) printWarnings(replaced ?? []);
  const { gaps, lightweight } = history;
  if (gaps.length > 0) exitCode = worse(exitCode, EXIT.unjudged);
  printer.end({ objects, counts, gaps, lightweight }, exitCode);
  return exitCode;
}

/** Said on every run, on standard error: the verdicts rest on them. */
function printWarnings(lines: readonly string[]): void {
  if (lines.length > 0) printLines(lines);
}

function toRequest({ revs, all, tags, stdin }: VerifyArguments): HistoryRequest {
  return { revs, all, tags, ...(stdin && { lines: linesOf(process.stdin) }) };
}

function refuseContradictions({ revs, all, tags, stdin }: VerifyArguments): void {
  const other = (revs.length > 0 && 'Revisions') || (all && '--all') || (tags && '--tags');
  if (stdin && other) throw contradiction(`${other} and --stdin`);
}

function contradiction(what: string): SignetError {
  return new SignetError('usage', `${what} do not go together.`, 'Say in one way what to judge.');
}

/** What a person has named by mistake is no verdict; in a list of ids it is. */
function notSigned({ oid, problem }: RawObject): SignetError {
  const text = `${oid} cannot be judged: ${problem?.text ?? 'it is neither a commit nor a tag'}.`;
  return new SignetError('usage', text, 'Name a commit or a tag, as in HEAD or v1.');
}

function notATag(oid: string): SignetError {
  return new SignetError(
    'usage',
    `${oid} is no annotated tag: nothing is signed there that names it.`,
    'To judge the commit: git-signet verify',
  );
}
