/** The PEM armor of a signature. git knows the format by its label (git: gpg-interface.c, x509_sigs). */
import { decodeBase64, toBase64, view } from './bytes.ts';
import { refuse } from './failure.ts';
import { MAX_ARMOR_BYTES } from './limits.ts';

export const ARMOR_BEGIN = '-----BEGIN SIGNED MESSAGE-----';
const ARMOR_END = '-----END SIGNED MESSAGE-----';

/** Armors DER the way every real signature is: lines of 64 characters, LF, also at the end. */
export function encodeArmor(der: Uint8Array): string {
  return encodePem(der, ARMOR_BEGIN, ARMOR_END);
}

/** PEM as Go writes it: 64 columns, LF, final LF. The log entry's body depends on these very bytes. */
export function encodePem(der: Uint8Array, begin: string, end: string): string {
  const base64 = toBase64(der);
  let text = `${begin}\n`;
  for (let at = 0; at < base64.length; at += 64) text += `${base64.slice(at, at + 64)}\n`;
  return `${text}${end}\n`;
}

/**
 * Opens the armor of exactly one signature and gives its DER. Accepts one spelling of each DER only, so that
 * nobody can change an object's id by rewrapping its signature; the final LF may be missing (jj hands the
 * bare header value over) and empty lines may follow (gix-object before 0.45 wrote them).
 */
export function parseArmor(armored: Uint8Array): Uint8Array {
  if (armored.length > MAX_ARMOR_BYTES) return refuse('the signature is larger than 1 MiB');
  const text = view(armored).toString('latin1');
  if (!text.startsWith(`${ARMOR_BEGIN}\n`)) return refuse('the signature does not begin with its armor line');
  const bodyEnd = text.indexOf('\n-', ARMOR_BEGIN.length) + 1;
  if (!text.startsWith(ARMOR_END, bodyEnd) || bodyEnd === 0) return refuse('the armor has no end line');
  const body = text.slice(ARMOR_BEGIN.length + 1, bodyEnd);
  const base64 = body.replaceAll('\n', '');
  const der = decodeBase64(base64, 'the armor');
  if (!isWrapped(body, base64.length)) return refuse('the armor is not in lines of 64 characters');
  if (/[^\n]/.test(text.slice(bodyEnd + ARMOR_END.length))) return refuse('text follows the armor');
  return der;
}

/** Whether the line feeds stand after each 64 characters and at the end, and nowhere else. */
function isWrapped(body: string, characters: number): boolean {
  let right = body.length === characters + Math.ceil(characters / 64) && body.endsWith('\n');
  for (let at = 64; at < body.length; at += 65) right &&= body[at] === '\n';
  return right;
}
