/** Signing one payload: what git asks for with `-bsau`. */
import { createHash } from 'node:crypto';
import { encodeArmor } from '../core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../core/cms.ts';
import { payloadKind } from '../core/gitObject.ts';
import { checkPayload } from '../core/payload.ts';
import { NO_POLICY } from '../core/policy.ts';
import { encodeHashedRekord, openLogEntry } from '../core/rekorEntry.ts';
import { encodeHashedRekordV2 } from '../core/rekorV2Entry.ts';
import { openTimestampToken } from '../core/timestampToken.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Verdict } from '../core/verdict.ts';
import { verifySignature } from '../core/verify.ts';
import { parseCertificate } from '../core/x509.ts';
import { SignetError } from '../errors.ts';
import type { Credential, LogEntry, ProposedEntry } from '../ports.ts';
import { type SigningPorts, signBeforeWitnesses } from './witnesses.ts';

export interface Signature {
  /** PEM with label SIGNED MESSAGE, 64 columns, final LF. */
  readonly armored: string;
  /** The verdict of our own verifier over what was made: always `good`. */
  readonly verdict: Extract<Verdict, { status: 'good' }>;
}

/**
 * Signs a payload, has the signature logged and stamped, and verifies the result before it leaves: (1) signed
 * attributes, (2) signature, (3) log entry and timestamp token, (4) what came back, (5) CMS, (6) our own verdict.
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
  const witnessed = await signBeforeWitnesses(signedAttrs, credential, ports, signal);
  const { proposed, logEntry, timestampToken } = witnessed;
  checkEntry(logEntry, proposed, ports.trust);
  if (timestampToken) checkToken(timestampToken, proposed, ports.trust);
  const { certificate, signature } = proposed;
  const cms = encodeCms({ signedAttrs, certificate, signature, logEntry, timestampToken });
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

/** A log could answer with anything: only an entry over these very bytes, proven and in time, is embedded. */
function checkEntry(entry: LogEntry, { digest, signature, certificate }: ProposedEntry, trust: Trust): void {
  // A Rekor v2 log has no promise and no time of its own; what else there is to check, our own verdict does.
  const isV2 = entry.kindVersion === 'hashedrekord 0.0.2';
  const body = (isV2 ? encodeHashedRekordV2 : encodeHashedRekord)(digest, signature, certificate);
  if (Buffer.compare(entry.body, body) !== 0) throw wrongEntry('it recorded something else than was sent');
  if (isV2) return;
  const { signedAt } = opened(() => openLogEntry(entry, body, trust), wrongEntry);
  const when = outsideOf(certificate, signedAt);
  if (when !== undefined) throw wrongEntry(when);
}

/** Nobody takes a signature with a token that is wrong, so such a one is never embedded. */
function checkToken(token: Uint8Array, { signature, certificate }: ProposedEntry, trust: Trust): void {
  const { at } = opened(() => openTimestampToken(token, signature, trust), wrongToken);
  const when = outsideOf(certificate, at);
  if (when !== undefined) throw wrongToken(when);
}

function outsideOf(certificate: Uint8Array, at: Date): string | undefined {
  const { notBefore, notAfter } = parseCertificate(certificate);
  if (at.getTime() >= notBefore && at.getTime() <= notAfter) return undefined;
  return `its clock says ${at.toISOString()}, when the certificate was not valid`;
}

type Blame = (why: string, cause?: unknown) => SignetError;

function opened<T>(open: () => T, blame: Blame): T {
  try {
    return open();
  } catch (error) {
    throw blame(error instanceof Error ? error.message : 'it could not be read', error);
  }
}

const wrongEntry: Blame = (why, cause) =>
  new SignetError(
    'service-answer',
    `The transparency log’s answer is not right: ${why}.`,
    'Nothing was signed. If this stays so, the log or the trusted root is the wrong one: run git-signet config.',
    cause,
  );

const wrongToken: Blame = (why, cause) =>
  new SignetError(
    'service-answer',
    `The timestamp is not right: ${why}.`,
    'Nothing was signed. If this stays so, signet.timestampServerURL is the wrong one, or signet.timestampCertChain does not hold its certificates.',
    cause,
  );

function selfCheck(payload: Uint8Array, armored: string, trust: Trust): Signature['verdict'] {
  const verdict = verifySignature(payload, new TextEncoder().encode(armored), trust, NO_POLICY);
  if (verdict.status === 'good') return verdict;
  const { logEntry, timestamp } = verdict.checks;
  if (logEntry.result === 'failed') throw wrongEntry(logEntry.detail);
  if (timestamp.result === 'failed') throw wrongToken(timestamp.detail);
  throw new SignetError(
    'self-check',
    `The signature that was just made does not verify (${verdict.reason}), so it was thrown away.`,
    'Please report this with the output of git-signet config.',
  );
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
