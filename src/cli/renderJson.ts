/** Verdicts for programs: `git-signet/verify/v1`, documented in docs/verifying.md. */
import type { Deciding } from '../app/outcome.ts';
import type { Ruled } from '../app/ruled.ts';
import { claimsOf } from '../core/objectClaims.ts';
import { CHECKS, type Verdict } from '../core/verdict.ts';
import type { ExitCode } from '../errors.ts';
import type { Shown, Summary } from './renderVerdicts.ts';

export const SCHEMA = 'git-signet/verify/v1';

/** One line of ASCII: nothing in it can reach a terminal, whoever wrote it. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function objectRecord({ object, verdict, outcome, unasked, sections, ruled }: Shown) {
  const isSound = verdict.status === 'good' || verdict.status === 'untrusted';
  return {
    oid: object.oid,
    type: object.kind,
    ref: object.ref ?? null,
    tag: object.kind === 'tag' ? (claimsOf(object.raw).tag ?? null) : null,
    verdict: outcome.status,
    reason: outcome.reason,
    text: outcome.text,
    exitCode: outcome.exitCode,
    signer: signerOf(verdict),
    key: keyOf(ruled),
    signedAt: isSound ? verdict.signedAt : null,
    times: isSound ? verdict.times : [],
    log: isSound ? { ...verdict.proof, logIndex: String(verdict.proof.logIndex) } : null,
    checks: Object.fromEntries(CHECKS.map((name) => [name, verdict.checks[name].result])),
    serviceError: unasked?.message ?? null,
    ...(sections !== undefined && { explanation: sections }),
  };
}

/** A key of the policy that signed, in the place of a signer. */
function keyOf(ruled: Ruled | undefined) {
  if (ruled?.key === undefined) return null;
  const { type, fingerprint, name } = ruled.key;
  return { type, fingerprint, name: name ?? null, signedBefore: ruled.before ?? null };
}

function signerOf(verdict: Verdict) {
  if (!('signer' in verdict) || verdict.signer === undefined) return null;
  const { identity, fingerprint, authority, instance, claims } = verdict.signer;
  const named = Object.fromEntries([...claims].map(([number, value]) => [String(number), value]));
  return { ...identity, fingerprint, authority, instance, claims: named };
}

export function summaryRecord({ objects, counts, gaps, lightweight }: Summary, exitCode: ExitCode) {
  return {
    objects,
    counts: Object.fromEntries(counts),
    complete: gaps.length === 0,
    gaps,
    lightweight,
    exitCode,
  };
}

const SOURCES = { none: 'none', allow: 'signet.allow', file: 'policy-file' } as const;

/** What the verdicts were reached under. */
export function contextRecord({ demand, policy, requirePolicy, allowUnsigned }: Deciding, digest: string) {
  const source = demand !== undefined ? 'flags' : SOURCES[policy.kind];
  return { policy: { source, requirePolicy }, allowUnsigned, trustedRoot: digest };
}
