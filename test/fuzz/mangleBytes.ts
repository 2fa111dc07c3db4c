/** Changes that know nothing of what the bytes mean. */
import type { Random } from './random.ts';

const ODD = [0, 1, 9, 10, 13, 0x20, 0x22, 0x2d, 0x30, 0x3d, 0x5c, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xff];

/** Where inputs end: limits of 1 MiB are tried by the worst cases, not here. */
export const MAX_INPUT_BYTES = 256 << 10;

export function mangleBytes(bytes: Buffer, random: Random, donor: Buffer): Buffer {
  const at = random.int(bytes.length + 1);
  const span = 1 + random.int(random.chance(80) ? 8 : bytes.length + 1);
  switch (random.int(11)) {
    case 0:
      return edited(bytes, at, (octet) => octet ^ (1 << random.int(8)));
    case 1:
      return edited(bytes, at, () => random.int(256));
    case 2:
      return edited(bytes, at, () => random.pick(ODD));
    case 3:
      return spliced(bytes, at, 0, random.bytes(span % 64));
    case 4:
      return spliced(bytes, at, span, Buffer.alloc(0));
    case 5:
      return bytes.subarray(0, at);
    case 6:
      return spliced(bytes, at, 0, bytes.subarray(at, at + span));
    case 7:
      return spliced(bytes, at, span, Buffer.alloc(span, random.pick(ODD)));
    case 8: {
      const from = random.int(donor.length + 1);
      return spliced(bytes, at, random.chance(50) ? span : 0, donor.subarray(from, from + span));
    }
    case 9:
      return edited(bytes, at, (octet) => octet + (random.chance(50) ? 1 : 255));
    default: {
      const times = 1 + random.int(random.chance(90) ? 4 : 200);
      return spliced(bytes, at, 0, Buffer.concat(Array(times).fill(bytes.subarray(at, at + (span % 512)))));
    }
  }
}

function edited(bytes: Buffer, at: number, edit: (octet: number) => number): Buffer {
  if (bytes.length === 0) return Buffer.of(edit(0) & 0xff);
  const copy = Buffer.from(bytes);
  const place = at % bytes.length;
  copy[place] = edit(copy[place] ?? 0) & 0xff;
  return copy;
}

function spliced(bytes: Buffer, at: number, length: number, filler: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), filler, bytes.subarray(Math.min(at + length, bytes.length))]);
}
