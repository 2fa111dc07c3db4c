/** The answer to "is this signature good?": what was found, which checks ran, and what follows. */

import type { Reason } from './reasons.ts';

/** Every check, in the order in which a verdict lists them. */
export const CHECKS = [
  'payload',
  'signature',
  'certificate',
  'sct',
  'logEntry',
  'timestamp',
  'identity',
] as const;

export type CheckName = (typeof CHECKS)[number];

/** One check's result. `detail` is plain text that may hold bytes from strangers: escape before printing. */
export interface Check {
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

/** A total record: a check cannot be forgotten, and a skipped one is visible. */
export type Checks = { readonly [C in CheckName]: Check };

/** The one subject alternative name of a Fulcio leaf, typed; never compared across types. */
export interface San {
  readonly type: 'email' | 'uri' | 'username';
  readonly value: string;
}

/** Who: the subject and the OIDC issuer that vouched for it (extension .8, else .1). */
export interface Identity {
  readonly subject: San;
  readonly issuer: string;
}

/** What is known of the signer. Bytes and strings come from the certificate. */
export interface Signer {
  readonly identity: Identity;
  /** SHA-1 of the leaf's DER, upper-case hex, as gpgsm prints it. */
  readonly fingerprint: string;
  /** DER of the leaf. */
  readonly certificate: Uint8Array;
  /** Fulcio's extensions 1.3.6.1.4.1.57264.1.N by N, decoded to text. */
  readonly claims: ReadonlyMap<number, string>;
  /** SHA-256, lower-case hex, of the root certificate that the chain ended in: which Sigstore this is. */
  readonly instance: string;
  /** Name of that root's organisation and common name, for people. */
  readonly authority: string;
}

/** Where and when the signature was logged; only ever built from verified data. */
export interface LogProof {
  /** Global index in the log. */
  readonly logIndex: bigint;
  /** Hex of the log id. */
  readonly logId: string;
  /** Base URL of the log from the trusted root. */
  readonly logUrl: string;
  /** Whether the signature itself carries the entry, or it was given beside it (the log's search, git notes). */
  readonly source: 'embedded' | 'evidence';
}

/** A time that somebody else than the signer vouches for, verified. */
export interface SigningTime {
  /** The log's own time, or an RFC 3161 timestamp token's. */
  readonly source: 'log' | 'timestamp';
  readonly at: Date;
  /** Who says so: base URL of the log, or URI of the timestamp authority (its name where it has none). */
  readonly by: string;
}

/** Fields all verdicts share. */
interface Common {
  readonly checks: Checks;
  /** One sentence in plain words; empty for `good`. */
  readonly reason: string;
  /** `unknown` numbers are 0. RFC 4880 numbers: public key 19 ECDSA, hash 8 SHA-256. */
  readonly algorithm: { readonly publicKey: number; readonly hash: number };
}

export type Verdict =
  /** Sound. `policy` is `none` while no policy applies. */
  | (Common & {
      readonly status: 'good';
      readonly policy: 'allowed' | 'none';
      readonly signer: Signer;
      /** The log's own time where it has one, else that of the earliest timestamp token. */
      readonly signedAt: Date;
      /** Every time that was given: all of them verified, and in the certificate's validity. */
      readonly times: readonly SigningTime[];
      readonly proof: LogProof;
    })
  /** Sound, but not a signer the policy allows, or revoked. */
  | (Common & {
      readonly status: 'untrusted';
      readonly revoked: boolean;
      /** Why, from the closed list. */
      readonly denial: Reason;
      readonly signer: Signer;
      readonly signedAt: Date;
      readonly times: readonly SigningTime[];
      readonly proof: LogProof;
    })
  /** Signature, certificate and SCT are right, but no log entry (or trusted time) is at hand: not good. */
  | (Common & { readonly status: 'unproven'; readonly signer: Signer })
  /** Some check failed. `signer` is set only if the certificate chain verified. */
  | (Common & { readonly status: 'bad'; readonly signer?: Signer; readonly fingerprint?: string })
  /** Not ours, or malformed. `format` tells what was found. */
  | (Common & {
      readonly status: 'unreadable';
      readonly format: 'none' | 'pgp' | 'ssh' | 'cms' | 'malformed';
      readonly fingerprint?: string;
    });

export type Status = Verdict['status'];

/** What a git object is, and in which hash function its repository names objects. */
export type ObjectKind = 'commit' | 'tag';
export type ObjectFormat = 'sha1' | 'sha256';
