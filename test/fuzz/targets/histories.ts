/** Histories: objects in batches that are judged at once come to what each comes to when it is judged after the other. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { judgeHere, judgeMeanwhile } from '../../../src/app/judgeHere.ts';
import type { Found } from '../../../src/core/facts.ts';
import type { Judge, JudgeTask } from '../../../src/ports.ts';
import { mangle } from '../mangle.ts';
import { Random } from '../random.ts';
import { seedFile, toyObjects, toyTrust } from '../seeds.ts';
import { BrokenPromise, type Target } from '../target.ts';

const seeds = [...toyObjects.map(({ raw }) => raw), seedFile('online.unproven')];
const entry = seedFile('online.entry');

/** Objects of one history: what a case costs is mostly theirs. */
const OBJECTS = 12;

export const HISTORIES: readonly Target[] = [
  { name: 'history', seeds: () => seeds, run: judgeBoth, share: 0.1 },
];

/** Few objects, good and mangled, each of them several times: what is remembered of one must not help another. */
async function judgeBoth(input: Buffer): Promise<void> {
  const random = new Random(input.toString('latin1'));
  const good = () => random.pick(seeds);
  const mangled = () => mangle(good(), random, good());
  const some = [input, mangled(), mangled(), good(), good()].map(toTask);
  const proven = [entry, mangle(entry, random, entry)].map(withEntry);
  const history = Array.from({ length: OBJECTS }, () => random.pick([...some, ...proven]));
  const wanted = await judgeHere(toyTrust).judge(history);
  const got = await judgeInBatches(judgeMeanwhile(toyTrust), history, random);
  const at = wanted.findIndex((found, place) => !isDeepStrictEqual(found, got[place]));
  if (at < 0 && got.length === wanted.length) return;
  throw new BrokenPromise(`object ${at} of a history: ${inspect(got[at])} is not ${inspect(wanted[at])}`);
}

/** Most are handed over while others are under way. */
async function judgeInBatches(
  judge: Judge,
  history: readonly JudgeTask[],
  random: Random,
): Promise<readonly Found[]> {
  const underWay: Promise<readonly Found[]>[] = [];
  for (let at = 0; at < history.length; ) {
    const end = at + 1 + random.int(5);
    underWay.push(judge.judge(history.slice(at, end)));
    if (random.chance(25)) await Promise.all(underWay);
    at = end;
  }
  return (await Promise.all(underWay)).flat();
}

function toTask(raw: Buffer): JudgeTask {
  const kind = raw.toString('latin1', 0, 7) === 'object ' ? 'tag' : 'commit';
  const objectFormat = raw.includes('\ngpgsig-sha256 ') ? 'sha256' : 'sha1';
  return { object: { oid: '', kind, objectFormat, raw } };
}

function withEntry(one: Buffer): JudgeTask {
  return { ...toTask(seedFile('online.unproven')), evidence: { entries: [one] } };
}
