import { MAX_ID_TOKEN_BYTES } from '../../core/limits.ts';
import { SignetError } from '../../errors.ts';
import type { IdToken } from '../../ports.ts';

/** How far apart two clocks may be before an ID token counts as expired. */
const EXPIRY_SLACK_MS = 60_000;

interface Claims {
  readonly [name: string]: unknown;
}

/**
 * Reads an OIDC ID token (a JWT, RFC 7519) that came from `source`, for people: `SIGSTORE_ID_TOKEN`, `browser
 * login`. White space around it is dropped. The signature is not checked: whoever brings a token is believed, and
 * Fulcio judges it. Throws `token-invalid` where it is no JWT, names nobody or has an unverified e-mail
 * address. No part of the token ever gets into an error. Whether it is still of use is another question: refuseExpired.
 */
export function parseIdToken(raw: string, source: string): IdToken {
  const token = raw.trim();
  const claims = parseClaims(token, source);
  const subject = parseText(claims, 'sub', source);
  const email = parseEmail(claims, source);
  return {
    raw: token,
    issuer: parseText(claims, 'iss', source),
    principal: email ?? subject,
    email,
    subject,
    expiresAt: parseExpiry(claims, source),
    source,
  };
}

/** The same token, where it can still get a certificate. A kept credential of its login outlives it. Throws `token-invalid`. */
export function refuseExpired(token: IdToken, now: Date): IdToken {
  const { expiresAt, source } = token;
  if (now.getTime() <= expiresAt.getTime() + EXPIRY_SLACK_MS) return token;
  throw invalid(source, `expired at ${expiresAt.toISOString()}`, renewal(source));
}

function parseClaims(token: string, source: string): Claims {
  if (token.length > MAX_ID_TOKEN_BYTES) throw invalid(source, 'is too long', renewal(source));
  const parts = token.split('.');
  const [header, payload] = parts;
  const shaped = parts.length === 3 && parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part));
  if (!shaped || header === undefined || payload === undefined) {
    throw invalid(source, 'is not a JWT (three base64url parts with dots between)', renewal(source));
  }
  parseObject(header, source);
  return parseObject(payload, source);
}

function parseObject(part: string, source: string): Claims {
  try {
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(part, 'base64url')));
    if (isObject(value)) return value;
  } catch {
    // an error of JSON.parse quotes its input, so it is no cause to keep
  }
  throw invalid(source, 'does not hold JSON objects', renewal(source));
}

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseText(claims: Claims, name: 'iss' | 'sub', source: string): string {
  const value = claims[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(source, `has no "${name}" claim`, renewal(source));
}

/** NumericDate, RFC 7519 section 2; the upper bound is that of `Date`. */
function parseExpiry(claims: Claims, source: string): Date {
  const seconds = claims['exp'];
  if (typeof seconds === 'number' && seconds > 0 && seconds <= 8.64e12) return new Date(seconds * 1000);
  throw invalid(source, 'has no usable "exp" claim', renewal(source));
}

/** An address counts only where the provider says that it has been verified; some say so in a string. */
function parseEmail(claims: Claims, source: string): string | undefined {
  const email = claims['email'];
  if (email === undefined || email === null || email === '') return undefined;
  if (typeof email !== 'string')
    throw invalid(source, 'has an "email" claim that is no text', renewal(source));
  const verified = claims['email_verified'];
  if (verified === true || verified === 'true' || verified === 'True') return email;
  throw invalid(
    source,
    'holds an e-mail address that the identity provider has not verified',
    'Verify the address at the identity provider, then log in again.',
  );
}

function invalid(source: string, what: string, hint: string): SignetError {
  return new SignetError('token-invalid', `The ID token from ${source} ${what}.`, hint);
}

/** A variable holds a stale or wrong value until somebody changes it. */
function renewal(source: string): string {
  return source.endsWith('_ID_TOKEN')
    ? `Put a fresh ID token with the audience that Fulcio expects into ${source}, or unset it to log in with a browser.`
    : 'Log in again: `git-signet login`.';
}
