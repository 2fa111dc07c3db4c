/** What git shows a person about one signature: who, when, where it is logged, and whether anybody trusts it. */
import { toAllowEntry } from '../adapters/allow.ts';
import { escapeForTerminal } from '../adapters/terminal.ts';
import type { Identity, Verdict } from '../core/verdict.ts';
import { type StatusOptions, toSignerName } from './gpgStatus.ts';

/** Lines of plain text, safe for a terminal, for the verdict that git's verify call reached. */
export function explainVerdict(verdict: Verdict, options: StatusOptions): readonly string[] {
  return headline(verdict, options).map(escapeForTerminal);
}

function headline(verdict: Verdict, options: StatusOptions): readonly string[] {
  const who =
    'signer' in verdict && verdict.signer
      ? toSignerName(verdict.signer, options.sandbox)
      : 'an unknown signer';
  const mark = options.sandbox && who === 'an unknown signer' ? ' [sandbox]' : '';
  switch (verdict.status) {
    case 'good':
      return [`Good signature by ${who}`, whenAndWhere(verdict), trustLine(verdict, options)];
    case 'untrusted':
      return [
        `NOT ALLOWED: the signature by ${who} is sound, but ${verdict.reason}.`,
        whenAndWhere(verdict),
        'To see who may sign here: git config --get-all signet.allow',
      ];
    case 'unproven':
      return [
        `UNPROVEN: signed by ${who}, but ${verdict.reason}.`,
        'Without its log entry nothing shows when it was signed: not good.',
      ];
    case 'bad':
      return [
        `BAD signature by ${who}${mark}: ${verdict.reason}.`,
        'Do not trust this object: it or its signature was changed, or was never right.',
      ];
    case 'unreadable':
      return [`Cannot judge this signature${mark}: ${verdict.reason}.`];
  }
}

type Timed = Extract<Verdict, { status: 'good' | 'untrusted' }>;

function whenAndWhere(verdict: Timed): string {
  const when = verdict.signedAt.toISOString().replace('T', ' ').replace('.000Z', ' UTC');
  return `Signed ${when}, entry ${verdict.proof.logIndex} of the log ${verdict.proof.logUrl}`;
}

function trustLine(verdict: Extract<Verdict, { status: 'good' }>, options: StatusOptions): string {
  if (verdict.policy === 'allowed') return 'The policy names this signer.';
  if (options.pushCertificate)
    return 'No policy names who may push here, so this push certificate is not good.';
  if (options.requirePolicy)
    return 'No policy names who may sign here, and signet.requirePolicy asks for one: not good.';
  return `No policy names who may sign here. ${toTrustHint(verdict.signer.identity)}`;
}

/** A command to copy, unless a stranger's characters could make another command of it. */
function toTrustHint(identity: Identity): string {
  const entry = toAllowEntry(identity);
  return /^[\w.@+:/ -]+$/.test(entry)
    ? `If you know this signer: git config --add signet.allow "${entry}"`
    : 'If you know this signer, add them to signet.allow.';
}
