/**
 * Strict DER (X.690): definite minimal lengths, tag numbers below 31, bounded depth, no trailing bytes,
 * primitive and constructed as the type demands, and the one encoding of INTEGER, BOOLEAN, NULL, BIT STRING
 * and OBJECT IDENTIFIER. One pass reads the whole tree; nothing is copied.
 */
import { refuse } from './failure.ts';
import { MAX_DER_DEPTH, MAX_DER_ELEMENTS, MAX_OID_BYTES } from './limits.ts';

// Identifier octets. Single constants, since the names of an object's fields would survive minification.
export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_ID = 0x06;
export const UTF8_STRING = 0x0c;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** One element: where it lies in `source`, and its children when constructed. */
export interface DerNode {
  /** The identifier octet. */
  readonly tag: number;
  readonly source: Uint8Array;
  readonly start: number;
  /** Where the content starts. */
  readonly body: number;
  readonly end: number;
  readonly children: readonly DerNode[];
}

/** Of the call of `parseDer` under way: a thousand bytes can hold five hundred elements. */
let elementsLeft = 0;

/** Parses exactly one element that fills `bytes`. */
export function parseDer(bytes: Uint8Array): DerNode {
  elementsLeft = MAX_DER_ELEMENTS;
  const node = readNode(bytes, 0, bytes.length, 0);
  return node.end === bytes.length ? node : refuse('DER has bytes after its end');
}

/** Tag, length and content, as received. */
export function encodedOf({ source, start, end }: DerNode): Uint8Array {
  return source.subarray(start, end);
}

/** The node if it has this tag; `what` begins the sentence of the refusal. */
export function expectTag(node: DerNode | undefined, tag: number, what: string): DerNode {
  if (node === undefined) return refuse(`${what} is missing`);
  return node.tag === tag ? node : refuse(`${what} has the wrong type`);
}

export function contentOf(node: DerNode | undefined, tag: number, what: string): Uint8Array {
  const { source, body, end } = expectTag(node, tag, what);
  return source.subarray(body, end);
}

/** The children of a node of this tag, of which there must be between `count[0]` and `count[1]`. */
export function childrenOf(
  node: DerNode | undefined,
  tag: number,
  what: string,
  count: readonly [number, number?],
): readonly DerNode[] {
  const { children } = expectTag(node, tag, what);
  if (children.length < count[0]) return refuse(`${what} has too few parts`);
  return children.length > (count[1] ?? count[0]) ? refuse(`${what} has too many parts`) : children;
}

/** Dotted form of an OBJECT IDENTIFIER; arcs above 2^53 are rounded, and equal none that we know. */
export function oidOf(node: DerNode | undefined, what: string): string {
  const { source, body, end } = expectTag(node, OBJECT_ID, what);
  let text = '';
  let arc = 0;
  for (let at = body; at < end; at++) {
    const octet = source[at] as number;
    arc = arc * 128 + (octet & 0x7f);
    if (octet > 0x7f) continue;
    const root = arc < 80 ? Math.floor(arc / 40) : 2;
    text += text === '' ? `${root}.${arc - root * 40}` : `.${arc}`;
    arc = 0;
  }
  return text;
}

/** Value of a non-negative INTEGER below 2^31. */
export function smallIntegerOf(node: DerNode | undefined, what: string): number {
  const { source, body, end } = expectTag(node, INTEGER, what);
  let value = 0;
  for (let at = body; at < end; at++) value = value * 256 + (source[at] as number);
  const right = end - body < 5 && value < 2 ** ((end - body) * 8 - 1);
  return right ? value : refuse(`${what} is out of range`);
}

