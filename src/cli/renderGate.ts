/** What the gate says to whoever pushed: which ref, which commits, why, and what to do. Foreign text is made harmless. */
import { escapeForTerminal } from '../adapters/terminal.ts';
import { type Finding, isAccepted, isRefused, type RefResult } from '../app/gate/gate.ts';
import { worse } from '../app/outcome.ts';
import { REASONS } from '../core/reasons.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { toSignerName } from './gpgStatus.ts';

const SHOWN = 20;
const ID = 10;

/** The worst of all refusals; what is denied is denied, whatever the same reason means for a single object. */
export function gateExitCode(results: readonly RefResult[]): ExitCode {
  let exitCode: ExitCode = results.length > 0 && results.every(isAccepted) ? EXIT.good : EXIT.no;
  const refused = results.flatMap(({ findings }) => findings.filter(isRefused));
  if (exitCode === EXIT.no && refused.length > 0 && refused.every(({ reason }) => !isDenied(reason))) {
    exitCode = refused.map(({ reason }) => REASONS[reason].exitCode).reduce(worse, EXIT.unjudged);
  }
  return exitCode;
}

function isDenied(reason: Finding['reason']): boolean {
  return REASONS[reason].decision === 'denied';
}

export interface ReportStyle {
  /** Stands before the summary lines where the forge shows only lines that begin so. */
  readonly prefix: string;
  /** Commit that the policy was read from. */
  readonly policyCommit?: string | undefined;
}

/** Lines for standard error; none where everything is accepted without a warning. */
export function renderReport(results: readonly RefResult[], style: ReportStyle): readonly string[] {
  return results.flatMap((result) => renderRef(result, style));
}

function renderRef(result: RefResult, { prefix, policyCommit }: ReportStyle): readonly string[] {
  const { update, findings } = result;
  const warned = findings.filter(({ committerDiffers }) => committerDiffers === true);
  const warnings = warned
    .slice(0, SHOWN)
    .map((one) => `  ${nameOf(one)}  warning: the committer is not who signed`);
  const refused = findings.filter(isRefused);
  if (refused.length === 0) return warnings;
  const commits = findings.filter(({ type }) => type === 'commit').length;
  const bad = refused.filter(({ type }) => type === 'commit').length;
  const by = policyCommit === undefined ? 'the policy' : `the policy at ${policyCommit.slice(0, ID)}`;
  const what = bad > 0 ? `${bad} of ${commits} new commits fail ${by}` : `not allowed by ${by}`;
  return [
    `${prefix}git-signet: ${escapeForTerminal(update.ref.slice(0, 200))} REJECTED: ${what}`,
    ...refused.slice(0, SHOWN).map((one) => `  ${lineOf(one)}`),
    ...(refused.length > SHOWN ? [`  and ${refused.length - SHOWN} more`] : []),
    ...hintsOf(refused, update.old).map((hint) => `  hint: ${hint}`),
    ...warnings,
  ];
}

/** What to do, each reason's once. */
export function hintsOf(refused: readonly Finding[], old: string): readonly string[] {
  const hints = new Set(
    refused.map(({ reason }) => (reason === 'unsigned' ? signingHint(old) : REASONS[reason].hint)),
  );
  return [...hints].filter((hint) => hint !== '');
}

/** A new ref does not say what is new on it, and `--root` would sign anew what has been there for years. */
function signingHint(old: string): string {
  const base = /^0+$/.test(old) ? 'COMMIT, the one before the first of them' : old.slice(0, ID);
  return `Sign them: git rebase --exec 'git commit --amend -S --no-edit' ${base}`;
}

function lineOf(one: Finding): string {
  const { reason, detail, rule } = one;
  const about = [REASONS[reason].text, ...(detail === undefined ? [] : [detail])].join(': ');
  const where = rule === undefined ? '' : ` (rule at line ${rule.line})`;
  return [nameOf(one), reason, whoOf(one), escapeForTerminal(about) + where]
    .filter((part) => part !== '')
    .join('  ');
}

function nameOf({ oid, subject = '' }: Finding): string {
  if (oid === undefined) return '';
  const text = escapeForTerminal(subject).slice(0, 60);
  return text === '' ? oid.slice(0, ID) : `${oid.slice(0, ID)} "${text}"`;
}

/** Who signed, as far as a signature was verified. */
export function whoOf({ judged }: Finding): string {
  const verdict = judged?.verdict;
  if (verdict?.status !== 'good') return '';
  const name = escapeForTerminal(toSignerName(verdict.signer, false));
  // Its end says by whom it is vouched for: nothing in a name may push that out.
  const who = name.length <= 200 ? name : `${name.slice(0, 100)}...${name.slice(-97)}`;
  return `${who}, signed ${verdict.signedAt.toISOString().slice(0, 16)}Z`;
}
