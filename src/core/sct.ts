/** Signed certificate timestamps embedded in a leaf (RFC 6962 section 3). */
import { hash } from 'node:crypto';
import { toHex } from './bytes.ts';
import { contentOf, type DerNode, OCTET_STRING, parseDer } from './der.ts';
import { encodeElement, encodeHeader, encodeOctetString } from './derEncode.ts';
import { refuse } from './failure.ts';
import { isSignedBy } from './keys.ts';
import { MAX_SCTS } from './limits.ts';
import { isWithin, type LogAuthority, type Trust } from './trustedRoot.ts';
import { type Certificate, SCT_LIST } from './x509.ts';

export interface Sct {
  /** 32 bytes: SHA-256 of the log's SPKI. */
  readonly logId: Uint8Array;
  /** Milliseconds since 1970. */
  readonly timestamp: bigint;
  readonly extensions: Uint8Array;
  /** TLS numbers: hash 4 is SHA-256, signature 1 RSA and 3 ECDSA. */
  readonly algorithm: { readonly hash: number; readonly signature: number };
  readonly signature: Uint8Array;
}

/** End of the year 9999, up to which times can be written. */
const LAST_TIME = 253402300799999;

/** An SCT that verified: which log promised to publish the certificate, and when. */
export interface OpenedSct {
  readonly logUrl: string;
  readonly timestamp: Date;
}

/** Opens the SCTs of a leaf issued by `issuer`: at least one must be right, of a log trusted at its time. */
export function openScts(leaf: Certificate, issuer: Certificate, trust: Trust): OpenedSct {
  const extension = leaf.extensions.get(SCT_LIST);
  if (extension === undefined) return refuse('the certificate has no SCT');
  const scts = parseSctList(extension.value);
  let obstacle = 'no SCT of the certificate is of a trusted CT log';
  let tbs: Uint8Array | undefined;
  for (const sct of scts) {
    const id = toHex(sct.logId);
    const named = trust.ctLogs.filter(({ logId }) => logId === id);
    if (named.length === 0) continue;
    const time = Number(sct.timestamp);
    const log = named.find(({ validFor }) => time <= LAST_TIME && isWithin(validFor, time));
    if (log === undefined) {
      obstacle = 'the CT log was not trusted at the time of the SCT';
      continue;
    }
    tbs ??= encodePrecertTbs(leaf);
    if (isRight(sct, encodePrecertSignedData(sct, issuer.spki, tbs), log)) {
      return { logUrl: log.baseUrl, timestamp: new Date(time) };
    }
    obstacle = "the SCT is not the CT log's signature over this certificate";
  }
  return refuse(obstacle);
}

/**
 * What an embedded SCT signs (RFC 6962 3.2, precert_entry). `tbs` is the TBSCertificate without SCT list
 * and poison, `issuerSpki` the SubjectPublicKeyInfo of the certificate that signed the leaf.
 */
export function encodePrecertSignedData(
  sct: Pick<Sct, 'timestamp' | 'extensions'>,
  issuerSpki: Uint8Array,
  tbs: Uint8Array,
): Uint8Array {
  const { extensions } = sct;
  const data = new Uint8Array(49 + tbs.length + extensions.length);
  const numbers = new DataView(data.buffer);
  // v1, certificate_timestamp, timestamp, precert_entry, issuer key hash, length of the TBSCertificate
  numbers.setBigUint64(2, sct.timestamp);
  numbers.setUint16(10, 1);
  numbers.setUint32(43, tbs.length); // 24 bits: the octet before them is the last of the hash
  data.set(hash('sha256', issuerSpki, 'buffer'), 12);
  data.set(tbs, 47);
  numbers.setUint16(47 + tbs.length, extensions.length);
  data.set(extensions, 49 + tbs.length);
  return data;
}

/** The leaf's TBSCertificate as the CT log saw it: without the SCT list, all else as received. */
export function encodePrecertTbs({ tbs, extensions }: Certificate): Uint8Array {
  const { source, body, end, children } = tbs;
  const wrapped = children.at(-1) as DerNode;
  const list = wrapped.children[0] as DerNode;
  const { start: cut, end: resume } = extensions.get(SCT_LIST)?.node ?? { start: end, end };
  const kept = [source.subarray(list.body, cut), source.subarray(resume, end)] as const;
  const listHeader = encodeHeader(list.tag, kept[0].length + kept[1].length);
  const wrappedHeader = encodeHeader(wrapped.tag, listHeader.length + kept[0].length + kept[1].length);
  return encodeElement(tbs.tag, source.subarray(body, wrapped.start), wrappedHeader, listHeader, ...kept);
}

/** Value of the SCT list extension: an OCTET STRING around a SignedCertificateTimestampList (RFC 6962 3.3). */
export function encodeSctList(scts: readonly Sct[]): Uint8Array {
  return encodeOctetString(withLength(Buffer.concat(scts.map((sct) => withLength(encodeSct(sct))))));
}

/** Parses that value. SCTs of another version than 1 are passed over, as RFC 6962 3.3 wants. */
export function parseSctList(extensionValue: Uint8Array): readonly Sct[] {
  const list = contentOf(parseDer(extensionValue), OCTET_STRING, 'the SCT list');
  const numbers = numbersOf(list);
  if (list.length < 2 || numbers.getUint16(0) !== list.length - 2)
    return refuse('the SCT list has a wrong length');
  const scts: Sct[] = [];
  for (let at = 2; at < list.length; ) {
    const length = at + 2 <= list.length ? numbers.getUint16(at) : 0;
    const sct = list.subarray(at + 2, at + 2 + length);
    if (length === 0 || sct.length !== length) return refuse('the SCT list is cut short');
    if (scts.length === MAX_SCTS) return refuse('the certificate has too many SCTs');
    if (sct[0] === 0) scts.push(parseSct(sct));
    at += 2 + length;
  }
  return scts;
}

/** Big-endian numbers in these bytes. */
function numbersOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function encodeSct({ logId, timestamp, extensions, algorithm, signature }: Sct): Uint8Array {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(timestamp);
  const kind = Buffer.of(algorithm.hash, algorithm.signature);
  return Buffer.concat([Buffer.of(0), logId, time, withLength(extensions), kind, withLength(signature)]);
}

/** version, log id, timestamp, extensions, hash, signature algorithm, signature */
function parseSct(sct: Uint8Array): Sct {
  const numbers = numbersOf(sct);
  const extensionsEnd = sct.length < 47 ? 0 : 43 + numbers.getUint16(41);
  const signatureStart = extensionsEnd + 4;
  if (extensionsEnd === 0 || signatureStart > sct.length) return refuse('an SCT is cut short');
  if (numbers.getUint16(extensionsEnd + 2) !== sct.length - signatureStart) {
    return refuse('an SCT has a wrong length');
  }
  return {
    logId: sct.subarray(1, 33),
    timestamp: numbers.getBigUint64(33),
    extensions: sct.subarray(43, extensionsEnd),
    algorithm: { hash: numbers.getUint8(extensionsEnd), signature: numbers.getUint8(extensionsEnd + 1) },
    signature: sct.subarray(signatureStart),
  };
}

function isRight({ algorithm, signature }: Sct, signedData: Uint8Array, log: LogAuthority): boolean {
  const { publicKey } = log.key();
  const wanted = publicKey.type === 'RSA' ? 1 : 3;
  if (algorithm.hash !== 4 || algorithm.signature !== wanted || publicKey.type === 'Ed25519') return false;
  return isSignedBy(publicKey, signedData, signature, 'sha256');
}

/** opaque<0..2^16-1> of TLS. */
function withLength(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}
