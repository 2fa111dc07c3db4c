/** Runs mangled inputs through targets and watches what each costs. */
import { inspect } from 'node:util';
import { mangle } from './mangle.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';

export interface Finding {
  readonly target: string;
  /** What reproduces it: --seed SEED --target TARGET --case CASE. */
  readonly seed: string;
  readonly case: number;
  readonly what: string;
  /** As small as it could be made. */
  readonly input: Buffer;
}

/** What one input may cost. */
const LIMITS = { maxMs: 1000, maxBytes: 100 << 20 };

/** The input of a case: a seed, mangled by what chance the three names give. */
export function inputOf(target: Target, seed: string, number: number): Buffer {
  const random = new Random(`${seed}/${target.name}/${number}`);
  const seeds = target.seeds();
  return mangle(random.pick(seeds), random, random.pick(seeds));
}

export async function runCase(target: Target, seed: string, number: number): Promise<Finding | undefined> {
  const input = inputOf(target, seed, number);
  const what = await fault(target, input);
  if (what === undefined) return undefined;
  return { target: target.name, seed, case: number, what, input: await minimise(target, input, what) };
}

/** What goes wrong with the input, in words; undefined where nothing does. */
export async function fault(
  target: Target,
  input: Buffer,
  { maxMs, maxBytes } = LIMITS,
): Promise<string | undefined> {
  const before = process.resourceUsage().maxRSS;
  const startedAt = performance.now();
  try {
    await target.run(input);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message.slice(0, 300)}` : inspect(error);
  }
  if (performance.now() - startedAt > maxMs) {
    const cpuMs = await cpuTime(target, input);
    if (cpuMs > maxMs) return `it takes ${Math.round(cpuMs)} ms of a processor`;
  }
  // The high-water mark, in kilobytes: what was taken and given back in between counts too.
  const grown = (process.resourceUsage().maxRSS - before) * 1024;
  return grown > maxBytes ? `it takes ${grown >> 20} MiB` : undefined;
}

/** The better of two more runs: the machine may have been busy with something else. */
async function cpuTime(target: Target, input: Buffer): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 2; i++) {
    const before = process.cpuUsage();
    await target.run(input);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return Math.min(...times);
}

/** Leaves out what can be left out while the same goes wrong: halves first, then smaller pieces. */
async function minimise(target: Target, input: Buffer, what: string): Promise<Buffer> {
  const kind = what.slice(0, 24);
  const endsAt = performance.now() + 10_000;
  let small = input;
  for (let size = small.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < small.length && performance.now() < endsAt; ) {
      const shorter = Buffer.concat([small.subarray(0, at), small.subarray(at + size)]);
      if ((await fault(target, shorter))?.startsWith(kind)) small = shorter;
      else at += size;
    }
  }
  return small;
}
