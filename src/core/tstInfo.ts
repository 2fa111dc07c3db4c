/** TSTInfo (RFC 3161 section 2.4.2): what a timestamp authority signs. */
import { hash } from 'node:crypto';
import { sameBytes, toHex, view } from './bytes.ts';
import { algorithmOf } from './cms.ts';
import {
  BOOLEAN,
  childrenOf,
  contentOf,
  type DerNode,
  expectTag,
  GENERALIZED_TIME,
  INTEGER,
  OCTET_STRING,
  oidOf,
  parseDer,
  SEQUENCE,
  smallIntegerOf,
} from './der.ts';
import { refuse } from './failure.ts';
import { MAX_TIMESTAMP_ACCURACY_MS } from './limits.ts';
import { DIGESTS } from './signature.ts';

export interface TstInfo {
  /** genTime in milliseconds since 1970, what is finer cut off. */
  readonly at: number;
  readonly imprint: { readonly algorithm: string; readonly digest: Uint8Array };
  readonly nonce: bigint | undefined;
}

/**
 * TSTInfo ::= SEQUENCE { version, policy, messageImprint, serialNumber, genTime, accuracy OPTIONAL,
 *   ordering BOOLEAN DEFAULT FALSE, nonce OPTIONAL, tsa [0] OPTIONAL, extensions [1] OPTIONAL }
 */
export function parseTstInfo(der: Uint8Array): TstInfo {
  const [version, policy, imprint, serialNumber, genTime, ...optional] = childrenOf(
    parseDer(der),
    SEQUENCE,
    WHAT,
    [5, 10],
  );
  if (smallIntegerOf(version, `the version of ${WHAT}`) !== 1) {
    return refuse('the timestamp is of an unknown version');
  }
  oidOf(policy, `the policy of ${WHAT}`);
  expectTag(serialNumber, INTEGER, `the serial number of ${WHAT}`);
  // In this order, each at most once; what is left over belongs to none of them.
  const take = (tag: number): DerNode | undefined =>
    optional[0]?.tag === tag ? optional.shift() : undefined;
  checkAccuracy(take(SEQUENCE));
  checkOrdering(take(BOOLEAN));
  const nonce = take(INTEGER);
  take(0xa0);
  checkExtensions(take(0xa1));
  if (optional.length > 0) return refuse(`${WHAT} has a part that does not belong there`);
  return { at: preciseTimeOf(genTime), imprint: parseImprint(imprint), nonce: nonce && integerOf(nonce) };
}

const WHAT = 'the timestamp';

/** Refuses a timestamp over anything but these bytes. */
export function checkImprint({ imprint }: TstInfo, signature: Uint8Array): undefined {
  const [digest] = DIGESTS[imprint.algorithm] ?? [];
  if (digest === undefined) return refuse('the timestamp names its object by a digest that does not count');
  if (!sameBytes(imprint.digest, hash(digest, signature, 'buffer'))) {
    refuse('the timestamp is of another signature');
  }
}

/** MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING } */
function parseImprint(node: DerNode | undefined): TstInfo['imprint'] {
  const what = `the imprint of ${WHAT}`;
  const { 0: algorithm, 1: digest } = childrenOf(node, SEQUENCE, what, [2]);
  return { algorithm: algorithmOf(algorithm, what), digest: contentOf(digest, OCTET_STRING, what) };
}

/**
 * GeneralizedTime of RFC 3161: UTC with `Z`, seconds always there, a fraction without trailing zeros after a point.
 * No leap second: nothing else here has them.
 */
function preciseTimeOf(node: DerNode | undefined): number {
  const text = view(contentOf(node, GENERALIZED_TIME, `the time of ${WHAT}`)).toString('latin1');
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,17}[1-9]))?Z$/.exec(text);
  const [year, month, day, hour, minute, second] = match?.slice(1, 7) ?? [];
  const milliseconds = (match?.[7] ?? '').padEnd(3, '0').slice(0, 3);
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`;
  const at = Date.parse(iso);
  // 30 February and 24:00 are carried over: then the date written back is another one.
  const right = !Number.isNaN(at) && new Date(at).toISOString() === iso;
  return right ? at : refuse(`the time of ${WHAT} is no date in DER`);
}

/**
 * Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] (1..999) OPTIONAL, micros [1] (1..999) OPTIONAL }.
 * genTime is what the authority asserts, and that counts, as it is; but one that does not know the minute is refused.
 */
function checkAccuracy(node: DerNode | undefined): undefined {
  if (node === undefined) return;
  const what = `the accuracy of ${WHAT}`;
  const parts = [...childrenOf(node, SEQUENCE, what, [0, 3])];
  const take = (tag: number): number => {
    const part = parts[0]?.tag === tag ? parts.shift() : undefined;
    return part === undefined ? 0 : Number(integerOf({ ...part, tag: INTEGER }));
  };
  const [seconds, millis, micros] = [take(INTEGER), take(0x80), take(0x81)];
  const fits = [seconds, millis, micros].every((value) => value >= 0) && millis < 1000 && micros < 1000;
  if (!fits || parts.length > 0) return refuse(`${what} is malformed`);
  if (seconds * 1000 + millis + micros / 1000 > MAX_TIMESTAMP_ACCURACY_MS) {
    refuse('the timestamp authority does not know the time to the minute');
  }
}

/** BOOLEAN DEFAULT FALSE: DER leaves the default out. */
function checkOrdering(node: DerNode | undefined): void {
  if (node && contentOf(node, BOOLEAN, WHAT)[0] === 0) refuse(`${WHAT} spells out a default value`);
}

/** Extensions are not needed for anything; a critical one says that it must be understood. */
function checkExtensions(node: DerNode | undefined): undefined {
  for (const extension of node?.children ?? []) {
    const what = `an extension of ${WHAT}`;
    const parts = childrenOf(extension, SEQUENCE, what, [2, 3]);
    const oid = oidOf(parts[0], what);
    if (parts.length === 3) {
      const [critical] = contentOf(parts[1], BOOLEAN, what);
      return refuse(
        critical === 0
          ? `${what} spells out a default value`
          : `${WHAT} has the unknown critical extension ${oid}`,
      );
    }
    expectTag(parts[1], OCTET_STRING, what);
  }
}

/** Any INTEGER whose content has this form; negative ones come out negative. */
function integerOf({ source, body, end }: DerNode): bigint {
  if (end === body || end - body > 64) return refuse(`${WHAT} has a number that is out of range`);
  const bytes = source.subarray(body, end);
  const value = BigInt(`0x${toHex(bytes)}`);
  return (bytes[0] as number) > 0x7f ? value - (1n << BigInt(8 * bytes.length)) : value;
}
