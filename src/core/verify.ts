/**
 * Is this signature good? Pure, synchronous and total: whatever the input, a Verdict comes back. All trust
 * material is given and no clock is looked at.
 */
import { parseArmor } from './armor.ts';
import { openLeaf, openLeafSct } from './certificate.ts';
import { findIssuers, NOT_OURS } from './chain.ts';
import { type CmsSignature, parseCms, selectLeaf } from './cms.ts';
import { conclude, unreadable } from './conclude.ts';
import {
  describeEntry,
  describeLeaf,
  describePayload,
  describeSct,
  describeToken,
  type MutableChecks,
  NOT_REACHED,
  passed,
} from './describe.ts';
import { openEmbeddedEntry } from './embeddedEntry.ts';
import { type Evidence, NO_EVIDENCE } from './evidence.ts';
import type { Sound, Unsound } from './facts.ts';
import { CheckFailure } from './failure.ts';
import { armorFormat, splitObject } from './gitObject.ts';
import { MAX_PAYLOAD_BYTES } from './limits.ts';
import { checkPayload, type ExpectedPayload } from './payload.ts';
import type { Policy } from './policy.ts';
import { algorithmNumbers, checkSignature } from './signature.ts';
import { findTimestampToken } from './timestampToken.ts';
import type { Trust } from './trustedRoot.ts';
import type { Check, CheckName, ObjectFormat, ObjectKind, Verdict } from './verdict.ts';

/** Verifies a commit or tag, as `git cat-file` prints it. */
export function verifyObject(
  raw: Uint8Array,
  kind: ObjectKind,
  objectFormat: ObjectFormat,
  trust: Trust,
  policy: Policy,
  _evidence: Evidence = NO_EVIDENCE,
): Verdict {
  if (raw.length > MAX_PAYLOAD_BYTES) return unreadable('malformed', 'the object is larger than 64 MiB');
  const { payload, signature, format, reason } = splitObject(raw, kind, objectFormat);
  if (signature === undefined || format !== 'cms') return unreadable(format, reason ?? '');
  return verifyDetached({ payload, expected: { kind, objectFormat } }, signature, trust, policy);
}

/** The facts about a commit or tag, for a cache and for `judge`; a verdict where it is not sound. */
export function examineObject(
  _raw: Uint8Array,
  _kind: ObjectKind,
  _objectFormat: ObjectFormat,
  _trust: Trust,
  _evidence: Evidence = NO_EVIDENCE,
): Sound | Unsound {
  throw new TypeError('not yet');
}

/** The facts about a detached signature over a payload. */
export function examineSignature(
  _payload: Uint8Array,
  _armored: Uint8Array,
  _trust: Trust,
  _evidence: Evidence = NO_EVIDENCE,
): Sound | Unsound {
  throw new TypeError('not yet');
}

/** The same for many objects under one trust: what is found out about a certificate is looked at once. */
export interface Verifier {
  examineObject(
    raw: Uint8Array,
    kind: ObjectKind,
    objectFormat: ObjectFormat,
    evidence?: Evidence,
  ): Sound | Unsound;
  examineSignature(payload: Uint8Array, armored: Uint8Array, evidence?: Evidence): Sound | Unsound;
}

export function createVerifier(trust: Trust): Verifier {
  return {
    examineObject: (raw, kind, objectFormat, evidence) =>
      examineObject(raw, kind, objectFormat, trust, evidence),
    examineSignature: (payload, armored, evidence) => examineSignature(payload, armored, trust, evidence),
  };
}

/** Verifies a detached signature over a payload, both as git hands them to its program. */
export function verifySignature(
  payload: Uint8Array,
  armored: Uint8Array,
  trust: Trust,
  policy: Policy,
  _evidence: Evidence = NO_EVIDENCE,
): Verdict {
  const format = armored.length === 0 ? 'none' : armorFormat(armored);
  if (format !== 'cms') return unreadable(format, 'there is no signature in the x509 format');
  return verifyDetached({ payload, expected: ANY_PAYLOAD }, armored, trust, policy);
}

