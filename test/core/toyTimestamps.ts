/** A timestamp authority of one root and one signer for tests of single rules: each part can be replaced. */
import { createHash, type KeyObject, sign } from 'node:crypto';
import {
  encodeContext,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSet,
  retag,
} from '../../src/core/derEncode.ts';
import {
  authorityKeyId,
  type CertificateParts,
  extension,
  makeCertificate,
  makeRootOf,
  NOW,
  name,
  newKey,
  SIGNS,
  sha256,
  subjectKeyId,
} from './toySigstore.ts';

const YEAR = 365 * 86_400_000;
export const TIME_STAMPING = encodeSequence(encodeOid('1.3.6.1.5.5.7.3.8'));
export const STAMPS = extension('2.5.29.37', TIME_STAMPING, true);

const SHA256 = encodeSequence(encodeOid('2.16.840.1.101.3.4.2.1'));
const ECDSA_SHA256 = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));
const TST_INFO = encodeOid('1.2.840.113549.1.9.16.1.4');
export const attribute = (oid: string, value: Uint8Array) => encodeSequence(encodeOid(oid), encodeSet(value));
export const generalizedTime = (text: string) => encodeElement(0x18, Buffer.from(text, 'latin1'));
const digitsOf = (at: Date) => `${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;

/** SigningCertificateV2 with the default digest. */
export const certificateId = (der: Uint8Array, ...more: readonly Uint8Array[]) =>
  attribute(
    '1.2.840.113549.1.9.16.2.47',
    encodeSequence(encodeSequence(encodeSequence(encodeOctetString(sha256(der)), ...more))),
  );

export interface InfoParts {
  readonly version?: number;
  readonly imprint?: Uint8Array;
  readonly time?: string;
  /** What follows genTime. */
  readonly optional?: readonly Uint8Array[];
}

export interface TokenParts extends InfoParts {
  readonly info?: Uint8Array;
  readonly content?: Uint8Array;
  readonly contentType?: Uint8Array;
  readonly signer?: Uint8Array;
  readonly key?: KeyObject;
  readonly certificates?: readonly Uint8Array[];
  readonly version?: number;
  readonly signedDataVersion?: number;
  readonly signerVersion?: number;
  readonly sid?: Uint8Array;
  readonly digests?: Uint8Array;
  readonly digestAlgorithm?: Uint8Array;
  readonly signatureAlgorithm?: Uint8Array;
  readonly hash?: string;
  /** In place of contentType, messageDigest and the certificate's id. */
  readonly attributes?: (standard: readonly Uint8Array[]) => readonly Uint8Array[];
  readonly certificateIds?: readonly Uint8Array[];
  readonly signature?: Uint8Array;
  readonly afterCertificates?: readonly Uint8Array[];
  readonly unsignedAttrs?: Uint8Array;
  readonly twice?: boolean;
}

export class ToyAuthority {
  readonly rootKey = newKey('P-384');
  readonly key = newKey();
  readonly rootName = name('toy', 'stamp root');
  readonly name = name('toy', 'stamps');
  readonly root = this.makeRoot();
  readonly leaf = this.makeLeaf();

  makeRoot(changes: Partial<CertificateParts> = {}): Uint8Array {
    return makeRootOf(this.rootKey, this.rootName, changes);
  }

  makeLeaf(changes: Partial<CertificateParts> = {}): Uint8Array {
    return makeCertificate({
      issuerKey: this.rootKey,
      issuer: this.rootName,
      subject: this.name,
      key: this.key,
      notBefore: new Date(NOW.getTime() - YEAR / 2),
      notAfter: new Date(NOW.getTime() + YEAR / 2),
      extensions: [STAMPS, SIGNS, authorityKeyId(this.rootKey), subjectKeyId(this.key)],
      serial: 9,
      ...changes,
    });
  }

  /** The entry of a trusted root's `timestampAuthorities`. */
  inTrustedRoot(
    certificates: readonly Uint8Array[] = [this.leaf, this.root],
    validFor: { readonly start: string; readonly end?: string } = {
      start: new Date(NOW.getTime() - YEAR).toISOString(),
    },
  ): unknown {
    const rawBytes = certificates.map((der) => ({ rawBytes: Buffer.from(der).toString('base64') }));
    return { uri: 'https://tsa.toy.test', certChain: { certificates: rawBytes }, validFor };
  }

  /** TSTInfo over the SHA-256 of `signature`. */
  makeInfo(signature: Uint8Array, parts: InfoParts = {}): Uint8Array {
    const imprint = parts.imprint ?? encodeSequence(SHA256, encodeOctetString(sha256(signature)));
    return encodeSequence(
      encodeInteger(parts.version ?? 1),
      encodeOid('1.3.6.1.4.1.57264.2'),
      imprint,
      encodeInteger(77),
      generalizedTime(parts.time ?? digitsOf(NOW)),
      ...(parts.optional ?? []),
    );
  }

  /** TimeStampToken over `signature`. */
  makeToken(signature: Uint8Array, parts: TokenParts = {}): Uint8Array {
    const info = parts.info ?? this.makeInfo(signature, parts);
    const content = parts.content ?? info;
    const type = parts.contentType ?? TST_INFO;
    const signer = parts.signer ?? this.leaf;
    const digest = parts.hash ?? 'sha256';
    const standard = [
      encodeSequence(encodeOid('1.2.840.113549.1.9.3'), encodeSet(TST_INFO)),
      attribute('1.2.840.113549.1.9.4', encodeOctetString(createHash(digest).update(info).digest())),
      ...(parts.certificateIds ?? [certificateId(signer)]),
    ];
    const signedAttrs = encodeSet(...(parts.attributes?.(standard) ?? standard));
    const algorithm = parts.digestAlgorithm ?? SHA256;
    const signerInfo = encodeSequence(
      encodeInteger(parts.signerVersion ?? 1),
      parts.sid ?? encodeSequence(this.rootName, encodeInteger(9)),
      algorithm,
      retag(signedAttrs, 0xa0),
      parts.signatureAlgorithm ?? ECDSA_SHA256,
      encodeOctetString(parts.signature ?? sign(digest, signedAttrs, parts.key ?? this.key)),
      ...(parts.unsignedAttrs ? [parts.unsignedAttrs] : []),
    );
    const certificates = parts.certificates ?? [signer];
    const signedData = encodeSequence(
      encodeInteger(parts.signedDataVersion ?? 3),
      parts.digests ?? encodeSet(algorithm),
      encodeSequence(type, encodeContext(0, encodeOctetString(content))),
      ...(certificates.length > 0 ? [encodeContext(0, ...certificates)] : []),
      ...(parts.afterCertificates ?? []),
      encodeElement(0x31, signerInfo, ...(parts.twice ? [signerInfo] : [])),
    );
    return encodeSequence(encodeOid('1.2.840.113549.1.7.2'), encodeContext(0, signedData));
  }
}

/** A trusted_root.json with timestamp authorities, and further logs. */
export function withAuthorities(
  trustedRoot: string,
  authorities: readonly unknown[],
  logs: readonly unknown[] = [],
): Buffer {
  const root = JSON.parse(trustedRoot) as { tlogs: unknown[] };
  const tlogs = [...root.tlogs, ...logs];
  return Buffer.from(JSON.stringify({ ...root, tlogs, timestampAuthorities: authorities }));
}
