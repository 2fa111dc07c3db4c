import { NO_EVIDENCE } from '../core/evidence.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { createVerifier } from '../core/verify.ts';
import type { Judge } from '../ports.ts';

/** Judges in this thread. */
export function judgeHere(trust: Trust): Judge {
  const verifier = createVerifier(trust);
  return {
    parallel: 1,
    judge: async (tasks) =>
      tasks.map(({ object: { raw, kind, objectFormat }, evidence = NO_EVIDENCE }) =>
        verifier.examineObject(raw, kind, objectFormat, evidence),
      ),
    close: async () => {},
  };
}

/** Judges in this thread until there have been so many objects that others are worth starting. */
export function judgeHereFirst(here: Judge, first: number, start: () => Judge): Judge {
  let others: Judge | undefined;
  let count = 0;
  return {
    get parallel() {
      return (others ?? here).parallel;
    },
    judge: (tasks) => {
      count += tasks.length;
      if (count > first) others ??= start();
      return (others ?? here).judge(tasks);
    },
    close: async () => others?.close(),
  };
}
