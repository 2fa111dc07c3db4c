/** Judging many objects: read in batches, judged by whoever does the work, answered in the order they came in. */
import { CHECKS, type Checks, type ObjectFormat, type ObjectKind, type Verdict } from '../core/verdict.ts';

/** An object as the repository gave it. */
export interface RawObject {
  /** Lower-case hex; where nothing of that name is there, the name that was asked for. */
  readonly oid: string;
  readonly kind: ObjectKind;
  readonly objectFormat: ObjectFormat;
  /** As `git cat-file` prints it; its hash is the oid. Empty where there is a problem. */
  readonly raw: Uint8Array;
  /** Full name of the ref that names a tag, where it is known: the tag must call itself the same. */
  readonly ref?: string;
  /** Why the repository could not give the object. */
  readonly problem?: ObjectProblem;
}

export const PROBLEMS = ['missing', 'too-large', 'wrong-id', 'other-kind'] as const;

export interface ObjectProblem {
  readonly code: (typeof PROBLEMS)[number];
  /** One sentence without a final stop. */
  readonly text: string;
}

/** An object and what is to be thought of it. */
export interface Judged {
  readonly object: RawObject;
  readonly verdict: Verdict;
}

/** Does the work, in this thread or in others. Verdicts come in the order of the objects. */
export interface Judge {
  /** How many batches it can work on at once. */
  readonly parallel: number;
  judge(objects: readonly RawObject[]): Promise<readonly Verdict[]>;
}

export interface JudgeOptions {
  readonly judge: Judge;
  /** What becomes of a verdict before it is handed out: a policy that the judge does not know. */
  readonly decide?: (verdict: Verdict) => Verdict;
}

/** Objects that are handed over together: enough that handing over costs little, few enough to be answered soon. */
const BATCH_OBJECTS = 32;
const BATCH_BYTES = 1 << 20;

/**
 * Judges all of them, in order. Holds a few batches at a time, whatever their number: reading waits for
 * judging, and judging for whoever takes the answers. Throws what reading throws.
 */
export async function* judgeObjects(
  objects: AsyncIterable<RawObject>,
  options: JudgeOptions,
): AsyncGenerator<Judged> {
  const working: Promise<readonly Judged[]>[] = [];
  try {
    for await (const batch of inBatches(objects)) {
      const judged = judgeBatch(batch, options);
      // Whoever takes it sees the failure; nobody may have taken it when the reader fails first.
      judged.catch(() => {});
      working.push(judged);
      if (working.length > options.judge.parallel) yield* await (working.shift() as Promise<Judged[]>);
    }
    for (const judged of working.splice(0)) yield* await judged;
  } finally {
    await Promise.allSettled(working);
  }
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

async function judgeBatch(
  batch: readonly RawObject[],
  { judge, decide = (verdict) => verdict }: JudgeOptions,
): Promise<readonly Judged[]> {
  const verdicts = await judge.judge(batch.filter(({ problem }) => problem === undefined));
  let next = 0;
  return batch.map((object) => {
    const { problem } = object;
    if (problem !== undefined) return { object, verdict: toUnreadable(problem) };
    const verdict = decide(verdicts[next++] as Verdict);
    return { object, verdict: checkTagName(object, verdict) };
  });
}

const UNSEEN = { result: 'skipped', detail: 'not reached' } as const;
const NOTHING_CHECKED = Object.fromEntries(CHECKS.map((name) => [name, UNSEEN])) as Checks;

function toUnreadable({ text }: ObjectProblem): Verdict {
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
  const refName = object.ref?.startsWith('refs/tags/') ? object.ref.slice('refs/tags/'.length) : undefined;
  const name = object.kind === 'tag' ? tagNameOf(object.raw) : undefined;
  if (refName === undefined || name === undefined || refName === name) return verdict;
  const reason = `the tag calls itself "${name}", but the ref that names it is ${object.ref}`;
  const { checks, algorithm, signer } = verdict;
  const payload = { result: 'failed', detail: reason } as const;
  return { status: 'bad', reason, checks: { ...checks, payload }, algorithm, signer };
}

/** What a tag calls itself: its third header line, which is part of what is signed. */
export function tagNameOf(raw: Uint8Array): string | undefined {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const end = bytes.indexOf('\n\n');
  const header = bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
  return /^object [^\n]*\ntype [^\n]*\ntag ([^\n]*)/.exec(header)?.[1];
}
