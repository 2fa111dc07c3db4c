/** Certificates and tokens of the timestamp authority, in the forms that sigstore's has (RFC 3161, RFC 5652). */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeTime,
  retag,
} from '../core/derEncode.ts';
import { parseCertificate } from '../core/x509.ts';
import {
  type Authority,
  authorityKeyIdentifier,
  createAuthorityCertificates,
  encodeName,
  encodeTbsCertificate,
  extendedKeyUsage,
  leafKeyUsage,
  randomSerial,
  signCertificate,
} from './certificates.ts';

export const TIMESTAMP_NAME = 'git-signet sandbox timestamping';

/** What signs tokens: its key, and its certificates, leaf first. */
export interface TimestampSigner extends Authority {
  readonly certificates: readonly Uint8Array[];
}

/** TimeStampReq after all checks (RFC 3161 section 2.4.1). */
export interface TimestampRequest {
  /** DER of AlgorithmIdentifier as it came. */
  readonly algorithm: Uint8Array;
  readonly digest: Uint8Array;
  /** DER of the INTEGER as it came. */
  readonly nonce: Uint8Array | undefined;
  /** Whether the token is to hold the leaf. */
  readonly certificates: boolean;
}

/** A leaf for this key under an intermediate and a root whose keys are thrown away. DER, leaf first. */
export function issueTimestampCertificates(
  publicKey: KeyObject,
  notBefore: Date,
  notAfter: Date,
): readonly Uint8Array[] {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const intermediate = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const issuers = createAuthorityCertificates(root, intermediate, {
    rootName: `${TIMESTAMP_NAME} root`,
    intermediateName: ISSUER_NAME,
    purpose: OID.timeStamping,
    notBefore,
    notAfter,
  });
  const leaf = encodeTbsCertificate({
    issuer: encodeName(ISSUER_NAME),
    subject: encodeName(TIMESTAMP_NAME),
    notBefore,
    notAfter,
    publicKey,
    serial: randomSerial(),
    // RFC 3161 section 2.3: this purpose alone, and critical.
    extensions: [
      leafKeyUsage(),
      authorityKeyIdentifier(intermediate.publicKey),
      extendedKeyUsage(OID.timeStamping, true),
    ],
  });
  return [signCertificate(leaf, intermediate.privateKey), ...issuers];
}

/** TimeStampResp { PKIStatusInfo { granted }, TimeStampToken }. */
export function encodeGranted(token: Uint8Array): Uint8Array {
  return encodeSequence(encodeSequence(encodeInteger(0)), token);
}

/** TimeStampResp { PKIStatusInfo { rejection, failInfo systemFailure } }, section 2.4.2. */
export function encodeRejection(): Uint8Array {
  const systemFailure = encodeElement(0x03, Uint8Array.of(6, 0, 0, 0, 0x40));
  return encodeSequence(encodeSequence(encodeInteger(2), systemFailure));
}

/**
 * TimeStampToken: ContentInfo with SignedData version 3 over a TSTInfo (section 2.4.2). `signingKey` signs
 * instead of the signer's own when given.
 */
export function encodeTimestampToken(
  signer: TimestampSigner,
  request: TimestampRequest,
  at: Date,
  signingKey = signer.privateKey,
): Uint8Array {
  const leaf = signer.certificates[0] ?? new Uint8Array();
  const { serialNumber: serial, issuer, subject } = parseCertificate(leaf);
  const info = encodeInfo(request, at, subject);
  const signedAttrs = encodeSet(
    attribute(OID.contentType, encodeOid(OID.tstInfo)),
    attribute(OID.signingTime, encodeTime(at)),
    attribute(OID.messageDigest, encodeOctetString(sha256(info))),
    attribute(OID.signingCertificateV2, encodeSigningCertificate(leaf, issuer, serial)),
  );
  const signerInfo = encodeSequence(
    encodeInteger(1),
    encodeSequence(issuer, serial),
    SHA256,
    retag(signedAttrs, 0xa0),
    encodeSequence(encodeOid(OID.ecdsaWithSha256)),
    encodeOctetString(sign('sha256', signedAttrs, signingKey)),
  );
  const signedData = encodeSequence(
    encodeInteger(3),
    encodeSet(SHA256),
    encodeSequence(encodeOid(OID.tstInfo), encodeContext(0, encodeOctetString(info))),
    ...(request.certificates ? [encodeContext(0, leaf)] : []),
    encodeSet(signerInfo),
  );
  return encodeSequence(encodeOid(OID.signedData), encodeContext(0, signedData));
}

const ISSUER_NAME = `${TIMESTAMP_NAME} intermediate`;

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  policy: '1.3.6.1.4.1.57264.2',
  sha256: '2.16.840.1.101.3.4.2.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

const SHA256 = encodeSequence(encodeOid(OID.sha256));
const GENERALIZED_TIME = 0x18;

/** TSTInfo, section 2.4.2: whole seconds, accurate to one, as sigstore's authority says. */
function encodeInfo(request: TimestampRequest, at: Date, subject: Uint8Array): Uint8Array {
  const genTime = `${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  return encodeSequence(
    encodeInteger(1),
    encodeOid(OID.policy),
    encodeSequence(request.algorithm, encodeOctetString(request.digest)),
    encodeInteger(randomSerial()),
    encodeElement(GENERALIZED_TIME, Buffer.from(genTime)),
    encodeSequence(encodeInteger(1)),
    ...(request.nonce === undefined ? [] : [request.nonce]),
    encodeContext(0, encodeContext(4, subject)),
  );
}

/** SigningCertificateV2 (RFC 5035 section 3) with one ESSCertIDv2, its hash the default SHA-256. */
function encodeSigningCertificate(leaf: Uint8Array, issuer: Uint8Array, serial: Uint8Array): Uint8Array {
  const issuerSerial = encodeSequence(encodeSequence(encodeContext(4, issuer)), serial);
  return encodeSequence(encodeSequence(encodeSequence(encodeOctetString(sha256(leaf)), issuerSerial)));
}

function attribute(oid: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid), encodeSet(value));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
