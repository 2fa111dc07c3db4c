/**
 * What the use cases need of the outside world. Adapters implement these; tests use the real adapters
 * against the embedded Sigstore. The only thing ever replaced is the clock.
 */
import type { KeyObject } from 'node:crypto';
import type { LogEntry, ProposedEntry } from './core/rekorEntry.ts';
import type { Identity } from './core/verdict.ts';

export type { LogEntry, ProposedEntry };

/** The local clock. Used for signing only: verification takes its time from the log. */
export type Clock = () => Date;

/** Where the services are and how to log in; parsed once by adapters/config. */
export interface Instance {
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
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

export interface TransparencyLog {
  /** Uploads, or fetches the equivalent entry where the log already has it. */
  upload(entry: ProposedEntry, signal: AbortSignal): Promise<LogEntry>;
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
