/** How many questions one run puts to a log, however long the history: one that is broken is not asked by everybody. */
import { sign } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { logSource } from '../../src/adapters/rekorSearch.ts';
import { judgeMeanwhile } from '../../src/app/judgeHere.ts';
import { type Judged, judgeObjects } from '../../src/app/verifyObjects.ts';
import { encodeArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../src/core/cms.ts';
import { judge } from '../../src/core/facts.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import type { RawObject } from '../../src/ports.ts';
import { COMMIT, embed, NOW, newKey, sha256, ToySigstore } from '../core/toySigstore.ts';
import { JSON_TYPE, serve } from '../services/server.ts';

const toy = new ToySigstore();
const trust = parseTrustedRoot(Buffer.from(toy.trustedRoot()));

/** A commit as gitsign's online mode signs it: nothing in it proves its time. */
function makeObject(): RawObject {
  const key = newKey();
  const signedAttrs = encodeSignedAttrs(sha256(COMMIT), NOW);
  const signature = sign('sha256', signedAttrs, key);
  const cms = encodeCms({ signedAttrs, certificate: toy.makeLeaf(key), signature, logEntry: undefined });
  return { oid: '', kind: 'commit', objectFormat: 'sha1', raw: embed(COMMIT, encodeArmor(cms)) };
}
const PATIENT = { attemptMs: 60_000, totalMs: 60_000, retries: 0, backoffMs: 0 };
const OBJECTS = Array.from({ length: 120 }, makeObject);

async function judgeWith(url: string): Promise<readonly Judged[]> {
  async function* objects(): AsyncGenerator<RawObject> {
    yield* OBJECTS;
  }
  const judged: Judged[] = [];
  const options = {
    judge: judgeMeanwhile(trust),
    decide: (found: Parameters<typeof judge>[0]) => judge(found, NO_POLICY),
    sources: [logSource(url, { patience: PATIENT, intervalMs: 0 })],
    signal: AbortSignal.timeout(120_000),
  };
  for await (const one of judgeObjects(objects(), options)) judged.push(one);
  return judged;
}

/** Answers late, so that whoever asks at once does. */
const late =
  (status: number, body: string): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => setTimeout(() => response.writeHead(status, JSON_TYPE).end(body), 50));
  };

test('a log that fails is asked eight times at most, and each verdict says so', async () => {
  const { url, hits } = await serve(late(503, ''));
  const judged = await judgeWith(url);
  expect(judged.map(({ verdict }) => verdict.status)).toEqual(OBJECTS.map(() => 'unproven'));
  expect(judged.filter(({ unasked }) => unasked?.code === 'service-refused')).toHaveLength(OBJECTS.length);
  expect(hits()).toBeLessThanOrEqual(8);
});

test('nonsense about one of them, which a stranger may have logged, spoils no other', async () => {
  let nonsense = 1;
  const { url } = await serve((request, response) =>
    late(200, nonsense-- > 0 ? '{}' : '[]')(request, response),
  );
  const unasked = (await judgeWith(url)).flatMap((one) => one.unasked ?? []);
  expect(unasked.map(({ code }) => code)).toEqual(['service-answer']);
});

test('a log that talks nothing but nonsense is soon left alone', async () => {
  const { url, hits } = await serve(late(200, '{}'));
  const judged = await judgeWith(url);
  expect(judged.filter(({ unasked }) => unasked?.code === 'service-answer')).toHaveLength(OBJECTS.length);
  expect(hits()).toBeLessThanOrEqual(5 + 8);
});

test('questions that are under way end with the first that fails', async () => {
  let asked = 0;
  const { url, hits } = await serve((request, response) => {
    if (++asked === 1) late(503, '')(request, response);
  });
  const judged = await judgeWith(url);
  const { unasked } = judged[0] ?? {};
  expect(unasked?.message).toMatch(/answered 503/);
  expect(judged.filter((one) => one.unasked === unasked)).toHaveLength(OBJECTS.length);
  expect(hits()).toBeLessThanOrEqual(8);
});

test('one that answers is asked about each, by hash and by certificate', async () => {
  const { url, hits } = await serve(late(200, '[]'));
  const judged = await judgeWith(url);
  expect(judged.filter(({ unasked }) => unasked !== undefined)).toEqual([]);
  expect(hits()).toBe(2 * OBJECTS.length);
});
