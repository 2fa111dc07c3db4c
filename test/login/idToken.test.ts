import { describe, expect, it } from 'vitest';
import { parseIdToken, refuseExpired } from '../../src/adapters/oidc/idToken.ts';
import { isSignetError, type SignetError } from '../../src/errors.ts';

const NOW = new Date('2026-01-02T03:04:05Z');
const CLAIMS = {
  iss: 'https://issuer.example',
  sub: 'subject',
  aud: 'sigstore',
  exp: NOW.getTime() / 1000 + 600,
  email: 'alice@example.com',
  email_verified: true,
};

describe('an ID token', () => {
  it('names an e-mail address where it has one, else the subject', () => {
    const withEmail = parseIdToken(jwt(CLAIMS), 'SIGSTORE_ID_TOKEN');
    expect(withEmail).toEqual({
      raw: jwt(CLAIMS),
      issuer: 'https://issuer.example',
      principal: 'alice@example.com',
      email: 'alice@example.com',
      subject: 'subject',
      expiresAt: new Date(NOW.getTime() + 600_000),
      source: 'SIGSTORE_ID_TOKEN',
    });
    for (const email of [undefined, null, '']) {
      const without = parseIdToken(jwt({ ...CLAIMS, email }), 'x');
      expect([without.principal, without.email]).toEqual(['subject', undefined]);
    }
  });

  it('is trimmed', () => {
    expect(parseIdToken(`\n ${jwt(CLAIMS)}\r\n`, 'x').raw).toBe(jwt(CLAIMS));
  });

  it.each([true, 'true', 'True'])('counts email_verified %j', (email_verified) => {
    expect(parseIdToken(jwt({ ...CLAIMS, email_verified }), 'x').email).toBe('alice@example.com');
  });

  it.each([false, 'false', 'TRUE', 1, null, undefined, ['true']])(
    'refuses email_verified %j',
    (email_verified) => {
      const { message, hint } = refusal(jwt({ ...CLAIMS, email_verified }));
      expect(message).toContain('has not verified');
      expect(hint).toContain('Verify the address');
    },
  );

  it('may be expired by the slack and no more', () => {
    const expired = (seconds: number) => jwt({ ...CLAIMS, exp: NOW.getTime() / 1000 - seconds });
    expect(refuseExpired(parseIdToken(expired(60), 'x'), NOW).principal).toBe('alice@example.com');
    expect(refusal(expired(61)).message).toContain('expired at 2026-01-02T03:03:04.000Z');
  });

  it.each([
    ['nothing', ''],
    ['words', 'not a token'],
    ['two parts', 'a.b'],
    ['four parts', `${jwt(CLAIMS)}.e30`],
    ['no signature', jwt(CLAIMS).replace(/[^.]*$/, '')],
    ['padding', jwt(CLAIMS).replace('.', '=.')],
    ['a payload that is no JSON', 'e30.bm8.c2ln'],
    ['a payload that is a list', 'e30.W10.c2ln'],
    ['a payload that is not UTF-8', 'e30._____w.c2ln'],
    ['a header that is no JSON', jwt(CLAIMS).replace(/^[^.]*/, 'bm8')],
    ['no issuer', jwt({ ...CLAIMS, iss: undefined })],
    ['an issuer that is no text', jwt({ ...CLAIMS, iss: 1 })],
    ['no subject', jwt({ ...CLAIMS, sub: '' })],
    ['an address that is no text', jwt({ ...CLAIMS, email: ['alice@example.com'] })],
    ['no expiry', jwt({ ...CLAIMS, exp: undefined })],
    ['an expiry in words', jwt({ ...CLAIMS, exp: 'tomorrow' })],
    ['an expiry beyond dates', jwt({ ...CLAIMS, exp: 1e300 })],
    ['far too much', jwt({ ...CLAIMS, groups: 'g'.repeat(40_000) })],
  ])('is refused with %s, and is not repeated', (_what, token) => {
    const { message, hint } = refusal(token);
    expect(message).toContain('SIGNET_ID_TOKEN');
    expect(hint).toContain('SIGNET_ID_TOKEN');
    for (const part of token.split('.').filter((text) => text.length > 3)) {
      expect(message + hint).not.toContain(part);
    }
  });
});

function refusal(token: string): SignetError {
  try {
    refuseExpired(parseIdToken(token, 'SIGNET_ID_TOKEN'), NOW);
  } catch (error) {
    if (!isSignetError(error)) throw error;
    expect(error.code).toBe('token-invalid');
    expect(error.cause).toBeUndefined();
    return error;
  }
  throw new Error('it was accepted');
}

function jwt(claims: unknown): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'RS256', kid: 'test' })}.${encode(claims)}.c2lnbmF0dXJl`;
}
