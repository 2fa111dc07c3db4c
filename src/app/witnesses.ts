/** A signature and its witnesses: the log that makes it public, and whoever else says when it was there. */
import { createHash, sign as cryptoSign } from 'node:crypto';
import { REKOR_V2_PATIENCE } from '../core/limits.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { isSignetError, SignetError } from '../errors.ts';
import type {
  Clock,
  Credential,
  LogEntry,
  OnSent,
  ProposedEntry,
  TimestampAuthority,
  TransparencyLog,
} from '../ports.ts';

export interface SigningPorts {
  readonly log: TransparencyLog;
  /** Stamps the signature, beside the log; undefined: nobody does. */
  readonly timestamps?: TimestampAuthority | undefined;
  readonly trust: Trust;
  readonly clock: Clock;
  /** What to do while the log works. */
  readonly onSent?: OnSent;
}

/** A signature, and what others said about it, of which nothing is verified. */
export interface Witnessed {
  readonly proposed: ProposedEntry;
  readonly logEntry: LogEntry;
  readonly timestampToken: Uint8Array | undefined;
}

/** Nobody is asked any more this shortly before the certificate ends: all times must lie inside. */
const END_MARGIN_MS = 5_000;

/** The slowest log's time for everything, and a little more, so that it can say itself what was wrong. */
const WITNESS_MS = REKOR_V2_PATIENCE.totalMs + 500;

/**
 * Signs, and shows the signature to the log and the timestamp authority. A Rekor v2 log does not hand out an entry twice:
 * where its answer was lost, another signature is made, once. Throws SignetError.
 */
export async function signBeforeWitnesses(
  signedAttrs: Uint8Array,
  credential: Credential,
  ports: SigningPorts,
  signal: AbortSignal,
): Promise<Witnessed> {
  return inTime(credential, ports.clock, signal, async (within) => {
    const once = () => signAndShow(signedAttrs, credential, ports, within);
    try {
      return await once();
    } catch (error) {
      if (!isSignetError(error) || error.code !== 'already-logged') throw error;
      return once();
    }
  });
}

/** Each signature is another one: ECDSA takes a random number. Neither witness needs what the other says. */
async function signAndShow(
  signedAttrs: Uint8Array,
  { privateKey, certificate }: Credential,
  ports: SigningPorts,
  signal: AbortSignal,
): Promise<Witnessed> {
  const signature = cryptoSign('sha256', signedAttrs, privateKey);
  const proposed = { digest: createHash('sha256').update(signedAttrs).digest(), signature, certificate };
  const [logEntry, timestampToken] = await Promise.all([
    ports.log.upload(proposed, signal, ports.onSent),
    stamp(proposed, ports, signal),
  ]);
  return { proposed, logEntry, timestampToken };
}

async function stamp(
  proposed: ProposedEntry,
  { timestamps, trust }: SigningPorts,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (timestamps === undefined) return undefined;
  const { requestStamp } = await import('./rareWitnesses.ts');
  return requestStamp(proposed, timestamps, trust, signal);
}

/**
 * Runs a task within its time, and ends what it has begun when it is over: one witness may fail while the other still
 * waits. A timer of our own: in Node 20 what AbortSignal.any made of a timeout never fires once garbage was collected.
 */
async function inTime<T>(
  credential: Credential,
  clock: Clock,
  signal: AbortSignal,
  task: (within: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const leftMs = Math.max(credential.notAfter.getTime() - END_MARGIN_MS - clock().getTime(), 0);
  const timer =
    leftMs < WITNESS_MS
      ? setTimeout(() => ending.abort(endsTooSoon()), leftMs)
      : setTimeout(() => ending.abort(tooSlow()), WITNESS_MS);
  const cancel = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  try {
    return await task(ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    ending.abort();
  }
}

function endsTooSoon(): SignetError {
  return new SignetError(
    'service-unreachable',
    'The certificate ends before the transparency log has answered.',
    'Try again: the next signature gets a new certificate.',
  );
}

function tooSlow(): SignetError {
  return new SignetError(
    'service-unreachable',
    'The transparency log has this signature, but did not give its proof in time.',
    'Try again: the next signature makes a new entry.',
  );
}
