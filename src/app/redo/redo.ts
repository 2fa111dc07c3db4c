/** Every check of one object with what it rests on, and how to do it again with git, openssl and sha256sum. */
import { parseArmor } from '../../core/armor.ts';
import { parseCms, selectLeaf } from '../../core/cms.ts';
import type { Evidence } from '../../core/evidence.ts';
import { isCheckFailure } from '../../core/failure.ts';
import { splitObject } from '../../core/gitObject.ts';
import { checksOf } from '../../core/leafChecks.ts';
import type { Trust } from '../../core/trustedRoot.ts';
import { CHECKS, type CheckName, type Verdict } from '../../core/verdict.ts';
import type { RawObject } from '../../ports.ts';
import { redoEntry, redoSct, redoTimestamps } from './redoLogs.ts';
import { redoCertificate, redoPayload, redoSignature } from './redoSignature.ts';
import type { Section } from './section.ts';

/**
 * A section for each check that has something to show; for what cannot be judged there may be none. They repeat
 * what was found and decide nothing.
 */
export function redo(
  object: RawObject,
  verdict: Verdict,
  trust: Trust,
  evidence: Evidence | undefined,
): readonly Section[] {
  const { signature } = splitObject(object.raw, object.kind, object.objectFormat);
  const cms = attempt(() => signature && parseCms(parseArmor(signature)));
  const leaf = cms && attempt(() => selectLeaf(cms));
  if (cms === undefined || leaf === undefined) return [];
  const checks = checksOf(leaf, trust);
  const sound = verdict.status === 'good' || verdict.status === 'untrusted' ? verdict : undefined;
  const at = sound?.signedAt ?? new Date(leaf.notBefore);
  const sections: { readonly [C in CheckName]: () => Section | undefined } = {
    payload: () => redoPayload(object),
    signature: () => redoSignature(object, cms, checks),
    certificate: () => redoCertificate(checks, at),
    sct: () => redoSct(checks, trust, at),
    logEntry: () => sound && redoEntry(cms, checks, trust, { proof: sound.proof, evidence }),
    timestamp: () =>
      sound && cms.timestampTokens.length > 0 ? redoTimestamps(cms, trust, sound.times) : undefined,
    identity: () => undefined,
  };
  return CHECKS.flatMap((name) => attempt(sections[name]) ?? []);
}

/** Where a check failed there is nothing to show for it. */
function attempt<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch (error) {
    if (isCheckFailure(error)) return undefined;
    throw error;
  }
}
