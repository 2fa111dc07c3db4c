import { createHash, type KeyObject, sign } from 'node:crypto';
import {
  encodeContext,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeUtf8String,
} from '../core/derEncode.ts';
import { encodePrecertSignedData, encodeSctList } from '../core/sct.ts';
import type { San } from '../core/verdict.ts';
import {
  type Authority,
  authorityKeyIdentifier,
  encodeName,
  encodeTbsCertificate,
  extendedKeyUsage,
  extension,
  leafKeyUsage,
  randomSerial,
  signCertificate,
  spkiOf,
} from './certificates.ts';

export const ROOT_NAME = 'git-signet sandbox root';
export const INTERMEDIATE_NAME = 'git-signet sandbox intermediate';
/** id-kp-codeSigning */
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
/** A leaf's lifetime (protocols 4.4). */
export const LEAF_MS = 10 * 60 * 1000;

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

/**
 * A leaf with Fulcio's profile (protocols 4.4, 4.5; order of extensions as recorded): empty subject, one
 * critical SAN, codeSigning, no SKI, SCT of our CT log over the TBS without it (RFC 6962 section 3.2). DER.
 */
export function issueLeaf(chain: AuthorityChain, request: LeafRequest): Uint8Array {
  const extensions = [
    leafKeyUsage(),
    extendedKeyUsage(CODE_SIGNING, false),
    authorityKeyIdentifier(chain.intermediate.publicKey),
    extension(OID.subjectAltName, true, encodeSequence(generalName(request.subject))),
    ...[...request.extensions].map(([n, text]) => fulcioExtension(n, text)),
  ];
  const { publicKey, notBefore, notAfter } = request;
  const names = { issuer: encodeName(INTERMEDIATE_NAME), subject: encodeSequence() };
  const content = { ...names, notBefore, notAfter, publicKey, serial: randomSerial() };
  const tbs = (all: readonly Uint8Array[]) => encodeTbsCertificate({ ...content, extensions: all });
  if (request.sctAt !== undefined) {
    extensions.push(sctExtension(chain, tbs(extensions), request.sctAt, request.wrongSct === true));
  }
  return signCertificate(tbs(extensions), chain.intermediate.privateKey);
}

/** The id of a log of RFC 6962, and of Rekor v1: SHA-256 of its SubjectPublicKeyInfo. */
export function logIdOf(key: KeyObject): Uint8Array {
  return createHash('sha256').update(spkiOf(key)).digest();
}

const OID = {
  subjectAltName: '2.5.29.17',
  sctList: '1.3.6.1.4.1.11129.2.4.2',
  fulcio: '1.3.6.1.4.1.57264.1',
} as const;

function fulcioExtension(n: number, text: string): Uint8Array {
  return extension(`${OID.fulcio}.${n}`, false, n <= 6 ? Buffer.from(text) : encodeUtf8String(text));
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
  const promise = { timestamp: BigInt(at.getTime()), extensions: new Uint8Array(0) };
  const issuer = spkiOf(chain.intermediate.publicKey);
  const signed = encodePrecertSignedData(promise, issuer, wrong ? tbs.map((byte) => byte ^ 1) : tbs);
  const sct = {
    ...promise,
    logId: logIdOf(chain.ctLog.publicKey),
    algorithm: { hash: 4, signature: 3 },
    signature: sign('sha256', signed, chain.ctLog.privateKey),
  };
  return extension(OID.sctList, false, encodeSctList([sct]));
}
