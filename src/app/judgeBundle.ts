/**
 * Judges a git object by a Sigstore bundle in the place of what it carries itself. A bundle proves that somebody signed
 * its artifact; that the artifact is what was signed in this object, and all parts are the object's own, is asked here.
 */
import { encodeArmor } from '../core/armor.ts';
import { type Bundle, bundleDigest, withProof } from '../core/bundle.ts';
import { sameBytes } from '../core/bytes.ts';
import { encodeEvidenceEntry } from '../core/evidence.ts';
import { secondSignatureOf } from '../core/evidenceEntry.ts';
import { type Found, isSound, type Unsound } from '../core/facts.ts';
import { isCheckFailure } from '../core/failure.ts';
import type { LogEntry } from '../core/rekorEntry.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { CheckName } from '../core/verdict.ts';
import { examineObject, examineSignature } from '../core/verify.ts';
import type { Judge, RawObject } from '../ports.ts';
import { bodyOf, onlineArtifact, type Parts, partsOf, trueKind } from './bundle.ts';

/** Judges every object by this bundle; one that does not fit is bad. */
export function bundleJudge(bundle: Bundle, artifact: Uint8Array, trust: Trust): Judge {
  return {
    parallel: 1,
    judge: async (tasks) => tasks.map(({ object }) => examine(object, bundle, artifact, trust)),
  };
}

/** What does not fit, and the check that it is reported with. */
type Misfit = readonly [CheckName, string];

function examine(object: RawObject, bundle: Bundle, artifact: Uint8Array, trust: Trust): Found {
  const alone = examineObject(object.raw, object.kind, object.objectFormat, trust);
  // Whatever the bundle says, such an object was changed, or is not signed.
  if (!isSound(alone) && alone.status !== 'unproven') return alone;
  const parts = partsOf(object);
  const misfit = findMisfit(parts, bundle, artifact);
  if (misfit !== undefined) return toBad(alone, misfit);
  return sameBytes(artifact, parts.cms.artifact)
    ? examineAnew(parts, bundle, trust)
    : examineOnline(object, bundle, trust, alone);
}

/** (1) The artifact, (2) the certificate, (3) the signature and (4) the log's entries are of this object. */
function findMisfit(parts: Parts, bundle: Bundle, artifact: Uint8Array): Misfit | undefined {
  const { entries, signature, certificate } = bundle;
  if (!sameBytes(bundle.digest, bundleDigest(artifact))) {
    return ['payload', 'the digest in the bundle is not that of the artifact'];
  }
  const name = onlineArtifact(parts);
  const isName = name !== undefined && sameBytes(artifact, name);
  if (!isName && !sameBytes(artifact, parts.cms.artifact)) {
    return ['payload', 'the artifact is not what was signed for this object'];
  }
  if (!sameBytes(certificate, parts.leaf.der)) {
    return ['certificate', "the certificate in the bundle is not that of the object's signature"];
  }
  if (!isName && !sameBytes(signature, parts.cms.signature)) {
    return ['signature', 'the signature in the bundle is not the one in the object'];
  }
  if (isName && bundle.timestampTokens.length > 0) {
    return [
      'timestamp',
      "the bundle has a timestamp, and none is read over the signature of an object's name",
    ];
  }
  if (entries.length === 0) return ['logEntry', 'the bundle holds no log entry'];
  const problem = entries.map((entry) => findWrongEntry(parts, entry, isName, signature)).find(Boolean);
  return problem === undefined ? undefined : ['logEntry', problem];
}

function findWrongEntry(
  parts: Parts,
  entry: LogEntry,
  isName: boolean,
  signature: Uint8Array,
): string | undefined {
  if (entry.kindVersion !== trueKind(entry)) return 'the log entry is of another kind than it says';
  try {
    const same = isName
      ? sameBytes(secondSignatureOf(entry.body), signature)
      : sameBytes(entry.body, bodyOf(parts, entry));
    return same ? undefined : 'the log entry in the bundle is of another signature';
  } catch (error) {
    if (isCheckFailure(error)) return error.message;
    throw error;
  }
}

/** The object's signature with nothing beside it but what the bundle holds: each entry must prove it. */
function examineAnew({ der, payload }: Parts, { entries, timestampTokens }: Bundle, trust: Trust): Found {
  const found = entries.map((entry) => {
    const armored = Buffer.from(encodeArmor(withProof(der, entry, timestampTokens)), 'latin1');
    return examineSignature(payload, armored, trust);
  });
  return earliest(found);
}

/** gitsign's online mode: the object as it is, and the entries beside it. */
function examineOnline(
  { raw, kind, objectFormat }: RawObject,
  { entries }: Bundle,
  trust: Trust,
  alone: Found,
): Found {
  const found = entries.map((entry) => {
    const evidence = { entries: [encodeEvidenceEntry(entry)] };
    const one = examineObject(raw, kind, objectFormat, trust, evidence);
    if (isSound(one) && one.proof.source === 'embedded') {
      return toBad(one, [
        'logEntry',
        'the object carries a log entry of its own, which is not in the bundle',
      ]);
    }
    // What was unproven without the bundle, and still is: its entry is wrong.
    const isUseless = !isSound(one) && one.status === 'unproven';
    return isUseless
      ? toBad(alone, ['logEntry', one.reason.replace(/^.* the evidence does not help: /, '')])
      : one;
  });
  return earliest(found);
}

/** One that proves nothing spoils all; of several that do, the first in time counts. */
function earliest(found: readonly Found[]): Found {
  const unsound = found.find((one) => !isSound(one));
  if (unsound !== undefined) return unsound;
  const sound = found.filter(isSound).sort((a, b) => a.signedAt.getTime() - b.signedAt.getTime());
  const [first] = sound;
  if (first === undefined) throw new TypeError('unreachable');
  return first;
}

function toBad({ checks, algorithm, ...rest }: Found, [check, reason]: Misfit): Unsound {
  const failed = { result: 'failed', detail: reason } as const;
  const signer = 'signer' in rest && rest.signer !== undefined ? { signer: rest.signer } : {};
  return { status: 'bad', reason, checks: { ...checks, [check]: failed }, algorithm, ...signer };
}
