/**
 * Is this signature good? Pure, synchronous and total: whatever the input, a Verdict comes back. All trust
 * material is given and no clock is looked at.
 */
import { parseArmor } from './armor.ts';
import { sameBytes } from './bytes.ts';
import { fingerprintOf, openLeaf, openLeafSct } from './certificate.ts';
import { type Candidate, findIssuers } from './chain.ts';
import { type CmsSignature, parseCms } from './cms.ts';
import { conclude, type Findings, noChecks, unreadable } from './conclude.ts';
import { openEmbeddedEntry } from './embeddedEntry.ts';
import { CheckFailure, refuse } from './failure.ts';
import { armorFormat, splitObject } from './gitObject.ts';
import { MAX_PAYLOAD_BYTES } from './limits.ts';
import { checkPayload, type ExpectedPayload } from './payload.ts';
import type { Policy } from './policy.ts';
import { algorithmNumbers, checkSignature } from './signature.ts';
import { findTimestampToken } from './timestampToken.ts';
import type { Trust } from './trustedRoot.ts';
import type { Check, CheckName, ObjectFormat, ObjectKind, Verdict } from './verdict.ts';
import { type Certificate, toCertificate } from './x509.ts';

/** Verifies a commit or tag, as `git cat-file` prints it. */
export function verifyObject(
  raw: Uint8Array,
  kind: ObjectKind,
  objectFormat: ObjectFormat,
  trust: Trust,
  policy: Policy,
): Verdict {
  if (raw.length > MAX_PAYLOAD_BYTES) return unreadable('malformed', 'the object is larger than 64 MiB');
  const { payload, signature, format, reason } = splitObject(raw, kind, objectFormat);
  if (signature === undefined || format !== 'cms') return unreadable(format, reason ?? '');
  return verifyDetached({ payload, expected: { kind, objectFormat } }, signature, trust, policy);
}

/** Verifies a detached signature over a payload, both as git hands them to its program. */
export function verifySignature(
  payload: Uint8Array,
  armored: Uint8Array,
  trust: Trust,
  policy: Policy,
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
  const about = { algorithm: algorithmNumbers(cms), fingerprint: fingerprintOf(leaf) };
  const issuers = attempt(() => findIssuers(leaf, trust));
  if (issuers instanceof CheckFailure) return unreadable('cms', issuers.message, about);
  if (issuers.length === 0)
    return unreadable('cms', 'the certificate is not from a trusted authority', about);
  return conclude({ ...verifyFacts(claim, cms, { leaf, issuers }, trust), ...about }, policy);
}

/** The signer's certificate, and who may have issued it. */
interface Candidacy {
  readonly leaf: Certificate;
  readonly issuers: readonly Candidate[];
}

/** The checks, each of which goes on the record, whatever the others say. */
function verifyFacts(claim: Claim, cms: CmsSignature, { leaf, issuers }: Candidacy, trust: Trust): Findings {
  const checks = noChecks();
  // (1) These bytes, by the key of this certificate.
  const payload = check(checks, 'payload', () => checkPayload(claim.payload, claim.expected));
  const signature = check(checks, 'signature', () => checkSignature(cms, leaf, claim.payload));
  // (2) When: as the log says. Without an entry the certificate's own start stands in, and proves nothing.
  const entry = check(checks, 'logEntry', () => openEmbeddedEntry(cms, leaf, trust));
  const at = entry?.kind === 'logged' ? entry.signedAt : new Date(leaf.notBefore);
  // (3) Who: as an authority says that was trusted then, and published.
  const opened = check(checks, 'certificate', () => openLeaf(leaf, issuers, at));
  const sct = opened && check(checks, 'sct', () => openLeafSct(leaf, opened.issuer, trust));
  // (4) A second witness of the time.
  const token = check(checks, 'timestamp', () => findTimestampToken(cms.unsignedAttrs));
  return { checks, payload, signature, entry, sct, token, signer: opened?.signer };
}

/** Runs one check and records a refusal; what passed or was skipped is described by `conclude`. */
function check<T>(checks: Record<CheckName, Check>, name: CheckName, run: () => T): T | undefined {
  const result = attempt(run);
  if (!(result instanceof CheckFailure)) {
    checks[name] = { result: 'passed', detail: '' };
    return result;
  }
  checks[name] = { result: 'failed', detail: result.message };
  return undefined;
}

function attempt<T>(run: () => T): T | CheckFailure {
  try {
    return run();
  } catch (error) {
    if (error instanceof CheckFailure) return error;
    throw error;
  }
}

/** The certificate that the signer id names; never one by its place (old gitsign put the authority first). */
function selectLeaf({ certificates, signerId }: CmsSignature): Certificate {
  const named = certificates
    .map(toCertificate)
    .filter(
      ({ issuer, serialNumber }) =>
        sameBytes(issuer, signerId.issuer) && sameBytes(serialNumber, signerId.serialNumber),
    );
  const [leaf] = named;
  if (leaf === undefined) return refuse("the signature does not carry the signer's certificate");
  return named.length === 1 ? leaf : refuse('two certificates bear the name that the signer id gives');
}
