/** A short run of scripts/fuzz, with a seed of its own each time, and the proof that it would find something. */
import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { readTree } from '../vectors/attacks/derTree.ts';
import { Random } from './random.ts';
import { type Finding, fault, inputOf, runCase } from './run.ts';
import { allObjects, toyObjects } from './seeds.ts';
import { BrokenPromise, type Target } from './target.ts';
import { TARGETS } from './targets.ts';

const SEED = process.env['SIGNET_FUZZ_SEED'] ?? String(Date.now());
const TIME_MS = 250;

const told = ({ target, seed, case: number, what, input }: Finding) =>
  `${what}\nscripts/fuzz --seed ${seed} --target ${target} --case ${number}\n${input.toString('base64').slice(0, 2000)}`;

describe('for a short time', () => {
  test.each(TARGETS)('$name keeps its promises', async (target) => {
    for (const seed of target.seeds()) await target.run(seed);
    const endsAt = performance.now() + TIME_MS;
    for (let number = 0; number < 2000 && performance.now() < endsAt; number++) {
      const finding = await runCase(target, SEED, number);
      expect(finding && told(finding)).toBeUndefined();
    }
  });
});

describe('the fuzzer', () => {
  const [seed = Buffer.alloc(0)] = toyObjects.map(({ raw }) => raw);

  test('starts from good objects of all kinds', () => {
    expect(
      new Set(allObjects.map(({ kind, objectFormat }) => `${kind} ${objectFormat}`)).size,
    ).toBeGreaterThanOrEqual(3);
  });

  test('makes the same input of the same seed, and another of another', () => {
    const [target] = TARGETS;
    if (target === undefined) throw new Error('no target');
    const first = inputOf(target, 'x', 1);
    expect(inputOf(target, 'x', 1)).toEqual(first);
    expect([2, 3, 4].map((number) => inputOf(target, 'x', number).equals(first))).not.toContain(true);
  });

  test('makes the same inputs in each process', async () => {
    const inputs = async () => {
      vi.resetModules();
      const made = (await import('./targets.ts')).TARGETS;
      return made.map((target) => [target.name, [0, 1, 2].map((number) => inputOf(target, 'x', number))]);
    };
    expect(await inputs()).toEqual(await inputs());
  });

  test('finds what it is there for, and makes it small', async () => {
    const careless: Target = {
      name: 'careless',
      seeds: () => [seed],
      run: (input) => {
        if (!input.includes('committer ')) throw new BrokenPromise('no committer');
      },
    };
    expect(await search(careless)).toMatchObject({ what: 'Error: no committer', input: Buffer.alloc(0) });
    const crashing: Target = {
      name: 'crashing',
      seeds: () => [seed],
      run: (input) => void input.readUInt32BE(1200),
    };
    expect((await search(crashing))?.what).toMatch(/RangeError/);
  });

  test('notices what is slow and what is large', async () => {
    const busy = () => void pbkdf2Sync('x', 'y', 100_000, 32, 'sha256');
    const slow: Target = { name: 'slow', seeds: () => [seed], run: busy };
    expect(await fault(slow, seed, { maxMs: 5, maxBytes: 1 << 30 })).toMatch(/ms of a processor/);
    expect(await fault(slow, seed)).toBeUndefined();
    const large: Target = { name: 'large', seeds: () => [seed], run: () => void Buffer.alloc(400 << 20, 1) };
    expect(await fault(large, seed, { maxMs: 1e6, maxBytes: 1 << 20 })).toMatch(/it takes \d+ MiB/);
  }, 60_000);

  test('is done at once with what looks like DER by chance', () => {
    const overlapping = Buffer.from('3002307f'.repeat(40) + '00'.repeat(130), 'hex');
    expect(() => readTree(overlapping)).toThrow('longer than what it lies in');
    expect(readTree(Buffer.of(0x30, 4, 0x30, 2, 5, 0)).children).toHaveLength(1);
  });

  test('leaves no octet of a number out', () => {
    const random = new Random('x');
    const seen = new Set(Array.from({ length: 5000 }, () => random.int(256)));
    expect(seen.size).toBe(256);
  });
});

async function search(target: Target): Promise<Finding | undefined> {
  for (let number = 0; number < 5000; number++) {
    const finding = await runCase(target, 'x', number);
    if (finding !== undefined) return finding;
  }
  return undefined;
}