/** Verifies a signature that carries its payload, and gives that payload. It is worth what the verdict is. */
export function verifyAttached(
  armored: Uint8Array,
  trust: Trust,
  policy: Policy,
): { readonly payload: Uint8Array | undefined; readonly verdict: Verdict } {
  const cms = attempt(() => parseCms(parseArmor(armored)));
  if (cms instanceof CheckFailure) {
    return { payload: undefined, verdict: unreadable('malformed', cms.message) };
  }
  const payload = cms.content;
  if (payload === undefined) {
    return { payload, verdict: unreadable('cms', 'the signature does not carry what was signed') };
  }
  return { payload, verdict: verifyCms({ payload, expected: ANY_PAYLOAD }, cms, trust, policy) };
}

/** What a signature is said to be over. */
interface Claim {
  readonly payload: Uint8Array;
  readonly expected: ExpectedPayload;
}

const ANY_PAYLOAD: ExpectedPayload = { kind: undefined, objectFormat: undefined };

function verifyDetached(claim: Claim, armored: Uint8Array, trust: Trust, policy: Policy): Verdict {
  const cms = attempt(() => parseCms(parseArmor(armored)));
  if (cms instanceof CheckFailure) return unreadable('malformed', cms.message);
  // Two payloads, and each reader takes the one it likes better.
  if (cms.content !== undefined) return unreadable('malformed', 'the signature carries a payload of its own');
  return verifyCms(claim, cms, trust, policy);
}

function verifyCms(claim: Claim, cms: CmsSignature, trust: Trust, policy: Policy): Verdict {
  const leaf = attempt(() => selectLeaf(cms));
  if (leaf instanceof CheckFailure) return unreadable('malformed', leaf.message);
  const issuers = attempt(() => findIssuers(leaf, trust));
  const about = { algorithm: algorithmNumbers(cms), leaf };
  if (issuers instanceof CheckFailure) return unreadable('cms', issuers.message, about);
  if (issuers.length === 0) return unreadable('cms', NOT_OURS, about);
  const checks: MutableChecks = { ...NOT_REACHED };
  // (1) These bytes, by the key of this certificate.
  check(checks, 'payload', () => checkPayload(claim.payload, claim.expected), describePayload);
  check(checks, 'signature', () => checkSignature(cms, leaf, claim.payload), passed);
  // (2) When: as the log says. Without an entry the certificate's own start stands in, and proves nothing.
  const entry = check(checks, 'logEntry', () => openEmbeddedEntry(cms, leaf, trust), describeEntry);
  const at = entry?.kind === 'logged' ? entry.signedAt : new Date(leaf.notBefore);
  // (3) Who: as an authority says that was trusted then, and published.
  const opened = check(checks, 'certificate', () => openLeaf(leaf, issuers, at), describeLeaf);
  if (opened) check(checks, 'sct', () => openLeafSct(leaf, opened.issuer, trust), describeSct);
  // (4) A second witness of the time.
  const token = check(checks, 'timestamp', () => findTimestampToken(cms.unsignedAttrs), describeToken);
  // (5) What follows, and whether this one may sign.
  return conclude({ ...about, checks, entry, token, signer: opened?.signer }, policy);
}

/** Runs one check and puts on the record what came of it, whatever the others say. */
function check<T>(
  checks: MutableChecks,
  name: CheckName,
  run: () => T,
  describe: (value: T) => Check,
): T | undefined {
  const value = attempt(run);
  const failed = value instanceof CheckFailure;
  checks[name] = failed ? { result: 'failed', detail: value.message } : describe(value);
  return failed ? undefined : value;
}

function attempt<T>(run: () => T): T | CheckFailure {
  try {
    return run();
  } catch (error) {
    if (error instanceof CheckFailure) return error;
    throw error;
  }
}
