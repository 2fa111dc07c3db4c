import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
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
import type { San } from '../core/verdict.ts';

/** Both names say what this is, since they show wherever a certificate is printed. */
export const ORGANISATION = 'git-signet sandbox';
export const ROOT_NAME = 'git-signet sandbox root';
export const INTERMEDIATE_NAME = 'git-signet sandbox intermediate';

/** A key pair and when it may certify. */
export interface Authority {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export interface AuthorityChain {
  readonly intermediate: Authority;
  readonly ctLog: Authority;
  /** DER: intermediate, then root. */
  readonly certificates: readonly Uint8Array[];
}

export interface LeafRequest {
  readonly publicKey: KeyObject;
  readonly subject: San;
  /** Texts of the extensions 1.3.6.1.4.1.57264.1.N by N; 1 to 6 are written raw, the others as UTF8String. */
  readonly extensions: ReadonlyMap<number, string>;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** What the SCT says; undefined for a leaf without SCT. */
  readonly sctAt: Date | undefined;
  /** The SCT signs something else. */
  readonly wrongSct?: boolean;
}

/** Root and intermediate as in the recordings (P-384, path lengths 1 and 0). Returns DER, intermediate first. */
export function createAuthorityCertificates(
  root: Authority,
  intermediate: Authority,
  notBefore: Date,
  notAfter: Date,
): readonly Uint8Array[] {
  const rootExtensions = [
    extension(OID.basicConstraints, true, encodeSequence(TRUE, encodeInteger(1))),
    extension(OID.keyUsage, true, CERT_AND_CRL_SIGN),
    extension(OID.subjectKeyIdentifier, false, encodeOctetString(keyIdentifier(root.publicKey))),
  ];
  const intermediateExtensions = [
    extension(OID.basicConstraints, true, encodeSequence(TRUE, encodeInteger(0))),
    extension(OID.keyUsage, true, CERT_AND_CRL_SIGN),
    extension(OID.extendedKeyUsage, false, CODE_SIGNING),
    extension(OID.subjectKeyIdentifier, false, encodeOctetString(keyIdentifier(intermediate.publicKey))),
    authorityKeyIdentifier(root.publicKey),
  ];
  const validity = encodeSequence(encodeTime(notBefore), encodeTime(notAfter));
  const names = { root: nameOf(ROOT_NAME), intermediate: nameOf(INTERMEDIATE_NAME) };
  return [
    signCertificate(
      tbsCertificate(
        names.root,
        validity,
        names.intermediate,
        intermediate.publicKey,
        intermediateExtensions,
      ),
      root.privateKey,
    ),
    signCertificate(
      tbsCertificate(names.root, validity, names.root, root.publicKey, rootExtensions),
      root.privateKey,
    ),
  ];
}

/**
 * A leaf with Fulcio's profile (protocols 4.4, 4.5; order of extensions as recorded): empty subject, one
 * critical SAN, codeSigning, no SKI, SCT of our CT log over the TBS without it (RFC 6962 section 3.2). DER.
 */
export function issueLeaf(chain: AuthorityChain, request: LeafRequest): Uint8Array {
  const extensions = [
    extension(OID.keyUsage, true, DIGITAL_SIGNATURE),
    extension(OID.extendedKeyUsage, false, CODE_SIGNING),
    authorityKeyIdentifier(chain.intermediate.publicKey),
    extension(OID.subjectAltName, true, encodeSequence(generalName(request.subject))),
    ...[...request.extensions].map(([n, text]) => fulcioExtension(n, text)),
  ];
  const serial = randomSerial();
  const validity = encodeSequence(encodeTime(request.notBefore), encodeTime(request.notAfter));
  const tbs = (all: readonly Uint8Array[]) =>
    tbsCertificate(nameOf(INTERMEDIATE_NAME), validity, encodeSequence(), request.publicKey, all, serial);
  if (request.sctAt !== undefined) {
    extensions.push(sctExtension(chain, tbs(extensions), request.sctAt, request.wrongSct === true));
  }
  return signCertificate(tbs(extensions), chain.intermediate.privateKey);
}

export function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** SubjectPublicKeyInfo. */
export function spkiOf(key: KeyObject): Uint8Array {
  return key.export({ type: 'spki', format: 'der' });
}

/** The id of a log of RFC 6962, and of Rekor v1: SHA-256 of its SubjectPublicKeyInfo. */
export function logIdOf(key: KeyObject): Uint8Array {
  return createHash('sha256').update(spkiOf(key)).digest();
}

const OID = {
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  organization: '2.5.4.10',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  sctList: '1.3.6.1.4.1.11129.2.4.2',
  fulcio: '1.3.6.1.4.1.57264.1',
} as const;

const TRUE = Uint8Array.of(0x01, 0x01, 0xff);
const DIGITAL_SIGNATURE = encodeElement(0x03, Uint8Array.of(7, 0x80));
const CERT_AND_CRL_SIGN = encodeElement(0x03, Uint8Array.of(1, 0x06));
const CODE_SIGNING = encodeSequence(encodeOid(OID.codeSigning));
const ECDSA_WITH_SHA384 = encodeSequence(encodeOid(OID.ecdsaWithSha384));
const VERSION_3 = encodeContext(0, encodeInteger(2));

/** TBSCertificate, RFC 5280 section 4.1. */
function tbsCertificate(
  issuer: Uint8Array,
  validity: Uint8Array,
  subject: Uint8Array,
  publicKey: KeyObject,
  extensions: readonly Uint8Array[],
  serial = randomSerial(),
): Uint8Array {
  return encodeSequence(
    VERSION_3,
    encodeInteger(serial),
    ECDSA_WITH_SHA384,
    issuer,
    validity,
    subject,
    spkiOf(publicKey),
    encodeContext(3, encodeSequence(...extensions)),
  );
}

/** Positive and 20 octets long: what RFC 5280 section 4.1.2.2 allows and Fulcio makes. */
function randomSerial(): bigint {
  const octets = randomBytes(20);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return BigInt(`0x${octets.toString('hex')}`);
}

function signCertificate(tbs: Uint8Array, privateKey: KeyObject): Uint8Array {
  return encodeSequence(tbs, ECDSA_WITH_SHA384, encodeBitString(sign('sha384', tbs, privateKey)));
}

function nameOf(commonName: string): Uint8Array {
  const attribute = (oid: string, text: string) =>
    encodeSet(encodeSequence(encodeOid(oid), encodeUtf8String(text)));
  return encodeSequence(attribute(OID.organization, ORGANISATION), attribute(OID.commonName, commonName));
}

function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [TRUE] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value));
}

