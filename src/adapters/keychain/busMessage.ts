/**
 * As much of the D-Bus wire format as two questions need: method calls with string arguments, and their answers.
 * Source: D-Bus specification, "Type System" and "Message Protocol".
 */

const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const FIXED_HEADER_BYTES = 16;

/** Far more than the answers asked for here; a bus that sends more is not listened to. */
const MAX_MESSAGE_BYTES = 64 << 10;

/** Header fields by number, with the type of each. */
const PATH = [1, 'o'] as const;
const INTERFACE = [2, 's'] as const;
const MEMBER = [3, 's'] as const;
const REPLY_SERIAL = 5;
const DESTINATION = [6, 's'] as const;
const SIGNATURE = [8, 'g'] as const;

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** All arguments are strings. */
  readonly args: readonly string[];
}

export interface BusAnswer {
  /** Of the call that this answers; 0 for signals, which answer none. */
  readonly replySerial: number;
  readonly isError: boolean;
  readonly body: Buffer;
  readonly littleEndian: boolean;
}

/** One method call, little-endian. `serial` is not 0. */
export function encodeBusCall(call: BusCall, serial: number): Buffer {
  const body = Writer();
  for (const arg of call.args) body.string(arg);
  const fields = Writer();
  const { path, destination, member } = call;
  for (const [[code, type], value] of [
    [PATH, path],
    [INTERFACE, call.interface],
    [MEMBER, member],
    [DESTINATION, destination],
    [SIGNATURE, 's'.repeat(call.args.length)],
  ] as const) {
    fields.align(8);
    fields.bytes(Buffer.from([code, 1, type.charCodeAt(0), 0]));
    if (type === 'g') fields.bytes(Buffer.from(`${String.fromCharCode(value.length)}${value}\0`, 'latin1'));
    else fields.string(value);
  }
  const header = Buffer.alloc(FIXED_HEADER_BYTES);
  header.write('l');
  header[1] = METHOD_CALL;
  header[3] = 1;
  header.writeUInt32LE(body.length(), 4);
  header.writeUInt32LE(serial, 8);
  header.writeUInt32LE(fields.length(), 12);
  fields.align(8);
  return Buffer.concat([header, fields.result(), body.result()]);
}

/** Bytes of the message that begins here, or undefined while its fixed header is incomplete. Throws if too long. */
export function busMessageLength(bytes: Buffer): number | undefined {
  if (bytes.length < FIXED_HEADER_BYTES) return undefined;
  const { bodyLength, fieldsLength } = lengths(bytes);
  const total = align(FIXED_HEADER_BYTES + fieldsLength, 8) + bodyLength;
  if (total > MAX_MESSAGE_BYTES) throw new Error('a message of the bus is too long');
  return total;
}

/** A whole message. Throws RangeError where it is cut or mad. */
export function parseBusAnswer(message: Buffer): BusAnswer {
  const { littleEndian, fieldsLength } = lengths(message);
  const end = FIXED_HEADER_BYTES + fieldsLength;
  const type = message.readUInt8(1);
  return {
    replySerial:
      type === METHOD_RETURN || type === ERROR ? findReplySerial(message.subarray(0, end), littleEndian) : 0,
    isError: type === ERROR,
    body: message.subarray(align(end, 8)),
    littleEndian,
  };
}

/** The string or object path that the body begins with. */
export function parseString({ body, littleEndian }: BusAnswer): string {
  return body.subarray(4, 4 + readUint32(body, 0, littleEndian)).toString();
}

/** The boolean in the variant that the body begins with: length 1, `b`, NUL, padding, UINT32. */
export function parseBooleanVariant({ body, littleEndian }: BusAnswer): boolean {
  if (body.toString('latin1', 0, 3) !== '\x01b\0') throw new RangeError('not a boolean');
  return readUint32(body, 4, littleEndian) !== 0;
}

function lengths(message: Buffer) {
  const littleEndian = message[0] === 0x6c;
  const bodyLength = readUint32(message, 4, littleEndian);
  return { littleEndian, bodyLength, fieldsLength: readUint32(message, 12, littleEndian) };
}

/** Header fields are structs (BYTE code, VARIANT value) at multiples of 8. */
function findReplySerial(header: Buffer, littleEndian: boolean): number {
  let at = FIXED_HEADER_BYTES;
  while (at < header.length) {
    at = align(at, 8);
    const code = header.readUInt8(at);
    const type = String.fromCharCode(header.readUInt8(at + 2));
    at += 4;
    if (code === REPLY_SERIAL) return readUint32(header, at, littleEndian);
    if (type === 'g') at += header.readUInt8(at) + 2;
    else if (type === 'u') at += 4;
    else at += readUint32(header, at, littleEndian) + 5;
  }
  return 0;
}

function readUint32(bytes: Buffer, at: number, littleEndian: boolean): number {
  return littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

function align(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}

/** Collects values that are aligned from the collection's beginning. */
function Writer() {
  const parts: Buffer[] = [];
  let length = 0;
  const bytes = (part: Buffer): void => {
    parts.push(part);
    length += part.length;
  };
  const pad = (to: number): void => bytes(Buffer.alloc(align(length, to) - length));
  return {
    bytes,
    align: pad,
    string(text: string): void {
      pad(4);
      const size = Buffer.alloc(4);
      size.writeUInt32LE(Buffer.byteLength(text));
      bytes(Buffer.concat([size, Buffer.from(`${text}\0`)]));
    },
    length: () => length,
    result: () => Buffer.concat(parts),
  };
}
