/** What comes of a Rekor v2 log or a timestamp authority. Loaded for signatures before these only. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isCheckFailure } from '../core/failure.ts';
import { encodeHashedRekordV2 } from '../core/rekorV2Entry.ts';
import { openTimestampToken } from '../core/timestampToken.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { parseCertificate } from '../core/x509.ts';
import type { ProposedEntry, TimestampAuthority } from '../ports.ts';
import type { Witnessed } from './witnesses.ts';
import { OTHER_BODY, opened, outsideOf, wrongEntry, wrongToken } from './wrongAnswer.ts';

export { verifySignature } from '../core/verify.ts';

/** Clocks of two services differ by some tenths of a second, and a timestamp often tells whole seconds only. */
const MAX_BEHIND_MS = 3_000;

/**
 * A timestamp over the signature, unverified. The first signature of a new certificate can come back with a time before
 * that certificate's start, where the authority's clock is a little behind: then it is asked again, once, when its clock
 * has got there. Throws as the authority does.
 */
export async function requestStamp(
  proposed: ProposedEntry,
  timestamps: TimestampAuthority,
  trust: Trust,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const token = await timestamps.requestTimestamp(proposed.signature, signal);
  const behindMs = behind(token, proposed, trust);
  if (behindMs <= 0 || behindMs > MAX_BEHIND_MS) return token;
  // A timer may end a little early.
  await sleep(behindMs + 10, undefined, { signal });
  return timestamps.requestTimestamp(proposed.signature, signal);
}

/** How much later the certificate starts; 0 for a token that is not right, which `checkRare` says. */
function behind(token: Uint8Array, { signature, certificate }: ProposedEntry, trust: Trust): number {
  try {
    return parseCertificate(certificate).notBefore - openTimestampToken(token, signature, trust).at.getTime();
  } catch (error) {
    if (isCheckFailure(error)) return 0;
    throw error;
  }
}

/**
 * Only an entry over these very bytes is embedded (what else there is to check without a time, the verdict on the whole
 * does), and only a token that opens: a signature with a wrong one is good to nobody. Throws `service-answer`.
 */
export function checkRare({ proposed, logEntry, timestampToken }: Witnessed, trust: Trust): void {
  const { digest, signature, certificate } = proposed;
  if (logEntry.kindVersion === 'hashedrekord 0.0.2') {
    const body = encodeHashedRekordV2(digest, signature, certificate);
    if (Buffer.compare(logEntry.body, body) !== 0) throw wrongEntry(OTHER_BODY);
  }
  if (timestampToken === undefined) return;
  const { at } = opened(() => openTimestampToken(timestampToken, signature, trust), wrongToken);
  const when = outsideOf(certificate, at);
  if (when !== undefined) throw wrongToken(when);
}
