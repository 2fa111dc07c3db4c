/**
 * The library: judge git objects, and sign payloads, with the code of the program. No call here reads git's
 * configuration or the environment's settings, asks a person, or writes a file. Errors are SignetError.
 */
import { fulcio } from './adapters/fulcio.ts';
import { INSTANCE_SETTINGS, refuseUntimed } from './adapters/instance.ts';
import { parseIdToken, refuseExpired } from './adapters/oidc/idToken.ts';
import { parseEntry } from './adapters/rekor.ts';
import { loadTrust as load } from './adapters/trust/loadTrust.ts';
import { openWitnesses } from './adapters/witnesses.ts';
import { requestCredential } from './app/requestCredential.ts';
import { refuseUnverifiable, type Signature, signPayload } from './app/sign.ts';
import { type Evidence, encodeEvidenceEntry } from './core/evidence.ts';
import type { Trust } from './core/trustedRoot.ts';

export { NO_EVIDENCE, type OnlineQuery, onlineQuery } from './core/evidence.ts';
export {
  encodeFacts,
  type FactSubject,
  factKey,
  isSound,
  judge,
  parseFacts,
  type Sound,
  type Unsound,
} from './core/facts.ts';
export { type SignatureFormat, type SplitObject, splitObject } from './core/gitObject.ts';
export { NO_POLICY, type Policy } from './core/policy.ts';
export { withTimestampChain } from './core/timestampChain.ts';
export type {
  Check,
  CheckName,
  Checks,
  Identity,
  LogProof,
  ObjectFormat,
  ObjectKind,
  San,
  Signer,
  SigningTime,
  Status,
  Verdict,
} from './core/verdict.ts';
export { createVerifier, type Verifier, verifyObject } from './core/verify.ts';
export { type ErrorCode, type ExitCode, isSignetError, SignetError } from './errors.ts';
export type { Evidence, Signature, Trust };

/**
 * Trust made of the trusted_root.json at `path` (absolute), or of the shipped copy of the public-good
 * Sigstore's. Read it once and keep it. Throws SignetError `no-trust`.
 */
export function loadTrust(path?: string): Trust {
  return load(path);
}

/**
 * Evidence made of a Rekor v1 log's answer for one entry, `{"<id>": {…}}`. Nothing of it is believed before a verdict
 * rests on it. Throws SignetError `service-answer`.
 */
export function evidenceFromRekor(answer: Uint8Array): Evidence {
  return { entries: [encodeEvidenceEntry(parseEntry(answer))] };
}

export interface SignOptions {
  /** A raw OIDC ID token for the audience that Fulcio expects, `sigstore` as a rule. */
  readonly idToken: string;
  /** Must hold the certificate authority and the log that are used: `loadTrust()` for the public ones. */
  readonly trust: Trust;
  /** Default: the public Fulcio. */
  readonly fulcioUrl?: string;
  /** Default: the public Rekor, which is of version 1. */
  readonly rekorUrl?: string;
  /** Default: 1. A log of version 2 gives no time, so it needs a `timestampServerUrl`. gitsign verifies 1 only. */
  readonly rekorVersion?: 1 | 2;
  /**
   * Whole URL of an RFC 3161 timestamp authority, which `trust` must hold. Default: none; gitsign verifies no signature
   * with a timestamp.
   */
  readonly timestampServerUrl?: string;
  readonly signal?: AbortSignal;
}

/**
 * Signs the payload of a commit or tag: its bytes without the signature. Gets a certificate of its own for each
 * call, records the signature in the log for ever, and verifies the result before it returns. Throws SignetError.
 */
export async function sign(payload: Uint8Array, options: SignOptions): Promise<Signature> {
  refuseUnverifiable(payload);
  const { trust, signal = new AbortController().signal } = options;
  const clock = (): Date => new Date();
  const { rekorUrl = INSTANCE_SETTINGS.rekor.standard, rekorVersion = 1, timestampServerUrl } = options;
  refuseUntimed({ rekorUrl, rekorVersion, timestampServerUrl });
  const idToken = refuseExpired(parseIdToken(options.idToken, 'the caller'), clock());
  const witnesses = await openWitnesses({ rekorUrl, rekorVersion, timestampServerUrl, insecureHttp: false });
  const ca = fulcio(options.fulcioUrl ?? INSTANCE_SETTINGS.fulcio.standard);
  const credential = await requestCredential({ ca, idToken, trust, clock, signal });
  return signPayload(payload, credential, { ...witnesses, trust, clock }, signal);
}
