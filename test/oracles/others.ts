/** How others read and judge the same objects: git's own way of splitting, openssl, pkijs and @sigstore/verify. */
import { createHash, webcrypto } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { type TrustMaterial, toSignedEntity, Verifier } from '@sigstore/verify';
import { fromBER, OctetString } from 'asn1js';
import { Certificate, ContentInfo, CryptoEngine, SignedData, type SignerInfo, setEngine } from 'pkijs';
import type { ObjectFormat, ObjectKind } from '../../src/core/verdict.ts';
import { run } from '../run.ts';

setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto as unknown as CryptoEngine }));

/** A refusal is a reason in their words. */
export type Opinion = 'accepts' | `refuses: ${string}`;

/** Payload and armored signature as git 2.39 takes an object apart (commit.c, tag.c, gpg-interface.c): leniently. */
export function splitAsGit(
  raw: Buffer,
  kind: ObjectKind,
  format: ObjectFormat,
): { readonly payload: Buffer; readonly armored: Buffer } {
  return kind === 'tag' ? splitTag(raw) : splitCommit(raw, format === 'sha1' ? 'gpgsig ' : 'gpgsig-sha256 ');
}

function splitTag(raw: Buffer): { readonly payload: Buffer; readonly armored: Buffer } {
  let at = raw.length;
  for (const mark of ['MESSAGE', 'SIGNATURE', 'SIGNED MESSAGE', 'SSH SIGNATURE']) {
    for (const prefix of [`-----BEGIN ${mark}`, `-----BEGIN PGP ${mark}`]) {
      const found = raw.lastIndexOf(`\n${prefix}`);
      if (found >= 0 && (at === raw.length || found + 1 > at)) at = found + 1;
    }
  }
  return { payload: raw.subarray(0, at), armored: raw.subarray(at) };
}

function splitCommit(raw: Buffer, header: string): { readonly payload: Buffer; readonly armored: Buffer } {
  const [payload, armored]: [Buffer[], Buffer[]] = [[], []];
  let place: 'payload' | 'armored' | 'dropped' = 'payload';
  let at = 0;
  while (at < raw.length) {
    const end = raw.indexOf(10, at) + 1 || raw.length;
    const line = raw.subarray(at, end);
    if (line[0] === 10) break;
    if (line.subarray(0, header.length).toString('latin1') === header) place = 'armored';
    else if (line.subarray(0, 6).toString('latin1') === 'gpgsig') place = 'dropped';
    else if (line[0] !== 32) place = 'payload';
    if (place === 'payload') payload.push(line);
    if (place === 'armored') armored.push(line.subarray(line[0] === 32 ? 1 : header.length));
    at = end;
  }
  return { payload: Buffer.concat([...payload, raw.subarray(at)]), armored: Buffer.concat(armored) };
}

/** The DER in an armor, as lenient readers take it: what stands between the first lines of dashes. */
export function dearmor(armored: Buffer): Buffer {
  const [, base64 = ''] = /-----BEGIN [^\n]*-----\r?\n([^-]*)/.exec(armored.toString('latin1')) ?? [];
  return Buffer.from(base64, 'base64');
}

export interface Detached {
  readonly payload: Buffer;
  readonly der: Buffer;
}

/**
 * `openssl cms -verify` of each signature alone: no chain, no log. One shell starts them all, in a folder of their own:
 * from a process as large as this one a start takes several times as long.
 */
