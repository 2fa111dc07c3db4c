/** Everything that judging many objects needs, put together from the settings: for verify, log and report. */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { type Config, parseConfig } from '../adapters/config.ts';
import { openFactStore } from '../adapters/factCache.ts';
import { commonFolder } from '../adapters/git/commonFolder.ts';
import { notesSource } from '../adapters/git/notesRead.ts';
import { parseInstance } from '../adapters/instance.ts';
import { openPolicy } from '../adapters/policy/openPolicy.ts';
import { logSource } from '../adapters/rekorSearch.ts';
import { readSettings, type Settings } from '../adapters/settings.ts';
import type { TrustChoice } from '../adapters/trust/choice.ts';
import { type LoadedTrust, openTrust } from '../adapters/trust/loadTrust.ts';
import { withServices } from '../adapters/trust/services.ts';
import { refreshTrust } from '../adapters/tuf/refresh.ts';
import type { Demand } from '../app/demand.ts';
import { judgeHere, judgeMeanwhile } from '../app/judgeHere.ts';
import { type Deciding, decideBy } from '../app/outcome.ts';
import { type Judged, judgeObjects } from '../app/verifyObjects.ts';
import { NO_POLICY } from '../core/policy.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Judge, RawObject } from '../ports.ts';

export interface JudgingOptions {
  /** Identity flags: they stand in the place of every policy. */
  readonly demand?: Demand | undefined;
  readonly allowUnsigned?: boolean;
  /** Do not ask the log for entries that signatures do not carry. */
  readonly offline: boolean;
  /** Remember verified facts. */
  readonly cache: boolean;
  /** Only what is sound, and by whom: the policy is another than the one that counts here. */
  readonly factsOnly?: boolean;
}

export interface Judging {
  readonly config: Config;
  readonly trust: LoadedTrust;
  readonly deciding: Deciding;
  /** Judges them in order; to be called once. */
  judge(objects: AsyncIterable<RawObject>): AsyncGenerator<Judged>;
}

/** Throws SignetError `config` or `no-trust`. */
export async function openJudging(env: NodeJS.ProcessEnv, options: JudgingOptions): Promise<Judging> {
  useAllCores();
  const settings = readSettings(env);
  const config = parseConfig(settings);
  const { requirePolicy, trust: choice } = config;
  // git names the file as seen from the root of the work tree, and people are elsewhere.
  const atRoot = config.local === undefined ? config : { ...config, local: `${commonFolder(env)}/config` };
  const { demand, allowUnsigned = false, factsOnly = false } = options;
  const { policy } = factsOnly ? { policy: NO_POLICY } : await openPolicy(atRoot);
  const deciding: Deciding = { demand, policy, requirePolicy, allowUnsigned };
  await refreshTrust(choice, env, { offline: options.offline, signal: new AbortController().signal });
  const trust = withItsFile(await openTrust(choice, env), choice);
  return { config, trust, deciding, judge: judgeAll };

  async function* judgeAll(objects: AsyncIterable<RawObject>): AsyncGenerator<Judged> {
    const judge = openJudge(trust);
    const notes = notesSource(env);
    const abort = new AbortController();
    try {
      yield* judgeObjects(objects, {
        judge,
        decide: (found, object) => decideBy(deciding, found, object),
        sources: [notes, ...(options.offline ? [] : [await openLog(settings)])],
        facts: options.cache ? openFactStore(env, trust) : undefined,
        signal: abort.signal,
      });
    } finally {
      abort.abort();
      notes.close();
    }
  }
}

/** A root from a file of one's own is said with each verdict, as parts from elsewhere are; the sandbox's has its mark. */
function withItsFile(trust: LoadedTrust, { file }: TrustChoice): LoadedTrust {
  if (file === undefined || trust.sandbox) return trust;
  return { ...trust, replaced: [...(trust.replaced ?? []), `Trusted root: ${file} (signet.trustedRoot)`] };
}

/**
 * Histories make much garbage, and V8 would rather let its old generation grow to twice what is used than look through it
 * often. Measured over 100,000 commits: 111 MiB instead of 140, for no more time. (A smaller young generation would save
 * 30 MiB more, and cost 6 % of the time.)
 */
function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
}

/** Node makes four threads for signatures, whatever the machine has, and none yet when this is called. */
function useAllCores(): void {
  process.env['UV_THREADPOOL_SIZE'] ??= String(availableParallelism());
}

/** Judges on all cores. */
export function openJudge(trust: Trust): Judge {
  useAllCores();
  keepHeapSmall();
  return availableParallelism() > 1 ? judgeMeanwhile(trust) : judgeHere(trust);
}

async function openLog(settings: Settings) {
  const { rekorUrl, insecureHttp } = parseInstance(await withServices(settings)).instance;
  return logSource(rekorUrl, { insecureHttp });
}
