/** What comes of a Rekor v2 log or a timestamp authority. Loaded for signatures before these only. */
import { encodeHashedRekordV2 } from '../core/rekorV2Entry.ts';
import { openTimestampToken } from '../core/timestampToken.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Witnessed } from './witnesses.ts';
import { OTHER_BODY, opened, outsideOf, wrongEntry, wrongToken } from './wrongAnswer.ts';

export { verifySignature } from '../core/verify.ts';

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
