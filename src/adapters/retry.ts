/** Asks a service until it answers for good, within bounds of number and time. */
import type { Patience } from '../core/limits.ts';
import { isSignetError, SignetError } from '../errors.ts';
import { type Answer, type Exchange, exchange, type Outcome, type Service } from './http.ts';
import { seconds } from './httpFailure.ts';
import { refusalOf } from './refusal.ts';

/** When a call must be over, however many requests it takes. */
export interface Deadline {
  /** On the clock of `monotonicMs`, which nobody sets back. */
  readonly endsAt: number;
  readonly signal: AbortSignal;
}

/** Milliseconds. As good as `performance.now()`, whose module takes most of a millisecond to load. */
function monotonicMs(): number {
  return process.uptime() * 1000;
}

export function deadlineIn(totalMs: number, signal: AbortSignal): Deadline {
  return { endsAt: monotonicMs() + totalMs, signal };
}

/**
 * One exchange with retries: connection errors, cut and late answers, 408, 429 and 5xx are tried again, anything
 * else is final. `alsoPassing` names further statuses that may pass; `rest` waits between two attempts.
 *
 * Returns an answer of any final status; throws `service-unreachable`, `service-answer`, or `service-refused`
 * where a passing status did not pass. If the signal was aborted with a SignetError, that one is thrown.
 */
export async function requestPatiently(
  service: Service,
  request: Exchange & { readonly alsoPassing?: readonly number[]; readonly rest?: typeof pause },
  patience: Patience,
  deadline: Deadline,
): Promise<Answer> {
  const startedAt = monotonicMs();
  for (let attempt = 1; ; attempt++) {
    const timeoutMs = Math.min(patience.attemptMs, Math.max(1, deadline.endsAt - monotonicMs()));
    const outcome = await exchange(service, request, timeoutMs, deadline.signal);
    if (isSignetError(deadline.signal.reason)) throw deadline.signal.reason;
    if (outcome.kind === 'answer' && !isPassing(outcome.answer.status, request.alsoPassing)) {
      return outcome.answer;
    }
    if (outcome.kind === 'failed' && !outcome.passing) throw outcome.error;
    const waitMs = Math.max(backoff(patience, attempt), retryAfter(outcome));
    const noTimeLeft = monotonicMs() + waitMs >= deadline.endsAt;
    const isLast = attempt > patience.retries || deadline.signal.aborted || noTimeLeft;
    if (!isLast) await (request.rest ?? pause)(waitMs, deadline.signal);
    // Where a pace is shared, the turn may come too late.
    if (isLast || monotonicMs() >= deadline.endsAt) {
      throw lastError(service, outcome, attempt, monotonicMs() - startedAt);
    }
  }
}

/** 501 says that it will never work; every other 5xx may be a passing fault, even Rekor's to broken JSON. */
function isPassing(status: number, also: readonly number[] = []): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501) || also.includes(status);
}

/** Half fixed, half chance: many clients that failed together do not come back together. */
function backoff({ backoffMs }: Patience, attempt: number): number {
  return backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
}

/** RFC 9110 10.2.3: seconds, or a date, which is read on the server's own clock. */
function retryAfter(outcome: Outcome): number {
  const value = outcome.kind === 'answer' ? outcome.answer.headers['retry-after'] : undefined;
  if (outcome.kind !== 'answer' || value === undefined) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const waitMs = Date.parse(value) - (outcome.answer.date?.getTime() ?? Date.now());
  return Number.isNaN(waitMs) ? 0 : Math.max(0, waitMs);
}

function lastError(service: Service, outcome: Outcome, attempts: number, tookMs: number): SignetError {
  const error = outcome.kind === 'failed' ? outcome.error : refusalOf(service, outcome.answer);
  if (attempts === 1) return error;
  const text = `${error.message.replace(/\.$/, '')}; gave up after ${attempts} attempts in ${seconds(tookMs)}.`;
  return new SignetError(error.code, text, error.hint, error.cause);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
