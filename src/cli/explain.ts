/** What git shows a person about one signature: who, when, where it is logged, and whether anybody trusts it. */
import { toAllowEntry } from '../adapters/allow.ts';
import { escapeForTerminal } from '../adapters/terminal.ts';
import { isoTime } from '../core/isoTime.ts';
import type { Identity, Verdict } from '../core/verdict.ts';
import { type StatusOptions, toSignerName } from './gpgStatus.ts';
import { badNews, badWords } from './printError.ts';

/** Lines of plain text, safe for a terminal, for the verdict that git's verify call reached. */
export function explainVerdict(verdict: Verdict, options: StatusOptions): readonly string[] {
  const { note, replaced = [] } = options;
  return [...headline(verdict, options), note ?? '', ...replaced].filter(Boolean).map(escapeForTerminal);
}

function headline(verdict: Verdict, options: StatusOptions): readonly string[] {
  const who =
    'signer' in verdict && verdict.signer
      ? toSignerName(verdict.signer, options.sandbox)
      : 'an unknown signer';
  const mark = options.sandbox && who === 'an unknown signer' ? ' [sandbox]' : '';
  switch (verdict.status) {
    case 'good':
      return [goodLine(verdict, who, options), whenAndWhere(verdict), trustLine(verdict)];
    case 'untrusted':
      return badNews(
        `NOT ALLOWED: the signature by ${who} is sound, but ${verdict.reason}.`,
        whenAndWhere(verdict),
        'To see who may sign here: git-signet policy show',
      );
    case 'unproven':
      return badNews(
        `UNPROVEN: signed by ${who}, but ${verdict.reason}.`,
        'It may be genuine, but nothing in it proves that: not good.',
        'If its log entry is all that is missing, this finds and keeps it: git-signet prove',
      );
    case 'bad':
      return badNews(
        `BAD signature by ${who}${mark}: ${verdict.reason}.`,
        'Do not trust this object: it or its signature was changed, or was never right.',
      );
    case 'unreadable':
      return badNews(`Cannot judge this signature${mark}: ${verdict.reason}.`);
  }
}

type Timed = Extract<Verdict, { status: 'good' | 'untrusted' }>;

function whenAndWhere(verdict: Timed): string {
  const when = isoTime(verdict.signedAt).replace('T', ' ').replace('Z', ' UTC');
  return `Signed ${when}, entry ${verdict.proof.logIndex} of the log ${verdict.proof.logUrl}`;
}

type Good = Extract<Verdict, { status: 'good' }>;

/** Scripts look for the words "Good signature": they stand only where git is told so too. */
function goodLine({ policy }: Good, who: string, { pushCertificate, requirePolicy }: StatusOptions): string {
  if (policy === 'allowed' || !(pushCertificate || requirePolicy)) return `Good signature by ${who}`;
  const why = pushCertificate
    ? badWords('a push certificate is judged by a policy only')
    : badWords('signet.requirePolicy asks for a policy');
  return badWords(`NOT ALLOWED: the signature by ${who} is sound, but ${why}, and there is none.`);
}

function trustLine(verdict: Good): string {
  if (verdict.policy === 'allowed') return 'The policy names this signer.';
  return `No policy names who may sign here. ${toTrustHint(verdict.signer.identity)}`;
}

/** A command to copy, unless a stranger's characters could make another command of it. */
function toTrustHint(identity: Identity): string {
  const entry = toAllowEntry(identity);
  return /^[\w.@+:/ -]+$/.test(entry)
    ? `If you know this signer: git config --add signet.allow "${entry}"`
    : badWords('If you know this signer, add them to signet.allow.');
}
