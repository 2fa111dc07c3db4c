/** Proving old history: finds the log entries that signatures do not carry, and has them stored beside the objects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArmor } from '../core/armor.ts';
import { encodeOid } from '../core/derEncode.ts';
import { type Evidence, NO_EVIDENCE, onlineQuery } from '../core/evidence.ts';
import { type Found, isSound } from '../core/facts.ts';
import { splitObject } from '../core/gitObject.ts';
import { LOG_ENTRY } from '../core/oids.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { createVerifier, type Verifier } from '../core/verify.ts';
import { isSignetError, SignetError } from '../errors.ts';
import type { EvidenceQuery, EvidenceSource, RawObject } from '../ports.ts';

export interface ProvePorts {
  readonly trust: Trust;
  /** What was found before. */
  readonly notes: EvidenceSource;
  /** Undefined: nobody is asked, and what has no proof yet is only counted. */
  readonly log: EvidenceSource | undefined;
  /** Stores what was found, by object id. Called from time to time and at the end, never twice at once. */
  readonly save: (found: ReadonlyMap<string, Evidence>) => Promise<void>;
}

/** What may become of an object; the order is that of the summary. */
export const OUTCOMES = ['proven', 'stored', 'carried', 'unproven', 'bad', 'other'] as const;

/**
 * `proven`: its entry was found now. `stored`: the notes had it, and it still verifies. `carried`: the signature holds
 * its proof. `unproven`: no entry that proves it was found, or none was looked for. `bad`: some check fails, whatever
 * the log says. `other`: unsigned, signed in another way, or by an authority that is not trusted here.
 */
export type Outcome = (typeof OUTCOMES)[number];

export interface Unproven {
  readonly oid: string;
  readonly kind: RawObject['kind'];
  readonly outcome: 'unproven' | 'bad';
  /** One sentence without a final stop; may hold a stranger's text. */
  readonly reason: string;
}

export interface ProveResult {
  readonly counts: Readonly<Record<Outcome, number>>;
  /** The first of those without proof. */
  readonly unproven: readonly Unproven[];
  /** Why it ended before everything was looked at, or looked up; what was found until then is stored. */
  readonly stopped: SignetError | undefined;
  /** The signal aborted it: `stopped` is for failures only. */
  readonly interrupted: boolean;
}

export interface ProveOptions {
  /** Searches at the same time. */
  readonly parallel: number;
  /** Hears the counts after each object. */
  readonly onProgress?: (counts: Readonly<Record<Outcome, number>>) => void;
}

/** What an interruption costs at most: so many finds, or those of so long. */
const SAVE_EACH = 100;
const SAVE_AFTER_MS = 10_000;

/** Searches that failed one after the other, each after retries of its own: the log is not asked any further. */
const MAX_FAILURES = 3;

const GRACE_MS = 50;

/** Named in the result; the others are counted. */
const MAX_UNPROVEN = 1_000;

/**
 * Looks at every object in order, searches the log for those whose proof is nowhere yet, and stores each entry that makes
 * the core judge its object sound. Throws what reading the objects and saving throws; a failing log and the signal end
 * it with a result.
 */
export async function proveObjects(
  objects: AsyncIterable<RawObject>,
  ports: ProvePorts,
  options: ProveOptions,
  signal: AbortSignal,
): Promise<ProveResult> {
  const run = new ProveRun(ports, options, signal);
  const working = new Set<Promise<void>>();
  try {
    for await (const object of objects) {
      if (run.isOver) break;
      const work: Promise<void> = run.look(object).finally(() => working.delete(work));
      // Awaited below; a failure must not count as unhandled before.
      work.catch(() => {});
      working.add(work);
      if (working.size >= options.parallel) await Promise.race(working);
    }
    await Promise.all(working);
    run.end();
  } catch (error) {
    // Ctrl-C ends git's reading as well, and perhaps a moment before we hear of it.
    if (!signal.aborted) await sleep(GRACE_MS);
    if (!signal.aborted) throw error;
  } finally {
    await Promise.allSettled(working);
    await run.save();
  }
  return run.result();
}