export async function askOpenssl(
  folder: string,
  signatures: readonly Detached[],
): Promise<readonly Opinion[]> {
  for (const [i, { payload, der }] of signatures.entries()) {
    writeFileSync(join(folder, `${i}.cms`), der);
    writeFileSync(join(folder, `${i}.payload`), payload);
  }
  const verify = 'openssl cms -verify -binary -inform DER -noverify -in $i.cms -content $i.payload';
  const script = `for i in $(seq 0 ${signatures.length - 1}); do
    ${verify} -out /dev/null 2> $i.said && : > $i.right
  done`;
  await run('sh', ['-c', script], { cwd: folder, timeoutMs: 570_000 });
  return signatures.map((_, i): Opinion => {
    if (existsSync(join(folder, `${i}.right`))) return 'accepts';
    const said = readFileSync(join(folder, `${i}.said`), 'utf8');
    return `refuses: ${/:([^:\n]*):[^:\n]*:\d+:/.exec(said)?.[1] ?? 'no reason'}`;
  });
}

/** pkijs' verification of the signature alone. */
export async function askPkijs(payload: Buffer, der: Buffer): Promise<Opinion> {
  try {
    const data = Uint8Array.from(payload).buffer;
    const right = await toSignedData(der).verify({ signer: 0, data, checkChain: false });
    return right ? 'accepts' : 'refuses: wrong';
  } catch (error) {
    return `refuses: ${reasonOf(error)}`;
  }
}

function toSignedData(der: Buffer): SignedData {
  const content = new ContentInfo({ schema: fromBER(Uint8Array.from(der)).result });
  return new SignedData({ schema: content.content });
}

const LOG_ENTRY = '1.3.6.1.4.1.57264.3.1';
const TIMESTAMP_TOKEN = '1.2.840.113549.1.9.16.2.14';

/** @sigstore/verify over the Sigstore bundle that the signature amounts to, put together by pkijs. Binds no payload. */
export function askSigstore(payload: Buffer, der: Buffer, trust: TrustMaterial): Opinion {
  try {
    const signed = toSignedData(der);
    const signer = signed.signerInfos[0];
    if (signer?.signedAttrs === undefined) return 'refuses: no signed attributes';
    if (!namesDigest(signer, payload)) return 'refuses: the message digest is another';
    const artifact = Buffer.from(signer.signedAttrs.encodedValue);
    const { bundle, hasTime } = toBundle(signed, signer, artifact);
    const thresholds = { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: hasTime ? 1 : 0 };
    new Verifier(trust, thresholds).verify(toSignedEntity(bundle, artifact));
    return 'accepts';
  } catch (error) {
    return `refuses: ${reasonOf(error)}`;
  }
}

function namesDigest(signer: SignerInfo, payload: Buffer): boolean {
  const digest = signer.signedAttrs?.attributes.find(({ type }) => type === '1.2.840.113549.1.9.4')
    ?.values[0];
  return (
    digest instanceof OctetString &&
    createHash('sha256').update(payload).digest().equals(Buffer.from(digest.valueBlock.valueHexView))
  );
}

function toBundle(signed: SignedData, signer: SignerInfo, artifact: Buffer) {
  const certificate = signed.certificates?.find(
    (one): one is Certificate =>
      one instanceof Certificate &&
      'serialNumber' in signer.sid &&
      one.serialNumber.isEqual(signer.sid.serialNumber),
  );
  if (certificate === undefined) throw new Error('no certificate of the signer');
  const leaf = Buffer.from(certificate.toSchema().toBER());
  const signature = Buffer.from(signer.signature.valueBlock.valueHexView);
  const attribute = (oid: string) =>
    signer.unsignedAttrs?.attributes.find(({ type }) => type === oid)?.values[0];
  const token = attribute(TIMESTAMP_TOKEN);
  const embedded = attribute(LOG_ENTRY);
  const tokens = token === undefined ? [] : [toTimestampResponse(Buffer.from(token.toBER()))];
  const entries =
    embedded instanceof OctetString
      ? [toEntry(Buffer.from(embedded.valueBlock.valueHexView), artifact, signature, leaf)]
      : [];
  const digest = createHash('sha256').update(artifact).digest('base64');
  const json = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: leaf.toString('base64') },
      tlogEntries: entries,
      timestampVerificationData: { rfc3161Timestamps: tokens },
    },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest },
      signature: signature.toString('base64'),
    },
  };
  return { bundle: bundleFromJSON(json), hasTime: tokens.length > 0 || entries.length > 0 };
}

