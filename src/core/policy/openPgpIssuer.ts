/** Which key an OpenPGP signature says it is by. Nothing proves it: it helps a person to find the key. */
import { MAX_ARMOR_BYTES } from '../limits.ts';

/**
 * Fingerprint of the key or subkey (issuer fingerprint, RFC 9580 5.2.3.35), else its key id (5.2.3.12), upper-case hex;
 * undefined where the signature is not of version 4 or says neither.
 */
export function openPgpIssuer(armored: Uint8Array): string | undefined {
  if (armored.length > MAX_ARMOR_BYTES) return undefined;
  const text = Buffer.from(armored.buffer, armored.byteOffset, armored.length).toString('latin1');
  const [, body = ''] =
    /^-----BEGIN PGP SIGNATURE-----\n(?:[\w-]+:[^\n]*\n)*\n([A-Za-z0-9+/=\n]+?)(?:=[^\n]{4}\n)?-----END/.exec(
      text,
    ) ?? [];
  try {
    return issuerIn(contentOf(Buffer.from(body, 'base64')));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Packet headers, old and new (4.2); a signature has the tag 2. */
function contentOf(packet: Buffer): Buffer {
  const tag = packet.readUInt8(0);
  const isNew = (tag & 0x40) !== 0;
  if ((isNew ? tag & 0x3f : (tag >> 2) & 0xf) !== 2) throw new RangeError('no signature');
  const first = packet.readUInt8(1);
  if (isNew) return packet.subarray(first < 192 ? 2 : first < 255 ? 3 : 6);
  return packet.subarray([2, 3, 5, 1][tag & 3] ?? 1);
}

/** Version, type, two algorithms; hashed subpackets, then the others (5.2.3). */
function issuerIn(signature: Buffer): string | undefined {
  if (signature.readUInt8(0) !== 4) return undefined;
  const hashed = signature.readUInt16BE(4);
  const others = signature.readUInt16BE(6 + hashed);
  const all = [
    ...subpackets(signature.subarray(6, 6 + hashed)),
    ...subpackets(signature.subarray(8 + hashed, 8 + hashed + others)),
  ];
  const fingerprint = all.find(({ type }) => type === 33)?.body.subarray(1);
  const id = all.find(({ type }) => type === 16)?.body;
  return (fingerprint ?? id)?.toString('hex').toUpperCase();
}

function subpackets(area: Buffer): readonly { readonly type: number; readonly body: Buffer }[] {
  const found: { type: number; body: Buffer }[] = [];
  for (let at = 0; at < area.length; ) {
    const first = area.readUInt8(at);
    const [size, length] =
      first < 192
        ? [1, first]
        : first < 255
          ? [2, ((first - 192) << 8) + area.readUInt8(at + 1) + 192]
          : [5, area.readUInt32BE(at + 1)];
    const type = area.readUInt8(at + size) & 0x7f;
    found.push({ type, body: area.subarray(at + size + 1, at + size + length) });
    at += size + length;
  }
  return found;
}