class ProveRun {
  readonly #ports: ProvePorts;
  readonly #options: ProveOptions;
  readonly #signal: AbortSignal;
  readonly #searches = new AbortController();
  readonly #verifier: Verifier;
  readonly #counts: Record<Outcome, number> = {
    proven: 0,
    stored: 0,
    carried: 0,
    unproven: 0,
    bad: 0,
    other: 0,
  };
  readonly #unproven: Unproven[] = [];
  #found = new Map<string, Evidence>();
  #savedAt = performance.now();
  #saving: Promise<void> = Promise.resolve();
  #failures = 0;
  #lastFailure: SignetError | undefined;
  #stopped: SignetError | undefined;

  constructor(ports: ProvePorts, options: ProveOptions, signal: AbortSignal) {
    this.#ports = ports;
    this.#verifier = createVerifier(ports.trust);
    this.#options = options;
    this.#signal = signal;
    const interrupt = (): void => this.#searches.abort(interrupted());
    signal.addEventListener('abort', interrupt);
    if (signal.aborted) interrupt();
  }

  get isOver(): boolean {
    return this.#searches.signal.aborted;
  }

  async look(object: RawObject): Promise<void> {
    const found = this.#examine(object, NO_EVIDENCE);
    if (found === undefined) return this.#count(object, 'other');
    if (isSound(found)) return this.#count(object, 'carried');
    if (found.status === 'unreadable') return this.#count(object, 'other');
    if (found.status === 'bad') return this.#count(object, 'bad', found.reason);
    const query = toQuery(object);
    if (query === undefined) return this.#count(object, 'unproven', found.reason);
    const stored = await this.#ports.notes.find(query, this.#searches.signal);
    if (this.#proving(object, stored) !== undefined) return this.#count(object, 'stored');
    await this.#search(object, query, found.reason);
  }

  /** A log that failed until the end has not answered: that is no result. */
  end(): void {
    if (this.#failures > 0) this.#stopped ??= this.#lastFailure;
  }

  /** Stores what was found since the last time. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      this.#savedAt = performance.now();
      const found = this.#found;
      this.#found = new Map();
      if (found.size > 0) await this.#ports.save(found);
    });
    return this.#saving;
  }

  result(): ProveResult {
    return {
      counts: this.#counts,
      unproven: this.#unproven,
      stopped: this.#stopped,
      interrupted: this.#signal.aborted,
    };
  }

  async #search(object: RawObject, query: EvidenceQuery, reason: string): Promise<void> {
    const { log } = this.#ports;
    if (log === undefined) return this.#count(object, 'unproven', reason);
    if (this.isOver) return;
    let found: Evidence;
    try {
      found = await log.find(query, this.#searches.signal);
    } catch (error) {
      return this.#failed(object, error);
    }
    this.#failures = 0;
    const proof = this.#proving(object, found);
    if (proof === undefined) return this.#count(object, 'unproven', this.#whyNot(object, found));
    this.#found.set(object.oid, proof);
    this.#count(object, 'proven');
    const isDue = performance.now() - this.#savedAt > SAVE_AFTER_MS;
    if (this.#found.size >= SAVE_EACH || isDue) await this.save();
  }

  /** A log that answers this one object with nonsense may have the others; one that fails again and again is left alone. */
  #failed(object: RawObject, error: unknown): void {
    if (!isSignetError(error)) throw error;
    if (this.isOver) return;
    this.#failures += 1;
    this.#lastFailure = error;
    this.#count(object, 'unproven', error.message.replace(/\.$/, ''));
    if (this.#failures < MAX_FAILURES && error.code !== 'service-refused') return;
    this.#stopped = error;
    this.#searches.abort(error);
  }

  /** The one entry that proves the object, of those that were found. */
  #proving(object: RawObject, { entries }: Evidence): Evidence | undefined {
    const proving = entries.find((entry) => {
      const found = this.#examine(object, { entries: [entry] });
      return found !== undefined && isSound(found);
    });
    return proving === undefined ? undefined : { entries: [proving] };
  }

  #whyNot(object: RawObject, found: Evidence): string {
    if (found.entries.length === 0) return 'the log has no entry of it';
    const examined = this.#examine(object, found);
    const why = examined === undefined || isSound(examined) ? 'they contradict each other' : examined.reason;
    return `the log's entries of it do not prove it: ${why}`;
  }

  /** Undefined where the repository could not give the object. */
  #examine({ raw, kind, objectFormat, problem }: RawObject, evidence: Evidence): Found | undefined {
    if (problem !== undefined) return undefined;
    return this.#verifier.examineObject(raw, kind, objectFormat, evidence);
  }

  #count({ oid, kind }: RawObject, outcome: Outcome, reason = ''): void {
    this.#counts[outcome] += 1;
    const isNamed = outcome === 'unproven' || outcome === 'bad';
    if (isNamed && this.#unproven.length < MAX_UNPROVEN) this.#unproven.push({ oid, kind, outcome, reason });
    this.#options.onProgress?.(this.#counts);
  }
}

/** Undefined where no search can help: what carries an entry lacks something else, such as a time. */
function toQuery({ oid, raw, kind, objectFormat }: RawObject): EvidenceQuery | undefined {
  const { payload, signature } = splitObject(raw, kind, objectFormat);
  const query = signature === undefined ? undefined : onlineQuery(payload, signature);
  if (signature === undefined || query === undefined) return undefined;
  const carriesEntry = Buffer.from(parseArmor(signature)).includes(Buffer.from(encodeOid(LOG_ENTRY)));
  return carriesEntry ? undefined : { ...query, oid };
}

function interrupted(): SignetError {
  return new SignetError('usage', 'The search was interrupted.', 'Run it again: it goes on where it ended.');
}
