/** Who must have signed, as gitsign's identity flags say it: a policy given on the command line, over verified facts. */
import type { San, Signer, Verdict } from '../core/verdict.ts';
import { SignetError } from '../errors.ts';

/** Values and patterns are all demanded; one that is not given demands nothing. */
export interface Demand {
  readonly subject: Wanted;
  readonly issuer: Wanted;
  /** Fulcio's claims .2 to .6 by their number, exactly. */
  readonly claims: ReadonlyMap<number, string>;
}

/** Both must hold where both are given. */
export interface Wanted {
  readonly exact: string | undefined;
  readonly pattern: RegExp | undefined;
}

/** gitsign's names for the claims that GitHub's workflows have (fulcio: docs/oid-info.md, 1.3.6.1.4.1.57264.1.N). */
export const WORKFLOW_CLAIMS = { trigger: 2, sha: 3, name: 4, repository: 5, ref: 6 } as const;

/**
 * Patterns are a person's own, what they are held against is a stranger's: a pattern that backtracks must not meet
 * text of any length. No identity of a certificate that passes is longer.
 */
const MAX_MATCHED_CHARACTERS = 2048;

/** What a pattern of Go (RE2) may hold and JavaScript takes for something else without a word. */
const GO_ONLY = /\\[AzQECapP]|\[\[:/;

/** A pattern that must match all of the text. Throws SignetError `usage`. */
export function parsePattern(flag: string, source: string): RegExp {
  try {
    if (GO_ONLY.test(source)) throw new SyntaxError('it uses a form that only Go knows');
    return new RegExp(`^(?:${source})$`);
  } catch (error) {
    throw new SignetError(
      'usage',
      `--${flag} is no regular expression: ${error instanceof Error ? error.message : 'unreadable'}.`,
      'Regular expressions are those of JavaScript, and must match the whole text.',
      error,
    );
  }
}

/** The verdict under a demand, from one that was reached without any policy: facts stay, the decision is added. */
export function applyDemand(verdict: Verdict, demand: Demand): Verdict {
  if (verdict.status !== 'good') return verdict;
  const { policy: _none, status: _good, ...sound } = verdict;
  const obstacle = findObstacle(demand, verdict.signer);
  const detail = obstacle ?? 'the signer is the one that is demanded';
  const checks = {
    ...verdict.checks,
    identity: { result: obstacle === undefined ? 'passed' : 'failed', detail },
  } as const;
  return obstacle === undefined
    ? { ...sound, status: 'good', policy: 'allowed', checks }
    : { ...sound, status: 'untrusted', revoked: false, denial: 'not-demanded', reason: obstacle, checks };
}

function findObstacle({ subject, issuer, claims }: Demand, { identity, claims: signed }: Signer) {
  if (!isGenuine(identity.subject)) return 'the identity looks like one of another kind';
  if (!fits(subject, identity.subject.value)) return 'the signer is not the one that is demanded';
  if (!fits(issuer, identity.issuer)) return 'the signer is vouched for by another issuer than demanded';
  for (const [number, value] of claims) {
    if (signed.get(number) !== value) return `the ${nameOf(number)} of the workflow is not the one demanded`;
  }
  return undefined;
}

function fits({ exact, pattern }: Wanted, value: string): boolean {
  if (exact !== undefined && value !== exact) return false;
  return pattern === undefined || (value.length <= MAX_MATCHED_CHARACTERS && pattern.test(value));
}

/** The flags have no types, so a URI or a user name that reads like an address must never pass for one. */
function isGenuine({ type, value }: San): boolean {
  if (value.includes('://')) return type === 'uri';
  return value.includes('@') ? type === 'email' : type !== 'email';
}

function nameOf(number: number): string {
  return Object.entries(WORKFLOW_CLAIMS).find(([, n]) => n === number)?.[0] ?? `claim ${number}`;
}
