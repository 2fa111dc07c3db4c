/** X.509 certificates (RFC 5280 section 4.1), form only: nothing here says that one is to be trusted. */

import { decodeText, sameBytes } from './bytes.ts';
import {
  childrenOf,
  contentOf,
  type DerNode,
  encodedOf,
  expectTag,
  oidOf,
  parseDer,
  smallIntegerOf,
  TAG,
  timeOf,
} from './der.ts';
import { refuse } from './failure.ts';
import { importKey, type PublicKey } from './keys.ts';

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
  const [tbs, algorithm, bits] = childrenOf(node, TAG.sequence, 'the certificate', [3, 3]);
  const parts = childrenOf(tbs, TAG.sequence, 'the certificate', [8, 8]);
  const [version, serial, innerAlgorithm, issuer, validity, subject, spki, wrapped] = parts;
  const [number] = childrenOf(version, 0xa0, 'the version of the certificate', [1, 1]);
  if (smallIntegerOf(number, 'the version of the certificate') !== 2) {
    return refuse('the certificate is not of version 3');
  }
  const signatureAlgorithm = checkAlgorithms(algorithm, innerAlgorithm);
  const [notBefore, notAfter] = childrenOf(validity, TAG.sequence, 'the validity', [2, 2]);
  const key = expectTag(spki, TAG.sequence, 'the public key');
  let publicKey: PublicKey | undefined;
  return {
    der: encodedOf(node),
    tbs: tbs as DerNode,
    serialNumber: encodedOf(expectTag(serial, TAG.integer, 'the serial number')),
    issuer: encodedOf(expectTag(issuer, TAG.sequence, 'the issuer of the certificate')),
    subject: encodedOf(expectTag(subject, TAG.sequence, 'the subject of the certificate')),
    notBefore: timeOf(notBefore, 'the start of the validity'),
    notAfter: timeOf(notAfter, 'the end of the validity'),
    spki: encodedOf(key),
    signatureAlgorithm,
    signature: wholeBits(bits),
    extensions: parseExtensions(wrapped),
    publicKey: () => {
      publicKey ??= importKey(key);
      return publicKey;
    },
  };
}

/** The algorithm inside what is signed must be the one outside (RFC 5280 4.1.1.2). */
function checkAlgorithms(outer: DerNode | undefined, inner: DerNode | undefined): string {
  const what = 'the signature algorithm of the certificate';
  const [oid] = childrenOf(outer, TAG.sequence, what, [1, 2]);
  if (inner === undefined || !sameBytes(encodedOf(outer as DerNode), encodedOf(inner))) {
    return refuse('the certificate names two signature algorithms');
  }
  return oidOf(oid, what);
}

function wholeBits(node: DerNode | undefined): Uint8Array {
  const content = contentOf(expectTag(node, TAG.bitString, 'the signature of the certificate'));
  return content[0] === 0 ? content.subarray(1) : refuse('the signature of the certificate has odd bits');
}

/** Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } */
function parseExtensions(wrapped: DerNode | undefined): ReadonlyMap<string, Extension> {
  const [list] = childrenOf(wrapped, 0xa3, 'the list of extensions', [1, 1]);
  const extensions = new Map<string, Extension>();
  for (const node of expectTag(list, TAG.sequence, 'the list of extensions').children) {
    const parts = childrenOf(node, TAG.sequence, 'an extension', [2, 3]);
    const oid = oidOf(parts[0], 'an extension');
    if (parts.length === 3) {
      const flag = contentOf(expectTag(parts[1], TAG.boolean, 'the critical flag'));
      if (flag[0] === 0) return refuse('an extension spells out a default value');
    }
    const value = contentOf(expectTag(parts.at(-1), TAG.octetString, 'the value of an extension'));
    if (extensions.has(oid)) return refuse(`the certificate has the extension ${oid} twice`);
    extensions.set(oid, { critical: parts.length === 3, value, node });
  }
  return extensions;
}

export const EXTENSION = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  sctList: '1.3.6.1.4.1.11129.2.4.2',
} as const;

/** BasicConstraints; `maxPathLength` is infinite where none is set. Undefined without the extension. */
export function basicConstraintsOf({
  extensions,
}: Certificate): { readonly isCa: boolean; readonly maxPathLength: number } | undefined {
  const extension = extensions.get(EXTENSION.basicConstraints);
  if (extension === undefined) return undefined;
  const what = 'the basic constraints';
  const [isCa, maxPathLength] = childrenOf(parseDer(extension.value), TAG.sequence, what, [0, 2]);
  if (isCa === undefined) return { isCa: false, maxPathLength: 0 };
  if (contentOf(expectTag(isCa, TAG.boolean, what))[0] === 0)
    return refuse(`${what} spell out a default value`);
  return {
    isCa: true,
    maxPathLength:
      maxPathLength === undefined ? Number.POSITIVE_INFINITY : smallIntegerOf(maxPathLength, what),
  };
}

/** Bits of the first octet of KeyUsage (RFC 5280 4.2.1.3). */
export const KEY_USAGE = { digitalSignature: 0x80, keyCertSign: 0x04 } as const;

/** First octet of the bits; undefined without the extension. */
export function keyUsageOf({ extensions }: Certificate): number | undefined {
  const extension = extensions.get(EXTENSION.keyUsage);
  if (extension === undefined) return undefined;
  return contentOf(expectTag(parseDer(extension.value), TAG.bitString, 'the key usage'))[1] ?? 0;
}

/** Purposes, dotted; undefined without the extension. */
export function extendedKeyUsageOf({ extensions }: Certificate): readonly string[] | undefined {
  const extension = extensions.get(EXTENSION.extendedKeyUsage);
  if (extension === undefined) return undefined;
  const what = 'the extended key usage';
  return childrenOf(parseDer(extension.value), TAG.sequence, what, [1, 32]).map((node) => oidOf(node, what));
}

export function subjectKeyIdOf({ extensions }: Certificate): Uint8Array | undefined {
  const extension = extensions.get(EXTENSION.subjectKeyId);
  if (extension === undefined) return undefined;
  return contentOf(expectTag(parseDer(extension.value), TAG.octetString, 'the subject key id'));
}

/** keyIdentifier [0] of the AuthorityKeyIdentifier. */
export function authorityKeyIdOf({ extensions }: Certificate): Uint8Array | undefined {
  const extension = extensions.get(EXTENSION.authorityKeyId);
  if (extension === undefined) return undefined;
  const { children } = expectTag(parseDer(extension.value), TAG.sequence, 'the authority key id');
  return children[0]?.tag === 0x80 ? contentOf(children[0]) : undefined;
}

/** Organisation and common name of a Name, empty where it has none. */
export function nameOf(name: Uint8Array): { readonly organization: string; readonly commonName: string } {
  const values = new Map<string, string>();
  for (const set of parseDer(name).children) {
    for (const pair of expectTag(set, TAG.set, 'a name').children) {
      const [type, value] = childrenOf(pair, TAG.sequence, 'a name', [2, 2]);
      if (value !== undefined) values.set(oidOf(type, 'a name'), decodeText(contentOf(value), 'a name'));
    }
  }
  return { organization: values.get('2.5.4.10') ?? '', commonName: values.get('2.5.4.3') ?? '' };
}
