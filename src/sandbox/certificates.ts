/** X.509 (RFC 5280) as far as the authorities of the sandbox need it: P-384 issuers that sign with SHA-384. */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { encodePem } from '../core/armor.ts';
import { BIT_STRING, contentOf, parseDer } from '../core/der.ts';
import {
  encodeBitString,
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  encodeTime,
  encodeUtf8String,
} from '../core/derEncode.ts';

/** Every name says what this is, since names show wherever a certificate is printed. */
export const ORGANISATION = 'git-signet sandbox';

/** A key pair that certifies or signs. */
export interface Authority {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A root and what it certifies to issue leafs of one purpose. */
export interface AuthorityProfile {
  readonly rootName: string;
  readonly intermediateName: string;
  /** Object identifier of the extended key usage. */
  readonly purpose: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface CertificateContent {
  /** DER of the names. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Uint8Array[];
  readonly serial: bigint;
}

/** Root and intermediate as in the recordings (path lengths 1 and 0). Returns DER, intermediate first. */
export function createAuthorityCertificates(
  root: Authority,
  intermediate: Authority,
  profile: AuthorityProfile,
): readonly Uint8Array[] {
  const rootExtensions = [
    extension(OID.basicConstraints, true, encodeSequence(TRUE, encodeInteger(1))),
    extension(OID.keyUsage, true, CERT_AND_CRL_SIGN),
    extension(OID.subjectKeyIdentifier, false, encodeOctetString(keyIdentifier(root.publicKey))),
  ];
  const intermediateExtensions = [
    extension(OID.basicConstraints, true, encodeSequence(TRUE, encodeInteger(0))),
    extension(OID.keyUsage, true, CERT_AND_CRL_SIGN),
    extendedKeyUsage(profile.purpose, false),
    extension(OID.subjectKeyIdentifier, false, encodeOctetString(keyIdentifier(intermediate.publicKey))),
    authorityKeyIdentifier(root.publicKey),
  ];
  const issuer = encodeName(profile.rootName);
  const certificate = (subject: Uint8Array, { publicKey }: Authority, extensions: readonly Uint8Array[]) =>
    signCertificate(
      encodeTbsCertificate({ ...profile, issuer, subject, publicKey, extensions, serial: randomSerial() }),
      root.privateKey,
    );
  return [
    certificate(encodeName(profile.intermediateName), intermediate, intermediateExtensions),
    certificate(issuer, root, rootExtensions),
  ];
}

/** TBSCertificate, section 4.1. */
export function encodeTbsCertificate(content: CertificateContent): Uint8Array {
  return encodeSequence(
    VERSION_3,
    encodeInteger(content.serial),
    ECDSA_WITH_SHA384,
    content.issuer,
    encodeSequence(encodeTime(content.notBefore), encodeTime(content.notAfter)),
    content.subject,
    spkiOf(content.publicKey),
    encodeContext(3, encodeSequence(...content.extensions)),
  );
}

export function signCertificate(tbs: Uint8Array, privateKey: KeyObject): Uint8Array {
  return encodeSequence(tbs, ECDSA_WITH_SHA384, encodeBitString(sign('sha384', tbs, privateKey)));
}

/** Positive and 20 octets long: what section 4.1.2.2 allows and Fulcio makes. */
export function randomSerial(): bigint {
  const octets = randomBytes(20);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return BigInt(`0x${octets.toString('hex')}`);
}

/** Name with the sandbox's organisation. */
export function encodeName(commonName: string): Uint8Array {
  const attribute = (oid: string, text: string) =>
    encodeSet(encodeSequence(encodeOid(oid), encodeUtf8String(text)));
  return encodeSequence(attribute(OID.organization, ORGANISATION), attribute(OID.commonName, commonName));
}

export function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [TRUE] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value));
}

/** KeyUsage with digitalSignature alone. */
export function leafKeyUsage(): Uint8Array {
  return extension(OID.keyUsage, true, encodeElement(0x03, Uint8Array.of(7, 0x80)));
}

export function extendedKeyUsage(purpose: string, critical: boolean): Uint8Array {
  return extension(OID.extendedKeyUsage, critical, encodeSequence(encodeOid(purpose)));
}

export function authorityKeyIdentifier(key: KeyObject): Uint8Array {
  return extension(
    OID.authorityKeyIdentifier,
    false,
    encodeSequence(encodeElement(0x80, keyIdentifier(key))),
  );
}

export function toPem(der: Uint8Array): string {
  return encodePem(der, '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----');
}

export function authorityOf(privateKey: KeyObject): Authority {
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** A private key as the sandbox's files hold it. */
export function keyPemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** SubjectPublicKeyInfo. */
export function spkiOf(key: KeyObject): Uint8Array {
  return key.export({ type: 'spki', format: 'der' });
}

const OID = {
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  organization: '2.5.4.10',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

const TRUE = Uint8Array.of(0x01, 0x01, 0xff);
const CERT_AND_CRL_SIGN = encodeElement(0x03, Uint8Array.of(1, 0x06));
const ECDSA_WITH_SHA384 = encodeSequence(encodeOid(OID.ecdsaWithSha384));
const VERSION_3 = encodeContext(0, encodeInteger(2));

/**
 * Section 4.2.1.2 (1): SHA-1 of the bits of the public key. From the SPKI: as JWK, Node 20 may wait for ever for a key
 * that is new.
 */
export function keyIdentifier(key: KeyObject): Uint8Array {
  const bits = contentOf(parseDer(spkiOf(key)).children[1], BIT_STRING, 'public key');
  return createHash('sha1').update(bits.subarray(1)).digest();
}
