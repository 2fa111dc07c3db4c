/** Judging for verify, log and report: by the settings, and by all that a policy file says. */
import { openGateReader } from '../adapters/git/gateReader.ts';
import { type RuledObject, ruleObjects, saysMore } from '../app/ruled.ts';
import type { RawObject } from '../ports.ts';
import { type Judging, type JudgingOptions, openJudging } from './judging.ts';
import { findPolicy, openKeys } from './policyPlace.ts';

export type RuledJudging = Omit<Judging, 'judge'> & {
  /** Judges them in order; to be called once. */
  judge(objects: AsyncIterable<RawObject>): AsyncGenerator<RuledObject>;
};

/** Identity flags stand in the place of every policy. Throws SignetError `config` or `no-trust`. */
export async function openRuledJudging(
  env: NodeJS.ProcessEnv,
  options: JudgingOptions,
): Promise<RuledJudging> {
  const judging = await openJudging(env, options);
  const policy = options.demand === undefined ? findPolicy(env, judging.config) : undefined;
  if (policy === undefined || !saysMore(policy.file)) return judging;
  const repository = openGateReader(env);
  const ports = { policy, repository, judgeKey: openKeys(repository, env).judge };
  return { ...judging, judge: (objects) => ruleObjects(judging.judge(objects), ports) };
}
