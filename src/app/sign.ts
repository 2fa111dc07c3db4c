/** Signing one payload: what git asks for with `-bsau`. */
import { createHash } from 'node:crypto';
import { encodeArmor } from '../core/armor.ts';
import { openLeaf, parseCertificate } from '../core/certificate.ts';
import { encodeCms, encodeSignedAttrs } from '../core/cms.ts';
import { judge } from '../core/facts.ts';
import { payloadKind } from '../core/gitObject.ts';
import { type LeafMemory, rememberLeafs } from '../core/leafChecks.ts';
import { checkPayload } from '../core/payload.ts';
import { NO_POLICY } from '../core/policy.ts';
import { encodeHashedRekord } from '../core/rekorEntry.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Verdict } from '../core/verdict.ts';
import { examinePlainSignature } from '../core/verifyPlain.ts';
import { SignetError } from '../errors.ts';
import type { Credential, LogEntry, ProposedEntry } from '../ports.ts';
import { type SigningPorts, signBeforeWitnesses } from './witnesses.ts';
import { OTHER_BODY, outsideOf, wrongEntry, wrongToken } from './wrongAnswer.ts';

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
  const leafs = rememberLeafs(ports.trust);
  const onSent = (): void => judgeLeaf(credential, leafs, ports);
  const witnessed = await signBeforeWitnesses(signedAttrs, credential, { ...ports, onSent }, signal);
  const { proposed, logEntry, timestampToken } = witnessed;
  const isV1 = logEntry.kindVersion === 'hashedrekord 0.0.1';
  if (isV1) checkEntry(logEntry, proposed);
  if (!isV1 || timestampToken) (await import('./rareWitnesses.ts')).checkRare(witnessed, ports.trust);
  const { certificate, signature } = proposed;
  const cms = encodeCms({ signedAttrs, certificate, signature, logEntry, timestampToken });
  const armored = encodeArmor(cms);
  return { armored, verdict: await selfCheck(payload, armored, ports.trust, leafs) };
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
      "The tag's message does not end in a newline, so git could never verify its signature.",
      'End the message with a newline, or leave out --cleanup=verbatim.',
    );
  }
  checkForm(payload);
}

/**
 * While the witnesses look at the signature: looks at the certificate, and imports the keys of the logs. The verdict rests
 * on both, and says what is wrong with them.
 */
function judgeLeaf({ certificate }: Credential, leafs: LeafMemory, { clock, trust }: SigningPorts): void {
  try {
    const checks = leafs(parseCertificate(certificate));
    checks.sct(openLeaf(checks, [clock()]).issuer);
    for (const log of trust.logs) log.key().publicKey.key();
  } catch {
    // see above
  }
}

/** What a Date can hold. */
const MAX_DATE_MS = 8.64e15;

/** A log could answer with anything. Its signatures and its proof are the verdict's business. */
function checkEntry(entry: LogEntry, { digest, signature, certificate }: ProposedEntry): void {
  const body = encodeHashedRekord(digest, signature, certificate);
  if (Buffer.compare(entry.body, body) !== 0) throw wrongEntry(OTHER_BODY);
  const when = outsideOf(certificate, new Date(Math.min(1000 * Number(entry.integratedTime), MAX_DATE_MS)));
  if (when !== undefined) throw wrongEntry(when);
}

/** By the code of git's verifying call; what that is not made for, by the whole. */
async function verdictOn(
  payload: Uint8Array,
  armored: Uint8Array,
  trust: Trust,
  leafs: LeafMemory,
): Promise<Verdict> {
  const found = examinePlainSignature(payload, armored, trust, leafs);
  if (found !== undefined) return judge(found, NO_POLICY);
  const { verifySignature } = await import('./rareWitnesses.ts');
  return verifySignature(payload, armored, trust, NO_POLICY);
}

async function selfCheck(
  payload: Uint8Array,
  armored: string,
  trust: Trust,
  leafs: LeafMemory,
): Promise<Signature['verdict']> {
  const verdict = await verdictOn(payload, Buffer.from(armored, 'latin1'), trust, leafs);
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
