/**
 * Signs payloads under a toy Sigstore where each part may be another than it should be, while every signature
 * over it is right: what is refused then is refused by one rule.
 */
import { createHash, type KeyObject, sign } from 'node:crypto';
import { encodeSignedAttrs } from '../../../src/core/cms.ts';
import { encodeHashedRekord } from '../../../src/core/rekorEntry.ts';
import { encodePrecertSignedData, encodeSctList, type Sct } from '../../../src/core/sct.ts';
import {
  type CertificateParts,
  extension,
  makeCertificate,
  NOW,
  newKey,
  sha256,
  spkiOf,
  ToySigstore,
} from '../../core/toySigstore.ts';
import {
  at,
  attribute,
  branch,
  LOG_ENTRY,
  leafNode,
  oid,
  readTree,
  type Tree,
  writeTree,
} from './derTree.ts';
import { armorOf } from './signedObject.ts';
import { type Field, writeWire } from './wireFields.ts';

export const toy = new ToySigstore();
const EMPTY = Buffer.alloc(0);
const SECONDS = BigInt(NOW.getTime() / 1000);

export interface Forgery {
  readonly key?: KeyObject;
  readonly leaf?: Partial<CertificateParts>;
  /** SCTs in place of the one that is right; given the one that is. */
  readonly scts?: (
    right: Sct,
    over: (sct: Pick<Sct, 'timestamp' | 'extensions'>) => Buffer,
  ) => readonly Sct[];
  /** Content of the SCT extension, and whether it is critical. */
  readonly sctExtension?: (value: Uint8Array) => Uint8Array;
  readonly signedAttrs?: (right: Uint8Array) => Uint8Array;
  /** What the signer signs instead of the signed attributes. */
  readonly artifact?: (signedAttrs: Uint8Array, payload: Uint8Array) => Uint8Array;
  readonly digest?: string;
  readonly signature?: (right: Buffer) => Buffer;
  /** Body that is logged. */
  readonly body?: (digest: Uint8Array, signature: Uint8Array, certificate: Uint8Array) => Uint8Array;
  readonly log?: Partial<LogParts>;
  /** Text of the body that the promise is over. */
  readonly promised?: (right: string) => string;
  readonly entry?: (fields: Field[]) => Field[];
  readonly withoutEntry?: true;
  readonly cms?: (tree: Tree) => unknown;
}

interface LogParts {
  readonly key: KeyObject;
  readonly promiseKey: KeyObject;
  readonly time: bigint;
  readonly index: bigint;
  readonly size: bigint;
  readonly hashes: readonly Uint8Array[];
  readonly globalIndex: bigint;
  /** The note's text, given origin, size and root. */
  readonly text: (origin: string, size: bigint, root: string) => string;
  readonly lines: (right: string) => string;
  readonly name: string;
  readonly hint: Buffer;
}

/** A leaf with an SCT of the toy CT log over it. */
export function forgeLeaf(key: KeyObject, { leaf = {}, scts, sctExtension }: Forgery): Uint8Array {
  const parts: CertificateParts = {
    issuerKey: toy.intermediateKey,
    issuer: toy.intermediateName,
    subject: writeTree(branch(0x30)),
    key,
    notBefore: NOW,
    notAfter: new Date(NOW.getTime() + 600_000),
    extensions: toy.leafExtensions(),
    ...leaf,
  };
  const tbs = writeTree(at(readTree(makeCertificate(parts)), 0));
  const issuerSpki = spkiOf(parts.issuerKey);
  const over = (sct: Pick<Sct, 'timestamp' | 'extensions'>) =>
    sign('sha256', encodePrecertSignedData(sct, issuerSpki, tbs), toy.ctKey);
  const stamp = { timestamp: BigInt(NOW.getTime()), extensions: EMPTY };
  const right: Sct = {
    ...stamp,
    logId: sha256(spkiOf(toy.ctKey)),
    algorithm: { hash: 4, signature: 3 },
    signature: over(stamp),
  };
  const value = encodeSctList(scts ? scts(right, over) : [right]);
  const embedded = sctExtension ? sctExtension(value) : extension('1.3.6.1.4.1.11129.2.4.2', value);
  return makeCertificate({ ...parts, extensions: [...parts.extensions, embedded] });
}

