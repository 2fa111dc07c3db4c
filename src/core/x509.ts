/** X.509 certificates (RFC 5280 section 4.1), form only: nothing here says that one is to be trusted. */
import { decodeText, sameBytes } from './bytes.ts';
import {
  BIT_STRING,
  BOOLEAN,
  childrenOf,
  contentOf,
  type DerNode,
  encodedOf,
  expectTag,
  INTEGER,
  OCTET_STRING,
  oidOf,
  parseDer,
  SEQUENCE,
  smallIntegerOf,
  timeOf,
} from './der.ts';
import { refuse } from './failure.ts';
import { importKey, type PublicKey } from './keys.ts';
import { once } from './once.ts';

export interface Extension {
  readonly critical: boolean;
  /** Content of extnValue. */
  readonly value: Uint8Array;
  readonly node: DerNode;
}

export interface Certificate {
  readonly der: Uint8Array;
  /** TBSCertificate, as received: what the issuer signed. */
  readonly tbs: DerNode;
  /** INTEGER, with tag and length. */
  readonly serialNumber: Uint8Array;
  /** Name, with tag and length. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly spki: Uint8Array;
  /** Dotted. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** By dotted id. */
  readonly extensions: ReadonlyMap<string, Extension>;
  /** Imported at first use; refuses what cannot be used. */
  readonly publicKey: () => PublicKey;
}

/** Parses a certificate from strict DER. */
export function parseCertificate(der: Uint8Array): Certificate {
  return toCertificate(parseDer(der));
}

export function toCertificate(node: DerNode): Certificate {
  const what = 'the certificate';
  const { 0: tbs, 1: algorithm, 2: bits } = childrenOf(node, SEQUENCE, what, [3]);
  // Without unique ids: version 3 forbids nothing, but nobody has written them for decades.
  const {
    0: version,
    1: serial,
    2: innerAlgorithm,
    3: issuer,
    4: validity,
    5: subject,
    6: spki,
    7: extensions,
  } = childrenOf(tbs, SEQUENCE, what, [8]);
  const { 0: number } = childrenOf(version, 0xa0, what, [1]);
  if (smallIntegerOf(number, what) !== 2) return refuse('the certificate is not of version 3');
  const { 0: notBefore, 1: notAfter } = childrenOf(validity, SEQUENCE, 'the validity', [2]);
  const key = expectTag(spki, SEQUENCE, 'the public key');
  return {
    der: encodedOf(node),
    tbs: tbs as DerNode,
    serialNumber: encodedOf(expectTag(serial, INTEGER, 'the serial number')),
    issuer: encodedOf(expectTag(issuer, SEQUENCE, 'the issuer')),
    subject: encodedOf(expectTag(subject, SEQUENCE, 'the subject')),
    notBefore: timeOf(notBefore, 'the validity'),
    notAfter: timeOf(notAfter, 'the validity'),
    spki: encodedOf(key),
    signatureAlgorithm: algorithmOf(algorithm, innerAlgorithm),
    signature: contentOf(bits, BIT_STRING, what).subarray(1),
    extensions: parseExtensions(extensions),
    publicKey: once(() => importKey(key)),
  };
}

/** The algorithm inside what is signed must be the one outside (RFC 5280 4.1.1.2). */
function algorithmOf(outer: DerNode | undefined, inner: DerNode | undefined): string {
  const what = 'the algorithm of the certificate';
  const { 0: oid } = childrenOf(outer, SEQUENCE, what, [1, 2]);
  const same = sameBytes(encodedOf(outer as DerNode), encodedOf(expectTag(inner, SEQUENCE, what)));
  return same ? oidOf(oid, what) : refuse('the certificate names two signature algorithms');
}

/** Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } */
function parseExtensions(wrapped: DerNode | undefined): ReadonlyMap<string, Extension> {
  const { 0: list } = childrenOf(wrapped, 0xa3, 'the list of extensions', [1]);
  const extensions = new Map<string, Extension>();
  for (const node of expectTag(list, SEQUENCE, 'the list of extensions').children) {
    const parts = childrenOf(node, SEQUENCE, 'an extension', [2, 3]);
    const oid = oidOf(parts[0], 'an extension');
    const critical = parts.length === 3 && isTrue(parts[1]);
    if (extensions.has(oid)) return refuse(`the certificate has the extension ${oid} twice`);
    extensions.set(oid, { critical, value: contentOf(parts.at(-1), OCTET_STRING, 'an extension'), node });
  }
  return extensions;
}

/** BOOLEAN DEFAULT FALSE: DER leaves the default out. */
function isTrue(node: DerNode | undefined): boolean {
  const [octet] = contentOf(node, BOOLEAN, 'a flag of the certificate');
  return octet !== 0 || refuse('the certificate spells out a default value');
}

export const SUBJECT_KEY_ID = '2.5.29.14';
export const KEY_USAGE = '2.5.29.15';
export const SUBJECT_ALT_NAME = '2.5.29.17';
export const BASIC_CONSTRAINTS = '2.5.29.19';
export const AUTHORITY_KEY_ID = '2.5.29.35';
export const EXTENDED_KEY_USAGE = '2.5.29.37';
export const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';

/** The value of an extension, parsed; undefined without the extension. */
export function extensionOf({ extensions }: Certificate, oid: string): DerNode | undefined {
  const extension = extensions.get(oid);
  return extension && parseDer(extension.value);
}

/** How many authorities may follow below this one: none of them counts as -1, no limit as infinite. */
export function maxPathLengthOf(certificate: Certificate): number {
  const what = 'the basic constraints';
  const node = extensionOf(certificate, BASIC_CONSTRAINTS);
  if (node === undefined) return -1;
  const { 0: isCa, 1: length } = childrenOf(node, SEQUENCE, what, [0, 2]);
  if (isCa === undefined || !isTrue(isCa)) return -1;
  return length === undefined ? Number.POSITIVE_INFINITY : smallIntegerOf(length, what);
}

// Bits of the first octet of KeyUsage (RFC 5280 4.2.1.3).
export const DIGITAL_SIGNATURE = 0x80;
export const KEY_CERT_SIGN = 0x04;

/** First octet of the bits, 0 without the extension. */
export function keyUsageOf(certificate: Certificate): number {
  const node = extensionOf(certificate, KEY_USAGE);
  return (node && contentOf(node, BIT_STRING, 'the key usage')[1]) ?? 0;
}

/** Purposes, dotted; undefined without the extension. */
export function purposesOf(certificate: Certificate): readonly string[] | undefined {
  const what = 'the extended key usage';
  const node = extensionOf(certificate, EXTENDED_KEY_USAGE);
  return node && expectTag(node, SEQUENCE, what).children.map((purpose) => oidOf(purpose, what));
}

export function subjectKeyIdOf(certificate: Certificate): Uint8Array | undefined {
  const node = extensionOf(certificate, SUBJECT_KEY_ID);
  return node && contentOf(node, OCTET_STRING, 'the subject key id');
}

/** keyIdentifier [0] of the AuthorityKeyIdentifier. */
export function authorityKeyIdOf(certificate: Certificate): Uint8Array | undefined {
  const node = extensionOf(certificate, AUTHORITY_KEY_ID)?.children[0];
  return node?.tag === 0x80 ? contentOf(node, 0x80, '') : undefined;
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

/** Organisation and common name of a Name, empty where it has none. */
export function nameOf(name: Uint8Array): { readonly organization: string; readonly commonName: string } {
  const values = new Map<string, string>();
  for (const { children } of parseDer(name).children) {
    for (const pair of children) {
      const { 0: type, 1: value } = childrenOf(pair, SEQUENCE, 'a name', [2]);
      if (value)
        values.set(oidOf(type, 'a name'), decodeText(contentOf(value, value.tag, 'a name'), 'a name'));
    }
  }
  return { organization: values.get(ORGANIZATION) ?? '', commonName: values.get(COMMON_NAME) ?? '' };
}