/** `30 L 30 03 02 01 00` and the token. */
function toTimestampResponse(token: Buffer): { readonly signedTimestamp: string } {
  const content = Buffer.concat([Buffer.from('3003020100', 'hex'), token]);
  const length = Buffer.from([
    0x30,
    0x83,
    content.length >> 16,
    (content.length >> 8) & 255,
    content.length & 255,
  ]);
  const short = Buffer.from([0x30, 0x82, content.length >> 8, content.length & 255]);
  return {
    signedTimestamp: Buffer.concat([content.length > 65535 ? length : short, content]).toString('base64'),
  };
}

function toEntry(message: Buffer, artifact: Buffer, signature: Buffer, leaf: Buffer): unknown {
  const entry = fieldsOf(message);
  const proof = fieldsOf(bytesAt(entry, 6));
  const envelope = bytesAt(fieldsOf(bytesAt(proof, 5)), 1).toString();
  const kind = fieldsOf(bytesAt(entry, 3));
  const v1 = / - \d+\n/.test(envelope);
  const body = v1 ? bodyV1(artifact, signature, leaf) : bodyV2(artifact, signature, leaf);
  const promise = bytesAt(fieldsOf(bytesAt(entry, 5)), 1).toString('base64');
  return {
    logIndex: numberAt(entry, 1),
    logId: { keyId: bytesAt(fieldsOf(bytesAt(entry, 2)), 1).toString('base64') },
    kindVersion: { kind: bytesAt(kind, 1).toString(), version: v1 ? bytesAt(kind, 2).toString() : '0.0.2' },
    integratedTime: numberAt(entry, 4),
    ...(promise === '' ? {} : { inclusionPromise: { signedEntryTimestamp: promise } }),
    inclusionProof: {
      logIndex: numberAt(proof, 1),
      rootHash: bytesAt(proof, 2).toString('base64'),
      treeSize: numberAt(proof, 3),
      hashes: (proof.get(4) ?? []).map((hash) => (hash as Buffer).toString('base64')),
      checkpoint: { envelope },
    },
    canonicalizedBody: Buffer.from(JSON.stringify(body)).toString('base64'),
  };
}

type Fields = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

/** Any protobuf message of numbers and byte strings, leniently. */
function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const value = varint();
    const isBytes = (tag & 7n) === 2n;
    if (!isBytes && (tag & 7n) !== 0n) throw new Error('a protobuf type of another kind');
    if (isBytes) at += Number(value);
    const content = isBytes ? message.subarray(at - Number(value), at) : value;
    fields.set(Number(tag >> 3n), [...(fields.get(Number(tag >> 3n)) ?? []), content]);
  }
  return fields;
}

function bytesAt(fields: Fields, number: number): Buffer {
  const value = fields.get(number)?.at(-1);
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function numberAt(fields: Fields, number: number): string {
  return String(fields.get(number)?.at(-1) ?? 0n);
}

function bodyV1(artifact: Buffer, signature: Buffer, leaf: Buffer): unknown {
  const lines = leaf.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  const pem = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  const value = createHash('sha256').update(artifact).digest('hex');
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value } },
      signature: {
        content: signature.toString('base64'),
        publicKey: { content: Buffer.from(pem).toString('base64') },
      },
    },
  };
}

function bodyV2(artifact: Buffer, signature: Buffer, leaf: Buffer): unknown {
  const digest = createHash('sha256').update(artifact).digest('base64');
  const verifier = {
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
    x509Certificate: { rawBytes: leaf.toString('base64') },
  };
  return {
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest },
        signature: { content: signature.toString('base64'), verifier },
      },
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? `${error.code}` : '';
  return `${code} ${error.message}`.trim().slice(0, 80);
}
