/** The complete verifier: every kind of signature, with evidence where the signature carries no log entry. */
import { assumingSignaturesHere } from './assume.ts';
import { type Evidence, NO_EVIDENCE } from './evidence.ts';
import { judge, type Sound, type Unsound } from './facts.ts';
import { rememberLeafs } from './leafChecks.ts';
import type { Policy } from './policy.ts';
import { rareChecks } from './rareChecks.ts';
import type { Trust } from './trustedRoot.ts';
import type { ObjectFormat, ObjectKind, Verdict } from './verdict.ts';
import { examineAttachedWith, examineObjectWith, examineSignatureWith, type Means } from './verifyWith.ts';

/** Verifies a commit or tag, as `git cat-file` prints it. */
export function verifyObject(
  raw: Uint8Array,
  kind: ObjectKind,
  objectFormat: ObjectFormat,
  trust: Trust,
  policy: Policy,
  evidence: Evidence = NO_EVIDENCE,
): Verdict {
  return judge(examineObject(raw, kind, objectFormat, trust, evidence), policy, raw);
}

/** Verifies a detached signature over a payload, both as git hands them to its program. */
export function verifySignature(
  payload: Uint8Array,
  armored: Uint8Array,
  trust: Trust,
  policy: Policy,
  evidence: Evidence = NO_EVIDENCE,
): Verdict {
  return judge(examineSignature(payload, armored, trust, evidence), policy, payload);
}

/** Verifies a signature that carries its payload, and gives that payload. It is worth what the verdict is. */
export function verifyAttached(
  armored: Uint8Array,
  trust: Trust,
  policy: Policy,
): { readonly payload: Uint8Array | undefined; readonly verdict: Verdict } {
  const { payload, found } = examineAttachedWith(meansOf(trust, NO_EVIDENCE), armored);
  return { payload, verdict: judge(found, policy, payload) };
}

/** The facts about a commit or tag, for a cache and for `judge`; a verdict where it is not sound. */
export function examineObject(
  raw: Uint8Array,
  kind: ObjectKind,
  objectFormat: ObjectFormat,
  trust: Trust,
  evidence: Evidence = NO_EVIDENCE,
): Sound | Unsound {
  const examine = () => examineObjectWith(meansOf(trust, evidence), raw, kind, objectFormat);
  return assumingSignaturesHere(examine) ?? examine();
}

/** The facts about a detached signature over a payload. */
export function examineSignature(
  payload: Uint8Array,
  armored: Uint8Array,
  trust: Trust,
  evidence: Evidence = NO_EVIDENCE,
): Sound | Unsound {
  const examine = () => examineSignatureWith(meansOf(trust, evidence), payload, armored);
  return assumingSignaturesHere(examine) ?? examine();
}

/** Examines many signatures under one trust. */
export interface Verifier {
  examineObject(
    raw: Uint8Array,
    kind: ObjectKind,
    objectFormat: ObjectFormat,
    evidence?: Evidence,
  ): Sound | Unsound;
  examineSignature(payload: Uint8Array, armored: Uint8Array, evidence?: Evidence): Sound | Unsound;
}

/**
 * A verifier for histories: chain and SCT of a certificate are looked at once, however many commits were signed with
 * it. It answers as the functions above do, which remember nothing.
 */
export function createVerifier(trust: Trust): Verifier {
  let leafs = rememberLeafs(trust);
  const assuming = (examine: () => Sound | Unsound): Sound | Unsound => {
    let found: Sound | Unsound | undefined;
    try {
      found = assumingSignaturesHere(examine);
    } finally {
      // What is known of them rests on a signature that is wrong, or that an exception kept from being looked at.
      if (found === undefined) leafs = rememberLeafs(trust);
    }
    return found ?? examine();
  };
  return {
    examineObject: (raw, kind, objectFormat, evidence = NO_EVIDENCE) =>
      assuming(() => examineObjectWith({ ...meansOf(trust, evidence), leafs }, raw, kind, objectFormat)),
    examineSignature: (payload, armored, evidence = NO_EVIDENCE) =>
      assuming(() => examineSignatureWith({ ...meansOf(trust, evidence), leafs }, payload, armored)),
  };
}

function meansOf(trust: Trust, evidence: Evidence): Means {
  return { trust, rare: rareChecks(evidence) };
}
