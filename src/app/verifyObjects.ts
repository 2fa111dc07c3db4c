/** Judging many objects: read in batches, judged by whoever does the work, answered in the order they came in. */
import { type Evidence, onlineQuery } from '../core/evidence.ts';
import { type Found, isSound, type Unsound } from '../core/facts.ts';
import { splitObject } from '../core/gitObject.ts';
import { claimsOf, isTagOf } from '../core/objectClaims.ts';
import { CHECKS, type Checks, type Verdict } from '../core/verdict.ts';
import { isSignetError, type SignetError } from '../errors.ts';
import type { EvidenceSource, FactCache, Judge, ObjectProblem, RawObject } from '../ports.ts';

/** An object and what is to be thought of it. */
export interface Judged {
  readonly object: RawObject;
  readonly verdict: Verdict;
  /** A tag that calls itself otherwise than the ref that names it: bad, whatever its signature is worth. */
  readonly renamed: boolean;
  /** Log entries that came from elsewhere than the signature. */
  readonly evidence?: Evidence;
  /** Why a source could not be asked for the log entry that is missing. */
  readonly unasked?: SignetError;
}

export interface JudgeOptions {
  readonly judge: Judge;
  /** What follows from the facts about an object. */
  readonly decide: (found: Found, object: RawObject) => Verdict;
  /** Where entries are looked for that a signature does not carry, in this order. */
  readonly sources: readonly EvidenceSource[];
  readonly facts?: FactCache | undefined;
  readonly signal: AbortSignal;
}

/** Objects that are judged together: enough that waiting for them costs little, few enough that nobody waits long. */
const BATCH_OBJECTS = 16;
const BATCH_BYTES = 1 << 20;

/** Bytes of objects that are held at once, the last one aside: commits of 64 MiB pack into nothing, and strangers push them. */
export const MAX_HELD_BYTES = 16 << 20;

/** Questions that are put to sources at once, whatever the number of batches: where one fails, so many were in vain. */
const LOOKUPS = 8;

/**
 * Judges all of them, in order. Holds a few batches at a time, whatever their number: reading waits for
 * judging, and judging for whoever takes the answers. Throws what reading throws.
 */
export async function* judgeObjects(
  objects: AsyncIterable<RawObject>,
  options: JudgeOptions,
): AsyncGenerator<Judged> {
  const working: Working[] = [];
  const asking: Asking = {
    sources: options.sources.map((source) => toAsked(source, options.signal)),
    turn: turnsOf(LOOKUPS),
  };
  let held = 0;
  for await (const batch of inBatches(objects)) {
    const judged = judgeBatch(batch, options, asking);
    // Whoever takes it sees the failure; nobody may have taken it when the reader fails first.
    judged.catch(() => {});
    const bytes = batch.reduce((sum, { raw }) => sum + raw.length, 0);
    working.push({ judged, bytes });
    held += bytes;
    while (working.length > options.judge.parallel || held > MAX_HELD_BYTES) {
      const first = working.shift() as Working;
      yield* await first.judged;
      held -= first.bytes;
    }
  }
  for (const { judged } of working) yield* await judged;
}

/** A batch that is being judged. */
interface Working {
  readonly judged: Promise<readonly Judged[]>;
  /** Of its objects. */
  readonly bytes: number;
}

