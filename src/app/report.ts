/** A judged history as numbers and stretches: what a report shows. Times of what nobody proves are claims. */
import { claimedLogIndex } from '../core/claimedEntry.ts';
import { claimsOf } from '../core/objectClaims.ts';
import type { Identity } from '../core/verdict.ts';
import type { Outcome } from './outcome.ts';
import type { Ruled, RuledObject } from './ruled.ts';

/** What a commit or tag counts as. */
export const KINDS = ['good', 'exempt', 'untrusted', 'unproven', 'bad', 'foreign', 'unsigned'] as const;
export type Kind = (typeof KINDS)[number];

export interface ReportRow {
  readonly oid: string;
  readonly tag: string | undefined;
  readonly kind: Kind;
  /** Why it is not good; empty for `good`. */
  readonly why: string;
  readonly subject: string;
  readonly identity: Identity | undefined;
  /** Of the policy, where one signed. */
  readonly key: Ruled['key'];
  /** Milliseconds: the trusted time where there is one, else what the committer or tagger line claims. */
  readonly at: number;
  /** Its time and place in the log are, too; else they are claims. */
  readonly proven: boolean;
  readonly logIndex: bigint | undefined;
  readonly logUrl: string | undefined;
}

/** Who signed: one entry per identity, most signatures first. */
export interface SignerSummary {
  readonly identity: Identity;
  readonly commits: number;
  readonly tags: number;
  readonly first: number;
  readonly last: number;
  /** Times of all signatures, unordered. */
  readonly times: readonly number[];
}

/** Commits that follow each other in the history and count as the same. */
export interface Stretch {
  readonly kind: Kind;
  readonly count: number;
  readonly from: ReportRow;
  readonly to: ReportRow;
}

export interface Report {
  /** Oldest first. */
  readonly commits: readonly ReportRow[];
  readonly tags: readonly ReportRow[];
  readonly counts: Readonly<Record<Kind, number>>;
  readonly signers: readonly SignerSummary[];
  readonly stretches: readonly Stretch[];
  readonly start: number;
  readonly end: number;
}

export function toRow({ object, verdict, ruled }: RuledObject, outcome: Outcome): ReportRow {
  const { claimedAt, subject, tag } = claimsOf(object.raw);
  const sound = verdict.status === 'good' || verdict.status === 'untrusted' ? verdict : undefined;
  return {
    oid: object.oid,
    tag: object.kind === 'tag' ? (tag ?? '?') : undefined,
    kind: kindOf(outcome),
    why: outcome.text,
    subject,
    identity: 'signer' in verdict ? verdict.signer?.identity : undefined,
    key: ruled?.key,
    at: sound?.signedAt.getTime() ?? claimedAt,
    proven: sound !== undefined,
    logIndex: sound?.proof.logIndex ?? claimedLogIndex(object.raw, object.kind, object.objectFormat),
    logUrl: sound?.proof.logUrl,
  };
}

function kindOf({ status, reason }: Outcome): Kind {
  if (reason === 'exempt' || reason === 'unsigned') return reason;
  if (status !== 'unreadable') return status;
  return reason === 'other-format' || reason === 'foreign' ? 'foreign' : 'bad';
}

/** `rows` come newest first, as git lists them. */
export function toReport(rows: readonly ReportRow[]): Report {
  const commits = rows.filter(({ tag }) => tag === undefined).reverse();
  const tags = rows.filter(({ tag }) => tag !== undefined);
  const times = rows.map(({ at }) => at).filter((at) => at > 0);
  return {
    commits,
    tags,
    counts: countKinds(commits),
    signers: sumUpSigners(rows),
    stretches: toStretches(commits),
    start: times.reduce((least, at) => Math.min(least, at), times[0] ?? 0),
    end: times.reduce((most, at) => Math.max(most, at), times[0] ?? 0),
  };
}

function countKinds(rows: readonly ReportRow[]): Readonly<Record<Kind, number>> {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const { kind } of rows) counts[kind] += 1;
  return counts;
}

function sumUpSigners(rows: readonly ReportRow[]): readonly SignerSummary[] {
  const groups = new Map<string, ReportRow[]>();
  for (const row of rows) {
    if (!row.proven || row.identity === undefined) continue;
    const { subject, issuer } = row.identity;
    const key = JSON.stringify([subject.type, subject.value, issuer]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const signers = [...groups.values()].map((group): SignerSummary => {
    const times = group.map(({ at }) => at);
    return {
      identity: group[0]?.identity as Identity,
      commits: group.filter(({ tag }) => tag === undefined).length,
      tags: group.filter(({ tag }) => tag !== undefined).length,
      first: times.reduce((least, at) => Math.min(least, at)),
      last: times.reduce((most, at) => Math.max(most, at)),
      times,
    };
  });
  return signers.sort((a, b) => b.times.length - a.times.length);
}

function toStretches(commits: readonly ReportRow[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const row of commits) {
    const last = stretches.at(-1);
    if (last?.kind === row.kind)
      stretches[stretches.length - 1] = { ...last, count: last.count + 1, to: row };
    else stretches.push({ kind: row.kind, count: 1, from: row, to: row });
  }
  return stretches;
}
