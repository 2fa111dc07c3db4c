/**
 * PEM files in the place of parts of a trusted root, as gitsign and cosign take them (protocols 7.4). Rare, so
 * it is loaded only where a variable or setting names one. What is replaced is gone: nothing is ever added.
 */
import { createPublicKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import { MAX_TRUSTED_ROOT_BYTES } from '../../core/limits.ts';
import { withTimestampChain } from '../../core/timestampChain.ts';
import { parseTrustedRoot, type Trust } from '../../core/trustedRoot.ts';
import { isSignetError, SignetError } from '../../errors.ts';
import { readFileBytes } from '../readBytes.ts';
import { type LoadedTrust, parseRootFile, type RootFile } from './loadTrust.ts';
import type { Replacement, TrustWishes } from './wishes.ts';

/** These files give no time: certificates have their own, keys count always. */
const validFor = { start: '1970-01-01T00:00:00Z' };

/**
 * Trust of the root with its parts replaced, and with one more timestamp authority where a setting of our own
 * names it. Throws SignetError `no-trust`.
 */
export function replaceParts(root: RootFile, { replacements, timestampChain }: TrustWishes): LoadedTrust {
  const base = parseRootFile(root);
  const trust = replacements.length === 0 ? base : replaced(root, base, replacements);
  if (timestampChain === undefined) return trust;
  return withTimestampChain(trust, readPem(timestampChain, 'signet.timestampCertChain'));
}

function replaced(root: RootFile, base: Trust, replacements: readonly Replacement[]): LoadedTrust {
  const json = JSON.parse(new TextDecoder().decode(root.bytes));
  for (const replacement of replacements) json[replacement.part] = readPart(replacement);
  const { digest, ...trust } = parse(JSON.stringify(json), replacements);
  return {
    ...trust,
    digest,
    // The toy's mark stays, whatever is put beside its authorities.
    sandbox: trust.sandbox || base.sandbox,
    replaced: replacements.map(({ part, source, path }) => `${NAMES[part]} from ${source} (${path})`),
  };
}

const NAMES: Readonly<Record<Replacement['part'], string>> = {
  certificateAuthorities: 'Certificate authorities',
  tlogs: 'Log keys',
  ctlogs: 'CT log keys',
  timestampAuthorities: 'Timestamp authorities',
};

function parse(text: string, replacements: readonly Replacement[]): LoadedTrust {
  try {
    return parseTrustedRoot(new TextEncoder().encode(text));
  } catch (error) {
    const reason = isSignetError(error) && error.cause instanceof Error ? error.cause.message : 'unknown';
    throw unusable(
      replacements.map(({ source }) => source).join(', '),
      `does not make a trusted root: ${reason}`,
      error,
    );
  }
}

function readPart({ part, source, path }: Replacement): readonly object[] {
  const pem = readPem(path, source);
  const isLog = part === 'tlogs' || part === 'ctlogs';
  const label = isLog ? 'PUBLIC KEY' : 'CERTIFICATE';
  try {
    const found = blocks(pem, label);
    if (found.length === 0) throw new Error(`there is no ${label} in PEM`);
    if (isLog) return found.map((key) => toLog(createPublicKey(key), source));
    const certificates = found.map((certificate) => new X509Certificate(certificate));
    return toChains(certificates).map((chain) => toAuthority(chain, source));
  } catch (error) {
    const { message } = error as Error;
    throw unusable(`${source} (${path})`, `cannot be used: ${message}`, error);
  }
}

function readPem(path: string, source: string): string {
  try {
    return new TextDecoder().decode(readFileBytes(path, MAX_TRUSTED_ROOT_BYTES));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw unusable(`${source} (${path})`, `cannot be read: ${code ?? message}`, error);
  }
}

function blocks(pem: string, label: string): readonly string[] {
  return pem.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g')) ?? [];
}

function toLog(key: KeyObject, source: string): object {
  const spki = key.export({ type: 'spki', format: 'der' });
  return {
    baseUrl: source,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: spki.toString('base64'), keyDetails: keyDetailsOf(key), validFor },
    logId: { keyId: hash('sha256', spki, 'base64') },
  };
}

/** protobuf-specs: PublicKeyDetails. */
function keyDetailsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'ed25519') return 'PKIX_ED25519';
  if (asymmetricKeyType === 'rsa') return `PKIX_RSA_PKCS1V15_${asymmetricKeyDetails?.modulusLength}_SHA256`;
  return asymmetricKeyDetails?.namedCurve === 'secp384r1'
    ? 'PKIX_ECDSA_P384_SHA_384'
    : 'PKIX_ECDSA_P256_SHA_256';
}

/**
 * A chain from each certificate that issued none of the others up to its root. Signed by themselves are roots,
 * all others intermediates, as gitsign sorts them; one without its root is left out by nobody, but refused.
 */
function toChains(certificates: readonly X509Certificate[]): readonly (readonly X509Certificate[])[] {
  const isIssuer = (one: X509Certificate): boolean =>
    certificates.some((other) => other !== one && !isRoot(other) && isIssuedBy(other, one));
  return certificates.filter((one) => !isIssuer(one)).map((one) => chainFrom(one, certificates));
}

function chainFrom(first: X509Certificate, all: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [first];
  for (let last = first; !isRoot(last); ) {
    const issuer = all.find((one) => !chain.includes(one) && isIssuedBy(last, one));
    if (issuer === undefined)
      throw new Error(`the issuer of ${last.subject.replaceAll('\n', ', ')} is missing`);
    chain.push(issuer);
    last = issuer;
  }
  return chain;
}

function isRoot(certificate: X509Certificate): boolean {
  return isIssuedBy(certificate, certificate);
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function toAuthority(chain: readonly X509Certificate[], source: string): object {
  return {
    uri: source,
    certChain: { certificates: chain.map(({ raw }) => ({ rawBytes: raw.toString('base64') })) },
    validFor,
  };
}

function unusable(what: string, why: string, cause?: unknown): SignetError {
  return new SignetError(
    'no-trust',
    `${what} ${why}.`,
    'Correct it, or leave it out: then the trusted root counts.',
    cause,
  );
}
