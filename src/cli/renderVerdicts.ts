/** Verdicts as people read them: one object in full, many in a line each. */
import { toAllowEntry } from '../adapters/allow.ts';
import { escapeForTerminal } from '../adapters/terminal.ts';
import { type Deciding, type Outcome, wordOf } from '../app/outcome.ts';
import type { Section } from '../app/redo/section.ts';
import type { Ruled, RuledObject } from '../app/ruled.ts';
import { isoTime } from '../core/isoTime.ts';
import { CHECKS, type Signer, type Verdict } from '../core/verdict.ts';
import { explainVerdict } from './explain.ts';
import { toSignerName } from './gpgStatus.ts';
import { colour } from './print.ts';
import { renderExplanation } from './renderExplain.ts';
import { terminalWidth, wrapText } from './wrap.ts';

/** An object with what was decided about it. */
export type Shown = RuledObject & {
  readonly outcome: Outcome;
  /** How to do it again, where that was asked for. */
  readonly sections?: readonly Section[] | undefined;
};

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
  const { object, verdict, unasked, ruled } = shown;
  const ref = object.ref === undefined ? '' : ` (${object.ref})`;
  const wrapped = (lines: readonly string[], indent: number) =>
    lines.map((line) => wrapText(escapeForTerminal(line), indent));
  const head = [
    `${object.kind} ${object.oid}${ref}`,
    ...(ruled?.reason === 'exempt' ? [`EXEMPT: the policy lets it in by its name: ${ruled.why}`] : []),
    ...(shown.renamed
      ? [`BAD tag: ${verdict.reason}.`, RENAMED_ADVICE]
      : ruled === undefined || ruled.reason === 'exempt'
        ? headline(verdict, deciding, sandbox)
        : keyHeadline(ruled, shown)),
    ...(unasked === undefined ? [] : [`A source could not be asked: ${unasked.message}`]),
    ...replaced,
  ];
  const checks = CHECKS.map((name) => {
    const { result, detail } = verdict.checks[name];
    return `  ${MARK[result]} ${name.padEnd(12)}${detail}`;
  });
  // What is to be copied stays as it is.
  const explanation = shown.sections === undefined ? [] : renderExplanation(verdict.checks, shown.sections);
  return [...wrapped(head, 2), ...wrapped(checks, 16), ...explanation.map(escapeForTerminal)];
}

const MARK = { passed: '+', failed: 'X', skipped: '-' } as const;
const RENAMED_ADVICE = 'Whoever made the ref says something else than whoever signed the tag.';

/** As git's own commands say it of our signatures. */
function keyHeadline({ key, before }: Ruled, { outcome, verdict }: Shown): readonly string[] {
  const own = 'signer' in verdict && verdict.signer ? toAllowEntry(verdict.signer.identity) : undefined;
  const who = key === undefined ? (own ?? 'a key of the policy') : toKeyName(key);
  const when =
    before === undefined
      ? 'When it was signed, nothing proves.'
      : `Signed before ${isoTime(before)}, as a later commit proves.`;
  if (outcome.status === 'good') return [`Good signature by ${who}`, when, 'The policy names this key.'];
  if (outcome.status === 'bad') return [`BAD signature by ${who}: ${outcome.text}.`];
  const lines = [`NOT ALLOWED: the signature by ${who} is sound, but ${outcome.text}.`, when];
  return [...lines, 'To see who may sign here: git-signet policy show'];
}

type KeyName = Exclude<Ruled['key'], undefined>;

/** `alice (SSH SHA256:…)`. */
export function toKeyName({ type, fingerprint, name }: KeyName): string {
  const key = `${type === 'ssh' ? 'SSH' : 'OpenPGP'} ${fingerprint}`;
  return name === undefined ? key : `${name} (${key})`;
}

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
  return table
    ? [colour('bold', wrapText(columns('object', 'verdict', 'signed (UTC)', 'by, or why not'), 14))]
    : [];
}

/** One object in one line: in columns for people, else `oid kind verdict reason time signer`, with `-` for nothing. */
export function renderLine(shown: Shown, { table, sandbox }: Showing): string {
  const { object, verdict, outcome, ruled } = shown;
  const own = 'signer' in verdict && verdict.signer ? nameOf(verdict.signer, sandbox) : '-';
  const signer = ruled?.key === undefined ? own : toKeyName(ruled.key);
  const time = 'signedAt' in verdict ? isoTime(verdict.signedAt) : '-';
  if (!table) {
    const line = [object.oid, object.kind, outcome.status, outcome.reason, time, signer].join(' ');
    return escapeForTerminal(object.ref === undefined ? line : `${line} ${object.ref}`);
  }
  const reason = ruled?.why === undefined ? outcome.text : `${outcome.text}: ${ruled.why}`;
  const why = outcome.text === '' ? signer : `${reason}${signer === '-' ? '' : ` - ${signer}`}`;
  const name = object.ref?.replace(/^refs\/tags\//, '') ?? object.oid;
  const line = columns(name.slice(0, 12), wordOf(outcome), time.replace('T', ' ').replace('Z', ''), why);
  const style = outcome.reason === 'exempt' ? 'green' : STYLE[outcome.status];
  return colour(style, wrapText(escapeForTerminal(line), 14));
}

/** Where there is little room, with the short name of the issuer. */
const NARROW_COLUMNS = 110;

function nameOf(signer: Signer, sandbox: boolean): string {
  if ((terminalWidth() ?? NARROW_COLUMNS) >= NARROW_COLUMNS) return toSignerName(signer, sandbox);
  return `${toAllowEntry(signer.identity)}${sandbox ? ' [sandbox]' : ''}`;
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

export function renderSummary(
  { objects, counts, gaps, lightweight }: Summary,
  { deciding }: Pick<Showing, 'deciding'>,
): readonly string[] {
  const parts = [...counts].map(([name, count]) => `${count} ${name}`);
  const more = gaps.length > MAX_GAPS ? [`  ... and ${gaps.length - MAX_GAPS} more`] : [];
  return [
    objects === 0 ? 'Nothing to judge: no object is in there.' : `${objects} judged: ${parts.join(', ')}.`,
    ...(lightweight.length === 0
      ? []
      : [
          lightweight.length === 1
            ? '1 tag is a mere ref: nothing is signed there that names it.'
            : `${lightweight.length} tags are mere refs: nothing is signed there that names them.`,
        ]),
    ...(gaps.length === 0 ? [] : ['INCOMPLETE: some of the history is not here, and was not judged.']),
    ...gaps.slice(0, MAX_GAPS).map((gap) => `  ${gap}`),
    ...more,
    ...meaningOfGood(counts.get('good'), deciding),
  ].map(escapeForTerminal);
}

/** Where nobody has said who may sign, `good` is what git calls U: said below what counts them. */
export function meaningOfGood(
  good: number | undefined,
  { demand, policy, requirePolicy }: Deciding,
): readonly string[] {
  const isDecided = demand !== undefined || policy.kind !== 'none' || requirePolicy;
  if (isDecided || good === undefined) return [];
  return ["No policy says who may sign: good is anybody's sound signature, and %G? is U."];
}
