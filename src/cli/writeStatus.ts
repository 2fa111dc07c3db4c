/** gpgsm's status lines on the descriptor that git names. */
import { writeAll } from '../adapters/writeBytes.ts';

/** Writes status lines for git, whole. Throws the system's error. */
export function writeStatus(fd: number | undefined, lines: readonly string[]): void {
  if (fd !== undefined) writeAll(fd, lines.map((line) => `[GNUPG:] ${line}\n`).join(''));
}

/** After an error: it may be that nobody reads the status any more, and the exit code says it all the same. */
export function writeLastStatus(fd: number | undefined, lines: readonly string[]): void {
  try {
    writeStatus(fd, lines);
  } catch {
    // see above
  }
}
