/** What strings and byte arrays need of each other. All views share memory with what they were given. */
import { refuse } from './failure.ts';

/** The same memory as a Buffer, for its fast search, comparison and text methods. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex');
}

export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

/** Decodes standard base64 that is exactly what an encoder writes; Buffer alone skips what it does not know. */
export function decodeBase64(text: string, what: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : refuse(`${what} is not canonical base64`);
}

/** Decodes UTF-8 and refuses what is none, or holds the sign for it. */
export function decodeText(bytes: Uint8Array, what: string): string {
  const text = view(bytes).toString('utf8');
  return text.includes('\ufffd') ? refuse(`${what} is not UTF-8`) : text;
}
