/**
 * What a policy file (`.signet.toml`) says once it is read: plain data, every name defined, groups written out. It goes
 * through JSON unchanged, which is how a clone keeps it. docs/policy.md is its description for people.
 */

/** Name of the file in the root of a repository. */
export const POLICY_FILE_NAME = '.signet.toml';

export interface PolicyFile {
  readonly version: 1;
  /** SHA-256 of the root certificates of authorities whose certificates count, lower-case hex. Never empty. */
  readonly instances: readonly string[];
  /** Names of the signers who may change the policy. Never empty, never a forge. */
  readonly editors: readonly string[];
  /** What holds for refs that no rule names. */
  readonly default: DefaultRule;
  readonly committer: CommitterMatch;
  readonly signers: readonly PolicySigner[];
  readonly rules: readonly Rule[];
  readonly revocations: readonly Revocation[];
  readonly exempt: readonly Exemption[];
}

/** `deny`: no update; `signed`: each new commit by any signer who is no forge; `open`: anything. */
export type DefaultRule = 'deny' | 'signed' | 'open';
export type CommitterMatch = 'off' | 'warn' | 'require';

/** A name and the identities and keys that it stands for. */
export interface PolicySigner {
  readonly name: string;
  /** May do only what `forge` and `forge-authors` of a rule list. */
  readonly forge: boolean;
  readonly identities: readonly SignerIdentity[];
}

/** An instant as in `2026-06-30T00:00:00Z`: whole seconds, so that text sorts as time does. */
export type Instant = string;

/** One way to sign as somebody, and when it counts. */
export type SignerIdentity = SignerMark & {
  /** Counts from this instant on. */
  readonly validFrom?: Instant;
  /** Counts before this instant. */
  readonly validUntil?: Instant;
  /** Further addresses that may stand in the committer's line. */
  readonly committers: readonly string[];
};

/** What is compared with verified facts: exactly, byte for byte. */
export type SignerMark =
  | {
      readonly type: 'email' | 'uri' | 'username';
      readonly value: string;
      readonly issuer: string;
      readonly claims: readonly ClaimRule[];
    }
  /** Any address of the domain: what stands after its only `@`. */
  | {
      readonly type: 'email-domain';
      readonly value: string;
      readonly issuer: string;
      readonly claims: readonly ClaimRule[];
    }
  /** `ssh-ed25519 AAAA…`, without a comment. */
  | { readonly type: 'ssh'; readonly key: string }
  /** Fingerprint of the primary key, 40 or 64 upper-case hex digits; the key itself is a file of the policy's commit. */
  | { readonly type: 'openpgp'; readonly fingerprint: string; readonly file: string };

/** Fulcio's claim 1.3.6.1.4.1.57264.1.N must be one of these values. */
export interface ClaimRule {
  readonly number: number;
  readonly values: readonly string[];
}

/** All rules that name a ref hold together: adding one never loosens. */
export interface Rule {
  /** Line in the file, for people. */
  readonly line: number;
  /** Globs over full names of refs. */
  readonly refs: readonly string[];
  /** Globs over paths; where there are some, the rule is only about commits that change such a path. */
  readonly paths: readonly string[];
  /** Names of those who may sign commits of the first-parent line, and tags. */
  readonly signers: readonly string[];
  /** The same for what a merge brings in; `*`: anybody, even unsigned. */
  readonly merged: readonly string[] | '*';
  /** Undefined in a rule with paths: clean merges are judged by the other rules alone. */
  readonly forge?: readonly 'clean-merge'[];
  /** Addresses of authors whom the forge vouches for by its signature. */
  readonly forgeAuthors: readonly string[];
  readonly pushCert: 'off' | 'require';
  readonly tags: 'signed' | 'annotated' | 'any';
  /** Globs over full names of the refs that a tag's commit must be in. */
  readonly target: readonly string[];
  readonly force: boolean;
  readonly delete: boolean;
  /** Whether a tag may be moved. */
  readonly update: boolean;
}

export interface Revocation {
  readonly signer: string;
  /** What was signed at this instant or later counts no more. */
  readonly after: Instant;
  readonly reason: string;
}

export interface Exemption {
  /** Full object ids, lower-case hex. */
  readonly commits: readonly string[];
  readonly reason: string;
}

/** Something about a policy file. Lines and columns count from 1; the message is one sentence with its stop. */
export interface PolicyProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
