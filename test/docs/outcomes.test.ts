/** The table of outcomes in docs/verifying.md, made anew from the code and compared. */
import { expect, test } from 'vitest';
import { explainVerdict } from '../../src/cli/explain.ts';
import { type StatusOptions, type StatusReport, toErrorStatus, toStatus } from '../../src/cli/gpgStatus.ts';
import { CHECKS, type Checks, type Signer, type Verdict } from '../../src/core/verdict.ts';
import { EXIT } from '../../src/errors.ts';
import { readDocument, tableOf } from './markdown.ts';

const PLAIN: StatusOptions = {
  pushCertificate: false,
  requirePolicy: false,
  untrustedAs: 'errsig',
  sandbox: false,
};
const CHECKED = Object.fromEntries(
  CHECKS.map((name) => [name, { result: 'passed', detail: '' }]),
) as unknown as Checks;
const ABOUT = { checks: CHECKED, reason: 'reason', algorithm: { publicKey: 19, hash: 8 } };
const SIGNER: Signer = {
  identity: { subject: { type: 'email', value: 'alice@example.com' }, issuer: 'https://issuer.example.com' },
  fingerprint: 'A'.repeat(40),
  certificate: new Uint8Array(),
  claims: new Map(),
  instance: '',
  authority: '',
};
const LOGGED = {
  ...ABOUT,
  signer: SIGNER,
  signedAt: new Date(0),
  proof: { logIndex: 1n, logId: '', logUrl: 'https://log.example.com', source: 'embedded' as const },
  times: [],
};
const GOOD: Verdict = { ...LOGGED, status: 'good', policy: 'none' };
const UNTRUSTED: Verdict = { ...LOGGED, status: 'untrusted', revoked: false, denial: 'identity-not-listed' };

/** In the order of the table. */
const OUTCOMES: readonly (readonly [Verdict | 'error', StatusOptions | number])[] = [
  [{ ...GOOD, policy: 'allowed' }, PLAIN],
  [GOOD, PLAIN],
  [GOOD, { ...PLAIN, requirePolicy: true }],
  [GOOD, { ...PLAIN, pushCertificate: true }],
  [UNTRUSTED, PLAIN],
  [UNTRUSTED, { ...PLAIN, untrustedAs: 'goodsig' }],
  [{ ...UNTRUSTED, revoked: true, denial: 'revoked' }, PLAIN],
  [{ ...ABOUT, status: 'unproven', signer: SIGNER }, PLAIN],
  [{ ...ABOUT, status: 'bad' }, PLAIN],
  [{ ...ABOUT, status: 'unreadable', format: 'cms' }, PLAIN],
  [{ ...ABOUT, status: 'unreadable', format: 'malformed' }, PLAIN],
  ['error', EXIT.usage],
  ['error', EXIT.noTrust],
];

test('the table of outcomes is what the code does', () => {
  const rows = tableOf(readDocument('docs/verifying.md'), 'outcome', 'first line says');
  const documented = rows.map(([, says, ...others]) => [says?.replace(/^`(.*)…`$/, '$1'), ...others]);
  expect(documented).toEqual(
    OUTCOMES.map(([verdict, how]) => [firstWords(verdict, how), ...numbers(verdict, how)]),
  );
});

function numbers(verdict: Verdict | 'error', how: StatusOptions | number): readonly string[] {
  const { lines, exitCode } = report(verdict, how);
  const words = lines.map((line) => line.split(' ')[0]);
  return [letterOf(words), words.join(' '), String(exitCode)];
}

function report(verdict: Verdict | 'error', how: StatusOptions | number): StatusReport {
  return typeof how === 'number' || verdict === 'error'
    ? toErrorStatus(how as 2 | 6)
    : toStatus(verdict, how);
}

function firstWords(verdict: Verdict | 'error', how: StatusOptions | number): string {
  if (verdict === 'error' || typeof how === 'number') return 'the error';
  const [line = ''] = explainVerdict(verdict, how);
  return (/^(Good signature by |BAD signature by |[^:]*: )/.exec(line) ?? [line])[0];
}

/** git: gpg-interface.c and pretty.c, %G?; the tests in test/e2e ask git itself. */
function letterOf(words: readonly (string | undefined)[]): string {
  if (words.includes('BADSIG')) return 'B';
  if (words.includes('REVKEYSIG')) return 'R';
  if (!words.includes('GOODSIG')) return 'E';
  return words.includes('TRUST_FULLY') ? 'G' : 'U';
}