/** Milliseconds since 1970 of a UTCTime before 2050 or a GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
export function timeOf(node: DerNode | undefined, what: string): number {
  const utc = node?.tag === UTC_TIME;
  const { source, body, end } = expectTag(node, utc ? UTC_TIME : GENERALIZED_TIME, what);
  const from = utc ? body + 2 : body + 4;
  let right = end - from === 11 && source[end - 1] === 0x5a;
  for (let at = body; at < end - 1; at++) {
    const digit = (source[at] as number) - 0x30;
    right &&= digit >= 0 && digit <= 9;
  }
  if (!right) return refuse(`${what} is no date in DER`);
  const short = pairAt(source, body);
  const year = utc ? short + (short < 50 ? 2000 : 1900) : short * 100 + pairAt(source, body + 2);
  const month = pairAt(source, from);
  const day = pairAt(source, from + 2);
  const hour = pairAt(source, from + 4);
  const minute = pairAt(source, from + 6);
  const second = pairAt(source, from + 8);
  // Date.UTC carries 30 February over into March; day 0 of a month is the last one of that before.
  right = month > 0 && month < 13 && day > 0 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  right &&= hour < 24 && minute < 60 && second < 60 && (utc || year >= 2050);
  return right ? Date.UTC(year, month - 1, day, hour, minute, second) : refuse(`${what} is no date in DER`);
}

/** Two digits. */
function pairAt(source: Uint8Array, at: number): number {
  return ((source[at] as number) - 0x30) * 10 + (source[at + 1] as number) - 0x30;
}

function readNode(source: Uint8Array, start: number, limit: number, depth: number): DerNode {
  if (depth > MAX_DER_DEPTH) refuse('DER is nested too deeply');
  if (--elementsLeft < 0) refuse('DER has too many elements');
  const tag = source[start] as number;
  let body = start + 2;
  let length = source[start + 1] as number;
  const octets = length & 0x7f;
  if (length > 0x7f && body + octets <= limit) {
    if (octets === 0 || octets > 4) refuse('DER has an indefinite or endless length');
    length = 0;
    for (const end = body + octets; body < end; body++) length = length * 256 + (source[body] as number);
    if (length < 0x80 || length < 256 ** (octets - 1)) refuse('DER has a length that is not minimal');
  }
  const end = body + length;
  // Written so that a comparison with an absent octet (NaN) fails too.
  if (!(end <= limit)) refuse('DER is cut short');
  if (checkTag(tag)) {
    checkPrimitive(source, tag, body, end);
    return { tag, source, start, body, end, children: NO_CHILDREN };
  }
  const children: DerNode[] = [];
  for (let at = body; at < end; ) {
    const child = readNode(source, at, end, depth + 1);
    children.push(child);
    at = child.end;
  }
  return { tag, source, start, body, end, children };
}

const NO_CHILDREN: readonly DerNode[] = [];

/** Whether the type is primitive: of the universal ones all but SEQUENCE and SET are; 0 is BER's end mark. */
function checkTag(tag: number): boolean {
  const number = tag & 0x1f;
  const primitive = (tag & 0x20) === 0;
  const inPieces = tag < 0x40 && primitive === (number === 16 || number === 17);
  if (number === 31 || tag === 0 || inPieces) refuse('DER has a tag that does not belong there');
  return primitive;
}

/** One value, one encoding. */
function checkPrimitive(source: Uint8Array, tag: number, start: number, end: number): void {
  const length = end - start;
  const first = source[start] as number;
  const last = source[end - 1] as number;
  let right = true;
  if (tag === INTEGER) {
    const next = (source[start + 1] as number) & 0x80;
    right = length > 0 && !(length > 1 && ((first === 0 && next === 0) || (first === 0xff && next !== 0)));
  } else if (tag === BOOLEAN) {
    right = length === 1 && (first === 0 || first === 0xff);
  } else if (tag === NULL) {
    right = length === 0;
  } else if (tag === BIT_STRING) {
    // The first octet counts the unused bits of the last one, which are zero.
    right = length > 0 && first < 8 && (length > 1 ? (last & ((1 << first) - 1)) === 0 : first === 0);
  } else if (tag === OBJECT_ID) {
    right = length > 0 && length <= MAX_OID_BYTES && last < 0x80;
    for (let at = start; at < end; at++) {
      // An arc does not begin with zeros.
      if (source[at] === 0x80 && (at === start || (source[at - 1] as number) < 0x80)) right = false;
    }
  }
  if (!right) refuse(`DER has a value of type ${tag} that is not minimal or not whole`);
}
