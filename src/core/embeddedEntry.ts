/** The log entry that a signature carries in its unsigned attributes, over the body rebuilt from the signature. */
import { hash } from 'node:crypto';
import type { Attributes, CmsSignature } from './cms.ts';
import { contentOf, OCTET_STRING } from './der.ts';
import { refuse } from './failure.ts';
import { LOG_ENTRY } from './oids.ts';
import { encodeHashedRekord, logsOf, openLogEntry, parseTransparencyLogEntry } from './rekorEntry.ts';
import { encodeHashedRekordV2, isV2, openV2Entry } from './rekorV2Entry.ts';
import type { Trust } from './trustedRoot.ts';
import type { LogProof } from './verdict.ts';
import type { Certificate } from './x509.ts';

export type EntryState =
  | { readonly kind: 'logged'; readonly signedAt: Date; readonly proof: LogProof }
  /** In the log, but nobody says when. */
  | { readonly kind: 'timeless'; readonly logUrl: string }
  | { readonly kind: 'draft' }
  | { readonly kind: 'none' };

/** Opens the entry, if there is one. Refuses one that is not of this signature and certificate. */
export function openEmbeddedEntry(cms: CmsSignature, leaf: Certificate, trust: Trust): EntryState {
  const attribute = cms.unsignedAttrs.get(LOG_ENTRY);
  if (isDraft(cms.unsignedAttrs)) return { kind: 'draft' };
  if (attribute === undefined) return { kind: 'none' };
  const bytes = contentOf(attribute, OCTET_STRING, 'the log entry');
  const entry = parseTransparencyLogEntry(bytes);
  const digest = hash('sha256', cms.artifact, 'buffer');
  const [log] = logsOf(entry, trust);
  if (log !== undefined && isV2(entry, log)) {
    openV2Entry(entry, encodeHashedRekordV2(digest, cms.signature, leaf.der), log);
    return { kind: 'timeless', logUrl: log.baseUrl };
  }
  if (entry.kindVersion !== 'hashedrekord 0.0.1') return refuse('the log entry is of an unknown kind');
  const body = encodeHashedRekord(digest, cms.signature, leaf.der);
  return { kind: 'logged', ...openLogEntry(entry, body, trust) };
}

/** Types of the nine attributes of a development build of gitsign of 2023-01 that no release wrote. */
const DRAFT_TAGS = [0x02, 0x13, 0x02, 0x04, 0x0c, 0x30, 0x13, 0x02, 0x02];
const DRAFT_PREFIX = LOG_ENTRY.slice(0, -1);

/** Two numberings of it exist, from .3.0 and from .3.1. */
function isDraft(attributes: Attributes): boolean {
  if (attributes.size < DRAFT_TAGS.length) return false;
  return [0, 1].some((first) =>
    DRAFT_TAGS.every((tag, place) => attributes.get(`${DRAFT_PREFIX}${first + place}`)?.tag === tag),
  );
}
