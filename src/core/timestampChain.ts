/** Timestamp authorities that somebody configures, beside those of the trusted root. */
import { hash } from 'node:crypto';
import { SignetError } from '../errors.ts';
import { decodeBase64, sameBytes } from './bytes.ts';
import { isCheckFailure, refuse } from './failure.ts';
import { MAX_CERTIFICATES, MAX_TIMESTAMP_CHAIN_BYTES } from './limits.ts';
import { once } from './once.ts';
import { type CertificateAuthority, describeRoot, type Trust } from './trustedRoot.ts';
import { type Certificate, parseCertificate } from './x509.ts';

/**
 * The same trust with one more timestamp authority for each self-signed certificate in the PEM text; the others in
 * it, in any order, may lie on the way there. Whoever configures them trusts them for ever. Throws SignetError
 * `no-trust`.
 */
export function withTimestampChain(trust: Trust, pem: string): Trust {
  try {
    const certificates = parsePem(pem).map(parseCertificate);
    const roots = certificates.filter(({ subject, issuer }) => sameBytes(subject, issuer));
    if (roots.length === 0) return refuse('it holds no self-signed root certificate');
    const others = certificates.filter((certificate) => !roots.includes(certificate));
    // The root first as well: who begins with a signer's certificate trusts that one only (timestampAuthority.ts).
    const configured = roots.map((root) => toAuthority([root, ...others, root]));
    return {
      ...trust,
      timestampAuthorities: [...trust.timestampAuthorities, ...configured],
      digest: hash('sha256', `${trust.digest}\n${pem}`, 'hex'),
    };
  } catch (error) {
    if (!isCheckFailure(error)) throw error;
    throw new SignetError(
      'no-trust',
      `The certificates of the timestamp authority cannot be used: ${error.message}.`,
      'Give them as PEM, the root among them: set signet.timestampCertChain to that file.',
      error,
    );
  }
}

const BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** Whatever stands between the blocks is comment, as openssl writes it. */
function parsePem(pem: string): readonly Uint8Array[] {
  if (pem.length > MAX_TIMESTAMP_CHAIN_BYTES) return refuse('they are larger than 256 KiB');
  const blocks = [...pem.matchAll(BLOCK)].map(([, base64 = '']) => base64.replace(/\s/g, ''));
  if (blocks.length === 0) return refuse('there is none in PEM');
  if (blocks.length > MAX_CERTIFICATES) return refuse(`they are more than ${MAX_CERTIFICATES}`);
  return blocks.map((base64) => decodeBase64(base64, 'a certificate'));
}

function toAuthority(certificates: readonly Certificate[]): CertificateAuthority {
  const root = certificates.at(-1) as Certificate;
  return {
    uri: '',
    validFor: { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY },
    issuers: once(() =>
      certificates.map((certificate) => ({
        certificate,
        subjectKeyId: () => undefined,
        path: [],
        problem: () => 'the authority is for timestamps only',
      })),
    ),
    mentions: () => false,
    root: once(() => describeRoot(root)),
  };
}
