/**
 * A Sigstore of a few keys for tests of single rules: every signature in it is right, and each part can be
 * replaced by a wrong one.
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { encodeArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../src/core/cms.ts';
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
} from '../../src/core/derEncode.ts';
import { leafHash } from '../../src/core/merkle.ts';
import { encodeHashedRekord, type LogEntry } from '../../src/core/rekorEntry.ts';
import { encodePrecertSignedData, encodeSctList } from '../../src/core/sct.ts';

export const NOW = new Date('2026-06-01T12:00:00Z');
const YEAR = 365 * 86_400_000;

export const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();
export const newKey = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve }).privateKey;
export const spkiOf = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });

export const name = (organization: string, commonName: string) =>
  encodeSequence(
    encodeSet(encodeSequence(encodeOid('2.5.4.10'), encodeUtf8String(organization))),
    encodeSet(encodeSequence(encodeOid('2.5.4.3'), encodeUtf8String(commonName))),
  );

export const TRUE = encodeElement(1, Uint8Array.of(0xff));
export const extension = (oid: string, value: Uint8Array, critical = false) =>
  encodeSequence(encodeOid(oid), ...(critical ? [TRUE] : []), encodeOctetString(value));

export interface CertificateParts {
  readonly issuerKey: KeyObject;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly key: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Uint8Array[];
  readonly serial?: number;
  readonly version?: number;
  readonly digest?: string;
  readonly algorithm?: Uint8Array;
}

const ECDSA_SHA384 = encodeSequence(encodeOid('1.2.840.10045.4.3.3'));

function encodeTbs(parts: CertificateParts): Uint8Array {
  return encodeSequence(
    encodeContext(0, encodeInteger(parts.version ?? 2)),
    encodeInteger(parts.serial ?? 7),
    parts.algorithm ?? ECDSA_SHA384,
    parts.issuer,
    encodeSequence(encodeTime(parts.notBefore), encodeTime(parts.notAfter)),
    parts.subject,
    spkiOf(parts.key),
    encodeContext(3, encodeSequence(...parts.extensions)),
  );
}

export function makeCertificate(parts: CertificateParts): Uint8Array {
  const tbs = encodeTbs(parts);
  const signature = sign(parts.digest ?? 'sha384', tbs, parts.issuerKey);
  return encodeSequence(tbs, parts.algorithm ?? ECDSA_SHA384, encodeBitString(signature));
}

const KEY_USAGE = (bits: number, unused: number) => encodeElement(3, Uint8Array.of(unused, bits));
export const SIGNS = extension('2.5.29.15', KEY_USAGE(0x80, 7), true);
export const CERTIFIES = extension('2.5.29.15', KEY_USAGE(0x06, 1), true);
export const CODE_SIGNING = extension('2.5.29.37', encodeSequence(encodeOid('1.3.6.1.5.5.7.3.3')));
export const email = (address: string) =>
  extension('2.5.29.17', encodeSequence(encodeElement(0x81, Buffer.from(address))), true);
export const issuerClaim = (url: string) => extension('1.3.6.1.4.1.57264.1.8', encodeUtf8String(url));
export const isAuthority = (pathLength?: number) =>
  extension(
    '2.5.29.19',
    encodeSequence(TRUE, ...(pathLength === undefined ? [] : [encodeInteger(pathLength)])),
    true,
  );
const keyIdOf = (key: KeyObject) => createHash('sha1').update(spkiOf(key)).digest();
export const authorityKeyId = (key: KeyObject) =>
  extension('2.5.29.35', encodeSequence(encodeElement(0x80, keyIdOf(key))));
export const subjectKeyId = (key: KeyObject) => extension('2.5.29.14', encodeOctetString(keyIdOf(key)));

/** A certificate that signs itself, for a year before and after. */
export function makeRootOf(
  key: KeyObject,
  subject: Uint8Array,
  changes: Partial<CertificateParts> = {},
): Uint8Array {
  return makeCertificate({
    issuerKey: key,
    issuer: subject,
    subject,
    key,
    notBefore: new Date(NOW.getTime() - YEAR),
    notAfter: new Date(NOW.getTime() + YEAR),
    extensions: [isAuthority(1), CERTIFIES, subjectKeyId(key)],
    ...changes,
  });
}

/** All keys of one Sigstore; `authorities` makes other certificates of the same keys. */
export class ToySigstore {
  readonly rootKey = newKey('P-384');
  readonly intermediateKey = newKey('P-384');
  readonly logKey = newKey();
  readonly ctKey = newKey();
  readonly rootName = name('toy', 'root');
  readonly intermediateName = name('toy', 'intermediate');
  readonly root = this.makeRoot();
  readonly intermediate = this.makeIntermediate();

  makeRoot(changes: Partial<CertificateParts> = {}): Uint8Array {
    return makeRootOf(this.rootKey, this.rootName, changes);
  }

