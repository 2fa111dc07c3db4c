/** DER encoders (X.690), as small as signing needs them. */
import { view } from './bytes.ts';
import {
  BIT_STRING,
  GENERALIZED_TIME,
  INTEGER,
  OBJECT_ID,
  OCTET_STRING,
  SEQUENCE,
  SET,
  UTC_TIME,
  UTF8_STRING,
} from './der.ts';

/** Tag, shortest length, then the parts one after the other. */
export function encodeElement(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  return Buffer.concat([encodeHeader(tag, length), ...parts]);
}

export function encodeSequence(...parts: readonly Uint8Array[]): Uint8Array {
  return encodeElement(SEQUENCE, ...parts);
}

/** SET OF: members in ascending order of their encodings (X.690 11.6). */
export function encodeSet(...members: readonly Uint8Array[]): Uint8Array {
  return encodeElement(SET, ...[...members].sort(compareMembers));
}

/** Order of two members of a SET OF: as octet strings, the shorter padded with zeros (X.690 11.6). */
export function compareMembers(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** From the dotted form, arcs below 2^53. */
export function encodeOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...arcs]) {
    const groups = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
      groups.unshift((rest % 128) + 128);
    }
    octets.push(...groups);
  }
  return encodeElement(OBJECT_ID, Uint8Array.from(octets));
}

/** A non-negative INTEGER. */
export function encodeInteger(value: bigint | number): Uint8Array {
  const hex = BigInt(value).toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return encodeElement(INTEGER, ...((bytes[0] as number) & 0x80 ? [Uint8Array.of(0), bytes] : [bytes]));
}

export function encodeOctetString(bytes: Uint8Array): Uint8Array {
  return encodeElement(OCTET_STRING, bytes);
}

/** Whole bytes, no unused bits. */
export function encodeBitString(bytes: Uint8Array): Uint8Array {
  return encodeElement(BIT_STRING, Uint8Array.of(0), bytes);
}

export function encodeUtf8String(text: string): Uint8Array {
  return encodeElement(UTF8_STRING, Buffer.from(text, 'utf8'));
}

/** [n], constructed: EXPLICIT, or IMPLICIT over a SEQUENCE or SET. */
export function encodeContext(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return encodeElement(0xa0 | number, ...parts);
}

/** Whole seconds: UTCTime before 2050, GeneralizedTime from then on (RFC 5652 11.3). */
export function encodeTime(time: Date): Uint8Array {
  const digits = `${time.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
  const year = time.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? encodeElement(UTC_TIME, Buffer.from(digits.slice(2), 'latin1'))
    : encodeElement(GENERALIZED_TIME, Buffer.from(digits, 'latin1'));
}

/** The same element under another identifier octet, as IMPLICIT tagging does. */
export function retag(element: Uint8Array, tag: number): Uint8Array {
  const copy = Buffer.from(view(element));
  copy[0] = tag;
  return copy;
}

/** Tag and shortest length. */
export function encodeHeader(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length);
  if (length < 0x100) return Uint8Array.of(tag, 0x81, length);
  if (length < 0x10000) return Uint8Array.of(tag, 0x82, length >> 8, length & 0xff);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets);
}
