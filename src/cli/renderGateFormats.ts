/** The gate's answer for programs and CI systems: `git-signet/gate/v1`, JUnit, GitHub's annotations and step summary. */
import { randomBytes } from 'node:crypto';
import { escapeForTerminal } from '../adapters/terminal.ts';
import { type Finding, isRefused, type RefResult } from '../app/gate/gate.ts';
import { REASONS } from '../core/reasons.ts';
import type { ExitCode } from '../errors.ts';
import { hintsOf, whoOf } from './renderGate.ts';
import { toJson } from './renderJson.ts';

const GATE_SCHEMA = 'git-signet/gate/v1';

export interface GateContext {
  readonly exitCode: ExitCode;
  readonly policyRef: string | undefined;
  readonly policyCommit: string | undefined;
  readonly as: string;
}

export function gateJson(result: RefResult, { exitCode, policyRef, policyCommit, as }: GateContext): string {
  const { update, findings } = result;
  return toJson({
    schema: GATE_SCHEMA,
    ref: update.ref,
    base: update.old,
    head: update.new,
    as,
    policy: { ref: policyRef ?? null, commit: policyCommit ?? null },
    accepted: exitCode === 0,
    exitCode,
    judged: findings.length,
    refused: findings.filter(isRefused).length,
    findings: findings.map(findingRecord),
  });
}

function findingRecord(one: Finding) {
  const { oid, type, subject, reason, signer, rule, detail, judged, committerDiffers } = one;
  const verdict = judged?.verdict;
  const isGood = verdict?.status === 'good';
  return {
    oid: oid ?? null,
    type: type ?? null,
    subject: subject ?? null,
    decision: REASONS[reason].decision,
    reason,
    text: REASONS[reason].text,
    hint: REASONS[reason].hint,
    detail: detail ?? null,
    signer: signer ?? null,
    identity: isGood ? verdict.signer.identity : null,
    signedAt: isGood ? verdict.signedAt : null,
    logIndex: isGood ? String(verdict.proof.logIndex) : null,
    rule: rule?.line ?? null,
    committerDiffers: committerDiffers === true,
  };
}

export function gateJunit({ update, findings }: RefResult): string {
  const failures = findings.filter(isRefused).length;
  const cases = findings.map((one) => {
    const name = xml(`${one.oid ?? update.ref} ${one.subject ?? ''}`.trim());
    const open = `  <testcase classname="git-signet.gate" name="${name}"`;
    if (!isRefused(one)) return `${open}/>`;
    const text = xml(`${one.reason}: ${sentence(one)}`);
    return `${open}>\n    <failure type="${one.reason}" message="${text}"/>\n  </testcase>`;
  });
  const head = `<testsuite name="git-signet gate" tests="${findings.length}" failures="${failures}" errors="0" skipped="0">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${cases.join('\n')}\n</testsuite>\n`;
}

/** Text in an attribute: controls and two noncharacters may not stand in XML 1.0, however they are written. */
function xml(text: string): string {
  return escapeForTerminal(text)
    .replace(/[\ufffe\uffff]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** GitHub shows ten annotations of each kind for a step. */
const MAX_ANNOTATIONS = 10;

/**
 * Annotations first, then the report between marks that keep GitHub from taking any line of it for a command: subjects
 * are a stranger's. The mark cannot be guessed.
 */
export function gateGithub(result: RefResult, report: readonly string[]): readonly string[] {
  const refused = result.findings.filter(isRefused);
  const shown = refused.slice(0, refused.length > MAX_ANNOTATIONS ? MAX_ANNOTATIONS - 1 : MAX_ANNOTATIONS);
  const annotations = shown.map((one) => {
    const title = `git-signet: ${one.reason}`;
    return `::error title=${property(title)}::${commandData(`${one.oid ?? result.update.ref} ${sentence(one)}`)}`;
  });
  const more = refused.length - shown.length;
  const rest = more > 0 ? [`::error title=git-signet::${more} more`] : [];
  const mark = randomBytes(16).toString('hex');
  return [...annotations, ...rest, `::stop-commands::${mark}`, ...report, `::${mark}::`];
}

/** Text of a command to GitHub: it stays one line, and no command of its own. */
export function commandData(text: string): string {
  return escapeForTerminal(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return commandData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** GitHub drops a summary of more than 1 MiB whole. */
const MAX_SUMMARY_BYTES = 900_000;

export function gateSummary({ update, findings }: RefResult, exitCode: ExitCode): string {
  const refused = findings.filter(isRefused);
  const word = exitCode === 0 ? 'accepted' : 'rejected';
  const head = `### git-signet: ${markdown(update.ref)} ${word}\n\n${findings.length} judged, ${refused.length} refused.\n`;
  if (refused.length === 0) return head;
  let table = '\n| commit | subject | reason | |\n|---|---|---|---|\n';
  let shown = 0;
  for (const one of refused) {
    const row = `| ${[one.oid?.slice(0, 10), one.subject, one.reason, sentence(one)].map(markdown).join(' | ')} |\n`;
    if (table.length + row.length > MAX_SUMMARY_BYTES) break;
    table += row;
    shown += 1;
  }
  const more = refused.length - shown;
  const hints = hintsOf(refused, update.old).map((hint) => `\n- ${markdown(hint)}`);
  return `${head}${table}${more > 0 ? `\nand ${more} more\n` : ''}${hints.join('')}\n`;
}

/** As it is: no link, no picture, no column of its own; GitHub looks for no mention or issue in code. ASCII only. */
function markdown(text = ''): string {
  if (text === '') return '';
  const entities = escapeForTerminal(text.slice(0, 200)).replace(
    /[^A-Za-z0-9 ()-]/gu,
    (c) => `&#${c.codePointAt(0)};`,
  );
  return `<code>${entities}</code>`;
}

function sentence(one: Finding): string {
  const { reason, detail } = one;
  return [REASONS[reason].text, detail ?? '', whoOf(one)].filter((part) => part !== '').join(': ');
}
