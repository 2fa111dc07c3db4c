/**
 * RFC 3161 timestamp tokens over the value of a signature: CMS SignedData of version 3 (RFC 5652) with one signer,
 * whose certificate is named in the signed attributes (RFC 5035) and leads to a trusted timestamp authority.
 */
import { hash } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import { type Attributes, algorithmOf, parseAttributes } from './cms.ts';
import {
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
  SET,
  smallIntegerOf,
} from './der.ts';
import { retag } from './derEncode.ts';
import { checkCertificateId } from './essCertId.ts';
import { isCheckFailure, refuse } from './failure.ts';
import { type Digest, isSignedBy, SIGNATURE_ALGORITHMS } from './keys.ts';
import { MAX_CERTIFICATES } from './limits.ts';
import { CONTENT_TYPE, EC_PUBLIC_KEY, MESSAGE_DIGEST, RSA_ENCRYPTION, SIGNED_DATA } from './oids.ts';
import { DIGESTS } from './signature.ts';
import { certificatesOf, checkTimestampSigner, openTimestampAuthority } from './timestampAuthority.ts';
import type { Trust } from './trustedRoot.ts';
import { checkImprint, parseTstInfo } from './tstInfo.ts';
import { type Certificate, subjectKeyIdOf, toCertificate } from './x509.ts';

/** A token that verified. */
export interface OpenedToken {
  /** genTime; fractions of a millisecond are dropped. */
  readonly at: Date;
  /** URI of the authority in the trusted root, or the names in its root certificate where it has none. */
  readonly by: string;
  readonly nonce: bigint | undefined;
}

/**
 * Opens the DER of a TimeStampToken over `signature`, the octets of a CMS signature value. `nonce` is the one that was
 * sent, for whoever asked for the token. Throws a CheckFailure with one sentence.
 *
 * (1) By the key of a certificate that the signed attributes name, (2) over this signature, (3) which may stamp and
 * (4) is of an authority that was trusted then.
 */
export function openTimestampToken(
  token: Uint8Array,
  signature: Uint8Array,
  trust: Trust,
  { nonce }: { readonly nonce?: bigint | undefined } = {},
): OpenedToken {
  const parts = parseToken(token);
  const embedded = parts.certificates.flatMap(toUsable);
  const trusted = trust.timestampAuthorities.flatMap(certificatesOf);
  // Certificates may be left out, but not the signer's alone (RFC 3161 2.4.1, certReq).
  const among = parts.certificates.length === 0 ? trusted : embedded;
  const signer = among.find((certificate) => isNamed(certificate, parts.signerId));
  if (signer === undefined) return refuse("the timestamp does not come with its signer's certificate");
  checkSigned(parts, signer);
  const info = parseTstInfo(parts.content);
  checkImprint(info, signature);
  if (nonce !== undefined && info.nonce !== nonce)
    return refuse('the timestamp bears another nonce than was sent');
  checkTimestampSigner(signer);
  const authority = openTimestampAuthority(signer, embedded, trust, info.at);
  return { at: new Date(info.at), by: authority.uri || authority.root().authority, nonce: info.nonce };
}

