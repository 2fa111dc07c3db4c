/** Reading files and descriptors whole, with a limit and errors for people. */
import { closeSync, openSync, readSync } from 'node:fs';
import { type ErrorCode, SignetError } from '../errors.ts';

/** Read into by all; what is kept is copied out of it, since most inputs are far smaller. */
let scratch: Uint8Array | undefined;

const CHUNK_BYTES = 64 << 10;

/** All bytes of a file, at most `maxBytes`; a longer one is refused. Throws SignetError or the system's error. */
export function readFileBytes(path: string, maxBytes: number, code: ErrorCode = 'malformed'): Uint8Array {
  const fd = openSync(path, 'r');
  try {
    return readDescriptor(fd, { name: path, maxBytes, code });
  } finally {
    closeSync(fd);
  }
}

/** All bytes up to the end of standard input, at most `maxBytes`. */
export function readStandardInput(maxBytes: number, code: ErrorCode = 'malformed'): Uint8Array {
  return readDescriptor(0, { name: 'standard input', maxBytes, code });
}

interface Limit {
  readonly name: string;
  readonly maxBytes: number;
  /** Of the error where there is more. */
  readonly code: ErrorCode;
}

function readDescriptor(fd: number, { name, maxBytes, code }: Limit): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  scratch ??= new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = readSome(fd, scratch);
    const [first] = chunks;
    if (count === 0) return first?.length === total ? first : Buffer.concat(chunks, total);
    total += count;
    if (total > maxBytes) {
      throw new SignetError(
        code,
        `${name} is larger than ${maxBytes >> 10} KiB.`,
        'Nothing that git signs is that large.',
      );
    }
    chunks.push(scratch.slice(0, count));
  }
}

/** Descriptors handed down by others may be non-blocking (EAGAIN); Windows reports a closed pipe as EOF. */
function readSome(fd: number, into: Uint8Array): number {
  for (;;) {
    try {
      return readSync(fd, into, 0, into.length, null);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
