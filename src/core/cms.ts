/**
 * CMS SignedData (RFC 5652) in the profile of git signatures: version 1, one signer by issuer and serial
 * number, signed attributes. The parser judges form only; what the parts are worth is decided elsewhere.
 */
import { sameBytes } from './bytes.ts';
import {
  childrenOf,
  contentOf,
  type DerNode,
  encodedOf,
  expectTag,
  INTEGER,
  NULL,
  OCTET_STRING,
  oidOf,
  parseDer,
  SEQUENCE,
  SET,
  smallIntegerOf,
} from './der.ts';
import { compareMembers, retag } from './derEncode.ts';
import { refuse } from './failure.ts';
import { MAX_CERTIFICATES, MAX_TIMESTAMP_TOKENS } from './limits.ts';
import { DATA, SIGNED_DATA, TIMESTAMP_TOKEN } from './oids.ts';
import { type Certificate, toCertificate } from './x509.ts';

export { encodeCms, encodeSignedAttrs } from './cmsEncode.ts';

/** Attribute type, dotted, to its one value. */
export type Attributes = ReadonlyMap<string, DerNode>;

export interface CmsSignature {
  /** The attached payload; undefined when detached, as git signs. */
  readonly content: Uint8Array | undefined;
  readonly certificates: readonly DerNode[];
  /** Bytes of the issuer's Name and of the serial number's INTEGER. */
  readonly signerId: { readonly issuer: Uint8Array; readonly serialNumber: Uint8Array };
  /** Dotted. */
  readonly digestAlgorithm: string;
  readonly signatureAlgorithm: string;
  readonly signedAttrs: Attributes;
  /** What the signature covers: the signed attributes in the order received, as a SET (RFC 5652 5.4). */
  readonly artifact: Uint8Array;
  /** The signed attributes stand in DER order. */
  readonly sorted: boolean;
  readonly signature: Uint8Array;
  /** Timestamp tokens aside. */
  readonly unsignedAttrs: Attributes;
  /** RFC 3161 TimeStampTokens, of all attributes of that type. */
  readonly timestampTokens: readonly DerNode[];
}

/** Parses one signature from strict DER. */
export function parseCms(der: Uint8Array): CmsSignature {
  const { 0: contentType, 1: wrapped } = childrenOf(parseDer(der), SEQUENCE, 'the signature', [2]);
  if (oidOf(contentType, 'the signature') !== SIGNED_DATA)
    return refuse('the signature is no CMS SignedData');
  const { 0: signedData } = childrenOf(wrapped, 0xa0, 'the signature', [1]);
  const {
    0: version,
    1: digests,
    2: content,
    3: certificates,
    4: signers,
  } = childrenOf(signedData, SEQUENCE, 'the signed data', [5]);
  if (smallIntegerOf(version, 'the signed data') !== 1) {
    return refuse('the signed data is not of version 1');
  }
  const signer = parseSignerInfo(signers);
  const { 0: digest } = childrenOf(digests, SET, 'the list of digest algorithms', [1]);
  if (algorithmOf(digest, 'the digest algorithm') !== signer.digestAlgorithm) {
    return refuse('the list of digest algorithms does not name the one used');
  }
  return { ...signer, content: parseContent(content), certificates: parseCertificates(certificates) };
}

/** The certificate that the signer id names; never one by its place (old gitsign put the authority first). */
export function selectLeaf({ certificates, signerId }: CmsSignature): Certificate {
  let leaf: Certificate | undefined;
  for (const node of certificates) {
    const certificate = toCertificate(node);
    if (!sameBytes(certificate.issuer, signerId.issuer)) continue;
    if (!sameBytes(certificate.serialNumber, signerId.serialNumber)) continue;
    if (leaf !== undefined) return refuse('two certificates bear the name that the signer id gives');
    leaf = certificate;
  }
  return leaf ?? refuse("the signature does not carry the signer's certificate");
}

/** EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING OPTIONAL } */
function parseContent(node: DerNode | undefined): Uint8Array | undefined {
  const { 0: type, 1: wrapped } = childrenOf(node, SEQUENCE, 'the content', [1, 2]);
  if (oidOf(type, 'the content') !== DATA) return refuse('the content is not plain data');
  if (wrapped === undefined) return undefined;
  const { 0: content } = childrenOf(wrapped, 0xa0, 'the content', [1]);
  return contentOf(content, OCTET_STRING, 'the content');
}

