/** A git object's signature as a Sigstore bundle, and what the bundle is over. */
import { hash } from 'node:crypto';
import { parseArmor } from '../core/armor.ts';
import { type Bundle, bundleDigest } from '../core/bundle.ts';
import { sameBytes } from '../core/bytes.ts';
import { type CmsSignature, parseCms, selectLeaf } from '../core/cms.ts';
import { contentOf, encodedOf, OCTET_STRING } from '../core/der.ts';
import { type Evidence, NO_EVIDENCE, onlineQuery } from '../core/evidence.ts';
import { secondSignatureOf } from '../core/evidenceEntry.ts';
import { isSound } from '../core/facts.ts';
import { splitObject } from '../core/gitObject.ts';
import { LOG_ENTRY } from '../core/oids.ts';
import {
  type EmbeddedEntry,
  encodeHashedRekord,
  isV2,
  type LogEntry,
  parseEntry,
  parseTransparencyLogEntry,
} from '../core/rekorEntry.ts';
import { bodyV2Of } from '../core/rekorV2Entry.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { LogProof } from '../core/verdict.ts';
import { examineObject } from '../core/verify.ts';
import type { Certificate } from '../core/x509.ts';
import type { RawObject } from '../ports.ts';

/** A bundle and the bytes that its signature is over. */
export interface Bundled {
  readonly bundle: Bundle;
  readonly artifact: Uint8Array;
  /** `object`: the signature in the object, over its signed attributes; `online`: gitsign's second one, over its name. */
  readonly form: 'object' | 'online';
}

/** An object's signature in parts. */
export interface Parts {
  readonly payload: Uint8Array;
  readonly armored: Uint8Array;
  /** DER of the CMS. */
  readonly der: Uint8Array;
  readonly cms: CmsSignature;
  readonly leaf: Certificate;
}

/** The bundle of an object that was found sound with this proof and evidence. */
export function makeBundle(
  object: RawObject,
  proof: LogProof,
  trust: Trust,
  evidence: Evidence = NO_EVIDENCE,
): Bundled {
  const parts = partsOf(object);
  if (proof.source === 'embedded') return ofObject(parts, embeddedEntry(parts.cms));
  const { body, ...entry } = findEntry(object, proof, trust, evidence);
  if (sameBytes(body, bodyOf(parts, entry))) return ofObject(parts, entry);
  const artifact = onlineArtifact(parts);
  if (artifact === undefined) throw new TypeError('unreachable');
  const signature = secondSignatureOf(body);
  const { der: certificate } = parts.leaf;
  const entries = [{ ...entry, body }];
  // The object's own timestamps are over its other signature.
  const bundle = { certificate, digest: bundleDigest(artifact), signature, entries, timestampTokens: [] };
  return { bundle, artifact, form: 'online' };
}

/** Takes apart the signature of an object whose signature can be read. */
export function partsOf({ raw, kind, objectFormat }: RawObject): Parts {
  const { payload, signature: armored } = splitObject(raw, kind, objectFormat);
  if (armored === undefined) throw new TypeError('unreachable');
  const der = parseArmor(armored);
  const cms = parseCms(der);
  return { payload, armored, der, cms, leaf: selectLeaf(cms) };
}

/** The body that the log holds for the signature in the object, by the kind of log. */
export function bodyOf({ cms, leaf }: Parts, entry: EmbeddedEntry): Uint8Array {
  if (isV2(entry)) return bodyV2Of(cms, leaf);
  return encodeHashedRekord(hash('sha256', cms.artifact, 'buffer'), cms.signature, leaf.der);
}

/** gitsign calls entries of both kinds of log 0.0.1. */
export function trueKind(entry: EmbeddedEntry): string {
  return isV2(entry) ? 'hashedrekord 0.0.2' : 'hashedrekord 0.0.1';
}

/** What gitsign's online mode signs: 40 hex digits, without a line feed. */
export function onlineArtifact({ payload, armored }: Parts): Uint8Array | undefined {
  const query = onlineQuery(payload, armored);
  return query && Buffer.from(query.objectId, 'latin1');
}

function ofObject(parts: Parts, entry: EmbeddedEntry): Bundled {
  const { artifact, signature, timestampTokens: tokens } = parts.cms;
  const entries: LogEntry[] = [{ ...entry, kindVersion: trueKind(entry), body: bodyOf(parts, entry) }];
  const timestampTokens = tokens.map(encodedOf);
  const { der: certificate } = parts.leaf;
  const bundle = { certificate, digest: bundleDigest(artifact), signature, entries, timestampTokens };
  return { bundle, artifact, form: 'object' };
}

function embeddedEntry({ unsignedAttrs }: CmsSignature): EmbeddedEntry {
  return parseTransparencyLogEntry(contentOf(unsignedAttrs.get(LOG_ENTRY), OCTET_STRING, 'the log entry'));
}

/** The one that proves by itself what all of them together were found to prove. */
function findEntry(
  { raw, kind, objectFormat }: RawObject,
  { logIndex, logId }: LogProof,
  trust: Trust,
  { entries }: Evidence,
): LogEntry {
  for (const bytes of entries) {
    const found = examineObject(raw, kind, objectFormat, trust, { entries: [bytes] });
    if (!isSound(found) || found.proof.logIndex !== logIndex || found.proof.logId !== logId) continue;
    const { body, ...entry } = parseEntry(bytes);
    if (body !== undefined) return { ...entry, body };
  }
  throw new TypeError('unreachable');
}
