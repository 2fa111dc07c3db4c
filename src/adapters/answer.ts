/** Reads a service's JSON answer field by field; each thing that is wrong has its own sentence. */
import { isUtf8 } from 'node:buffer';
import { SignetError } from '../errors.ts';

/** A JSON object of an answer, with the words that name it in a sentence: `Rekor's answer`. */
export interface JsonObject {
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Throws `service-answer` unless the bytes are UTF-8 JSON with an object at the top. */
export function parseObject(bytes: Uint8Array, what: string): JsonObject {
  return toObject(parseJson(bytes, what), what);
}

/** The elements of a JSON list of at most `max`. Throws `service-answer`. */
export function parseList(bytes: Uint8Array, what: string, max: number): readonly unknown[] {
  const value = parseJson(bytes, what);
  if (!Array.isArray(value)) throw wrong(what, 'is not a JSON list');
  if (value.length > max) throw wrong(what, `has more than ${max} elements`);
  return value;
}

/** A value that is a JSON object itself. Throws `service-answer`. */
export function toObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(what, 'is not a JSON object');
  }
  return { what, fields: value as Record<string, unknown> };
}

/** A member that is an object itself. */
export function objectIn({ what, fields }: JsonObject, name: string): JsonObject {
  return toObject(fields[name], `"${name}" in ${what}`);
}

export function stringIn({ what, fields }: JsonObject, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw wrong(what, `has no text in "${name}"`);
  return value;
}

/** Not more than `max` elements, at least `min`, all text. */
export function stringsIn(
  { what, fields }: JsonObject,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): readonly string[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw wrong(what, `has no list in "${name}"`);
  if (value.length < min) throw wrong(what, `has nothing in "${name}"`);
  if (value.length > max) throw wrong(what, `has more than ${max} elements in "${name}"`);
  return value.map((element: unknown) => {
    if (typeof element !== 'string') throw wrong(what, `has something that is not text in "${name}"`);
    return element;
  });
}

/** A whole number from 0 to 2^53 − 1: beyond, JSON.parse would have rounded it. */
export function integerIn({ what, fields }: JsonObject, name: string): bigint {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw wrong(what, `has no whole number in "${name}"`);
  }
  return BigInt(value);
}

/** Lower-case hex of exactly `length` bytes. */
export function toHexBytes(text: string, length: number, what: string): Uint8Array {
  if (text.length !== length * 2 || !/^[0-9a-f]*$/.test(text)) {
    throw wrong(what, `is not ${length} bytes in lower-case hex`);
  }
  return Buffer.from(text, 'hex');
}

/** Standard base64 with padding in its one canonical form, not empty. */
export function toBase64Bytes(text: string, what: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) throw wrong(what, 'is not canonical base64');
  return bytes;
}

export function wrong(
  what: string,
  how: string,
  hint = 'Try again; if it stays, tell those who run the service.',
) {
  return new SignetError('service-answer', `${what[0]?.toUpperCase()}${what.slice(1)} ${how}.`, hint);
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  if (!isUtf8(bytes)) throw wrong(what, 'is not UTF-8');
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // Without the parser's error: it quotes the answer.
    throw wrong(what, 'is not JSON');
  }
}
