/** A fresh key and a certificate for it, taken only after it was judged like one from a stranger. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Certificate, parseCertificate, verifyLeaf } from '../core/certificate.ts';
import { MAX_CLOCK_SKEW_MS } from '../core/limits.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Identity } from '../core/verdict.ts';
import { isSignetError, SignetError } from '../errors.ts';
import type { CertificateAuthority, Clock, Credential, IdToken, SigningCertificateAnswer } from '../ports.ts';

export interface CredentialPorts {
  readonly ca: CertificateAuthority;
  readonly idToken: IdToken;
  readonly trust: Trust;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Makes a P-256 key, proves its possession over the token's principal (protocol: fulcio.proto, proof_of_possession)
 * and opens the certificate that comes back. Throws what the authority's client throws, and what
 * `openSigningCertificate` does.
 */
export async function requestCredential(ports: CredentialPorts): Promise<Credential> {
  const { ca, idToken, trust, clock, signal } = ports;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = {
    idToken,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    proofOfPossession: sign('sha256', Buffer.from(idToken.principal, 'utf8'), privateKey),
  };
  const answer = await ca.requestSigningCertificate(request, signal);
  return { privateKey, ...openSigningCertificate(answer, { publicKey, idToken, trust, now: clock() }) };
}

/** What a certificate is held against. */
export interface Expected {
  readonly publicKey: KeyObject;
  readonly idToken: IdToken;
  readonly trust: Trust;
  /** The local clock's time at which the answer came. */
  readonly now: Date;
}

/**
 * The leaf of an authority's answer, once it is for our key (1), the two clocks agree (2), it is valid now (3),
 * leads to a trusted root and to a CT log (4), and names whom the ID token names (5).
 * Throws `service-answer` with what is wrong, or `clock-skew`.
 */
export function openSigningCertificate(
  { chain, serverDate }: SigningCertificateAnswer,
  { publicKey, idToken, trust, now }: Expected,
): Omit<Credential, 'privateKey'> {
  const leaf = readLeaf(chain);
  if (!createPublicKey({ key: Buffer.from(leaf.spki), format: 'der', type: 'spki' }).equals(publicKey)) {
    throw wrong('is for another key than the one that was sent');
  }
  // Without a Date header the certificate itself says when it was made.
  const serverNow = serverDate?.getTime() ?? leaf.notBefore;
  const skewMs = now.getTime() - serverNow;
  if (Math.abs(skewMs) > MAX_CLOCK_SKEW_MS) throw clockSkew(skewMs, now, new Date(serverNow));
  const at = validityInstant(leaf, serverNow);
  const { identity } = judged(() => verifyLeaf(leaf.der, trust, at));
  checkIdentity(identity, idToken);
  return {
    certificate: leaf.der,
    identity,
    notBefore: new Date(leaf.notBefore),
    // By the local clock, which what keeps the credential goes by: a slow one would use it for too long.
    notAfter: new Date(leaf.notAfter + Math.min(skewMs, 0)),
  };
}

function readLeaf(chain: readonly Uint8Array[]): Certificate {
  const [der] = chain;
  if (der === undefined) throw wrong('is missing in its answer');
  return judged(() => parseCertificate(der));
}

/** The authority's machines may differ by a little among themselves, so "just made" may lie ahead of its Date. */
function validityInstant({ notBefore, notAfter }: Certificate, serverNow: number): Date {
  if (serverNow > notAfter || serverNow < notBefore - MAX_CLOCK_SKEW_MS) {
    const period = `from ${new Date(notBefore).toISOString()} to ${new Date(notAfter).toISOString()}`;
    throw wrong(
      `is not valid now: it is ${period}, and the authority's clock says ${new Date(serverNow).toISOString()}`,
    );
  }
  return new Date(Math.max(serverNow, notBefore));
}

/**
 * An e-mail address must be the token's, byte for byte. What other tokens lead to (a workflow's URI, a user name
 * with a domain) is each issuer's own affair and only reported. The issuer is the token's, or the provider behind it that
 * Dex states in the token (`federated_claims.connector_id`).
 */
function checkIdentity({ subject, issuer }: Identity, idToken: IdToken): void {
  const mustBeEmail = idToken.email !== undefined || subject.type === 'email';
  if (mustBeEmail && (subject.type !== 'email' || subject.value !== idToken.principal)) {
    throw wrong(`names "${subject.value}" (${subject.type}), but the login was as "${idToken.principal}"`);
  }
  if (issuer !== idToken.issuer && issuer !== connectorOf(idToken.raw)) {
    throw wrong(`names the issuer "${issuer}", which the ID token of "${idToken.issuer}" does not know`);
  }
}

/** `federated_claims.connector_id`, unverified: the token's signature is the authority's to check. */
function connectorOf(rawToken: string): unknown {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(rawToken.split('.')[1] ?? '', 'base64url').toString('utf8'),
    );
    return fieldOf(fieldOf(claims, 'federated_claims'), 'connector_id');
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Runs a check of the core and says whose certificate did not pass it. */
function judged<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!isSignetError(error) || error.code !== 'malformed') throw error;
    throw wrong(
      `was refused: ${error.message}`,
      'If this stays so, signet.fulcio and signet.trustedRoot do not belong together: run git-signet config.',
      error,
    );
  }
}

function wrong(
  how: string,
  hint = 'Nothing was signed. Try again; if it stays so, tell those who run the authority.',
  cause?: unknown,
): SignetError {
  return new SignetError('service-answer', `The certificate that Fulcio issued ${how}.`, hint, cause);
}

function clockSkew(skewMs: number, now: Date, serverNow: Date): SignetError {
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  const amount = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return new SignetError(
    'clock-skew',
    `This machine's clock is ${amount} ${skewMs > 0 ? 'ahead of' : 'behind'} the certificate authority's (${now.toISOString()} here, ${serverNow.toISOString()} there).`,
    "Set this machine's clock and try again; up to 5 minutes are tolerated.",
  );
}
