/** What `git-signet prove` says: for people, for programs, and while it works. */
import { NOTES_REF } from '../adapters/git/notesFormat.ts';
import { escapeForTerminal } from '../adapters/terminal.ts';
import { writeAll } from '../adapters/writeBytes.ts';
import { OUTCOMES, type Outcome, type ProveResult } from '../app/prove.ts';
import { counted } from '../core/counted.ts';
import { colour, print } from './print.ts';
import { printLines } from './printError.ts';

/** All that is said at the end. */
interface Shown {
  readonly result: ProveResult;
  /** Sentences on what of the history is not here. */
  readonly gaps: readonly string[];
  readonly dryRun: boolean;
  readonly rekorUrl: string;
}

const WORDS: Readonly<Record<Outcome, string>> = {
  proven: 'proven now by the log',
  stored: 'proven before, by a note',
  carried: 'carry their proof themselves',
  unproven: 'stay unproven',
  bad: 'bad: no log entry could help',
  other: 'without a signature that is judged here',
};

/** More would not be read by anybody; JSON has them. */
const MAX_SHOWN = 20;

export function printResult({ result, gaps, dryRun, rekorUrl }: Shown): void {
  const { counts, unproven, stopped, interrupted } = result;
  const total = OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
  print([`${counted(total, 'object')} looked at`]);
  for (const outcome of OUTCOMES) {
    if (counts[outcome] === 0) continue;
    const line = `${String(counts[outcome]).padStart(8)}  ${WORDS[outcome]}`;
    const style = outcome === 'bad' ? 'red' : outcome === 'unproven' ? 'yellow' : undefined;
    print([style === undefined ? line : colour(style, line)]);
  }
  const shown = unproven.slice(0, MAX_SHOWN);
  print(shown.map(({ oid, reason }) => `${oid.slice(0, 12)}  ${escapeForTerminal(reason)}`));
  const more = counts.unproven + counts.bad - shown.length;
  if (more > 0) print([`... and ${more} more`]);
  print(gaps.slice(0, MAX_SHOWN).map((gap) => `Not here: ${escapeForTerminal(gap)}`));
  if (counts.proven > 0) {
    print([
      `Stored in ${NOTES_REF}. To share it:  git push origin ${NOTES_REF}`,
      `                         to get it:  git fetch origin ${NOTES_REF}:${NOTES_REF}`,
    ]);
  } else if (dryRun && counts.unproven > 0) {
    print([`Nobody was asked. Without --dry-run each is looked up in ${rekorUrl}`]);
  }
  if (interrupted) printLines(['Interrupted; what was found is stored.', 'Run it again: it goes on there.']);
  if (stopped !== undefined) {
    printLines([`Stopped: ${stopped.message}`, ...(stopped.hint === '' ? [] : [stopped.hint])]);
  }
}

/** One document; `schema` says how it is to be read. */
export function toJson({ result, gaps, dryRun, rekorUrl }: Shown) {
  const { counts, unproven, stopped, interrupted } = result;
  return {
    schema: 'git-signet/prove/v1',
    dryRun,
    log: rekorUrl,
    notes: NOTES_REF,
    counts,
    unproven,
    gaps,
    interrupted,
    stopped:
      stopped === undefined ? null : { code: stopped.code, message: stopped.message, hint: stopped.hint },
  };
}

const PROGRESS_MS = 100;

/** One line on standard error that is written over, where a person watches. */
export function showProgress() {
  const isShown = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb';
  let shownAt = 0;
  let isDirty = false;
  const write = (text: string): void => {
    isDirty = text !== '';
    try {
      writeAll(2, `\r\u001b[K${text}`);
    } catch {
      shownAt = Number.POSITIVE_INFINITY; // the terminal has gone, the work goes on
    }
  };
  return {
    show(counts: Readonly<Record<Outcome, number>>): void {
      if (!isShown || performance.now() - shownAt < PROGRESS_MS) return;
      shownAt = performance.now();
      const total = OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
      write(`${total} looked at, ${counts.proven} proven now, ${counts.unproven} unproven`);
    },
    clear: () => isDirty && write(''),
  };
}
