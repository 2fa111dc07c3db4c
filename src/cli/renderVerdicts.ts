/** Verdicts as people read them: one object in full, many in a line each. */
import { escapeForTerminal } from '../adapters/terminal.ts';
import type { Deciding, Outcome } from '../app/outcome.ts';
import type { Section } from '../app/redo/redo.ts';
import type { Judged } from '../app/verifyObjects.ts';
import { isoTime } from '../core/isoTime.ts';
import { CHECKS, type Verdict } from '../core/verdict.ts';
import { explainVerdict } from './explain.ts';
import { toSignerName } from './gpgStatus.ts';
import { colour } from './print.ts';
import { renderExplanation } from './renderExplain.ts';

/** An object with what was decided about it. */
export interface Shown extends Judged {
  readonly outcome: Outcome;
  /** How to do it again, where that was asked for. */
  readonly sections?: readonly Section[] | undefined;
}

/** What the wording hangs on. */
export interface Showing {
  readonly deciding: Deciding;
  /** The trusted root is a toy. */
  readonly sandbox: boolean;
  /** What stands in the place of the trusted root's own parts: said with each object that is shown in full. */
  readonly replaced?: readonly string[] | undefined;
  /** Columns, colours and short names, for a terminal. */
  readonly table: boolean;
}

/** One object in full. */
export function renderOne(shown: Shown, { deciding, sandbox, replaced = [] }: Showing): readonly string[] {
  const { object, verdict, unasked } = shown;
  const ref = object.ref === undefined ? '' : ` (${object.ref})`;
  return [
    `${object.kind} ${object.oid}${ref}`,
    ...(shown.renamed
      ? [`BAD tag: ${verdict.reason}.`, RENAMED_ADVICE]
      : headline(verdict, deciding, sandbox)),
    ...(unasked === undefined ? [] : [`A source could not be asked: ${unasked.message}`]),
    ...replaced,
    ...CHECKS.map((name) => {
      const { result, detail } = verdict.checks[name];
      return `  ${MARK[result]} ${name.padEnd(12)}${detail}`;
    }),
    ...(shown.sections === undefined ? [] : renderExplanation(verdict.checks, shown.sections)),
  ].map(escapeForTerminal);
}

const MARK = { passed: '+', failed: 'X', skipped: '-' } as const;
const RENAMED_ADVICE = 'Whoever made the ref says something else than whoever signed the tag.';

function headline(
  verdict: Verdict,
  { demand, requirePolicy }: Deciding,
  sandbox: boolean,
): readonly string[] {
  if (verdict.status === 'unreadable' && verdict.format === 'none')
    return [`Nothing to judge: ${verdict.reason}.`];
  const options = { pushCertificate: false, requirePolicy, untrustedAs: 'errsig', sandbox } as const;
  const lines = explainVerdict(verdict, options);
  if (demand === undefined || (verdict.status !== 'good' && verdict.status !== 'untrusted')) return lines;
  const last =
    verdict.status === 'good' ? 'This is the signer that is demanded.' : 'The flags demand another signer.';
  return [...lines.slice(0, 2), last];
}

/** Heads the columns of `renderLine`, where there are columns. */
export function renderHeading({ table }: Showing): readonly string[] {
  return table ? [colour('bold', columns('object', 'verdict', 'signed (UTC)', 'by, or why not'))] : [];
}

/** One object in one line: in columns for people, else `oid kind verdict reason time signer`, with `-` for nothing. */
export function renderLine(shown: Shown, { table, sandbox }: Showing): string {
  const { object, verdict, outcome } = shown;
  const signer = 'signer' in verdict && verdict.signer ? toSignerName(verdict.signer, sandbox) : '-';
  const time = 'signedAt' in verdict ? isoTime(verdict.signedAt) : '-';
  if (!table) {
    const line = [object.oid, object.kind, verdict.status, outcome.reason, time, signer].join(' ');
    return escapeForTerminal(object.ref === undefined ? line : `${line} ${object.ref}`);
  }
  const why = verdict.status === 'good' ? signer : `${verdict.reason}${signer === '-' ? '' : ` - ${signer}`}`;
  const name = object.ref?.replace(/^refs\/tags\//, '') ?? object.oid;
  const word = outcome.reason === 'unsigned' ? 'unsigned' : verdict.status;
  const line = columns(name.slice(0, 12), word, time.replace('T', ' ').replace('Z', ''), why);
  return colour(STYLE[verdict.status], escapeForTerminal(line));
}

const STYLE = {
  good: 'green',
  untrusted: 'yellow',
  unproven: 'yellow',
  bad: 'red',
  unreadable: 'gray',
} as const;

function columns(object: string, verdict: string, time: string, rest: string): string {
  return `${object.padEnd(12)}  ${verdict.padEnd(10)}  ${time.padEnd(19)}  ${rest}`;
}

/** How many of each, and what is missing. */
export interface Summary {
  readonly objects: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly gaps: readonly string[];
  readonly lightweight: readonly string[];
}

const MAX_GAPS = 5;

export function renderSummary({ objects, counts, gaps, lightweight }: Summary): readonly string[] {
  const parts = [...counts].map(([name, count]) => `${count} ${name}`);
  const more = gaps.length > MAX_GAPS ? [`  ... and ${gaps.length - MAX_GAPS} more`] : [];
  return [
    objects === 0 ? 'Nothing to judge: no object is in there.' : `${objects} judged: ${parts.join(', ')}.`,
    ...(lightweight.length === 0
      ? []
      : [`${lightweight.length} tags are mere refs: nothing is signed there that names them.`]),
    ...(gaps.length === 0 ? [] : ['INCOMPLETE: some of the history is not here, and was not judged.']),
    ...gaps.slice(0, MAX_GAPS).map((gap) => `  ${gap}`),
    ...more,
  ].map(escapeForTerminal);
}
