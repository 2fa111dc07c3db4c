import { type Field, readWire, varint, writeWire } from '../vectors/attacks/wireFields.ts';
import type { Inner } from './mangle.ts';
import type { Random } from './random.ts';

const NUMBERS = [
  0n,
  1n,
  127n,
  128n,
  1n << 31n,
  (1n << 53n) + 1n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

/** Changes one field of what reads as a protobuf message; undefined for anything else. */
export function mangleWire(bytes: Buffer, random: Random, inner: Inner): Buffer | undefined {
  const fields = tryRead(bytes);
  if (fields === undefined) return undefined;
  const place = random.int(fields.length);
  const field = fields[place];
  if (field === undefined) return undefined;
  const { value } = field;
  if (typeof value !== 'bigint' && random.chance(70)) field.value = inner(value);
  else change(fields, place, field, random);
  return writeWire(fields);
}

/** Only what writes back the same: anything else looks like a message by accident. */
function tryRead(bytes: Buffer): Field[] | undefined {
  try {
    const fields = readWire(bytes);
    const plausible = fields.every(({ number }) => number > 0 && number < 64);
    return plausible && writeWire(fields).equals(bytes) ? fields : undefined;
  } catch {
    return undefined;
  }
}

function change(fields: Field[], place: number, field: Field, random: Random): void {
  switch (random.int(8)) {
    case 0:
      fields.splice(place, 1);
      return;
    case 1:
      fields.splice(place, 0, ...Array(1 + random.int(random.chance(95) ? 2 : 500)).fill({ ...field }));
      return;
    case 2:
      fields.reverse();
      return;
    case 3:
      field.number = 1 + random.int(20);
      return;
    case 4:
      field.value = random.pick(NUMBERS);
      return;
    case 5:
      field.value = random.bytes(random.int(40));
      return;
    case 6:
      field.value = Buffer.alloc(0);
      return;
    default:
      field.raw = Buffer.concat([varint(BigInt(field.number << 3), 1), varint(random.pick(NUMBERS), 2)]);
  }
}
