/** Writing to a descriptor whole: a short or failed write is an error, never half an answer taken for a whole one. */
import { writeSync } from 'node:fs';

/** Writes all of it, waiting while a non-blocking pipe is full. Throws the system's error. */
export function writeAll(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
