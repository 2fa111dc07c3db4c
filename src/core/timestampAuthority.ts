/** Whose timestamps count: an authority of the trust, its own certificate or one that leads to its root. */
import { sameBytes } from './bytes.ts';
import { isIssuedBy } from './chain.ts';
import { isCheckFailure, refuse } from './failure.ts';
import { readClaims } from './leaf.ts';
import { MAX_TIMESTAMP_INTERMEDIATES } from './limits.ts';
import { type CertificateAuthority, isWithin, type Trust } from './trustedRoot.ts';
import {
  authorityKeyIdOf,
  type Certificate,
  DIGITAL_SIGNATURE,
  EXTENDED_KEY_USAGE,
  KEY_CERT_SIGN,
  KEY_USAGE,
  keyUsageOf,
  maxPathLengthOf,
  purposesOf,
  subjectKeyIdOf,
} from './x509.ts';

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
/** contentCommitment, which some authorities set alone. */
const NON_REPUDIATION = 0x40;

/** A certificate that timestamps may be signed with (RFC 3161 2.3); its chain and time are not looked at. */
export function checkTimestampSigner(certificate: Certificate): void {
  readClaims(certificate); // for its critical extensions
  const purpose = certificate.extensions.get(EXTENDED_KEY_USAGE);
  const purposes = purposesOf(certificate);
  if (purpose?.critical !== true || purposes?.length !== 1 || purposes[0] !== TIME_STAMPING) {
    refuse('the certificate of the timestamp authority is not critically for timestamps alone');
  }
  const usage = keyUsageOf(certificate);
  if (maxPathLengthOf(certificate) >= 0 || usage & KEY_CERT_SIGN) {
    refuse('the timestamp is signed by one that issues certificates');
  }
  if (certificate.extensions.has(KEY_USAGE) && !(usage & (DIGITAL_SIGNATURE | NON_REPUDIATION))) {
    refuse('the certificate of the timestamp authority is not for signatures');
  }
}

/**
 * The authority of the trust to which the certificate leads at that time (RFC 5280 section 6). `embedded` are
 * certificates that came with the token: they may lie on the way, and never end it. An authority that begins with its
 * own certificate stamps with that one alone: an older one under the same root ended with the authority it was of.
 */
export function openTimestampAuthority(
  signer: Certificate,
  embedded: readonly Certificate[],
  trust: Trust,
  at: number,
): CertificateAuthority {
  let obstacle = 'the timestamp is not of an authority in the trusted root';
  for (const authority of trust.timestampAuthorities) {
    const own = certificatesOf(authority);
    const anchor = own.at(-1);
    if (anchor === undefined || isOfAnother(signer, own[0])) continue;
    const search: Search = { anchor, pool: [...own.slice(0, -1), ...embedded], tried: new Set(), at };
    // Whoever leads there whatever the time is of this authority; only then its periods say anything.
    if (!leadsToAnchor(signer, { ...search, at: undefined }, 0)) continue;
    if (!isWithin(authority.validFor, at)) {
      obstacle = 'the timestamp authority was not trusted at the time of its timestamp';
    } else if (leadsToAnchor(signer, { ...search, tried: new Set() }, 0)) {
      return authority;
    } else {
      obstacle = 'a certificate of the timestamp authority was not valid at the time of its timestamp';
    }
  }
  return refuse(obstacle);
}

/** None where one of them cannot be read: an authority that we cannot use is no reason to refuse another's timestamps. */
export function certificatesOf({ issuers }: CertificateAuthority): readonly Certificate[] {
  try {
    return issuers().map(({ certificate }) => certificate);
  } catch (error) {
    if (isCheckFailure(error)) return [];
    throw error;
  }
}

/** The first certificate of an authority is no issuer, and not the one of this token. */
function isOfAnother(signer: Certificate, first: Certificate | undefined): boolean {
  if (first === undefined || sameBytes(first.der, signer.der)) return false;
  try {
    return maxPathLengthOf(first) < 0;
  } catch (error) {
    if (isCheckFailure(error)) return true;
    throw error;
  }
}

interface Search {
  readonly anchor: Certificate;
  readonly pool: readonly Certificate[];
  /** Each is looked at once, so that no bag of certificates makes this long. */
  readonly tried: Set<Certificate>;
  /** Undefined: at whatever time. */
  readonly at: number | undefined;
}

/** `depth`: how many certificates of authorities lie below this one. */
function leadsToAnchor(certificate: Certificate, search: Search, depth: number): boolean {
  const { anchor, pool, tried, at } = search;
  if (at !== undefined && (at < certificate.notBefore || at > certificate.notAfter)) return false;
  if (sameBytes(certificate.der, anchor.der)) return true;
  if (depth > MAX_TIMESTAMP_INTERMEDIATES) return false;
  return [anchor, ...pool].some((issuer) => {
    if (tried.has(issuer) || !mayIssue(issuer, certificate, depth)) return false;
    tried.add(issuer);
    return leadsToAnchor(issuer, search, depth + 1);
  });
}

/** An authority for timestamps, by name, form and signature. */
function mayIssue(issuer: Certificate, certificate: Certificate, depth: number): boolean {
  if (!sameBytes(issuer.subject, certificate.issuer)) return false;
  try {
    const wanted = authorityKeyIdOf(certificate);
    const own = subjectKeyIdOf(issuer);
    if (wanted !== undefined && own !== undefined && !sameBytes(wanted, own)) return false;
    if (maxPathLengthOf(issuer) < depth || !(keyUsageOf(issuer) & KEY_CERT_SIGN)) return false;
    if (purposesOf(issuer)?.includes(TIME_STAMPING) === false) return false;
    readClaims(issuer); // for its critical extensions
    return isIssuedBy(certificate, issuer);
  } catch (error) {
    if (isCheckFailure(error)) return false;
    throw error;
  }
}
