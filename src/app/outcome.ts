/** What a verdict means for whoever asked: one word of a closed list, and an exit code. */
import { type Found, judge } from '../core/facts.ts';
import { NO_POLICY, type Policy } from '../core/policy.ts';
import { REASONS, type Reason } from '../core/reasons.ts';
import { CHECKS, type Status, type Verdict } from '../core/verdict.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import type { RawObject } from '../ports.ts';
import { applyDemand, type Demand } from './demand.ts';
import type { Ruled, RuledObject } from './ruled.ts';
import type { Judged } from './verifyObjects.ts';

export interface Outcome {
  readonly reason: Reason;
  readonly exitCode: ExitCode;
  /** As the verdict's, which knows no keys: what a key of the policy signed counts as any other signature. */
  readonly status: Status;
  /** Why it is not good; empty for `good`. */
  readonly text: string;
}

/** Who decides: identity flags, or what the settings say. */
export interface Deciding {
  readonly demand: Demand | undefined;
  /** Of no effect where there is a demand. */
  readonly policy: Policy;
  /** Nothing is good that no policy names. */
  readonly requirePolicy: boolean;
  /** Objects without a signature in our format do not count. */
  readonly allowUnsigned: boolean;
}

/** What follows from the facts about an object under flags or settings. */
export function decideBy(
  { demand, policy }: Deciding,
  found: Found,
  object: Pick<RawObject, 'raw'>,
): Verdict {
  return demand === undefined
    ? judge(found, policy, object.raw)
    : applyDemand(judge(found, NO_POLICY), demand);
}

export function outcomeOf(judged: RuledObject, deciding: Deciding): Outcome {
  const { ruled, verdict } = judged;
  if (ruled !== undefined) {
    const { exitCode, text } = REASONS[ruled.reason];
    const status = statusOf(ruled, verdict);
    return { reason: ruled.reason, exitCode, status, text: status === 'good' ? '' : text };
  }
  const reason = reasonOf(judged, deciding.requirePolicy);
  const isPassed = deciding.allowUnsigned && (reason === 'unsigned' || reason === 'other-format');
  const exitCode = isPassed ? EXIT.good : REASONS[reason].exitCode;
  return { reason, exitCode, status: verdict.status, text: verdict.reason };
}

/** One word for people: what is not signed for us to judge is not `unreadable` to them. */
export function wordOf({ reason, status }: Outcome): Status | 'exempt' | 'foreign' | 'unsigned' {
  if (reason === 'exempt' || reason === 'unsigned') return reason;
  return reason === 'other-format' || reason === 'foreign' ? 'foreign' : status;
}

/** An exempt commit is not signed any better. */
function statusOf({ reason }: Ruled, { status }: Verdict): Status {
  switch (reason) {
    case 'allowed':
      return 'good';
    case 'exempt':
      return status;
    case 'signature-failed':
    case 'tag-name-mismatch':
      return 'bad';
    default:
      return 'untrusted';
  }
}

function reasonOf({ object, verdict, unasked, renamed }: Judged, requirePolicy: boolean): Reason {
  if (object.problem !== undefined) return object.problem.code;
  switch (verdict.status) {
    case 'good':
      if (verdict.policy === 'allowed') return 'allowed';
      return requirePolicy ? 'policy-required' : 'no-policy';
    case 'untrusted':
      return verdict.denial;
    case 'unproven':
      return unasked === undefined ? 'unproven' : 'service-unreachable';
    case 'bad': {
      if (renamed) return 'tag-name-mismatch';
      const failed = CHECKS.find((check) => verdict.checks[check].result === 'failed') ?? 'signature';
      return `${failed}-failed`;
    }
    case 'unreadable':
      return REASON_OF_FORMAT[verdict.format];
  }
}

type Format = Extract<Verdict, { status: 'unreadable' }>['format'];

const REASON_OF_FORMAT: Readonly<Record<Format, Reason>> = {
  none: 'unsigned',
  pgp: 'other-format',
  ssh: 'other-format',
  cms: 'foreign',
  malformed: 'malformed',
};

/** Worst last. A definite no outranks what could not be judged. */
const SEVERITY: readonly ExitCode[] = [
  EXIT.good,
  EXIT.unjudged,
  EXIT.service,
  EXIT.no,
  EXIT.login,
  EXIT.usage,
  EXIT.noTrust,
  EXIT.bug,
];

/** The exit code that two results have together. */
export function worse(a: ExitCode, b: ExitCode): ExitCode {
  return SEVERITY.indexOf(a) > SEVERITY.indexOf(b) ? a : b;
}
