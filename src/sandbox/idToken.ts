import { createHash, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { isRecord } from './answer.ts';
import { spkiOf } from './certificates.ts';
import type { Instance } from './instance.ts';

/** The only client, and so the only audience. */
export const CLIENT_ID = 'sigstore';

/** How long an ID token is good, as the public identity provider has it. */
export const ID_TOKEN_SECONDS = 600;

/** What a test may want different in an ID token. */
export interface IdTokenOverrides {
  readonly expired?: boolean;
  readonly audience?: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly nonce?: string;
  readonly emailVerified?: boolean;
  /** No e-mail address at all. */
  readonly withoutEmail?: boolean;
  readonly lifetimeSeconds?: number;
}

/** Who a token speaks of, after all of it was verified. */
export interface TokenHolder {
  readonly email: string;
  readonly subject: string;
}

/**
 * One address that fits into a rfc822Name, which is ASCII (RFC 5280 section 4.2.1.6), and into a `sub` of at
 * most 255 characters.
 */
export function isEmail(text: string): boolean {
  return text.length <= 180 && /^[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(text);
}

/** The `sub` of an address, and back: whoever gives the address is that person here. */
export const subjectOf = (email: string) => Buffer.from(email).toString('base64url');
export const emailOf = (subject: string) => Buffer.from(subject, 'base64url').toString();

/** The id of a key in JWKS and in the head of tokens. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha1').update(spkiOf(key)).digest('hex');
}

/** Signs an ID token as the login would give it, RS256. Tokens live in real time, whatever the CA's clock. */
export function mintIdToken(instance: Instance, email: string, overrides: IdTokenOverrides = {}): string {
  const issuedAt = Math.floor(Date.now() / 1000) - (overrides.expired === true ? 2 * ID_TOKEN_SECONDS : 0);
  const head = { alg: 'RS256', typ: 'JWT', kid: keyIdOf(instance.identityProvider.publicKey) };
  const claims = {
    iss: overrides.issuer ?? instance.issuer,
    sub: overrides.subject ?? subjectOf(email),
    aud: overrides.audience ?? CLIENT_ID,
    exp: issuedAt + (overrides.lifetimeSeconds ?? ID_TOKEN_SECONDS),
    iat: issuedAt,
    jti: randomUUID(),
    ...(overrides.nonce === undefined ? {} : { nonce: overrides.nonce }),
    ...(overrides.withoutEmail === true ? {} : { email, email_verified: overrides.emailVerified ?? true }),
  };
  const signed = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(signed), instance.identityProvider.privateKey);
  return `${signed}.${signature.toString('base64url')}`;
}

/** Who a token speaks of, or undefined where anything about it is wrong: Fulcio does not say what either. */
export function openIdToken(instance: Instance, token: unknown): TokenHolder | undefined {
  const parts = typeof token === 'string' ? token.split('.') : [];
  const [head = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || parseSegment(head)?.alg !== 'RS256') return undefined;
  const key = instance.identityProvider.publicKey;
  const signed = Buffer.from(`${head}.${payload}`);
  if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return undefined;
  const claims = parseSegment(payload);
  if (claims === undefined || !areGood(claims, instance.issuer)) return undefined;
  const { email, sub } = claims;
  return typeof email === 'string' && typeof sub === 'string' && isEmail(email)
    ? { email, subject: sub }
    : undefined;
}

function parseSegment(segment: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function areGood(claims: Readonly<Record<string, unknown>>, issuer: string): boolean {
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  const verified = claims.email_verified === true || claims.email_verified === 'true';
  const current = typeof claims.exp === 'number' && claims.exp * 1000 > Date.now();
  return claims.iss === issuer && audience.includes(CLIENT_ID) && current && verified;
}
