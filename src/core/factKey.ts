/** Under what name facts are kept. */
import { hash } from 'node:crypto';
import { type Evidence, NO_EVIDENCE } from './evidence.ts';
import { FACTS_VERSION } from './factsFormat.ts';
import type { Trust } from './trustedRoot.ts';
import type { ObjectFormat, ObjectKind } from './verdict.ts';

/** What was judged: a whole object, or what git hands to its program. */
export type FactSubject =
  | { readonly raw: Uint8Array; readonly kind: ObjectKind; readonly objectFormat: ObjectFormat }
  | { readonly payload: Uint8Array; readonly armored: Uint8Array };

/**
 * Names everything that facts follow from: SHA-256, lower-case hex. With the evidence, so that a signature whose entry
 * is not at hand any more is unproven again; and never by the object's id, which is worth no more than its hash.
 */
export function factKey(
  subject: FactSubject,
  trust: Pick<Trust, 'digest'>,
  evidence: Evidence = NO_EVIDENCE,
): string {
  const what = 'raw' in subject ? [subject.kind, subject.objectFormat] : ['detached'];
  const bytes = 'raw' in subject ? [subject.raw] : [subject.payload, subject.armored];
  const digests = [...bytes, ...evidence.entries].map((part) => hash('sha256', part, 'hex'));
  return hash('sha256', [FACTS_VERSION, trust.digest, ...what, ...digests].join('\n'), 'hex');
}
