/**
 * Is this signature sound? Pure, synchronous and total: whatever the input, facts or a verdict come back. All trust
 * material is given and no clock is looked at. What few signatures need comes from outside: see rare.ts.
 */
import { parseArmor } from './armor.ts';
import { openLeaf } from './certificate.ts';
import { type CmsSignature, parseCms, selectLeaf } from './cms.ts';
import {
  describeEntry,
  describeLeaf,
  describePayload,
  describeSct,
  describeTokens,
  type MutableChecks,
  NOT_REACHED,
  passed,
} from './describe.ts';
import { openEntry } from './embeddedEntry.ts';
import type { Sound, Unsound } from './facts.ts';
import { type CheckFailure, isCheckFailure } from './failure.ts';
import { splitObject } from './gitObject.ts';
import { checksOf, type LeafChecks, type LeafMemory } from './leafChecks.ts';
import { MAX_PAYLOAD_BYTES } from './limits.ts';
import { checkPayload, type ExpectedPayload } from './payload.ts';
import type { RareChecks } from './rare.ts';
import type { OpenedSct } from './sct.ts';
import { algorithmNumbers, checkSignature } from './signature.ts';
import { timesOf } from './times.ts';
import type { Issuer, Trust } from './trustedRoot.ts';
import { CHECKS, type Check, type CheckName, type ObjectFormat, type ObjectKind } from './verdict.ts';
import { SCT_LIST } from './x509.ts';

/** By what and how is verified. */
export interface Means {
  readonly trust: Trust;
  readonly rare: RareChecks;
  /** Without it, nothing is remembered between two signatures but what belongs to the trust. */
  readonly leafs?: LeafMemory | undefined;
}

/** Examines a commit or tag, as `git cat-file` prints it. */
export function examineObjectWith(
  means: Means,
  raw: Uint8Array,
  kind: ObjectKind,
  objectFormat: ObjectFormat,
): Sound | Unsound {
  const { unreadable } = means.rare;
  if (raw.length > MAX_PAYLOAD_BYTES) return unreadable('malformed', 'the object is larger than 64 MiB');
  const { payload, signature, format, reason } = splitObject(raw, kind, objectFormat);
  if (signature === undefined || format !== 'cms') return unreadable(format, reason ?? '');
  return examineDetached(means, { payload, expected: { kind, objectFormat }, armored: signature });
}

/** Examines a detached signature over a payload, both as git hands them to its program. */
export function examineSignatureWith(
  means: Means,
  payload: Uint8Array,
  armored: Uint8Array,
): Sound | Unsound {
  return examineDetached(means, { payload, expected: ANY_PAYLOAD, armored });
}

/** Examines a signature that carries its payload, and gives that payload. It is worth what is found. */
export function examineAttachedWith(
  means: Means,
  armored: Uint8Array,
): { readonly payload: Uint8Array | undefined; readonly found: Sound | Unsound } {
  const cms = attempt(() => parseCms(parseArmor(armored)));
  if (isCheckFailure(cms))
    return { payload: undefined, found: means.rare.unreadable('malformed', cms.message) };
  const payload = cms.content;
  if (payload === undefined) {
    return { payload, found: means.rare.unreadable('cms', 'the signature does not carry what was signed') };
  }
  return { payload, found: examineCms(means, { payload, expected: ANY_PAYLOAD, armored: undefined }, cms) };
}

/** What a signature is said to be over. */
interface Claim {
  readonly payload: Uint8Array;
  readonly expected: ExpectedPayload;
  /** The signature as git stores it. */
  readonly armored: Uint8Array | undefined;
}

const ANY_PAYLOAD: ExpectedPayload = { kind: undefined, objectFormat: undefined };

function examineDetached(means: Means, claim: Claim & { readonly armored: Uint8Array }): Sound | Unsound {
  const cms = attempt(() => parseCms(parseArmor(claim.armored)));
  if (isCheckFailure(cms)) return means.rare.unreadableArmor(claim.armored, cms.message);
  // Two payloads, and each reader takes the one it likes better.
  if (cms.content !== undefined) {
    return means.rare.unreadable('malformed', 'the signature carries a payload of its own');
  }
  return examineCms(means, claim, cms);
}

function examineCms(means: Means, { payload, expected, armored }: Claim, cms: CmsSignature): Sound | Unsound {
  const { trust, rare, leafs } = means;
  const leaf = attempt(() => selectLeaf(cms));
  if (isCheckFailure(leaf)) return rare.unreadable('malformed', leaf.message);
  const about = { algorithm: algorithmNumbers(cms), leaf };
  const known = leafs?.(leaf) ?? checksOf(leaf, trust);
  const issuers = attempt(known.issuers);
  if (isCheckFailure(issuers)) return rare.unreadable('cms', issuers.message, about);
  if (issuers.length === 0) {
    return rare.unreadable('cms', 'the certificate is not from a trusted authority', about);
  }
  const checks: MutableChecks = { ...NOT_REACHED };
  const signed = { payload, armored, cms, checks: known };
  // (1) These bytes, by the key of this certificate.
  check(checks, 'payload', () => checkPayload(payload, expected), describePayload);
  check(checks, 'signature', () => checkSignature(cms, known.leaf, payload), passed);
  // (2) When: as the log says, and whoever stamped the signature.
  const isStamped = cms.timestampTokens.length > 0;
  const tokens = check(
    checks,
    'timestamp',
    () => (isStamped ? rare.openTokens(signed, trust) : []),
    describeTokens,
  );
  const entry = check(checks, 'logEntry', () => openEntry(signed, tokens ?? [], trust, rare), describeEntry);
  const times = timesOf(entry, tokens ?? []);
  // (3) Who: as an authority says that was trusted then, and published. Without any time the certificate's own
  // start stands in, and proves nothing.
  const [first = new Date(leaf.notBefore), ...others] = times.map(({ at }) => at);
  const opened = check(checks, 'certificate', () => openLeaf(known, [first, ...others]), describeLeaf);
  const sct = opened && check(checks, 'sct', () => openSct(known, opened.issuer, rare), describeSct);
  // (4) What follows; whether this one may sign, the policy says later.
  const isWhole = CHECKS.every((name) => checks[name].result !== 'failed');
  if (isWhole && opened && typeof sct === 'object' && entry?.kind === 'logged' && times[0]) {
    const { algorithm } = about;
    const { signer } = opened;
    return { checks, algorithm, signer, signedAt: times[0].at, times, proof: entry.proof };
  }
  return rare.conclude({ ...about, checks, signer: opened?.signer });
}

function openSct({ leaf, sct }: LeafChecks, issuer: Issuer, rare: RareChecks): OpenedSct | string {
  return leaf.extensions.has(SCT_LIST) ? sct(issuer) : rare.openMissingSct(leaf, issuer);
}

/** Runs one check and puts on the record what came of it, whatever the others say. */
function check<T>(
  checks: MutableChecks,
  name: CheckName,
  run: () => T,
  describe: (value: T) => Check,
): T | undefined {
  const value = attempt(run);
  const failed = isCheckFailure(value);
  checks[name] = failed ? { result: 'failed', detail: value.message } : describe(value);
  return failed ? undefined : value;
}

function attempt<T>(run: () => T): T | CheckFailure {
  try {
    return run();
  } catch (error) {
    if (isCheckFailure(error)) return error;
    throw error;
  }
}
