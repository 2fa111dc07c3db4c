/** A protobuf message as a list of fields that can be changed and written again, also wrongly. */
export interface Field {
  number: number;
  value: bigint | Buffer;
  /** Replaces key and value altogether. */
  raw?: Buffer;
}

export function readWire(message: Uint8Array): Field[] {
  const bytes = Buffer.from(message);
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [key, afterKey] = readNumber(bytes, at);
    const [value, afterValue] = readNumber(bytes, afterKey);
    const number = Number(key >> 3n);
    if ((key & 7n) === 0n) {
      fields.push({ number, value });
      at = afterValue;
    } else {
      at = afterValue + Number(value);
      fields.push({ number, value: bytes.subarray(afterValue, at) });
    }
  }
  return fields;
}

export function writeWire(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(({ number, value, raw }) => {
      if (raw) return raw;
      if (typeof value === 'bigint') return Buffer.concat([varint(BigInt(number << 3)), varint(value)]);
      return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(value.length)), value]);
    }),
  );
}

/** At most 64 bits; `padding` more octets than needed. */
export function varint(value: bigint, padding = 0): Buffer {
  const octets: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) octets.push(Number(rest & 0x7fn) | 0x80);
  octets.push(Number(rest));
  for (let i = 0; i < padding; i++) {
    octets[octets.length - 1] = (octets.at(-1) ?? 0) | 0x80;
    octets.push(0);
  }
  return Buffer.from(octets);
}

export function fieldOf(fields: readonly Field[], number: number): Field {
  const found = fields.find((field) => field.number === number);
  if (found === undefined) throw new Error(`no field ${number}`);
  return found;
}

export function bytesOf(field: Field): Buffer {
  if (typeof field.value === 'bigint') throw new Error('a number');
  return field.value;
}

function readNumber(bytes: Buffer, start: number): [bigint, number] {
  let value = 0n;
  for (let at = start, shift = 0n; ; at++, shift += 7n) {
    const octet = bytes.readUInt8(at);
    value |= BigInt(octet & 0x7f) << shift;
    if (octet < 0x80) return [value, at + 1];
  }
}
