/** What a verdict means for whoever asked: one word of a closed list, and an exit code. */
import { type Found, judge } from '../core/facts.ts';
import { DENY_REASONS, decide, NO_POLICY, type Policy } from '../core/policy.ts';
import { CHECKS, type Verdict } from '../core/verdict.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { PROBLEMS } from '../ports.ts';
import { applyDemand, type Demand } from './demand.ts';
import type { Judged } from './verifyObjects.ts';

/** Every reason code that is ever given; programs may rely on the list. */
export const REASONS = [
  'allowed',
  'no-policy',
  'policy-required',
  ...DENY_REASONS,
  'not-demanded',
  'revoked',
  'unproven',
  'service-unreachable',
  'tag-name-mismatch',
  ...CHECKS.map((check) => `${check}-failed` as const),
  'unsigned',
  'other-format',
  'foreign',
  'malformed',
  ...PROBLEMS,
] as const;

export type Reason = (typeof REASONS)[number];

export interface Outcome {
  readonly reason: Reason;
  readonly exitCode: ExitCode;
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

/** What follows from the facts under flags or settings. */
export function decideBy({ demand, policy }: Deciding, found: Found): Verdict {
  return demand === undefined ? judge(found, policy) : applyDemand(judge(found, NO_POLICY), demand);
}

export function outcomeOf(judged: Judged, deciding: Deciding): Outcome {
  const { object, verdict, unasked } = judged;
  if (object.problem !== undefined) return { reason: object.problem.code, exitCode: EXIT.unjudged };
  switch (verdict.status) {
    case 'good':
      if (verdict.policy === 'allowed') return { reason: 'allowed', exitCode: EXIT.good };
      if (deciding.requirePolicy) return { reason: 'policy-required', exitCode: EXIT.unjudged };
      return { reason: 'no-policy', exitCode: EXIT.good };
    case 'untrusted':
      return { reason: denial(verdict, deciding), exitCode: EXIT.no };
    case 'unproven':
      return unasked === undefined
        ? { reason: 'unproven', exitCode: EXIT.unjudged }
        : { reason: 'service-unreachable', exitCode: EXIT.service };
    case 'bad': {
      if (judged.renamed) return { reason: 'tag-name-mismatch', exitCode: EXIT.no };
      const failed = CHECKS.find((check) => verdict.checks[check].result === 'failed') ?? 'signature';
      return { reason: `${failed}-failed`, exitCode: EXIT.no };
    }
    case 'unreadable':
      return unreadable(verdict.format, deciding.allowUnsigned);
  }
}

type Untrusted = Extract<Verdict, { status: 'untrusted' }>;

function denial({ revoked, signer }: Untrusted, { demand, policy }: Deciding): Reason {
  if (revoked) return 'revoked';
  if (demand !== undefined) return 'not-demanded';
  const decision = decide(policy, signer.identity);
  return decision.decision === 'denied' ? decision.reason : 'not-demanded';
}

type Format = Extract<Verdict, { status: 'unreadable' }>['format'];

function unreadable(format: Format, allowUnsigned: boolean): Outcome {
  const exitCode = allowUnsigned ? EXIT.good : EXIT.unjudged;
  switch (format) {
    case 'none':
      return { reason: 'unsigned', exitCode };
    case 'pgp':
    case 'ssh':
      return { reason: 'other-format', exitCode };
    case 'cms':
      return { reason: 'foreign', exitCode: EXIT.unjudged };
    case 'malformed':
      return { reason: 'malformed', exitCode: EXIT.unjudged };
  }
}

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
