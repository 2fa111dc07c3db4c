/**
 * Log entries that come from elsewhere than the signature: gitsign's online mode stores none in the object, so
 * whoever verifies has to find it, in the log itself or in git notes.
 */
import { hash } from 'node:crypto';
import { parseArmor } from './armor.ts';
import { fingerprintOf } from './certificate.ts';
import { parseCms, selectLeaf } from './cms.ts';
import { isCheckFailure } from './failure.ts';
import { onlineObjectId } from './onlineEntry.ts';
import { encodeBytesField } from './protobuf.ts';
import { encodeTransparencyLogEntry, type LogEntry } from './rekorEntry.ts';

export interface Evidence {
  /**
   * Each the protobuf encoding of dev.sigstore.rekor.v1.TransparencyLogEntry with its canonicalized_body. Nothing
   * about them is believed before they were opened: strangers may write notes, and logs hold anything.
   */
  readonly entries: readonly Uint8Array[];
}

export const NO_EVIDENCE: Evidence = { entries: [] };

/** The form in which an entry is kept and handed over as evidence. */
export function encodeEvidenceEntry(entry: LogEntry): Uint8Array {
  return Buffer.concat([encodeTransparencyLogEntry(entry), encodeBytesField(7, entry.body)]);
}

/** What to look for in a log. */
export interface OnlineQuery {
  /** 40 hex digits: the SHA-1 name that gitsign's online mode signs, also in SHA-256 repositories. */
  readonly objectId: string;
  /** SHA-256 of those 40 characters: the digest that the log's entry holds. */
  readonly digest: Uint8Array;
  /** DER of the leaf. */
  readonly certificate: Uint8Array;
  /** SHA-1 of the leaf, upper-case hex. */
  readonly fingerprint: string;
}

/** Says what to look for; undefined where the signature cannot be read, or carries no certificate of its signer. */
export function onlineQuery(payload: Uint8Array, armored: Uint8Array): OnlineQuery | undefined {
  const objectId = onlineObjectId(payload, armored);
  if (objectId === undefined) return undefined;
  try {
    const leaf = selectLeaf(parseCms(parseArmor(armored)));
    const digest = hash('sha256', objectId, 'buffer');
    return { objectId, digest, certificate: leaf.der, fingerprint: fingerprintOf(leaf) };
  } catch (error) {
    if (isCheckFailure(error)) return undefined;
    throw error;
  }
}