  makeIntermediate(changes: Partial<CertificateParts> = {}): Uint8Array {
    return makeCertificate({
      issuerKey: this.rootKey,
      issuer: this.rootName,
      subject: this.intermediateName,
      key: this.intermediateKey,
      notBefore: new Date(NOW.getTime() - YEAR),
      notAfter: new Date(NOW.getTime() + YEAR),
      extensions: [isAuthority(0), CERTIFIES, CODE_SIGNING, subjectKeyId(this.intermediateKey)],
      ...changes,
    });
  }

  /** trusted_root.json as text. */
  trustedRoot(certificates: readonly Uint8Array[] = [this.intermediate, this.root]): string {
    const validFor = { start: new Date(NOW.getTime() - YEAR).toISOString() };
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
    const log = (key: KeyObject, baseUrl: string) => ({
      baseUrl,
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: base64(spkiOf(key)), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
      logId: { keyId: base64(sha256(spkiOf(key))) },
    });
    return JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [log(this.logKey, 'https://log.toy.test')],
      ctlogs: [log(this.ctKey, 'https://ct.toy.test')],
      certificateAuthorities: [
        {
          uri: 'https://ca.toy.test',
          certChain: { certificates: certificates.map((der) => ({ rawBytes: base64(der) })) },
          validFor,
        },
      ],
      timestampAuthorities: [],
    });
  }

  leafExtensions(): readonly Uint8Array[] {
    return [
      SIGNS,
      CODE_SIGNING,
      authorityKeyId(this.intermediateKey),
      email('alice@example.com'),
      issuerClaim('https://issuer.example'),
    ];
  }

  /** A leaf with an SCT over what it says. */
  makeLeaf(key: KeyObject, changes: Partial<CertificateParts> = {}): Uint8Array {
    const parts: CertificateParts = {
      issuerKey: this.intermediateKey,
      issuer: this.intermediateName,
      subject: encodeSequence(),
      key,
      notBefore: NOW,
      notAfter: new Date(NOW.getTime() + 600_000),
      extensions: this.leafExtensions(),
      ...changes,
    };
    const sct = { timestamp: BigInt(NOW.getTime()), extensions: new Uint8Array(0) };
    const signed = encodePrecertSignedData(sct, spkiOf(parts.issuerKey), encodeTbs(parts));
    const list = encodeSctList([
      {
        ...sct,
        logId: sha256(spkiOf(this.ctKey)),
        algorithm: { hash: 4, signature: 3 },
        signature: sign('sha256', signed, this.ctKey),
      },
    ]);
    const embedded = extension('1.3.6.1.4.1.11129.2.4.2', list);
    return makeCertificate({ ...parts, extensions: [...parts.extensions, embedded] });
  }

  /** An entry in a tree of one leaf. */
  makeEntry(body: Uint8Array, integratedTime = BigInt(NOW.getTime() / 1000)): LogEntry {
    const logId = sha256(spkiOf(this.logKey));
    const rootHash = leafHash(body);
    const text = `log.toy.test - 1\n1\n${Buffer.from(rootHash).toString('base64')}\n`;
    const note = Buffer.concat([logId.subarray(0, 4), sign('sha256', Buffer.from(text), this.logKey)]);
    const promise = `{"body":"${Buffer.from(body).toString('base64')}","integratedTime":${integratedTime},"logID":"${logId.toString('hex')}","logIndex":5}`;
    return {
      body,
      kindVersion: 'hashedrekord 0.0.1',
      logIndex: 5n,
      logId,
      integratedTime,
      signedEntryTimestamp: sign('sha256', Buffer.from(promise), this.logKey),
      inclusionProof: {
        logIndex: 0n,
        rootHash,
        treeSize: 1n,
        hashes: [],
        checkpoint: `${text}\n— log.toy.test ${note.toString('base64')}\n`,
      },
    };
  }

  /** Signs and logs a payload. */
  signPayload(payload: Uint8Array, changes: Partial<CertificateParts> = {}): string {
    const key = newKey();
    const certificate = this.makeLeaf(key, changes);
    const signedAttrs = encodeSignedAttrs(sha256(payload), NOW);
    const signature = sign('sha256', signedAttrs, key);
    const logEntry = this.makeEntry(encodeHashedRekord(sha256(signedAttrs), signature, certificate));
    return encodeArmor(encodeCms({ signedAttrs, certificate, signature, logEntry }));
  }
}

export const COMMIT = Buffer.from(
  `tree ${'1'.repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nmessage\n`,
);

/** A commit object with its signature in the header. */
export function embed(payload: Uint8Array, armored: string, header = 'gpgsig'): Buffer {
  const text = Buffer.from(payload).toString('latin1');
  const at = text.indexOf('\n\n') + 1;
  const folded = `${header} ${armored.trimEnd().replaceAll('\n', '\n ')}\n`;
  return Buffer.from(text.slice(0, at) + folded + text.slice(at), 'latin1');
}
