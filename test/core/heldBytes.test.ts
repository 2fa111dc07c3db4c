/** What strangers make large stays bearable: objects that wait to be judged, and what is remembered of certificates. */
import { expect, test } from 'vitest';
import { judgeMeanwhile } from '../../src/app/judgeHere.ts';
import { ruleObjects } from '../../src/app/ruled.ts';
import { type Judged, judgeObjects, MAX_HELD_BYTES } from '../../src/app/verifyObjects.ts';
import { parseDer } from '../../src/core/der.ts';
import { encodeOctetString, encodeSequence } from '../../src/core/derEncode.ts';
import { judge } from '../../src/core/facts.ts';
import { rememberLeafs } from '../../src/core/leafChecks.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import type { PolicyFile } from '../../src/core/policyFile.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { parseCertificate, toCertificate } from '../../src/core/x509.ts';
import type { RawObject } from '../../src/ports.ts';
import { COMMIT, extension, newKey, ToySigstore } from './toySigstore.ts';

const toy = new ToySigstore();
const trust = parseTrustedRoot(Buffer.from(toy.trustedRoot()));

/** The largest number of bytes that were read and not yet answered. */
async function mostHeld(sizes: readonly number[]): Promise<number> {
  let read = 0;
  let held = 0;
  let most = 0;
  async function* objects(): AsyncGenerator<RawObject> {
    for (const size of sizes) {
      const raw = Buffer.alloc(size, 'x');
      raw.set(COMMIT);
      held += size;
      most = Math.max(most, held);
      yield { oid: `${read++}`, kind: 'commit', objectFormat: 'sha1', raw };
    }
  }
  const order: string[] = [];
  const options = { judge: judgeMeanwhile(trust), sources: [], signal: new AbortController().signal };
  const decide = (found: Parameters<typeof judge>[0]) => judge(found, NO_POLICY);
  for await (const { object, verdict } of judgeObjects(objects(), { ...options, decide })) {
    expect(verdict).toMatchObject({ status: 'unreadable', reason: 'the commit is not signed' });
    held -= object.raw.length;
    order.push(object.oid);
  }
  expect(order).toEqual(sizes.map((_, place) => `${place}`));
  return most;
}

test('large objects do not wait for one another, small ones do', async () => {
  const large = 6 << 20;
  expect(await mostHeld(Array<number>(20).fill(large))).toBeLessThanOrEqual(MAX_HELD_BYTES + 2 * large);
  const small = 64 << 10;
  expect(await mostHeld(Array<number>(400).fill(small))).toBeGreaterThan(16 * 16 * (small / 2));
});

test('so it is where a policy says more of them', async () => {
  const verdict = { status: 'unreadable', format: 'none', reason: '' } as Judged['verdict'];
  const mostWaiting = async (count: number, size: number) => {
    let [held, most] = [0, 0];
    async function* judged(): AsyncGenerator<Judged> {
      for (let place = 0; place < count; place += 1) {
        held += size;
        most = Math.max(most, held);
        const raw = Buffer.alloc(size);
        const object = { oid: `${place}`, kind: 'commit', objectFormat: 'sha1', raw } as const;
        yield { object, verdict, renamed: false };
      }
    }
    const file = { signers: [], exempt: [] } as unknown as PolicyFile;
    const repository = { mergedTrees: async () => [] };
    const ports = { policy: { file }, judgeKey: async () => undefined, repository };
    for await (const { object } of ruleObjects(judged(), ports)) held -= object.raw.length;
    expect(held).toBe(0);
    return most;
  };
  const large = 6 << 20;
  expect(await mostWaiting(40, large)).toBeLessThanOrEqual(MAX_HELD_BYTES + 2 * large);
  expect(await mostWaiting(40, 100)).toBeGreaterThan(16 * 100);
});

test('a certificate is remembered, but not with a large signature around it, nor a large one', () => {
  const remember = rememberLeafs(trust);
  const isRemembered = (leaf: Parameters<typeof remember>[0]) => {
    const first = remember(leaf);
    return remember(leaf) === first;
  };
  const within = (bytes: number) => {
    const [leaf] = parseDer(
      encodeSequence(toy.makeLeaf(newKey()), encodeOctetString(new Uint8Array(bytes))),
    ).children;
    return leaf && toCertificate(leaf);
  };
  expect([9 << 10, 64 << 10].map(within).map((leaf) => leaf && isRemembered(leaf))).toEqual([true, false]);
  const sized = (bytes: number) => {
    const more = extension('1.2.3.4', new Uint8Array(bytes));
    return parseCertificate(toy.makeLeaf(newKey(), { extensions: [...toy.leafExtensions(), more] }));
  };
  expect([1 << 10, 4 << 10].map(sized).map(isRemembered)).toEqual([true, false]);
});
