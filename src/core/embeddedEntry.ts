/** The log entry that a signature carries in its unsigned attributes, over the body rebuilt from the signature. */
import { hash } from 'node:crypto';
import { contentOf, OCTET_STRING } from './der.ts';
import { refuse } from './failure.ts';
import { LOG_ENTRY } from './oids.ts';
import type { RareChecks, Signed } from './rare.ts';
import { encodeHashedRekord, isV2, openLogEntry, parseTransparencyLogEntry } from './rekorEntry.ts';
import type { OpenedToken } from './timestampToken.ts';
import type { Trust } from './trustedRoot.ts';
import type { LogProof } from './verdict.ts';

export type EntryState =
  /** The log's own time; undefined where it gives none, and timestamp tokens stand in. */
  | {
      readonly kind: 'logged';
      readonly at: Date | undefined;
      readonly proof: LogProof;
      /** What there is to say besides, to be put behind place and time. */
      readonly note?: string;
    }
  /** Nothing proves that, or when, it was logged: in one sentence. */
  | { readonly kind: 'missing'; readonly why: string };

/** Opens the entry. Refuses an embedded one that is not of this signature and certificate. */
export function openEntry(
  signed: Signed,
  tokens: readonly OpenedToken[],
  trust: Trust,
  rare: RareChecks,
): EntryState {
  const { cms, checks } = signed;
  const attribute = cms.unsignedAttrs.get(LOG_ENTRY);
  if (attribute?.tag !== OCTET_STRING) return rare.openEntry(signed, undefined, tokens, trust);
  const entry = parseTransparencyLogEntry(contentOf(attribute, OCTET_STRING, ''));
  if (isV2(entry)) return rare.openEntry(signed, entry, tokens, trust);
  if (entry.kindVersion !== 'hashedrekord 0.0.1') return refuse('the log entry is of an unknown kind');
  const body = encodeHashedRekord(hash('sha256', cms.artifact, 'buffer'), cms.signature, checks.leaf.der);
  const { signedAt, proof } = openLogEntry(entry, body, trust);
  return { kind: 'logged', at: signedAt, proof };
}