function fulcioExtension(n: number, text: string): Uint8Array {
  return extension(`${OID.fulcio}.${n}`, false, n <= 6 ? Buffer.from(text) : encodeUtf8String(text));
}

function authorityKeyIdentifier(key: KeyObject): Uint8Array {
  return extension(
    OID.authorityKeyIdentifier,
    false,
    encodeSequence(encodeElement(0x80, keyIdentifier(key))),
  );
}

/** RFC 5280 section 4.2.1.2 (1): SHA-1 of the bits of the public key. For our EC keys those end the SPKI. */
function keyIdentifier(key: KeyObject): Uint8Array {
  const jwk = key.export({ format: 'jwk' });
  const point = [jwk.x ?? '', jwk.y ?? ''].map((part) => Buffer.from(part, 'base64url'));
  return createHash('sha1').update(Uint8Array.of(4)).update(Buffer.concat(point)).digest();
}

/** GeneralName, RFC 5280 section 4.2.1.6; a user name as Fulcio's OtherName 57264.1.7. */
function generalName(subject: San): Uint8Array {
  switch (subject.type) {
    case 'email':
      return encodeElement(0x81, Buffer.from(subject.value));
    case 'uri':
      return encodeElement(0x86, Buffer.from(subject.value));
    case 'username':
      return encodeContext(
        0,
        encodeOid(`${OID.fulcio}.7`),
        encodeContext(0, encodeUtf8String(subject.value)),
      );
  }
}

/** SignedCertificateTimestampList with one SCT (RFC 6962 sections 3.2 and 3.3). */
function sctExtension(chain: AuthorityChain, tbs: Uint8Array, at: Date, wrong: boolean): Uint8Array {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64BE(BigInt(at.getTime()));
  const signedEntry = Buffer.concat([
    logIdOf(chain.intermediate.publicKey),
    uint(tbs.length, 3),
    wrong ? tbs.map((byte) => byte ^ 1) : tbs,
  ]);
  const signed = Buffer.concat([Uint8Array.of(0, 0), timestamp, uint(1, 2), signedEntry, uint(0, 2)]);
  const signature = sign('sha256', signed, chain.ctLog.privateKey);
  const sct = Buffer.concat([
    Uint8Array.of(0),
    logIdOf(chain.ctLog.publicKey),
    timestamp,
    uint(0, 2),
    Uint8Array.of(4, 3),
    uint(signature.length, 2),
    signature,
  ]);
  const list = Buffer.concat([uint(sct.length + 2, 2), uint(sct.length, 2), sct]);
  return extension(OID.sctList, false, encodeOctetString(list));
}

function uint(value: number, bytes: number): Uint8Array {
  const result = Buffer.alloc(bytes);
  result.writeUIntBE(value, 0, bytes);
  return result;
}
