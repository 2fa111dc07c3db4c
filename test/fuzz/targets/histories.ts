/** Histories: objects in batches that are judged at once come to what each comes to when it is judged after the other. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { judgeHere, judgeMeanwhile } from '../../../src/app/judgeHere.ts';
import type { Found } from '../../../src/core/facts.ts';
import type { Judge, JudgeTask } from '../../../src/ports.ts';
import { at, places } from '../../vectors/attacks/derTree.ts';
import { takeApart, withCms } from '../../vectors/attacks/signedObject.ts';
import { mangle } from '../mangle.ts';
import { Random } from '../random.ts';
import { seedFile, toyObjects, toyTrust } from '../seeds.ts';
import { BrokenPromise, type Target } from '../target.ts';

const unproven = seedFile('online.unproven');
const seeds = [...toyObjects.map(({ raw }) => raw), unproven];
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
  const some = [input, mangled(), good(), good(), forge(good(), random), forge(unproven, random)].map(toTask);
  const proven = [entry, mangle(entry, random, entry)].map(withEntry);
  const history = Array.from({ length: OBJECTS }, () => random.pick([...some, ...proven]));
  const wanted = await judgeHere(toyTrust).judge(history);
  const got = await judgeInBatches(judgeMeanwhile(toyTrust), history, random);
  const at = wanted.findIndex((found, place) => !isDeepStrictEqual(found, got[place]));
  if (at < 0 && got.length === wanted.length) return;
  throw new BrokenPromise(`object ${at} of a history: ${inspect(got[at])} is not ${inspect(wanted[at])}`);
}

/** Changes nothing but the authority's signature on the leaf, which is what is remembered of one object for the next. */
function forge(raw: Buffer, random: Random): Buffer {
  return withCms(takeApart(raw, toTask(raw).object.kind), (cms) => {
    const { content } = at(places(cms).certificates, 0, 2);
    content.writeUInt8((content.at(-1) ?? 0) ^ (1 + random.int(255)), content.length - 1);
  });
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
  return { ...toTask(unproven), evidence: { entries: [one] } };
}
