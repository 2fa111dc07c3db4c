/**
 * The part of protobuf's wire format that a log entry uses, read strictly: fields in ascending order, each
 * once unless repeated, shortest varints, no default values. Nobody wrote anything else, and leniency would
 * let strangers change an object's id or show two readers two entries.
 */
import { refuse } from './failure.ts';

export interface ProtoField {
  readonly number: number;
  /** A bigint for wire type 0, bytes for wire type 2. */
  readonly value: bigint | Uint8Array;
}

/** What each field number holds; the value of `many` may occur any number of times. */
export type ProtoShape = Readonly<Record<number, 'varint' | 'bytes' | 'many' | 'message'>>;

/** Reads the fields of one message in the order in which they stand. `what` begins refusals. */
export function readFields(bytes: Uint8Array, shape: ProtoShape, what: string): readonly ProtoField[] {
  const fields: ProtoField[] = [];
  let last = 0;
  for (let at = 0; at < bytes.length; ) {
    const key = bytes[at++] as number;
    const number = key >> 3;
    const type = shape[number];
    // One octet holds all field numbers below 16: larger ones are unknown anyway.
    if (key >= 0x80 || type === undefined) return refuse(`${what} has an unknown field`);
    if ((key & 7) !== (type === 'varint' ? 0 : 2)) return refuse(`${what} has a field of the wrong type`);
    if (number < last) return refuse(`${what} has its fields out of order`);
    if (number === last && type !== 'many') return refuse(`${what} has a field twice`);
    last = number;
    const { low, high, end } = readVarint(bytes, at, what);
    at = end;
    const length = low + high * LOW;
    if (length === 0 && (type === 'varint' || type === 'bytes'))
      return refuse(`${what} spells out a default value`);
    if (type === 'varint') {
      fields.push({ number, value: (BigInt(high) << 28n) + BigInt(low) });
      continue;
    }
    if (length > bytes.length - at) return refuse(`${what} is cut short`);
    fields.push({ number, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

/** Field of wire type 0; nothing for zero, which is the default. */
export function encodeVarintField(number: number, value: bigint): Uint8Array {
  return value === 0n ? new Uint8Array(0) : Buffer.from([number << 3, ...encodeVarint(value)]);
}

/** Field of wire type 2. */
export function encodeBytesField(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...encodeVarint(BigInt(length))]), ...parts]);
}

function encodeVarint(value: bigint): readonly number[] {
  const octets: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) octets.push(Number(rest & 0x7fn) | 0x80);
  return [...octets, Number(rest)];
}

/** What the first four octets of a varint hold. */
const LOW = 2 ** 28;

/** At most 63 bits, as 28 and 35: all numbers of an entry are int64 and none is negative. */
function readVarint(
  bytes: Uint8Array,
  start: number,
  what: string,
): { low: number; high: number; end: number } {
  let [low, high, scale] = [0, 0, 1];
  for (let at = start; at < bytes.length && at < start + 9; at++) {
    const octet = bytes[at] as number;
    if (at < start + 4) low += (octet & 0x7f) * scale;
    else high += (octet & 0x7f) * (scale / LOW);
    scale *= 128;
    if (octet > 0x7f) continue;
    if (octet === 0 && at > start) return refuse(`${what} has a number that is not minimal`);
    return { low, high, end: at + 1 };
  }
  return refuse(`${what} has a negative or cut number`);
}
