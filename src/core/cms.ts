/**
 * CMS SignedData (RFC 5652) in the profile of git signatures: version 1, one signer by issuer and serial
 * number, signed attributes. The parser judges form only; what the parts are worth is decided elsewhere.
 */
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
} from './der.ts';
import { compareMembers, retag } from './derEncode.ts';
import { refuse } from './failure.ts';
import { MAX_CERTIFICATES } from './limits.ts';
import { OID } from './oids.ts';

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
  readonly unsignedAttrs: Attributes;
}

/** Parses one signature from strict DER. */
export function parseCms(der: Uint8Array): CmsSignature {
  const [contentType, wrapped] = childrenOf(parseDer(der), TAG.sequence, 'the signature', [2, 2]);
  if (oidOf(contentType, 'the type of the signature') !== OID.signedData) {
    return refuse('the signature is no CMS SignedData');
  }
  const [signedData] = childrenOf(wrapped, 0xa0, 'the signed data', [1, 1]);
  const parts = childrenOf(signedData, TAG.sequence, 'the signed data', [4, 6]);
  const [version, digestAlgorithms, encapsulated, certificates, signerInfos] = parts;
  if (smallIntegerOf(version, 'the version of the signed data') !== 1) {
    return refuse('the signed data is not of version 1');
  }
  if (certificates?.tag !== 0xa0) return refuse('the signature carries no certificates');
  if (parts.length === 6 || signerInfos?.tag !== TAG.set) {
    return refuse('the signed data has parts that no git signature has');
  }
  const signer = parseSignerInfo(signerInfos);
  const [digest] = childrenOf(digestAlgorithms, TAG.set, 'the list of digest algorithms', [1, 1]);
  if (algorithmOf(digest, 'the digest algorithm', 'null') !== signer.digestAlgorithm) {
    return refuse('the list of digest algorithms does not name the one used');
  }
  return { ...signer, content: parseContent(encapsulated), certificates: parseCertificates(certificates) };
}

/** EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING OPTIONAL } */
function parseContent(node: DerNode | undefined): Uint8Array | undefined {
  const [type, wrapped] = childrenOf(node, TAG.sequence, 'the content', [1, 2]);
  if (oidOf(type, 'the type of the content') !== OID.data) return refuse('the content is not plain data');
  if (wrapped === undefined) return undefined;
  const [content] = childrenOf(wrapped, 0xa0, 'the content', [1, 1]);
  return contentOf(expectTag(content, TAG.octetString, 'the content'));
}

function parseCertificates({ children }: DerNode): readonly DerNode[] {
  if (children.length > MAX_CERTIFICATES) return refuse('the signature carries too many certificates');
  for (const certificate of children) expectTag(certificate, TAG.sequence, 'a certificate of the signature');
  return children;
}

/** SignerInfo of version 1, of which there must be one: git has no notion of several signers. */
function parseSignerInfo(signerInfos: DerNode): Omit<CmsSignature, 'content' | 'certificates'> {
  if (signerInfos.children.length !== 1) return refuse('the signature has not exactly one signer');
  const parts = childrenOf(signerInfos.children[0], TAG.sequence, 'the signer info', [6, 7]);
  const [version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm, signature, unsignedAttrs] = parts;
  if (smallIntegerOf(version, 'the version of the signer info') !== 1) {
    return refuse('the signer info is not of version 1');
  }
  const [issuer, serialNumber] = childrenOf(sid, TAG.sequence, 'the signer id', [2, 2]);
  if (signedAttrs?.tag !== 0xa0) return refuse('the signature has no signed attributes');
  return {
    signerId: {
      issuer: encodedOf(expectTag(issuer, TAG.sequence, 'the issuer in the signer id')),
      serialNumber: encodedOf(expectTag(serialNumber, TAG.integer, 'the serial number in the signer id')),
    },
    digestAlgorithm: algorithmOf(digestAlgorithm, 'the digest algorithm', 'null'),
    signatureAlgorithm: signatureAlgorithmOf(signatureAlgorithm),
    signedAttrs: parseAttributes(signedAttrs, 'signed'),
    artifact: retag(encodedOf(signedAttrs), TAG.set),
    sorted: isSorted(signedAttrs),
    signature: contentOf(expectTag(signature, TAG.octetString, 'the signature value')),
    unsignedAttrs:
      unsignedAttrs === undefined
        ? new Map()
        : parseAttributes(expectTag(unsignedAttrs, 0xa1, 'the unsigned attributes'), 'unsigned'),
  };
}

/** AlgorithmIdentifier: parameters absent, or NULL where the algorithm's specification has it so. */
export function algorithmOf(node: DerNode | undefined, what: string, parameters: 'null' | 'absent'): string {
  const [oid, ...more] = childrenOf(node, TAG.sequence, what, [1, parameters === 'null' ? 2 : 1]);
  if (more[0] !== undefined) expectTag(more[0], TAG.null, `the parameter of ${what}`);
  return oidOf(oid, what);
}

/** ECDSA has no parameters (RFC 5758 3.2), RSA a NULL (RFC 3370 3.2) that some leave out. */
function signatureAlgorithmOf(node: DerNode | undefined): string {
  const what = 'the signature algorithm';
  const oid = oidOf(childrenOf(node, TAG.sequence, what, [1, 2])[0], what);
  return algorithmOf(node, what, oid.startsWith('1.2.840.10045.') ? 'absent' : 'null');
}

/** Attribute ::= SEQUENCE { attrType, attrValues SET }: each type once, each with one value. */
function parseAttributes({ children }: DerNode, which: string): Attributes {
  const attributes = new Map<string, DerNode>();
  for (const attribute of children) {
    const [type, values] = childrenOf(attribute, TAG.sequence, `a ${which} attribute`, [2, 2]);
    const oid = oidOf(type, `a ${which} attribute`);
    const [value] = childrenOf(values, TAG.set, `the ${which} attribute ${oid}`, [1, 1]);
    if (attributes.has(oid)) return refuse(`the ${which} attribute ${oid} occurs twice`);
    attributes.set(oid, value as DerNode);
  }
  if (attributes.size === 0) return refuse(`the set of ${which} attributes is empty`);
  return attributes;
}

function isSorted({ children }: DerNode): boolean {
  for (let i = 1; i < children.length; i++) {
    const [before, after] = [children[i - 1], children[i]] as [DerNode, DerNode];
    if (compareMembers(encodedOf(before), encodedOf(after)) > 0) return false;
  }
  return true;
}
