/** Keeps a credential between two signatures: where it is found, what an item looks like, when it is believed. */
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { view } from '../core/bytes.ts';
import type { Identity, San } from '../core/verdict.ts';
import { parseCertificate } from '../core/x509.ts';
import type { Credential, CredentialStore, IdToken, Instance } from '../ports.ts';

/** Who logged in, as the ID token says. Where Dex stands between, the certificate names another issuer. */
export type Login = Pick<IdToken, 'issuer' | 'principal'>;

/** What is kept: the credential, who logged in for it, and the trusted root under which it was verified. */
export interface CachedCredential {
  readonly credential: Credential;
  readonly login: Login;
  /** SHA-256 of the trusted root's bytes, hex. */
  readonly trustDigest: string;
}

/** What an item must be to be used. */
export interface Demand {
  readonly now: Date;
  /** Set when an ID token is at hand: a credential of another login is not used. */
  readonly login?: Login | undefined;
  readonly trustDigest: string;
}

/** A credential is not used any more this shortly before its certificate ends. */
const MIN_LEFT_MS = 60_000;

/** Also for clocks: Fulcio dates a certificate by its own, and up to five minutes of skew are tolerated. */
const MAX_SKEW_MS = 5 * 60_000;

/**
 * The key of an item: 64 hex digits that depend on where and how one logs in, not on the folder, so one login serves all
 * repositories and worktrees. The log is left out: certificates do not depend on it. With a login (an ID token is at
 * hand) it is an item of that login alone, so a job's token does not displace the person's own credential.
 */
export function credentialKey(instance: Instance, login?: Login): string {
  const { fulcioUrl, issuer, clientId, connectorId, redirectUrl } = instance;
  const parts = [fulcioUrl, issuer, clientId, connectorId ?? null, redirectUrl ?? null];
  const who = login === undefined ? [] : [login.issuer, login.principal];
  return createHash('sha256')
    .update(JSON.stringify([...parts, ...who]))
    .digest('hex');
}

/**
 * The credential under this key if it may be used: same login if one is demanded, same trusted root, key and
 * certificate belong together, valid for 60 more seconds. Items that nobody can use any more are removed. Never
 * throws: a store that fails is one that has nothing.
 */
