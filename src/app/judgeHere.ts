import { assumingSignatures } from '../core/assume.ts';
import { NO_EVIDENCE } from '../core/evidence.ts';
import type { Found } from '../core/facts.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { createVerifier, type Verifier } from '../core/verify.ts';
import type { Judge, JudgeTask } from '../ports.ts';

/** Judges in this thread. */
export function judgeHere(trust: Trust): Judge {
  const verifier = createVerifier(trust);
  return { parallel: 1, judge: async (tasks) => examineAll(verifier, tasks) };
}

/** Batches that are under way: the signatures of some are verified while the next ones are read. */
const PARALLEL = 16;

/**
 * Judges in this thread, while those that node:crypto keeps for it verify the signatures. A batch rests on the signatures
 * of those before it too, since the verifier remembers certificates: where one is wrong, all that rest on it are judged
 * again, one signature after the other.
 */
export function judgeMeanwhile(trust: Trust): Judge {
  const exact = createVerifier(trust);
  let ahead = startAhead(trust);
  return {
    parallel: PARALLEL,
    judge: async (tasks) => {
      const mine = ahead;
      const { before } = mine;
      const found = assumingSignatures(() => examineAll(mine.verifier, tasks));
      const isRight = found.then(async (found) => found !== undefined && (await before));
      mine.before = isRight;
      if (await isRight) return (await found) as readonly Found[];
      if (ahead === mine) ahead = startAhead(trust);
      return examineAll(exact, tasks);
    },
  };
}

/** A verifier that takes signatures as right, and whether all are that it has taken so. */
interface Ahead {
  readonly verifier: Verifier;
  before: Promise<boolean>;
}

function startAhead(trust: Trust): Ahead {
  return { verifier: createVerifier(trust), before: Promise.resolve(true) };
}

function examineAll(verifier: Verifier, tasks: readonly JudgeTask[]): readonly Found[] {
  return tasks.map(({ object: { raw, kind, objectFormat }, evidence = NO_EVIDENCE }) =>
    verifier.examineObject(raw, kind, objectFormat, evidence),
  );
}