function parseCertificates(node: DerNode | undefined): readonly DerNode[] {
  const certificates = childrenOf(node, 0xa0, 'the list of certificates', [1, MAX_CERTIFICATES]);
  for (const certificate of certificates) expectTag(certificate, SEQUENCE, 'a certificate');
  return certificates;
}

/** SignerInfo of version 1, of which there must be one: git has no notion of several signers. */
function parseSignerInfo(signers: DerNode | undefined): Omit<CmsSignature, 'content' | 'certificates'> {
  const { 0: signer } = childrenOf(signers, SET, 'the list of signers', [1]);
  const parts = childrenOf(signer, SEQUENCE, 'the signer info', [6, 7]);
  const {
    0: version,
    1: sid,
    2: digestAlgorithm,
    3: signedAttrs,
    4: signatureAlgorithm,
    5: signature,
    6: unsignedAttrs,
  } = parts;
  if (smallIntegerOf(version, 'the signer info') !== 1) {
    return refuse('the signer info is not of version 1');
  }
  const { 0: issuer, 1: serialNumber } = childrenOf(sid, SEQUENCE, 'the signer id', [2]);
  const signed = expectTag(signedAttrs, 0xa0, 'the set of signed attributes');
  const timestampTokens: DerNode[] = [];
  return {
    signerId: {
      issuer: encodedOf(expectTag(issuer, SEQUENCE, 'the issuer in the signer id')),
      serialNumber: encodedOf(expectTag(serialNumber, INTEGER, 'the serial number in the signer id')),
    },
    digestAlgorithm: algorithmOf(digestAlgorithm, 'the digest algorithm'),
    signatureAlgorithm: algorithmOf(signatureAlgorithm, 'the signature algorithm'),
    signedAttrs: parseAttributes(signed, 0xa0, 'signed attribute'),
    artifact: retag(encodedOf(signed), SET),
    sorted: isSorted(signed),
    signature: contentOf(signature, OCTET_STRING, 'the signature value'),
    unsignedAttrs: unsignedAttrs
      ? parseAttributes(unsignedAttrs, 0xa1, 'unsigned attribute', timestampTokens)
      : new Map(),
    timestampTokens,
  };
}

/** AlgorithmIdentifier: parameters are absent, also for ECDSA (RFC 5758 3.2); elsewhere some write NULL. */
export function algorithmOf(node: DerNode | undefined, what: string): string {
  const { 0: oid, 1: parameter } = childrenOf(node, SEQUENCE, what, [1, 2]);
  const name = oidOf(oid, what);
  if (parameter !== undefined) expectTag(parameter, NULL, `the parameter of ${what}`);
  const isEcdsa = name.startsWith('1.2.840.10045.');
  return parameter && isEcdsa ? refuse(`${what} has a parameter`) : name;
}

/**
 * Attribute ::= SEQUENCE { attrType, attrValues SET }: each type once, each with one value. Of timestamp tokens
 * there may be several, in either way (CAdES: ETSI EN 319 122-1 5.3): they go to `tokens`, where that is given.
 */
export function parseAttributes(node: DerNode, tag: number, what: string, tokens?: DerNode[]): Attributes {
  const attributes = new Map<string, DerNode>();
  for (const attribute of childrenOf(node, tag, `the set of ${what}s`, [1, Number.POSITIVE_INFINITY])) {
    const { 0: type, 1: values } = childrenOf(attribute, SEQUENCE, `a ${what}`, [2]);
    const oid = oidOf(type, `a ${what}`);
    const severalTokens = oid === TIMESTAMP_TOKEN ? tokens : undefined;
    const most = severalTokens ? MAX_TIMESTAMP_TOKENS - severalTokens.length : 1;
    const found = childrenOf(values, SET, `the ${what} ${oid}`, [1, most]);
    if (severalTokens) severalTokens.push(...found);
    else if (attributes.has(oid)) return refuse(`the ${what} ${oid} occurs twice`);
    else attributes.set(oid, found[0] as DerNode);
  }
  return attributes;
}

function isSorted({ children }: DerNode): boolean {
  return children.every((child, place) => {
    const before = children[place - 1];
    return before === undefined || compareMembers(encodedOf(before), encodedOf(child)) <= 0;
  });
}
