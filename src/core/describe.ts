/** What came of each check, in words for people. They may hold text from certificates: escape it. */
import type { OpenedLeaf } from './certificate.ts';
import type { EntryState } from './embeddedEntry.ts';
import type { PayloadKind } from './gitObject.ts';
import { isoTime } from './isoTime.ts';
import type { OpenedSct } from './sct.ts';
import type { OpenedToken } from './timestampToken.ts';
import type { Check, CheckName } from './verdict.ts';

export type MutableChecks = Record<CheckName, Check>;

export function passed(detail: string): Check {
  return { result: 'passed', detail };
}

export function skipped(detail: string): Check {
  return { result: 'skipped', detail };
}

const UNSEEN = skipped('not reached');

export const NOT_REACHED: Readonly<MutableChecks> = {
  payload: UNSEEN,
  signature: UNSEEN,
  certificate: UNSEEN,
  sct: UNSEEN,
  logEntry: UNSEEN,
  timestamp: UNSEEN,
  identity: UNSEEN,
};

export function describePayload(kind: PayloadKind): Check {
  return kind === 'unknown'
    ? skipped('the payload is no git object: only its bytes were checked')
    : passed(kind);
}

export function describeLeaf({ signer: { identity, authority } }: OpenedLeaf): Check {
  return passed(`${identity.subject.value}, vouched for by ${identity.issuer}, certified by ${authority}`);
}

/** `why` there is none, where there need not be one. */
export function describeSct(sct: OpenedSct | string): Check {
  return typeof sct === 'string'
    ? skipped(sct)
    : passed(`published in ${sct.logUrl} at ${isoTime(sct.timestamp)}`);
}

export function describeEntry(entry: EntryState): Check {
  if (entry.kind === 'missing') return skipped(entry.why);
  const { logIndex, logUrl } = entry.proof;
  const when = entry.at === undefined ? '' : ` at ${isoTime(entry.at)}`;
  return passed(`entry ${logIndex} of ${logUrl}${when}${entry.note ?? ''}`);
}

export function describeTokens(tokens: readonly OpenedToken[]): Check {
  return tokens.length === 0
    ? skipped('no timestamp token is embedded')
    : passed(tokens.map(({ at, by }) => `stamped by ${by} at ${isoTime(at)}`).join(', '));
}
