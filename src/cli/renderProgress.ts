/** A line on a person's terminal that says how far it is, once it takes longer than a moment. */
import { writeAll } from '../adapters/writeBytes.ts';

export interface Progress {
  readonly step: (count: number) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

const FIRST_MS = 1_000;
const EACH_MS = 200;

/** On standard error if that is a terminal and the answers go elsewhere. */
export function startProgress(): Progress {
  if (process.stderr.isTTY !== true || process.stdout.isTTY === true)
    return { step: () => {}, end: () => {} };
  const startedAt = performance.now();
  let next = startedAt + FIRST_MS;
  let shown = false;
  const write = (text: string): void => {
    try {
      writeAll(2, `\r\x1b[K${text}`);
    } catch {
      next = Number.POSITIVE_INFINITY; // the terminal has gone, the work goes on
    }
  };
  return {
    step: (count) => {
      const now = performance.now();
      if (now < next) return;
      next = now + EACH_MS;
      shown = true;
      const rate = Math.round((1000 * count) / (now - startedAt));
      write(`git-signet: ${count} objects judged, ${rate} a second`);
    },
    end: () => {
      if (shown) write('');
    },
  };
}
