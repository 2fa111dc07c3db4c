/** The PEM armor of a signature. git knows the format by its label (git: gpg-interface.c, x509_sigs). */
import { toBase64, view } from './bytes.ts';
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
  const der = Buffer.from(text.slice(ARMOR_BEGIN.length, bodyEnd), 'base64');
  const right = encodeArmor(der).slice(0, -1);
  if (text.startsWith(right) && !/[^\n]/.test(text.slice(right.length))) return der;
  // Only now, for the sake of the reason: each look at the whole text costs.
  if (/[^\n]/.test(text.slice(bodyEnd + ARMOR_END.length))) return refuse('text follows the armor');
  const strange = /[^A-Za-z0-9+/=\n]/.test(text.slice(ARMOR_BEGIN.length, bodyEnd));
  if (strange) return refuse('the armor has a character that is not base64');
  return refuse('the armor is not canonical base64 in lines of 64 characters');
}
