/**
 * Strict DER (X.690): definite minimal lengths, tag numbers below 31, bounded depth, no trailing bytes,
 * primitive and constructed as the type demands, and the one encoding of INTEGER, BOOLEAN, NULL, BIT STRING
 * and OBJECT IDENTIFIER. One pass reads the whole tree; nothing is copied.
 */
import { refuse } from './failure.ts';
import { MAX_DER_DEPTH } from './limits.ts';

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element: where it lies in `source`, and its children when constructed. */
export interface DerNode {
  /** The identifier octet. */
  readonly tag: number;
  readonly source: Uint8Array;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
  readonly children: readonly DerNode[];
}

const NO_CHILDREN: readonly DerNode[] = [];

/** Parses exactly one element that fills `bytes`. */
export function parseDer(bytes: Uint8Array): DerNode {
  const node = readNode(bytes, 0, bytes.length, 0);
  return node.end === bytes.length ? node : refuse('DER has bytes after its end');
}

/** Tag, length and content, as received. */
export function encodedOf(node: DerNode): Uint8Array {
  return node.source.subarray(node.start, node.end);
}

export function contentOf(node: DerNode): Uint8Array {
  return node.source.subarray(node.contentStart, node.end);
}

/** The node if it has this tag; `what` begins the sentence of the refusal. */
export function expectTag(node: DerNode | undefined, tag: number, what: string): DerNode {
  if (node === undefined) return refuse(`${what} is missing`);
  return node.tag === tag ? node : refuse(`${what} has the wrong type`);
}

/** The children of a node of this tag, of which there must be between `least` and `most`. */
export function childrenOf(
  node: DerNode | undefined,
  tag: number,
  what: string,
  [least, most]: readonly [number, number],
): readonly DerNode[] {
  const { children } = expectTag(node, tag, what);
  if (children.length < least) return refuse(`${what} has too few elements`);
  return children.length > most ? refuse(`${what} has too many elements`) : children;
}

/** Dotted form of an OBJECT IDENTIFIER. */
export function oidOf(node: DerNode | undefined, what: string): string {
  const { source, contentStart, end } = expectTag(node, TAG.oid, what);
  let text = '';
  let arc = 0n;
  let small = 0;
  for (let at = contentStart; at < end; at++) {
    const octet = source[at] as number;
    // Arcs above 2^45 exist (UUIDs under 2.25): only they pay for a bigint.
    if (small > 0x1fff_ffff_ffff) arc = (arc === 0n ? BigInt(small) : arc) * 128n + BigInt(octet & 0x7f);
    else small = small * 128 + (octet & 0x7f);
    if (octet & 0x80) continue;
    if (text === '') {
      const root = Math.min(2, Math.floor(small / 40));
      text = arc === 0n ? `${root}.${small - root * 40}` : `2.${arc - 80n}`;
    } else text += `.${arc === 0n ? small : arc}`;
    arc = 0n;
    small = 0;
  }
  return text;
}

/** Value of a non-negative INTEGER below 2^31. */
export function smallIntegerOf(node: DerNode | undefined, what: string): number {
  const { source, contentStart, end } = expectTag(node, TAG.integer, what);
  if (end - contentStart > 4 || ((source[contentStart] as number) & 0x80) !== 0) {
    return refuse(`${what} is out of range`);
  }
  let value = 0;
  for (let at = contentStart; at < end; at++) value = value * 256 + (source[at] as number);
  return value;
}

