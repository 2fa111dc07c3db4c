/**
 * From a leaf to a trusted authority (RFC 5280 section 6, as far as Sigstore uses it). Issuers come from the
 * trusted root only, never from the signature; two of them share a name, so key id and signature decide.
 */
import { sameBytes } from './bytes.ts';
import { encodedOf } from './der.ts';
import { refuse } from './failure.ts';
import { isSignedBy, SIGNATURE_ALGORITHMS } from './keys.ts';
import { CODE_SIGNING, refuseUnknownCritical } from './leaf.ts';
import { type CertificateAuthority, isWithin, type Trust } from './trustedRoot.ts';
import {
  authorityKeyIdOf,
  type Certificate,
  KEY_CERT_SIGN,
  keyUsageOf,
  maxPathLengthOf,
  purposesOf,
  subjectKeyIdOf,
} from './x509.ts';

/** Certificates of a trusted authority, the leaf's issuer first, the root last. */
export type Chain = readonly [Certificate, ...Certificate[]];

/** Whether no authority of the trusted root has the name and key id of the leaf's issuer: not ours to judge. */
export function isForeign(leaf: Certificate, trust: Trust): boolean {
  const keyId = authorityKeyIdOf(leaf);
  return !trust.certificateAuthorities.some(({ certificates }) =>
    certificates.some((certificate) => isNamed(certificate, leaf, keyId)),
  );
}

/** The chain that vouches for the leaf at that time, or a refusal that names the first obstacle. */
export function openChain(leaf: Certificate, trust: Trust, at: number): Chain {
  if (at < leaf.notBefore || at > leaf.notAfter) {
    return refuse('the signature was not made while the certificate was valid');
  }
  const keyId = authorityKeyIdOf(leaf);
  let obstacle = "no trusted authority has the name and the key id of the certificate's issuer";
  // The same intermediate may stand under several authorities: its signature is looked at once.
  let issuer: Uint8Array | undefined;
  for (const authority of trust.certificateAuthorities) {
    for (const [place, certificate] of authority.certificates.entries()) {
      if (!isNamed(certificate, leaf, keyId)) continue;
      const problem = periodProblem(authority, place, at) ?? authority.pathProblem(place);
      if (problem !== undefined) {
        obstacle = problem;
        continue;
      }
      if (issuer !== undefined && sameBytes(issuer, certificate.spki)) continue;
      if (isIssuedBy(leaf, certificate))
        return authority.certificates.slice(place) as readonly Certificate[] as Chain;
      issuer = certificate.spki;
      obstacle = 'the certificate is not signed by the authority that it names';
    }
  }
  return refuse(obstacle);
}

/** Whether `issuer`'s key signed the certificate with an algorithm that counts. */
function isIssuedBy({ signatureAlgorithm, tbs, signature }: Certificate, issuer: Certificate): boolean {
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
    refuseUnknownCritical(certificate);
    const issuer = certificates[place + depth + 1];
    if (issuer === undefined) continue;
    if (!sameBytes(certificate.issuer, issuer.subject) || !isIssuedBy(certificate, issuer)) {
      return 'the certificate of the authority is not signed by its root';
    }
  }
  return undefined;
}

function isNamed(candidate: Certificate, leaf: Certificate, keyId: Uint8Array | undefined): boolean {
  if (!sameBytes(candidate.subject, leaf.issuer)) return false;
  const subjectKeyId = subjectKeyIdOf(candidate);
  return keyId === undefined || subjectKeyId === undefined || sameBytes(keyId, subjectKeyId);
}

function periodProblem(authority: CertificateAuthority, place: number, at: number): string | undefined {
  if (!isWithin(authority.validFor, at)) return 'the authority was not trusted when the signature was made';
  const valid = authority.certificates.slice(place).every((one) => at >= one.notBefore && at <= one.notAfter);
  return valid ? undefined : "an authority's certificate was not valid when the signature was made";
}
