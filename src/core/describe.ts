/** What came of each check, in words for people. They may hold text from certificates: escape it. */
import type { OpenedLeaf } from './certificate.ts';
import type { EntryState } from './embeddedEntry.ts';
import type { PayloadKind } from './gitObject.ts';
import { isoTime } from './isoTime.ts';
import type { OpenedSct } from './sct.ts';
import type { TokenState } from './timestampToken.ts';
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

export function describeSct(sct: OpenedSct | undefined): Check {
  return sct === undefined
    ? skipped('the certificate is from before 2022-06-02 and carries no SCT')
    : passed(`published in ${sct.logUrl} at ${isoTime(sct.timestamp)}`);
}

export function describeEntry(entry: EntryState): Check {
  switch (entry.kind) {
    case 'logged':
      return passed(`entry ${entry.proof.logIndex} of ${entry.proof.logUrl} at ${isoTime(entry.signedAt)}`);
    case 'timeless':
      return skipped('Rekor v2 entries need a timestamp token');
    case 'draft':
      return skipped('the log entry is in a draft encoding that no release wrote');
    case 'none':
      return skipped('no log entry is embedded, so nothing proves when it was signed');
  }
}

export function describeToken(token: TokenState): Check {
  return skipped(
    token === 'none'
      ? 'no timestamp token is embedded'
      : 'the signature carries a timestamp token, which this version does not check',
  );
}
