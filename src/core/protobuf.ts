/**
 * The part of protobuf's wire format that a log entry uses, read strictly: fields in ascending order, each
 * once unless repeated, shortest varints, no default values. Nobody wrote anything else, and leniency would
 * let strangers change an object's id or show two readers two entries.
 */
import { refuse } from './failure.ts';

/** What each field number holds: a number, bytes, any number of byte strings, or a message. */
export type ProtoShape = Readonly<Record<number, 'varint' | 'bytes' | 'many' | 'message'>>;

/** The fields of one message by number; those of `many` are apart. */
export interface ProtoFields {
  readonly numbers: readonly (bigint | undefined)[];
  readonly bytes: readonly (Uint8Array | undefined)[];
  readonly many: readonly Uint8Array[];
}

/** Reads the fields of one message. `what` begins refusals. */
export function readFields(message: Uint8Array, shape: ProtoShape, what: string): ProtoFields {
  const numbers: bigint[] = [];
  const bytes: Uint8Array[] = [];
  const many: Uint8Array[] = [];
  let last = 0;
  for (let at = 0; at < message.length; ) {
    const key = message[at++] as number;
    const number = key >> 3;
    const type = shape[number];
    // One octet holds all field numbers below 16: larger ones are unknown anyway.
    if (key >= 0x80 || type === undefined) return refuse(`${what} has an unknown field`);
    if ((key & 7) !== (type === 'varint' ? 0 : 2)) return refuse(`${what} has a field of the wrong type`);
    if (number < last) return refuse(`${what} has its fields out of order`);
    if (number === last && type !== 'many') return refuse(`${what} has a field twice`);
    last = number;
    const { low, high, end } = readVarint(message, at, what);
    const length = low + high * LOW;
    if (length === 0 && type !== 'many' && type !== 'message')
      return refuse(`${what} spells out a default value`);
    at = end;
    if (type === 'varint') {
      numbers[number] = (BigInt(high) << 28n) + BigInt(low);
      continue;
    }
    if (length > message.length - at) return refuse(`${what} is cut short`);
    const value = message.subarray(at, at + length);
    if (type === 'many') many.push(value);
    else bytes[number] = value;
    at += length;
  }
  return { numbers, bytes, many };
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
