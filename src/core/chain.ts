/**
 * From a leaf to a trusted authority (RFC 5280 section 6, as far as Sigstore uses it). Issuers come from the
 * trusted root only, never from the signature; two of them share a name, so key id and signature decide.
 */
import { sameBytes } from './bytes.ts';
import { encodedOf } from './der.ts';
import { refuse } from './failure.ts';
import { isSignedBy, SIGNATURE_ALGORITHMS } from './keys.ts';
import { CODE_SIGNING, readClaims } from './leaf.ts';
import type { LeafChecks } from './leafChecks.ts';
import { type CertificateAuthority, type Issuer, isWithin, type Trust } from './trustedRoot.ts';
import {
  authorityKeyIdOf,
  type Certificate,
  KEY_CERT_SIGN,
  keyUsageOf,
  maxPathLengthOf,
  purposesOf,
} from './x509.ts';

/** Someone of the trusted root who may have issued a leaf. */
export interface Candidate {
  readonly authority: CertificateAuthority;
  readonly issuer: Issuer;
}

/** Who of the trusted root has the name and key id of the leaf's issuer; nobody, and it is not ours to judge. */
export function findIssuers(leaf: Certificate, trust: Trust): readonly Candidate[] {
  const keyId = authorityKeyIdOf(leaf);
  const candidates: Candidate[] = [];
  for (const authority of trust.certificateAuthorities) {
    if (!authority.mentions(leaf.issuer)) continue;
    for (const issuer of authority.issuers()) {
      if (isNamed(issuer, leaf, keyId)) candidates.push({ authority, issuer });
    }
  }
  return candidates;
}

/** Which of the candidates vouches for the leaf at that time, or a refusal that names the last obstacle. */
export function openChain({ leaf, issuers, isIssuedBy }: LeafChecks, at: number): Candidate {
  if (at < leaf.notBefore || at > leaf.notAfter) {
    return refuse('the signature was not made while the certificate was valid');
  }
  let obstacle = '';
  for (const candidate of issuers()) {
    const { authority, issuer } = candidate;
    const problem = periodProblem(authority, issuer, at) ?? issuer.problem();
    if (problem !== undefined) obstacle = problem;
    else if (isIssuedBy(issuer.certificate)) return candidate;
    else obstacle = 'the certificate is not signed by the authority that it names';
  }
  return refuse(obstacle || 'the certificate is not from a trusted authority');
}

/** Whether `issuer`'s key signed the certificate with an algorithm that counts. */
export function isIssuedBy(
  { signatureAlgorithm, tbs, signature }: Certificate,
  issuer: Certificate,
): boolean {
  const [kind, digest] = SIGNATURE_ALGORITHMS[signatureAlgorithm] ?? [];
  const key = issuer.publicKey();
  const fits = kind === (key.type.startsWith('P') ? 'EC' : key.type);
  return fits && isSignedBy(key, encodedOf(tbs), signature, digest);
}

/** Why the certificates from `place` to the root make no path, whatever the time; checked once per trust. */
export function findPathProblem(certificates: readonly Certificate[], place: number): string | undefined {
  for (const [depth, certificate] of certificates.slice(place).entries()) {
    const maxPathLength = maxPathLengthOf(certificate);
    if (maxPathLength < 0 || !(keyUsageOf(certificate) & KEY_CERT_SIGN)) {
      return 'the certificate is issued by one that is no authority';
    }
    if (maxPathLength < depth) return 'the chain of the certificate is longer than its root allows';
    if (purposesOf(certificate)?.includes(CODE_SIGNING) === false) {
      return 'the authority may not issue certificates for code signing';
    }
    readClaims(certificate); // for its critical extensions
    const issuer = certificates[place + depth + 1];
    if (issuer === undefined) continue;
    if (!sameBytes(certificate.issuer, issuer.subject) || !isIssuedBy(certificate, issuer)) {
      return 'the certificate of the authority is not signed by its root';
    }
  }
  return undefined;
}

function isNamed(issuer: Issuer, leaf: Certificate, keyId: Uint8Array | undefined): boolean {
  if (!sameBytes(issuer.certificate.subject, leaf.issuer)) return false;
  const subjectKeyId = issuer.subjectKeyId();
  return keyId === undefined || subjectKeyId === undefined || sameBytes(keyId, subjectKeyId);
}

function periodProblem({ validFor }: CertificateAuthority, issuer: Issuer, at: number): string | undefined {
  if (!isWithin(validFor, at)) return 'the authority was not trusted when the signature was made';
  const valid = [issuer.certificate, ...issuer.path].every(
    ({ notBefore, notAfter }) => at >= notBefore && at <= notAfter,
  );
  return valid ? undefined : 'the certificate of an authority was not valid when the signature was made';
}