async function* inBatches(objects: AsyncIterable<RawObject>): AsyncGenerator<readonly RawObject[]> {
  let batch: RawObject[] = [];
  let bytes = 0;
  for await (const object of objects) {
    batch.push(object);
    bytes += object.raw.length;
    if (batch.length < BATCH_OBJECTS && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Nonsensical answers after which a source is left alone. */
const MAX_NONSENSE = 5;

/** What the batches share. */
interface Asking {
  readonly sources: readonly AskedSource[];
  readonly turn: Turn;
}

/** A source, and the end of asking it, whose reason is why it could not be asked. */
interface AskedSource {
  readonly source: EvidenceSource;
  readonly failed: AbortController;
  /** Of whoever judges, or of that. */
  readonly signal: AbortSignal;
  /** Nonsensical answers one after the other. */
  nonsense: number;
}

function toAsked(source: EvidenceSource, signal: AbortSignal): AskedSource {
  const failed = new AbortController();
  return { source, failed, signal: AbortSignal.any([signal, failed.signal]), nonsense: 0 };
}

type Turn = (task: () => Promise<void>) => Promise<void>;

/** So many tasks run at once, the others in the order in which they came. */
function turnsOf(most: number): Turn {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

/** What is known of an object while its batch is worked on. */
interface Case {
  readonly object: RawObject;
  found?: Found;
  /** What was found is remembered from another run. */
  recalled?: true;
  evidence?: Evidence;
  unasked?: SignetError;
}

async function judgeBatch(
  batch: readonly RawObject[],
  options: JudgeOptions,
  asking: Asking,
): Promise<readonly Judged[]> {
  const cases = batch.map((object): Case => ({ object }));
  for (const one of cases) {
    if (one.object.problem !== undefined) one.found = toUnreadable(one.object.problem);
    else recall(one, options.facts);
  }
  const unknown = cases.filter(({ found }) => found === undefined);
  await judgeCases(unknown, options.judge);
  for (const source of asking.sources) {
    const open = unknown.filter(lacksEntry);
    await Promise.all(open.map((one) => asking.turn(() => findEntries(one, source))));
    const withEntries = open.filter(({ evidence }) => (evidence?.entries.length ?? 0) > 0);
    for (const one of withEntries) recall(one, options.facts);
    await judgeCases(
      withEntries.filter(({ recalled }) => !recalled),
      options.judge,
    );
  }
  for (const { object, found, evidence, recalled } of unknown) {
    if (found !== undefined && isSound(found) && !recalled) options.facts?.save(object, found, evidence);
  }
  return cases.map(({ object, found, evidence, unasked }) => {
    const decided = options.decide(found as Found, object);
    const verdict = checkTagName(object, decided);
    return {
      object,
      verdict,
      renamed: verdict !== decided,
      ...(evidence !== undefined && { evidence }),
      ...(unasked !== undefined && { unasked }),
    };
  });
}

function recall(one: Case, facts: FactCache | undefined): void {
  const known = facts?.load(one.object, one.evidence);
  if (known === undefined) return;
  one.found = known;
  one.recalled = true;
}

async function judgeCases(cases: readonly Case[], judge: Judge): Promise<void> {
  if (cases.length === 0) return;
  const tasks = cases.map(({ object, evidence }) =>
    evidence === undefined ? { object } : { object, evidence },
  );
  const found = await judge.judge(tasks);
  for (const [place, one] of cases.entries()) one.found = found[place] as Found;
}

/** Sound so far, and not known to be in any log: gitsign's online mode embeds nothing. */
function lacksEntry({ found }: Case): boolean {
  if (found === undefined || isSound(found)) return false;
  return found.status === 'unproven' && found.checks.logEntry.result === 'skipped';
}

/**
 * A source that fails is one that has nothing; that it failed is told with the verdict. It is not asked again, and
 * questions under way end: a log that cannot be reached would be waited for at each object.
 */
async function findEntries(one: Case, asked: AskedSource): Promise<void> {
  const { source, failed, signal } = asked;
  const { raw, kind, objectFormat } = one.object;
  const { payload, signature } = splitObject(raw, kind, objectFormat);
  const query = signature && onlineQuery(payload, signature);
  delete one.evidence;
  if (query === undefined) return;
  if (failed.signal.aborted) {
    one.unasked = failed.signal.reason;
    return;
  }
  try {
    one.evidence = await source.find({ ...query, oid: one.object.oid }, signal);
    asked.nonsense = 0;
  } catch (error) {
    if (!isSignetError(error)) throw error;
    one.unasked = error;
    // Strangers log what they like: nonsense about one object need not be a fault of the log.
    if (error.code !== 'service-answer' || ++asked.nonsense === MAX_NONSENSE) failed.abort(error);
  }
}

const UNSEEN = { result: 'skipped', detail: 'not reached' } as const;
const NOTHING_CHECKED = Object.fromEntries(CHECKS.map((name) => [name, UNSEEN])) as Checks;

function toUnreadable({ text }: ObjectProblem): Unsound {
  return {
    status: 'unreadable',
    format: 'none',
    reason: text,
    checks: NOTHING_CHECKED,
    algorithm: { publicKey: 0, hash: 0 },
  };
}

/**
 * A signed tag v1 that hangs on refs/tags/v2 is a lie that no signature tells: an old release sold as a new one. What
 * the signature is worth does not matter then.
 */
function checkTagName(object: RawObject, verdict: Verdict): Verdict {
  if (verdict.status !== 'good' && verdict.status !== 'untrusted') return verdict;
  const { ref } = object;
  const name = object.kind === 'tag' ? claimsOf(object.raw).tag : undefined;
  if (ref === undefined || !ref.startsWith('refs/tags/') || name === undefined || isTagOf(name, ref)) {
    return verdict;
  }
  const reason = `the tag calls itself "${name}", but the ref that names it is ${ref}`;
  const { checks, algorithm, signer } = verdict;
  const payload = { result: 'failed', detail: reason } as const;
  return { status: 'bad', reason, checks: { ...checks, payload }, algorithm, signer };
}
