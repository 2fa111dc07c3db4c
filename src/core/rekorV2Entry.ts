/**
 * Entries of Rekor v2 logs: no promise and no time of their own, so without a timestamp token they prove
 * only that a signature is public.
 */
import { toBase64 } from './bytes.ts';
import { refuse } from './failure.ts';
import { type EmbeddedEntry, openInclusionProof } from './rekorEntry.ts';
import type { LogAuthority } from './trustedRoot.ts';

/** A v1 log's checkpoint has the tree id after the host name; gitsign labels entries of both as 0.0.1. */
export function isV2(entry: EmbeddedEntry, log: LogAuthority): boolean {
  return log.key().publicKey.type === 'Ed25519' || !/^[^\n]* - \d+\n/.test(entry.inclusionProof.checkpoint);
}

/** Canonical body of a hashedrekord 0.0.2 entry over a P-256 signature. */
export function encodeHashedRekordV2(
  digest: Uint8Array,
  signature: Uint8Array,
  certificate: Uint8Array,
): Uint8Array {
  return Buffer.from(
    `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"${toBase64(digest)}"},` +
      `"signature":{"content":"${toBase64(signature)}","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","x509Certificate":{"rawBytes":"${toBase64(certificate)}"}}}}}}`,
    'latin1',
  );
}

/** Checks that the log holds the entry; when, it does not say. */
export function openV2Entry(entry: EmbeddedEntry, body: Uint8Array, log: LogAuthority): void {
  if (!['hashedrekord 0.0.1', 'hashedrekord 0.0.2'].includes(entry.kindVersion)) {
    refuse('the log entry is of an unknown kind');
  }
  if (entry.signedEntryTimestamp.length > 0 || entry.integratedTime !== 0n) {
    refuse('the log entry has a time or promise, which logs of its kind do not give');
  }
  if (entry.logIndex !== entry.inclusionProof.logIndex) {
    refuse('the inclusion proof is for another index than the log entry');
  }
  openInclusionProof(entry, body, log);
}
