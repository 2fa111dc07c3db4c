/** Signing one payload: what git asks for with `-bsau`. */
import { createHash, sign as cryptoSign } from 'node:crypto';
import { encodeArmor } from '../core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../core/cms.ts';
import { payloadKind } from '../core/gitObject.ts';
import { checkPayload } from '../core/payload.ts';
import { NO_POLICY } from '../core/policy.ts';
import { encodeHashedRekord, openLogEntry } from '../core/rekorEntry.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Verdict } from '../core/verdict.ts';
import { verifySignature } from '../core/verify.ts';
import { parseCertificate } from '../core/x509.ts';
import { SignetError } from '../errors.ts';
import type { Clock, Credential, LogEntry, ProposedEntry, TransparencyLog } from '../ports.ts';

export interface SigningPorts {
  readonly log: TransparencyLog;
  readonly trust: Trust;
  readonly clock: Clock;
}

export interface Signature {
  /** PEM with label SIGNED MESSAGE, 64 columns, final LF. */
  readonly armored: string;
  /** The verdict of our own verifier over what was made: always `good`. */
  readonly verdict: Extract<Verdict, { status: 'good' }>;
}

/** The log is not asked any more this shortly before the certificate ends: its time must lie inside. */
const END_MARGIN_MS = 5_000;

/**
 * Signs a payload, records the signature in the log and verifies the result before it leaves:
 * (1) signed attributes, (2) signature, (3) log entry, (4) the log's answer, (5) CMS, (6) our own verdict.
 * Throws SignetError; makes nothing half.
 */
export async function signPayload(
  payload: Uint8Array,
  credential: Credential,
  ports: SigningPorts,
  signal: AbortSignal,
): Promise<Signature> {
  refuseUnverifiable(payload);
  const signedAttrs = encodeSignedAttrs(sha256(payload), ports.clock());
  const signature = cryptoSign('sha256', signedAttrs, credential.privateKey);
  const proposed = { digest: sha256(signedAttrs), signature, certificate: credential.certificate };
  const logEntry = await uploadInTime(proposed, credential, ports, signal);
  checkAnswer(logEntry, proposed, ports.trust);
  const cms = encodeCms({ signedAttrs, certificate: credential.certificate, signature, logEntry });
  const armored = encodeArmor(cms);
  return { armored, verdict: selfCheck(payload, armored, ports.trust) };
}

/** What nobody could verify is refused before anybody is asked to log in, and before it is logged for ever. */
function checkForm(payload: Uint8Array): void {
  try {
    checkPayload(payload, { kind: undefined, objectFormat: undefined });
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    throw new SignetError(
      'refused-payload',
      `What is to be signed would not be verified by anybody: ${why}.`,
      'Check what called git-signet.',
      error,
    );
  }
}

/** git glues the armor of a tag to its text: without a final LF nobody could ever find the signature again. */
export function refuseUnverifiable(payload: Uint8Array): void {
  if (payload.length === 0) {
    throw new SignetError(
      'refused-payload',
      'There is nothing to sign: the payload is empty.',
      'Check what called git-signet.',
    );
  }
  if (payloadKind(payload) === 'tag' && payload.at(-1) !== 0x0a) {
    throw new SignetError(
      'refused-payload',
      'The tag’s message does not end in a newline, so git could never verify its signature.',
      'End the message with a newline, or leave out --cleanup=verbatim.',
    );
  }
  checkForm(payload);
}

/** A timer of our own: in Node 20 what AbortSignal.any made of a timeout never fires once garbage was collected. */
async function uploadInTime(
  proposed: ProposedEntry,
  credential: Credential,
  { log, clock }: SigningPorts,
  signal: AbortSignal,
): Promise<LogEntry> {
  const ending = new AbortController();
  const leftMs = credential.notAfter.getTime() - END_MARGIN_MS - clock().getTime();
  const timer = setTimeout(() => ending.abort(endsTooSoon()), Math.max(leftMs, 0));
  const cancel = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  try {
    return await log.upload(proposed, ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

function endsTooSoon(): SignetError {
  return new SignetError(
    'service-unreachable',
    'The certificate ends before the transparency log has answered.',
    'Try again: the next signature gets a new certificate.',
  );
}

/** A log could answer with anything: only an entry over these very bytes, proven and in time, is embedded. */
function checkAnswer(entry: LogEntry, { digest, signature, certificate }: ProposedEntry, trust: Trust): void {
  const body = encodeHashedRekord(digest, signature, certificate);
  if (Buffer.compare(entry.body, body) !== 0) throw wrongAnswer('it recorded something else than was sent');
  const { notBefore, notAfter } = parseCertificate(certificate);
  const { signedAt } = opened(() => openLogEntry(entry, body, trust));
  if (signedAt.getTime() < notBefore || signedAt.getTime() > notAfter) {
    const when = signedAt.toISOString();
    throw wrongAnswer(`its clock says ${when}, when the certificate was not valid`);
  }
}

function opened<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw wrongAnswer(error instanceof Error ? error.message : 'it could not be read', error);
  }
}

function wrongAnswer(why: string, cause?: unknown): SignetError {
  return new SignetError(
    'service-answer',
    `The transparency log’s answer is not right: ${why}.`,
    'Nothing was signed. If this stays so, the log or the trusted root is the wrong one: run git-signet config.',
    cause,
  );
}

function selfCheck(payload: Uint8Array, armored: string, trust: Trust): Signature['verdict'] {
  const verdict = verifySignature(payload, new TextEncoder().encode(armored), trust, NO_POLICY);
  if (verdict.status === 'good') return verdict;
  throw new SignetError(
    'self-check',
    `The signature that was just made does not verify (${verdict.reason}), so it was thrown away.`,
    'Please report this with the output of git-signet config.',
  );
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
