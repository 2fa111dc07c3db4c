import { NO_EVIDENCE } from '../core/evidence.ts';
import { NO_POLICY } from '../core/policy.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { verifyObject } from '../core/verify.ts';
import type { Judge } from '../ports.ts';

/** Judges in this thread, without any policy: what is found is fact, and whoever asks decides. */
export function judgeHere(trust: Trust): Judge {
  return {
    parallel: 1,
    judge: async (tasks) =>
      tasks.map(({ object: { raw, kind, objectFormat }, evidence = NO_EVIDENCE }) =>
        verifyObject(raw, kind, objectFormat, trust, NO_POLICY, evidence),
      ),
    close: async () => {},
  };
}
