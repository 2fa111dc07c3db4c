/** How often a service is asked, over all requests that share one pace. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  /** Resolves when the next request may be sent; at once where the signal aborts. Never rejects. */
  turn(signal: AbortSignal): Promise<void>;
  /** Nobody's turn comes before this time has passed: the service asked for a rest. */
  rest(ms: number): void;
}

/** At most one request each `intervalMs`, counted from its start. */
export function paceOf(intervalMs: number): Pace {
  let freeAt = 0;
  return {
    async turn(signal) {
      for (;;) {
        const waitMs = freeAt - performance.now();
        if (waitMs <= 0 || signal.aborted) break;
        await sleep(waitMs, undefined, { signal }).catch(() => {});
      }
      freeAt = Math.max(freeAt, performance.now() + intervalMs);
    },
    rest(ms) {
      freeAt = Math.max(freeAt, performance.now() + ms);
    },
  };
}
