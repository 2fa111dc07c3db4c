/** What the gate judges, with what, and what it answers. */

import type { Ruling, Signed } from '../../core/policy/mayDo.ts';
import type { PolicyFile } from '../../core/policyFile.ts';
import { REASONS, type Reason } from '../../core/reasons.ts';
import type { GateReader, KeyJudging, PlacedPolicy, RawObject } from '../../ports.ts';
import type { Judged } from '../verifyObjects.ts';

/** A line of a push. Ids are full and lower-case; all zeros stand for no object. */
export interface RefUpdate {
  readonly ref: string;
  readonly old: string;
  readonly new: string;
}

/** The policy that all refs are judged by, and where it was read. */
export interface PolicyHere extends PlacedPolicy {
  /** Full name of the ref whose tip it is read from; undefined where it is kept outside the repository. */
  readonly ref?: string;
}

export interface Gate {
  readonly repository: GateReader;
  readonly policy: PolicyHere;
  /** Reads a policy file of a commit; says in a sentence why it cannot be one. */
  readonly parsePolicy: (bytes: Uint8Array) => Promise<PolicyFile | string>;
  /** Facts about signatures, in order; no policy is applied to them. */
  readonly judge: (objects: AsyncIterable<RawObject>) => AsyncGenerator<Judged>;
  /** Facts about a signature of another format than ours. */
  readonly judgeKey: KeyJudging;
  /** Commits that are trusted by name, with all their history. */
  readonly introductions: readonly string[];
  readonly maxCommits: number;
  /** File names have no case here: neither have those of refs. */
  readonly ignoreCase: boolean;
  /** The signature of the push itself. */
  readonly pushCertificate?: Signed;
}

/** One thing that was looked at, and what was decided. */
export interface Finding extends Ruling {
  /** The commit or tag; undefined where it is about the ref. */
  readonly oid?: string;
  readonly type?: 'commit' | 'tag';
  readonly subject?: string;
  /** Who signed and when, for people and programs. */
  readonly judged?: Judged;
  /** More about the reason. */
  readonly detail?: string;
}

export interface RefResult {
  readonly update: RefUpdate;
  readonly findings: readonly Finding[];
}

export function isRefused({ reason }: Pick<Finding, 'reason'>): boolean {
  return REASONS[reason].decision !== 'allowed';
}

export function isAccepted({ findings }: RefResult): boolean {
  return findings.length > 0 && !findings.some(isRefused);
}

export function isZero(oid: string): boolean {
  return /^0+$/.test(oid);
}

export function finding(reason: Reason, more: Omit<Finding, 'reason'> = {}): Finding {
  return { reason, ...more };
}