/** The armored signature over a payload, with what the forgery changes. */
export function forge(payload: Uint8Array, forgery: Forgery = {}): string {
  const key = forgery.key ?? newKey();
  const certificate = forgeLeaf(key, forgery);
  const right = encodeSignedAttrs(sha256(payload), NOW);
  const signedAttrs = forgery.signedAttrs?.(right) ?? right;
  const artifact = forgery.artifact?.(signedAttrs, payload) ?? signedAttrs;
  const made = sign(forgery.digest ?? 'sha256', artifact, key);
  const signature = forgery.signature?.(made) ?? made;
  const body = (forgery.body ?? encodeHashedRekord)(sha256(artifact), signature, certificate);
  const fields = forgeEntry(body, forgery);
  const entry = writeWire(forgery.entry?.(fields) ?? fields);
  const leaf = readTree(certificate);
  const sha = branch(0x30, oid('2.16.840.1.101.3.4.2.1'));
  const cms = branch(
    0x30,
    oid('1.2.840.113549.1.7.2'),
    branch(
      0xa0,
      branch(
        0x30,
        leafNode(2, Buffer.of(1)),
        branch(0x31, sha),
        branch(0x30, oid('1.2.840.113549.1.7.1')),
        branch(0xa0, leaf),
        branch(
          0x31,
          branch(
            0x30,
            leafNode(2, Buffer.of(1)),
            branch(0x30, at(leaf, 0, 3), at(leaf, 0, 1)),
            sha,
            { ...readTree(signedAttrs), tag: 0xa0 },
            branch(0x30, oid('1.2.840.10045.4.3.2')),
            leafNode(4, signature),
            ...(forgery.withoutEntry ? [] : [branch(0xa1, attribute(LOG_ENTRY, leafNode(4, entry)))]),
          ),
        ),
      ),
    ),
  );
  const tree = readTree(writeTree(cms));
  forgery.cms?.(tree);
  return armorOf(writeTree(tree));
}

function forgeEntry(body: Uint8Array, { log = {}, promised }: Forgery): Field[] {
  const key = log.key ?? toy.logKey;
  const logId = sha256(spkiOf(key));
  const { time = SECONDS, index = 0n, size = 1n, hashes = [], globalIndex = 5n } = log;
  const root = rootOf(body, index, size, hashes);
  const base64 = root.toString('base64');
  const text = log.text?.('log.toy.test - 1', size, base64) ?? `log.toy.test - 1\n${size}\n${base64}\n`;
  const signature = Buffer.concat([
    log.hint ?? logId.subarray(0, 4),
    sign('sha256', Buffer.from(text), key),
  ]).toString('base64');
  const line = `— ${log.name ?? 'log.toy.test'} ${signature}\n`;
  const promise = `{"body":"${Buffer.from(body).toString('base64')}","integratedTime":${time},"logID":"${logId.toString('hex')}","logIndex":${globalIndex}}`;
  const set = sign('sha256', Buffer.from(promised?.(promise) ?? promise), log.promiseKey ?? key);
  const number = (which: number, value: bigint): Field[] => (value === 0n ? [] : [{ number: which, value }]);
  return [
    ...number(1, globalIndex),
    { number: 2, value: writeWire([{ number: 1, value: logId }]) },
    {
      number: 3,
      value: writeWire([
        { number: 1, value: Buffer.from('hashedrekord') },
        { number: 2, value: Buffer.from('0.0.1') },
      ]),
    },
    ...number(4, time),
    { number: 5, value: writeWire([{ number: 1, value: set }]) },
    {
      number: 6,
      value: writeWire([
        ...number(1, index),
        { number: 2, value: root },
        ...number(3, size),
        ...hashes.map((value) => ({ number: 4, value: Buffer.from(value) })),
        {
          number: 5,
          value: writeWire([{ number: 1, value: Buffer.from(`${text}\n${log.lines?.(line) ?? line}`) }]),
        },
      ]),
    },
  ];
}

/** RFC 9162 2.1.3.2, followed step by step. */
function rootOf(body: Uint8Array, index: bigint, size: bigint, hashes: readonly Uint8Array[]): Buffer {
  const hash = (...parts: readonly Uint8Array[]) =>
    createHash('sha256').update(Buffer.concat(parts)).digest();
  const node = (left: Uint8Array, right: Uint8Array) => hash(Buffer.of(1), left, right);
  let [fn, sn, r] = [index, size - 1n, hash(Buffer.of(0), body)];
  for (const sibling of hashes) {
    if (fn & 1n || fn === sn) {
      r = node(sibling, r);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else r = node(r, sibling);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return r;
}