export async function loadCredential(
  store: CredentialStore,
  key: string,
  demand: Demand,
): Promise<Credential | undefined> {
  try {
    const item = await store.get(key);
    if (item === undefined) return undefined;
    const cached = parseCachedCredential(item);
    if (cached === undefined || isOver(cached.credential, demand.now)) {
      await store.delete(key);
      return undefined;
    }
    return isDemanded(cached, demand) ? cached.credential : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps it under this key. False where the store fails; the signature is made all the same. */
export async function saveCredential(
  store: CredentialStore,
  key: string,
  cached: CachedCredential,
): Promise<boolean> {
  try {
    await store.set(key, encodeCachedCredential(cached), cached.credential.notAfter);
    return true;
  } catch {
    return false;
  }
}

/**
 * An item: `version (1) || header length (2) || header || key (96) || certificate`, numbers big-endian; the header is
 * JSON, the key the three numbers of a P-256 key, the certificate DER. Nothing is expanded to text, because the Windows
 * Credential Manager takes 2,560 bytes: a person's certificate has 0.5 to 0.8 kB, a job's up to 2.0 (which it may refuse).
 */
export function encodeCachedCredential({ credential, login, trustDigest }: CachedCredential): Uint8Array {
  const { identity, notBefore, notAfter, privateKey, certificate } = credential;
  const header: Header = {
    subject: [identity.subject.type, identity.subject.value],
    issuer: identity.issuer,
    validity: [notBefore.getTime(), notAfter.getTime()],
    login: [login.issuer, login.principal],
    trust: trustDigest,
  };
  return Buffer.concat([
    Buffer.from([VERSION]),
    withLength(Buffer.from(JSON.stringify(header))),
    encodeKey(privateKey),
    certificate,
  ]);
}

/** Undefined for anything but a whole item of this version whose key belongs to its certificate. */
export function parseCachedCredential(item: Uint8Array): CachedCredential | undefined {
  try {
    const bytes = Buffer.from(item);
    if (bytes.readUInt8(0) !== VERSION) return undefined;
    const headerEnd = 3 + bytes.readUInt16BE(1);
    const header = parseHeader(bytes.toString('utf8', 3, headerEnd));
    const key = bytes.subarray(headerEnd, headerEnd + KEY_BYTES);
    const certificate = Uint8Array.from(bytes.subarray(headerEnd + KEY_BYTES));
    if (header === undefined) return undefined;
    const parsed = parseCertificate(certificate);
    const [notBefore, notAfter] = header.validity.map((time) => new Date(time)) as [Date, Date];
    // In a certificate the point comes last in the public key, as 04 || x || y.
    if (!view(parsed.spki).subarray(-64).equals(key.subarray(32))) return undefined;
    if (parsed.publicKey().type !== 'P-256') return undefined;
    if (parsed.notBefore !== notBefore.getTime() || parsed.notAfter < notAfter.getTime()) return undefined;
    const privateKey = parseKey(key);
    const [type, value] = header.subject;
    const identity: Identity = { subject: { type, value }, issuer: header.issuer };
    const [issuer, principal] = header.login;
    return {
      credential: { privateKey, certificate, identity, notBefore, notAfter },
      login: { issuer, principal },
      trustDigest: header.trust,
    };
  } catch {
    return undefined;
  }
}

const VERSION = 2;

/** d, x and y. */
const KEY_BYTES = 96;

/** `header (7) || d (32) || curve (12) || header (6) || x (32) || y (32)` */
const SEC1_P256_BYTES = 121;

/**
 * From SEC 1 (RFC 5915, section 3), whose fields all have their full length: as JWK, Node 20 may wait for ever for a
 * key that is new.
 */
function encodeKey(privateKey: KeyObject): Buffer {
  const der = privateKey.export({ type: 'sec1', format: 'der' });
  if (der.length !== SEC1_P256_BYTES) throw new Error('only P-256 keys are kept');
  return Buffer.concat([der.subarray(7, 39), der.subarray(-64)]);
}

/** As JWK: Node reads that in half the time of PKCS #8. */
function parseKey(key: Buffer): KeyObject {
  const [d, x, y] = [0, 32, 64].map((at) => key.toString('base64url', at, at + 32)) as [
    string,
    string,
    string,
  ];
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y }, format: 'jwk' });
}

interface Header {
  readonly subject: readonly [San['type'], string];
  readonly issuer: string;
  /** Milliseconds since the epoch, as in the certificate. */
  readonly validity: readonly [number, number];
  readonly login: readonly [string, string];
  readonly trust: string;
}

function parseHeader(json: string): Header | undefined {
  const value: unknown = JSON.parse(json);
  return isHeader(value) ? value : undefined;
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== 'object' || value === null) return false;
  const { subject, issuer, validity, login, trust } = value as Record<string, unknown>;
  return (
    isPair(subject, 'string') &&
    ['email', 'uri', 'username'].includes(String(subject[0])) &&
    typeof issuer === 'string' &&
    isPair(validity, 'number') &&
    isPair(login, 'string') &&
    typeof trust === 'string'
  );
}

function isPair(value: unknown, type: 'string' | 'number'): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === type);
}

function withLength(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function isOver({ notAfter }: Credential, now: Date): boolean {
  return notAfter.getTime() - now.getTime() < MIN_LEFT_MS;
}

function isDemanded({ credential, login, trustDigest }: CachedCredential, demand: Demand): boolean {
  const begun = credential.notBefore.getTime() - demand.now.getTime() <= MAX_SKEW_MS;
  const sameLogin =
    demand.login === undefined ||
    (login.issuer === demand.login.issuer && login.principal === demand.login.principal);
  return begun && sameLogin && trustDigest === demand.trustDigest;
}
