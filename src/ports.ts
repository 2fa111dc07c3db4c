/**
 * What the use cases need of the outside world. Adapters implement these; tests use the real adapters
 * against the embedded Sigstore. The only thing ever replaced is the clock.
 */
import type { KeyObject } from 'node:crypto';
import type { Evidence, OnlineQuery } from './core/evidence.ts';
import type { FactSubject } from './core/factKey.ts';
import type { Found, Sound } from './core/facts.ts';
import type { Signed } from './core/policy/mayDo.ts';
import type { PolicyFile } from './core/policyFile.ts';
import type { LogEntry, ProposedEntry } from './core/rekorEntry.ts';
import type { Identity, ObjectFormat, ObjectKind } from './core/verdict.ts';

export type { Evidence, LogEntry, OnlineQuery, ProposedEntry };

/** The local clock. Used for signing only: verification takes its time from the log. */
export type Clock = () => Date;

/** Where the services are and how to log in; parsed once by adapters/config. */
export interface Instance {
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
  /** Which protocol the log at `rekorUrl` speaks. */
  readonly rekorVersion: 1 | 2;
  /** Whole URL of the timestamp authority that stamps each signature; undefined: none. A v2 log needs one. */
  readonly timestampServerUrl: string | undefined;
  readonly issuer: string;
  readonly clientId: string;
  /** Used verbatim when set; else `http://localhost:PORT/auth/callback`. */
  readonly redirectUrl: string | undefined;
  readonly connectorId: string | undefined;
  /** Plain http beyond loopback is allowed (with a warning each time). */
  readonly insecureHttp: boolean;
}

/** An OIDC ID token. `raw` is a secret: never log, print or put it into argv or an error. */
export interface IdToken {
  readonly raw: string;
  readonly issuer: string;
  /** The text that the proof of possession signs: e-mail if the token has one, else `sub`. */
  readonly principal: string;
  /** Set when the token carries a verified e-mail address. */
  readonly email: string | undefined;
  readonly subject: string;
  readonly expiresAt: Date;
  /** Where it came from, for people: `browser login`, `SIGSTORE_ID_TOKEN`, … */
  readonly source: string;
}

/** Gets an ID token, by asking a person if need be. Throws SignetError with a login-… code. */
export interface IdentityProvider {
  requestIdToken(signal: AbortSignal): Promise<IdToken>;
}

export interface SigningCertificateRequest {
  readonly idToken: IdToken;
  /** PEM SPKI text. */
  readonly publicKeyPem: string;
  /** DER ECDSA signature over the principal. */
  readonly proofOfPossession: Uint8Array;
}

export interface SigningCertificateAnswer {
  /** DER, leaf first. Nothing about it is verified yet. */
  readonly chain: readonly Uint8Array[];
  /** The server's Date header, to tell a wrong local clock. */
  readonly serverDate: Date | undefined;
}

export interface CertificateAuthority {
  requestSigningCertificate(
    request: SigningCertificateRequest,
    signal: AbortSignal,
  ): Promise<SigningCertificateAnswer>;
}

/** A request has left, and there is nothing to do but wait: perhaps more than once, after a retry. */
export type OnSent = () => void;

export interface TransparencyLog {
  /** Uploads, or fetches the equivalent entry where the log already has it. */
  upload(entry: ProposedEntry, signal: AbortSignal, onSent?: OnSent): Promise<LogEntry>;
}