/** Milliseconds since 1970 of a UTCTime before 2050 or a GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
export function timeOf(node: DerNode | undefined, what: string): number {
  if (node === undefined) return refuse(`${what} is missing`);
  const { tag } = node;
  if (tag !== TAG.utcTime && tag !== TAG.generalizedTime) return refuse(`${what} has the wrong type`);
  const text = String.fromCharCode(...contentOf(node).subarray(0, 16));
  const match = (tag === TAG.utcTime ? /^(\d{2})(\d{10})Z$/ : /^(\d{4})(\d{10})Z$/).exec(text);
  if (match === null) return refuse(`${what} is not in DER form`);
  const digits = Number(match[1]);
  const year = tag === TAG.utcTime ? digits + (digits < 50 ? 2000 : 1900) : digits;
  if (tag === TAG.generalizedTime && year < 2050) return refuse(`${what} must be a UTCTime`);
  const rest = match[2] as string;
  const part = (index: number) => Number(rest.slice(index * 2, index * 2 + 2));
  const time = Date.UTC(year, part(0) - 1, part(1), part(2), part(3), part(4));
  const written = new Date(time).toISOString().replace(/\D/g, '').slice(4, 14);
  return written === rest ? time : refuse(`${what} is no date`);
}

function readNode(source: Uint8Array, start: number, limit: number, depth: number): DerNode {
  if (depth > MAX_DER_DEPTH) return refuse('DER is nested too deeply');
  if (limit - start < 2) return refuse('DER is cut short');
  const tag = source[start] as number;
  if ((tag & 0x1f) === 0x1f) return refuse('DER has a high tag number');
  let contentStart = start + 2;
  let length = source[start + 1] as number;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    if (octets === 0) return refuse('DER has an indefinite length');
    if (octets > 4) return refuse('DER has a length beyond 4 octets');
    if (limit - contentStart < octets) return refuse('DER is cut short');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (source[contentStart + i] as number);
    if (length < 0x80 || length < 256 ** (octets - 1)) return refuse('DER has a length that is not minimal');
    contentStart += octets;
  }
  const end = contentStart + length;
  if (end > limit) return refuse('DER is cut short');
  const constructed = (tag & 0x20) !== 0;
  checkType(tag, constructed);
  if (!constructed) {
    checkPrimitive(source, tag, contentStart, end);
    return { tag, source, start, contentStart, end, children: NO_CHILDREN };
  }
  const children: DerNode[] = [];
  for (let at = contentStart; at < end; ) {
    const child = readNode(source, at, end, depth + 1);
    children.push(child);
    at = child.end;
  }
  return { tag, source, start, contentStart, end, children };
}

/** Of the universal types only SEQUENCE and SET are constructed in DER; 0 is BER's end-of-contents. */
function checkType(tag: number, constructed: boolean): void {
  if (tag >= 0x40) return;
  const number = tag & 0x1f;
  if (number === 0) refuse('DER has an end-of-contents mark');
  if (constructed !== (number === 16 || number === 17))
    refuse('DER has a string in pieces or a flat sequence');
}

function checkPrimitive(source: Uint8Array, tag: number, start: number, end: number): undefined {
  const first = source[start] as number;
  switch (tag) {
    case TAG.integer:
    case TAG.enumerated: {
      if (end === start) return refuse('DER has an empty INTEGER');
      const next = (source[start + 1] as number) & 0x80;
      const padded = end - start > 1 && ((first === 0 && next === 0) || (first === 0xff && next !== 0));
      return padded ? refuse('DER has an INTEGER that is not minimal') : undefined;
    }
    case TAG.boolean:
      return end - start === 1 && (first === 0 || first === 0xff)
        ? undefined
        : refuse('DER has a BOOLEAN that is neither 00 nor ff');
    case TAG.null:
      return end === start ? undefined : refuse('DER has a NULL with content');
    case TAG.bitString:
      return checkBitString(source, start, end);
    case TAG.oid:
      return checkOid(source, start, end);
  }
}

function checkBitString(source: Uint8Array, start: number, end: number): undefined {
  const unused = source[start] as number;
  const wrong = end === start || unused > 7 || (unused > 0 && end - start === 1);
  if (wrong) refuse('DER has a malformed BIT STRING');
  if (((source[end - 1] as number) & ((1 << unused) - 1)) !== 0 && end - start > 1) {
    refuse('DER has a BIT STRING whose unused bits are set');
  }
}

function checkOid(source: Uint8Array, start: number, end: number): undefined {
  if (end === start || ((source[end - 1] as number) & 0x80) !== 0) refuse('DER has a cut OBJECT IDENTIFIER');
  for (let at = start, fresh = true; at < end; at++) {
    const octet = source[at] as number;
    if (fresh && octet === 0x80) refuse('DER has an OBJECT IDENTIFIER that is not minimal');
    fresh = (octet & 0x80) === 0;
  }
}
