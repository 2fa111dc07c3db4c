import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { isSignetError, SignetError } from '../../errors.ts';
import { escapeForTerminal } from '../terminal.ts';

/**
 * What an error of the OIDC library means for the person. The library's errors carry answers, claims and tokens
 * as causes, so none of them is kept: only codes and fixed sentences get through, and the provider's own words,
 * escaped and cut.
 */
export function toLoginError(error: unknown, issuer: string): SignetError {
  const ours = findSignetError(error);
  if (ours !== undefined) return ours;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return refusedBy(issuer, error.error, error.error_description);
  }
  const what = sentenceOf(error);
  if (/JWT|JWS|ID Token/.test(what)) {
    return new SignetError(
      'token-invalid',
      `The ID token from ${issuer} was refused: ${what}.`,
      'Log in again; if it stays, check the clock of this computer and signet.clientID.',
    );
  }
  return new SignetError(
    'service-answer',
    `The login service ${issuer} gave an answer that cannot be used: ${what}.`,
    'Check signet.issuer; if it is right, tell those who run the login service.',
  );
}

/** The provider says no, in its own words (RFC 6749 4.1.2.1 and 5.2). */
function refusedBy(issuer: string, code: string, description: string | undefined): SignetError {
  const words = [code, description ?? ''].filter((text) => text !== '').map(quoted);
  return new SignetError(
    'login-refused',
    `${issuer} refused the login: ${words.join(', ')}.`,
    adviceOn(code),
  );
}

function adviceOn(code: string): string {
  switch (code) {
    case 'access_denied':
      return 'Log in again and allow git-signet to see your e-mail address.';
    case 'expired_token':
      return 'Log in again, and enter the code while it is valid.';
    case 'invalid_grant':
      return 'Log in again: the answer of the login can be used once and only for a short time.';
    case 'invalid_client':
    case 'unauthorized_client':
      return 'Check signet.clientID: the login service does not know this client, or not for this kind of login.';
    default:
      return 'Log in again; if it stays, check signet.issuer, signet.clientID and signet.connectorID.';
  }
}

function quoted(text: string): string {
  // A provider may repeat the authorization code: Dex's have 25 characters.
  const safe = text.replace(/[A-Za-z0-9_-]{20,}/g, '[left out]');
  const cut = safe.length > 200 ? `${safe.slice(0, 200)}...` : safe;
  return escapeForTerminal(cut).replace(/\.$/, '');
}

/** Ours may be inside: the library wraps what its transport throws. */
function findSignetError(error: unknown): SignetError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (isSignetError(at)) return at;
  }
  return undefined;
}

/** The innermost of the library's sentences is the most precise one; all of them are fixed texts. */
function sentenceOf(error: unknown): string {
  let sentence = error instanceof ClientError ? error.message : 'unknown error';
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && String(at.code).startsWith('OAUTH_')) sentence = at.message;
  }
  return sentence;
}
