/** Everything that judging many objects needs, put together from the settings: for verify, log and report. */
import { parseConfig } from '../adapters/config.ts';
import { readSettings } from '../adapters/settings.ts';
import { type LoadedTrust, openTrust } from '../adapters/trust/loadTrust.ts';
import type { Demand } from '../app/demand.ts';
import { judgeHere } from '../app/judgeHere.ts';
import { applyPolicy, type Deciding } from '../app/outcome.ts';
import { type Judged, judgeObjects } from '../app/verifyObjects.ts';
import type { RawObject } from '../ports.ts';

export interface JudgingOptions {
  /** Identity flags: they stand in the place of signet.allow. */
  readonly demand?: Demand | undefined;
  readonly allowUnsigned?: boolean;
  /** Do not ask the log for entries that signatures do not carry. */
  readonly offline: boolean;
  /** Remember verified facts. */
  readonly cache: boolean;
  /** More than a few objects are expected. */
  readonly many: boolean;
}

export interface Judging {
  readonly trust: LoadedTrust;
  readonly deciding: Deciding;
  /** Judges them in order; to be called once. */
  judge(objects: AsyncIterable<RawObject>): AsyncGenerator<Judged>;
}

/** Throws SignetError `config` or `no-trust`. */
export async function openJudging(env: NodeJS.ProcessEnv, options: JudgingOptions): Promise<Judging> {
  const { policy, requirePolicy, trust: choice } = parseConfig(readSettings(env));
  const { demand, allowUnsigned = false } = options;
  const deciding: Deciding = { demand, policy, requirePolicy, allowUnsigned };
  const trust = await openTrust(choice, env);
  return { trust, deciding, judge: (objects) => judgeAll(objects, trust, deciding) };
}

async function* judgeAll(
  objects: AsyncIterable<RawObject>,
  trust: LoadedTrust,
  deciding: Deciding,
): AsyncGenerator<Judged> {
  const judge = judgeHere(trust);
  const abort = new AbortController();
  try {
    yield* judgeObjects(objects, {
      judge,
      decide: (verdict) => applyPolicy(verdict, deciding),
      sources: [],
      signal: abort.signal,
    });
  } finally {
    abort.abort();
    await judge.close();
  }
}
