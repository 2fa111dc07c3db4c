/**
 * What is said over the hold process' socket: one request and one answer per connection, each a frame of
 * `UINT32 length || bytes`, big-endian.
 *
 *   request = op (1) || expiresAt in ms (8, float64; 0 unless op is set) || key length (2) || key || secret
 *   answer  = found (1) || secret
 */
import type { Socket } from 'node:net';

export const OPS = ['ping', 'get', 'set', 'delete', 'stop'] as const;

export interface HoldRequest {
  readonly op: (typeof OPS)[number];
  readonly key: string;
  readonly secret: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

export interface HoldAnswer {
  /** Of what is asked for; after `set` whether it is kept. */
  readonly found: boolean;
  readonly secret: Uint8Array;
}

/** Items are 1 to 2.5 kB. */
const MAX_FRAME_BYTES = 16 << 10;

const FIXED_REQUEST_BYTES = 11;

export function encodeRequest({ op, key, secret, expiresAtMs }: HoldRequest): Buffer {
  const keyBytes = Buffer.from(key);
  const fixed = Buffer.alloc(FIXED_REQUEST_BYTES);
  fixed[0] = OPS.indexOf(op);
  fixed.writeDoubleBE(expiresAtMs, 1);
  fixed.writeUInt16BE(keyBytes.length, 9);
  return toFrame([fixed, keyBytes, secret]);
}

/** Throws Error or RangeError where it is not one. */
export function parseRequest(bytes: Buffer): HoldRequest {
  const op = OPS[bytes.readUInt8(0)];
  const secretAt = FIXED_REQUEST_BYTES + bytes.readUInt16BE(9);
  if (op === undefined || secretAt > bytes.length) throw new Error('not a request');
  return {
    op,
    key: bytes.toString('utf8', FIXED_REQUEST_BYTES, secretAt),
    secret: Buffer.from(bytes.subarray(secretAt)),
    expiresAtMs: bytes.readDoubleBE(1),
  };
}

export function encodeAnswer({ found, secret }: HoldAnswer): Buffer {
  return toFrame([Buffer.from([found ? 1 : 0]), secret]);
}

export function parseAnswer(bytes: Buffer): HoldAnswer {
  return { found: bytes.readUInt8(0) === 1, secret: bytes.subarray(1) };
}

/** Reads one frame's bytes. Rejects where the peer sends too much, hangs up before the end, or is destroyed. */
export function readFrame(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let buffer: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk]);
      if (buffer.length < 4) return;
      const length = buffer.readUInt32BE(0);
      if (length === 0 || length > MAX_FRAME_BYTES) reject(new Error('a frame of this length is not read'));
      else if (buffer.length >= 4 + length) resolve(buffer.subarray(4, 4 + length));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the other side hung up')));
  });
}

function toFrame(parts: readonly Uint8Array[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([length, ...parts]);
}
