/**
 * Status lines and exit codes for git, from a verdict. The form of each line is gnupg's (doc/DETAILS); which
 * outcome gets which lines is a table of its own, because git's parser has traps: docs/verifying.md.
 */
import { isoTime } from '../core/isoTime.ts';
import type { San, Signer, Verdict } from '../core/verdict.ts';
import { EXIT, type ExitCode } from '../errors.ts';

export interface StatusOptions {
  /** A push certificate: a receiving git hands only the result letter to its hooks. */
  readonly pushCertificate: boolean;
  /** Without a policy nothing is good. */
  readonly requirePolicy: boolean;
  /** What to show for a sound signature by somebody who is not allowed. */
  readonly untrustedAs: 'errsig' | 'goodsig';
  /** The signature hangs on the embedded Sigstore's toy authority. */
  readonly sandbox: boolean;
  /** What stands in the place of parts of the trusted root: lines for the person. */
  readonly replaced?: readonly string[] | undefined;
  /** About the policy: a line for the person. */
  readonly note?: string | undefined;
}

export interface StatusReport {
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

const NO_KEY = '0'.repeat(40);
const UNDEFINED = 'TRUST_UNDEFINED 0 shell';
const NEVER = 'TRUST_NEVER 0 shell';

/** The lines after `NEWSIG` and the exit code of a verdict. Exactly one result line and one TRUST_ line. */
export function toStatus(verdict: Verdict, options: StatusOptions): StatusReport {
  switch (verdict.status) {
    case 'good':
      return goodStatus(verdict, options);
    case 'untrusted':
      return untrustedStatus(verdict, options);
    case 'unproven':
      return report(EXIT.unjudged, [...unknownKey(verdict.signer.fingerprint, verdict, 0), UNDEFINED]);
    case 'bad': {
      const name = verdict.signer === undefined ? 'unknown' : toSignerName(verdict.signer, options.sandbox);
      const key = verdict.signer?.fingerprint ?? verdict.fingerprint ?? NO_KEY;
      return report(EXIT.no, [`BADSIG ${key} ${escapeStatus(name)}`, UNDEFINED]);
    }
    case 'unreadable':
      return verdict.format === 'cms'
        ? report(EXIT.unjudged, [...unknownKey(verdict.fingerprint ?? NO_KEY, verdict, 0), UNDEFINED])
        : report(EXIT.unjudged, [
            'NODATA 2',
            'ERROR verify.leave 58',
            'ERRSIG 0000000000000000 0 0 00 0 4',
            UNDEFINED,
          ]);
  }
}

/** The lines for a verification that could not be carried out at all. */
export function toErrorStatus(exitCode: ExitCode): StatusReport {
  return report(exitCode, [
    'ERROR verify.findkey 9',
    `NO_PUBKEY ${NO_KEY}`,
    `ERRSIG ${NO_KEY} 0 0 00 0 9 ${NO_KEY}`,
    UNDEFINED,
  ]);
}

/** `alice@example.com (https://github.com/login/oauth)`: what %GS shows. Never empty. */
export function toSignerName(signer: Signer, sandbox: boolean): string {
  const { subject, issuer } = signer.identity;
  return `${toSubjectName(subject)} (${issuer})${sandbox ? ' [sandbox]' : ''}`;
}

/** Only an e-mail address may look like one: a user name has its `!` as in signet.allow, an odd URI its type. */
function toSubjectName({ type, value }: San): string {
  if (type === 'username') return `!${value}`;
  return type === 'uri' && !value.includes('://') ? `uri:${value}` : value;
}

/** gnupg's escaping: control characters, `%` and everything that is not printable ASCII as %XX of its UTF-8. */
export function escapeStatus(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    byte > 0x1f && byte < 0x7f && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}

type Good = Extract<Verdict, { status: 'good' }>;
type Untrusted = Extract<Verdict, { status: 'untrusted' }>;

function goodStatus(verdict: Good, options: StatusOptions): StatusReport {
  const { fingerprint } = verdict.signer;
  if (verdict.policy === 'none' && (options.pushCertificate || options.requirePolicy)) {
    return report(EXIT.unjudged, [
      ...unknownKey(fingerprint, verdict, toSeconds(verdict.signedAt)),
      UNDEFINED,
    ]);
  }
  const trust = verdict.policy === 'allowed' ? 'TRUST_FULLY 0 shell' : UNDEFINED;
  return report(EXIT.good, [...goodLines(verdict, options), trust]);
}

function untrustedStatus(verdict: Untrusted, options: StatusOptions): StatusReport {
  const { fingerprint } = verdict.signer;
  if (verdict.revoked) {
    const name = escapeStatus(toSignerName(verdict.signer, options.sandbox));
    return report(EXIT.no, [`REVKEYSIG ${fingerprint} ${name}`, validSig(verdict), NEVER]);
  }
  // jj and push certificates take GOODSIG for good whatever the trust and the exit code say.
  if (options.untrustedAs === 'goodsig' && !options.pushCertificate) {
    return report(EXIT.no, [...goodLines(verdict, options), NEVER]);
  }
  return report(EXIT.no, [...unknownKey(fingerprint, verdict, toSeconds(verdict.signedAt)), NEVER]);
}

function goodLines(verdict: Good | Untrusted, options: StatusOptions): readonly string[] {
  const name = escapeStatus(toSignerName(verdict.signer, options.sandbox));
  return [`GOODSIG ${verdict.signer.fingerprint} ${name}`, validSig(verdict)];
}

/** Nine fields: a tenth would become git's %GP. */
function validSig(verdict: Good | Untrusted): string {
  const { publicKey, hash } = verdict.algorithm;
  const date = isoTime(verdict.signedAt).slice(0, 10);
  return `VALIDSIG ${verdict.signer.fingerprint} ${date} ${toSeconds(verdict.signedAt)} 0 0 0 ${publicKey} ${hash} 00`;
}

function unknownKey(fingerprint: string, verdict: Verdict, seconds: number): readonly string[] {
  const { publicKey, hash } = verdict.algorithm;
  return [
    'ERROR verify.findkey 9',
    `NO_PUBKEY ${fingerprint}`,
    `ERRSIG ${fingerprint} ${publicKey} ${hash} 00 ${seconds} 9 ${fingerprint}`,
  ];
}

function report(exitCode: ExitCode, lines: readonly string[]): StatusReport {
  return { exitCode, lines };
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