/** The nonce in a token, for whoever asked for it; undefined where it has none. Throws a CheckFailure. */
export function nonceOf(token: Uint8Array): bigint | undefined {
  return parseTstInfo(parseToken(token).content).nonce;
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4';

/** How the signer is named: bytes of issuer and serial number, or the key id. */
type SignerId =
  | { readonly issuer: Uint8Array; readonly serialNumber: Uint8Array }
  | { readonly keyId: Uint8Array };

interface TokenSigner {
  readonly signerId: SignerId;
  readonly digestAlgorithm: string;
  readonly signatureAlgorithm: string;
  readonly signedAttrs: Attributes;
  /** What the signature covers: the signed attributes in the order received, as a SET. */
  readonly artifact: Uint8Array;
  readonly signature: Uint8Array;
}

interface TokenParts extends TokenSigner {
  /** DER of the TSTInfo. */
  readonly content: Uint8Array;
  readonly certificates: readonly DerNode[];
}

/**
 * ContentInfo { signedData, [0] SignedData { version, digestAlgorithms, encapContentInfo, certificates [0] OPTIONAL,
 *   crls [1] OPTIONAL, signerInfos } }. Nothing is taken from revocation lists: the trusted root ends authorities.
 */
function parseToken(der: Uint8Array): TokenParts {
  const what = 'the timestamp token';
  const { 0: type, 1: wrapped } = childrenOf(parseDer(der), SEQUENCE, what, [2]);
  if (oidOf(type, what) !== SIGNED_DATA) return refuse('the timestamp token is no CMS SignedData');
  const { 0: signedData } = childrenOf(wrapped, 0xa0, what, [1]);
  const [version, digests, content, ...rest] = childrenOf(signedData, SEQUENCE, what, [4, 6]);
  if (smallIntegerOf(version, what) !== 3) return refuse('the timestamp token is not of version 3');
  const certificates = rest[0]?.tag === 0xa0 ? (rest.shift() as DerNode).children : [];
  if (rest[0]?.tag === 0xa1) rest.shift();
  if (rest.length !== 1) return refuse('the timestamp token has a part that does not belong there');
  if (certificates.length > MAX_CERTIFICATES) return refuse('the timestamp token has too many certificates');
  const { 0: signerInfo } = childrenOf(rest[0], SET, 'the list of signers of the timestamp', [1]);
  const signer = parseSigner(signerInfo);
  const named = expectTag(digests, SET, what).children.map((node) => algorithmOf(node, what));
  if (!named.includes(signer.digestAlgorithm)) {
    return refuse('the timestamp token does not list the digest that it uses');
  }
  return { ...signer, content: parseContent(content), certificates };
}

/** EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING } */
function parseContent(node: DerNode | undefined): Uint8Array {
  const what = 'the content of the timestamp token';
  const { 0: type, 1: wrapped } = childrenOf(node, SEQUENCE, what, [2]);
  if (oidOf(type, what) !== TST_INFO) return refuse(`${what} is no timestamp`);
  const { 0: content } = childrenOf(wrapped, 0xa0, what, [1]);
  return contentOf(content, OCTET_STRING, what);
}

/** SignerInfo of version 1 with issuer and serial number, or of version 3 with a key id; unsigned attributes do not matter. */
function parseSigner(node: DerNode | undefined): TokenSigner {
  const what = 'the signer info of the timestamp';
  const {
    0: version,
    1: sid,
    2: digestAlgorithm,
    3: signedAttrs,
    4: signatureAlgorithm,
    5: signature,
    6: unsignedAttrs,
  } = childrenOf(node, SEQUENCE, what, [6, 7]);
  const byKeyId = sid?.tag === 0x80;
  if (smallIntegerOf(version, what) !== (byKeyId ? 3 : 1))
    return refuse(`${what} is not of the right version`);
  const signed = expectTag(signedAttrs, 0xa0, 'the set of signed attributes of the timestamp');
  if (unsignedAttrs !== undefined) expectTag(unsignedAttrs, 0xa1, what);
  return {
    signerId: byKeyId ? { keyId: contentOf(sid, 0x80, what) } : parseIssuerAndSerial(sid),
    digestAlgorithm: algorithmOf(digestAlgorithm, what),
    signatureAlgorithm: algorithmOf(signatureAlgorithm, what),
    signedAttrs: parseAttributes(signed, 0xa0, 'signed attribute of the timestamp'),
    artifact: retag(encodedOf(signed), SET),
    signature: contentOf(signature, OCTET_STRING, what),
  };
}

function parseIssuerAndSerial(node: DerNode | undefined): SignerId {
  const what = 'the signer id of the timestamp';
  const { 0: issuer, 1: serialNumber } = childrenOf(node, SEQUENCE, what, [2]);
  return {
    issuer: encodedOf(expectTag(issuer, SEQUENCE, what)),
    serialNumber: encodedOf(expectTag(serialNumber, INTEGER, what)),
  };
}

/** Old roots that some authorities add are of versions that we do not read; who needs one will miss it. */
function toUsable(node: DerNode): readonly Certificate[] {
  try {
    return [toCertificate(node)];
  } catch (error) {
    if (isCheckFailure(error)) return [];
    throw error;
  }
}

function isNamed(certificate: Certificate, id: SignerId): boolean {
  if ('keyId' in id) {
    const own = subjectKeyIdOf(certificate);
    return own !== undefined && sameBytes(own, id.keyId);
  }
  return sameBytes(certificate.issuer, id.issuer) && sameBytes(certificate.serialNumber, id.serialNumber);
}

/** RFC 5652 5.4, and the certificate's name among what is signed (RFC 5816 2.2.1). */
function checkSigned(parts: TokenParts, signer: Certificate): undefined {
  const { signedAttrs, content, artifact, signature } = parts;
  const [digest] = DIGESTS[parts.digestAlgorithm] ?? [];
  if (digest === undefined) return refuse('the digest in the timestamp token does not count');
  if (oidOf(signedAttrs.get(CONTENT_TYPE), 'the signed content type of the timestamp') !== TST_INFO) {
    refuse('the signed content type of the timestamp is another one');
  }
  const signed = contentOf(
    signedAttrs.get(MESSAGE_DIGEST),
    OCTET_STRING,
    'the signed digest of the timestamp',
  );
  if (!sameBytes(signed, hash(digest, content, 'buffer')))
    refuse('the timestamp is not the one that was signed');
  checkCertificateId(signedAttrs, signer);
  if (!isSignedBy(signer.publicKey(), artifact, signature, digestOf(parts, signer, digest))) {
    refuse("the timestamp is not signed by its authority's key");
  }
}

/** The digest that goes with the signature's algorithm: null for Ed25519, which has its own. */
function digestOf({ signatureAlgorithm }: TokenParts, signer: Certificate, digest: Digest): Digest | null {
  const { type } = signer.publicKey();
  const kind = type.startsWith('P') ? 'EC' : type;
  if (signatureAlgorithm === EC_PUBLIC_KEY && kind === 'EC') return digest;
  if (signatureAlgorithm === RSA_ENCRYPTION && kind === 'RSA') return digest;
  const [ownKind, own] = SIGNATURE_ALGORITHMS[signatureAlgorithm] ?? [];
  const fits = ownKind === kind && (own === null || own === digest);
  return fits && own !== undefined ? own : refuse("the timestamp's algorithms do not fit together");
}
