/** All that `verifyWith` leaves out: Rekor v2, the draft encoding, evidence, timestamp tokens, old leafs, refusals. */
import { hash } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import type { Attributes, CmsSignature } from './cms.ts';
import { conclude, unreadable } from './conclude.ts';
import { encodedOf, expectTag, OCTET_STRING } from './der.ts';
import type { EntryState } from './embeddedEntry.ts';
import type { Evidence } from './evidence.ts';
import { openEvidence } from './evidenceEntry.ts';
import type { Unsound } from './facts.ts';
import { refuse } from './failure.ts';
import { armorFormat } from './gitObject.ts';
import { LOG_ENTRY } from './oids.ts';
import type { RareChecks, Signed } from './rare.ts';
import type { EmbeddedEntry } from './rekorEntry.ts';
import { bodyV2Of, openV2Entry } from './rekorV2Entry.ts';
import { type OpenedToken, openTimestampToken } from './timestampToken.ts';
import type { Issuer, Trust } from './trustedRoot.ts';
import type { Certificate } from './x509.ts';

export function rareChecks(evidence: Evidence): RareChecks {
  return {
    openTokens,
    openEntry: (signed, embedded, tokens, trust) => {
      const own = openOwn(signed, embedded, tokens, trust);
      return own.kind === 'logged' || evidence.entries.length === 0
        ? own
        : openEvidence(signed, evidence, tokens, trust, own.why);
    },
    openMissingSct,
    unreadable,
    unreadableArmor,
    conclude,
  };
}

/** Every token that is there must be right, and the same one twice is no second witness. */
function openTokens({ cms }: Signed, trust: Trust): readonly OpenedToken[] {
  const tokens = cms.timestampTokens.map((node) => encodedOf(node));
  const names = new Set(tokens.map((token) => hash('sha256', token, 'hex')));
  if (names.size < tokens.length) return refuse('the same timestamp token is there twice');
  return tokens.map((token) => openTimestampToken(token, cms.signature, trust));
}

function openOwn(
  { cms, checks }: Signed,
  embedded: EmbeddedEntry | undefined,
  tokens: readonly OpenedToken[],
  trust: Trust,
): EntryState {
  if (embedded === undefined) return { kind: 'missing', why: whyMissing(cms) };
  const times = tokens.map(({ at }) => at);
  const proof = openV2Entry(embedded, bodyV2Of(cms, checks.leaf), times, trust);
  return times.length === 0
    ? { kind: 'missing', why: 'Rekor v2 entries need a timestamp token' }
    : { kind: 'logged', at: undefined, proof, note: ' without a time of its own' };
}

/** Refuses an attribute of the log entry's type that is neither an entry nor of the draft encoding. */
function whyMissing({ unsignedAttrs }: CmsSignature): string {
  if (isDraft(unsignedAttrs)) return 'the log entry is in a draft encoding that no release wrote';
  const attribute = unsignedAttrs.get(LOG_ENTRY);
  if (attribute !== undefined) expectTag(attribute, OCTET_STRING, 'the log entry');
  return 'no log entry is embedded, so nothing proves when it was signed';
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

/** Public Fulcio issued from this root itself until 2022-06-01, and handed the SCT over apart. */
const OLD_ROOT_KEY_ID = Buffer.from('58c01e5f9145a566a97acc90a19322d02ac5c5fa', 'hex');
const FIRST_EMBEDDED_SCT = Date.UTC(2022, 5, 2);

function openMissingSct(leaf: Certificate, issuer: Issuer): string {
  const keyId = issuer.subjectKeyId();
  const underRoot = issuer.path.length === 0 && keyId !== undefined && sameBytes(keyId, OLD_ROOT_KEY_ID);
  return underRoot && leaf.notBefore < FIRST_EMBEDDED_SCT
    ? 'the certificate is from before 2022-06-02 and carries no SCT'
    : refuse('the certificate has no SCT');
}

function unreadableArmor(armored: Uint8Array, reason: string): Unsound {
  const format = armored.length === 0 ? 'none' : armorFormat(armored);
  return format === 'cms'
    ? unreadable('malformed', reason)
    : unreadable(format, 'there is no signature in the x509 format');
}