export interface TimestampAuthority {
  /**
   * Has the octets of a CMS signature value stamped. Gives the DER of the TimeStampToken: it bears the nonce that
   * was sent, and nothing else about it is verified. Throws SignetError.
   */
  requestTimestamp(signature: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
}

/** What an object's entry is looked for by. */
export interface EvidenceQuery extends OnlineQuery {
  /** Name of the object in its repository, lower-case hex: what notes are attached to. */
  readonly oid: string;
}

/** Somewhere log entries may be found: the log's search, git notes. What it finds is not verified. */
export interface EvidenceSource {
  /** For people: `git notes`, `the log`. */
  readonly name: string;
  find(query: EvidenceQuery, signal: AbortSignal): Promise<Evidence>;
}

/** A private key and its certificate, ready to sign until the certificate ends. */
export interface Credential {
  readonly privateKey: KeyObject;
  /** DER of the leaf. */
  readonly certificate: Uint8Array;
  readonly identity: Identity;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * A place that keeps secret bytes for the logged-in person, under string keys. Every call may fail or find
 * nothing; callers treat both as "not there".
 */
export interface CredentialStore {
  /** For people: `Secret Service`, `kernel keyring`, `macOS Keychain`, … */
  readonly name: string;
  get(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** A store that can forget by itself does so after `expiresAt`. */
  set(key: string, secret: Uint8Array, expiresAt: Date): void | Promise<void>;
  delete(key: string): void | Promise<void>;
}

/** An object as the repository gave it. */
export interface RawObject {
  /** Lower-case hex. */
  readonly oid: string;
  readonly kind: ObjectKind;
  readonly objectFormat: ObjectFormat;
  /** As `git cat-file` prints it; its hash is the oid. Empty where there is a problem. */
  readonly raw: Uint8Array;
  /** Full name of the ref that names a tag, where it is known: the tag must call itself the same. */
  readonly ref?: string;
  /** Why the repository could not give the object. */
  readonly problem?: ObjectProblem;
}

/** The closed list of what keeps a repository from giving an object. */
export const PROBLEMS = ['missing', 'too-large', 'wrong-id', 'other-kind'] as const;

export interface ObjectProblem {
  readonly code: (typeof PROBLEMS)[number];
  /** One sentence without a final stop. */
  readonly text: string;
}

/** Does the work of judging. Facts come in the order of the objects; no policy is known. */
export interface Judge {
  /** How many batches it works on at once. */
  readonly parallel: number;
  judge(tasks: readonly JudgeTask[]): Promise<readonly Found[]>;
}

export interface JudgeTask {
  readonly object: RawObject;
  /** Log entries found elsewhere than in the signature. */
  readonly evidence?: Evidence;
}

/** Remembers facts between runs, never decisions, and of sound signatures only. */
export interface FactCache {
  /** What was found about these bytes before, with the same evidence. */
  load(subject: FactSubject, evidence?: Evidence): Sound | undefined;
  save(subject: FactSubject, sound: Sound, evidence?: Evidence): void;
}

/** A ref as it is on disk. */
export interface RefOnDisk {
  readonly oid: string;
  /** Where a symbolic ref leads to in the end. */
  readonly target?: string;
}

/** A policy, and where the files of the keys that it names lie; nowhere, where it says neither. */
export interface PlacedPolicy {
  readonly file: PolicyFile;
  /** The commit that it is read from. */
  readonly commit?: string;
  /** The folder of a policy outside the repository. */
  readonly folder?: string;
}

/**
 * Facts about a signature by one of the policy's keys, or why there are none; undefined where the signature is of no format
 * that the policy has a key of.
 */
export type KeyJudging = (
  object: Pick<RawObject, 'raw' | 'kind' | 'objectFormat'>,
  policy: PlacedPolicy,
) => Promise<Signed | undefined>;

/** A commit with the parents that git walks to. */
export interface WalkedCommit {
  readonly oid: string;
  readonly parents: readonly string[];
}

/**
 * What the gate asks of a repository: what is stored, with nothing replaced, grafted or fetched. Object ids are full
 * and lower-case. Whatever git cannot answer throws SignetError: nothing passes by being unknown.
 */
export interface GateReader {
  readonly objectFormat: ObjectFormat;
  refs(): Promise<ReadonlyMap<string, RefOnDisk>>;
  /** Where a symbolic ref leads to, whether something is there or not. */
  symbolicTarget(ref: string): Promise<string | undefined>;
  /** The same of all that are files, by their names: `refs` has none that lead to nothing. */
  symbolicRefs(): ReadonlyMap<string, string>;
  /** Types by id, also where a ref was named; what is missing is not among them. */
  types(oids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The first-parent line, newest first, without the first-parent lines of `not`; at most `max` + 1 of them. */
  firstParents(tip: string, not: readonly string[], max: number): Promise<readonly WalkedCommit[]>;
  /** All that the tips reach and `not` does not, newest first; at most `max` + 1 of them. */
  commits(tips: readonly string[], not: readonly string[], max: number): Promise<readonly WalkedCommit[]>;
  /** Whether the second comes from the first, exactly: git's walks by date (`commits`) may not see it. */
  isAncestor(ancestor: string, tip: string): Promise<boolean>;
  objects(requests: readonly { readonly oid: string; readonly ref?: string }[]): AsyncIterable<RawObject>;
  /** Paths in which each commit differs from the parent that is given with it; `only`: no others than this one. */
  changes(pairs: readonly CommitPair[], only?: string): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * Paths that each commit changes by itself: of a merge of two those that are otherwise than git itself makes them of both,
   * or that it brought to a renamed file; of one of more those that differ from any parent.
   */
  ownChanges(commits: readonly MadeCommit[], only?: string): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Trees that git's merge of two commits has, in order; undefined where it has conflicts. */
  mergedTrees(pairs: readonly (readonly [string, string])[]): Promise<readonly (string | undefined)[]>;
  /** Paths that merges have otherwise than each parent because git follows renamed files: no other commit has changed them so. */
  moved(merges: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** The same of git's merge of two commits; none where it has conflicts. */
  movedByMerge(pair: readonly [string, string]): Promise<readonly string[]>;
  /** A file of a commit; undefined where there is none. Nothing is read of one that is larger than `maxBytes`. */
  file(commit: string, path: string, maxBytes: number): Promise<Uint8Array | 'too-large' | undefined>;
}

/** As its own bytes have it. */
export interface MadeCommit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
}

export interface CommitPair {
  readonly commit: string;
  /** Undefined for a commit without parents: everything in it is a change. */
  readonly parent: string | undefined;
}
