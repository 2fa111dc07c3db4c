/** How often a service is asked, over all requests that share one pace. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  /** Resolves when the next request may be sent; at once where the signal aborts. Never rejects. */
  turn(signal: AbortSignal): Promise<void>;
  /**
   * The service needs a rest: nobody's turn comes before this time has passed, and then turns come half as often.
   * Resolves as `turn` does.
   */
  rest(ms: number, signal: AbortSignal): Promise<void>;
}

/** What is left of a grown distance after each turn: seven turns halve it. */
const RECOVERY = 0.9;

/**
 * At most one request each `intervalMs`, counted from its start. A service that limits how often it is asked has its way:
 * the distance doubles with each rest, up to `slowestMs`, and shrinks again while it answers.
 */
export function paceOf(intervalMs: number, slowestMs: number): Pace {
  let freeAt = 0;
  let restedAt = 0;
  let distanceMs = intervalMs;
  const turn = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      const waitMs = freeAt - performance.now();
      if (waitMs <= 0 || signal.aborted) break;
      await sleep(waitMs, undefined, { signal }).catch(() => {});
    }
    freeAt = Math.max(freeAt, performance.now() + distanceMs);
    distanceMs = Math.max(intervalMs, distanceMs * RECOVERY);
  };
  return {
    turn,
    rest(ms, signal) {
      const now = performance.now();
      // Requests that were under way at the same time, and were refused like the first one, say nothing new.
      if (now >= restedAt) distanceMs = Math.min(slowestMs, 2 * distanceMs);
      restedAt = Math.max(restedAt, now + ms);
      freeAt = Math.max(freeAt, restedAt);
      return turn(signal);
    },
  };
}
