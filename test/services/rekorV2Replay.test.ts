import { describe, expect, test } from 'vitest';
import { parseV2Entry, rekorV2 } from '../../src/adapters/rekorV2.ts';
import { MAX_CHECKPOINT_BYTES, MAX_PROOF_HASHES } from '../../src/core/limits.ts';
import { encodeHashedRekordV2 } from '../../src/core/rekorV2Entry.ts';
import type { ProposedEntry } from '../../src/ports.ts';
import { errorOf, SOME_DER, UNHURRIED } from './clients.ts';
import { answerBytes, type Recorded, recordingsIn, replay, requestText } from './recordings.ts';
import { JSON_TYPE, serve } from './server.ts';

const { exchanges, recorded, left } = recordingsIn('rekor-v2.json');

interface HashedRekordRequest {
  readonly hashedRekordRequestV002: {
    readonly digest: string;
    readonly signature: {
      readonly content: string;
      readonly verifier: { readonly x509Certificate: { readonly rawBytes: string } };
    };
  };
}

/** What a recorded upload sent, as the value that our client sends. */
function proposed(exchange: Recorded): ProposedEntry {
  const { digest, signature } = (JSON.parse(requestText(exchange) ?? '') as HashedRekordRequest)
    .hashedRekordRequestV002;
  return {
    digest: Buffer.from(digest, 'base64'),
    signature: Buffer.from(signature.content, 'base64'),
    certificate: Buffer.from(signature.verifier.x509Certificate.rawBytes, 'base64'),
  };
}

const SOMETHING: ProposedEntry = {
  digest: Buffer.alloc(32, 1),
  signature: Buffer.from([1, 2, 3]),
  certificate: SOME_DER,
};
const quick = (url: string) => rekorV2(url, { patience: UNHURRIED });
const signal = AbortSignal.timeout(60_000);

describe.skipIf(exchanges.length === 0)('recorded Rekor v2 (needs ../shared/recordings)', () => {
  const create = () => recorded('create entry');

  test.each(['create entry', 'create entry 2', 'create entry 3', 'create entry 4'])(
    '%s: sends what was sent then, and gets the recorded entry',
    async (name) => {
      const [sent, bodies]: [string[], string[]] = [[], []];
      const server = await replay([recorded(name)], sent, bodies);
      const entry = proposed(recorded(name));
      const answer = await quick(server.url).upload(entry, signal);
      expect(sent).toEqual(['POST /api/v2/log/entries']);
      expect(JSON.parse(bodies[0] ?? '')).toEqual(JSON.parse(requestText(recorded(name)) ?? ''));
      const { digest, signature, certificate } = entry;
      expect(Buffer.from(answer.body)).toEqual(encodeHashedRekordV2(digest, signature, certificate));
      expect(answer).toMatchObject({
        kindVersion: 'hashedrekord 0.0.2',
        integratedTime: 0n,
        signedEntryTimestamp: new Uint8Array(0),
      });
      expect(answer.inclusionProof.logIndex).toBe(answer.logIndex);
      expect(answer.inclusionProof.treeSize).toBe(answer.logIndex + 1n);
      expect(answer.inclusionProof.checkpoint).toMatch(/^rekor2\.local\n/);
    },
  );

  test('create the same entry again: says so in a way that the caller can answer', async () => {
    const server = await replay([recorded('create the same entry again')]);
    const error = await errorOf(quick(server.url).upload(proposed(create()), signal));
    expect(error).toMatchObject({ code: 'already-logged', exitCode: 5 });
    expect(server.hits()).toBe(1);
  });

  test.each([
    ['create, hash of something else', /answered 400: "invalid hashedrekord request"\.$/],
    ['create, unknown field', /answered 400: "proto: \(line 1:1319\): unknown field \\"nonsense\\""\.$/],
    ['create, no JSON', /answered 400: "invalid character 'n' looking for/],
    ['create, wrong key details', /answered 400: "invalid hashedrekord request"\.$/],
    ['create, a v1 body', /answered 400: "proto: \(line 1:2\): unknown field \\"apiVersion\\""\.$/],
    ['GET on the write endpoint', /answered 501: "Method Not Allowed"\.$/],
  ])('%s: refused at once', async (name, message) => {
    const server = await replay([recorded(name)]);
    const error = await errorOf(quick(server.url).upload(proposed(create()), signal));
    expect(error).toMatchObject({
      code: 'service-refused',
      exitCode: 5,
      message: expect.stringMatching(message),
    });
    expect(server.hits()).toBe(1);
  });

  test('nothing recorded was left out', () => {
    expect(left()).toEqual([]);
  });

  const fields = () => JSON.parse(answerBytes(create()).toString('utf8'));
  const parse = (value: unknown) => parseV2Entry(Buffer.from(JSON.stringify(value)));
  const withProof = (change: object) => ({
    ...fields(),
    inclusionProof: { ...fields().inclusionProof, ...change },
  });

  test('an entry may leave out what is zero or empty, and hold fields of the future', () => {
    const { integratedTime: _time, inclusionPromise: _promise, logIndex: _index, ...rest } = fields();
    const { hashes: _hashes, logIndex: _place, ...proof } = rest.inclusionProof;
    const whole = parse(fields());
    expect(parse({ ...rest, inclusionProof: proof, future: 1 })).toEqual(whole);
    expect(parse({ ...fields(), logIndex: '9223372036854775807' }).logIndex).toBe(2n ** 63n - 1n);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['a list', () => [], /is not a JSON object/],
    [
      'another kind',
      () => ({ ...fields(), kindVersion: { kind: 'dsse', version: '0.0.2' } }),
      /hashedrekord 0\.0\.2/,
    ],
    ['no kind', () => ({ ...fields(), kindVersion: undefined }), /"kindVersion" in .* is not a JSON object/],
    ['a time', () => ({ ...fields(), integratedTime: '1' }), /has a time, which/],
    ['a promise', () => ({ ...fields(), inclusionPromise: {} }), /has a promise, which/],
    ['an index as number', () => ({ ...fields(), logIndex: 1 }), /no whole number in "logIndex"/],
    ['a negative index', () => ({ ...fields(), logIndex: '-1' }), /no whole number in "logIndex"/],
    [
      'a huge index',
      () => ({ ...fields(), logIndex: '9223372036854775808' }),
      /no whole number in "logIndex"/,
    ],
    ['an index with a zero', () => ({ ...fields(), logIndex: '01' }), /no whole number in "logIndex"/],
    ['no log id', () => ({ ...fields(), logId: null }), /"logId" in .* is not a JSON object/],
    ['a short log id', () => ({ ...fields(), logId: { keyId: 'AAAA' } }), /not 32 bytes long/],
    ['a body in hex', () => ({ ...fields(), canonicalizedBody: 'ab_' }), /canonical base64/],
    [
      'no proof',
      () => ({ ...fields(), inclusionProof: null }),
      /"inclusionProof" in .* is not a JSON object/,
    ],
    ['a short root', () => withProof({ rootHash: 'AAAA' }), /not 32 bytes long/],
    ['a short hash', () => withProof({ hashes: ['AAAA'] }), /not 32 bytes long/],
    ['hashes that are none', () => withProof({ hashes: [1] }), /not text in "hashes"/],
    [
      'too many hashes',
      () => withProof({ hashes: Array(MAX_PROOF_HASHES + 1).fill('A'.repeat(43).concat('=')) }),
      /more than 64 elements/,
    ],
    ['no checkpoint', () => withProof({ checkpoint: {} }), /no text in "envelope"/],
    [
      'a huge checkpoint',
      () => withProof({ checkpoint: { envelope: 'x'.repeat(MAX_CHECKPOINT_BYTES + 1) } }),
      /checkpoint of more than 16384 bytes/,
    ],
  ])('%s is refused', (_, make, message) => {
    expect(() => parse(make())).toThrow(
      expect.objectContaining({ code: 'service-answer', message: expect.stringMatching(message) }),
    );
  });
});

describe('Rekor v2 that cannot take an entry', () => {
  test('a frozen shard: the hint names the newer one', async () => {
    const server = await serve((_request, response) =>
      response.writeHead(405, { 'Content-Type': 'text/plain' }).end('This log has been shut down'),
    );
    expect(await errorOf(quick(server.url).upload(SOMETHING, signal))).toMatchObject({
      code: 'service-refused',
      message: expect.stringMatching(/answered 405\.$/),
      hint: expect.stringContaining('newer shard'),
    });
    expect(server.hits()).toBe(1);
  });

  test('pushback: asked again, and told', async () => {
    const text = '{"code":14,"message":"reached max pushback; retry","details":[]}';
    const server = await serve((_request, response) => response.writeHead(503, JSON_TYPE).end(text));
    expect(await errorOf(quick(server.url).upload(SOMETHING, signal))).toMatchObject({
      message: expect.stringMatching(/answered 503: "reached max pushback; retry"; gave up after 4 attempts/),
    });
    expect(server.hits()).toBe(1 + UNHURRIED.retries);
  });

  test('a Rekor v1: the hint names the setting', async () => {
    const server = await serve((_request, response) => response.writeHead(404).end());
    expect(await errorOf(quick(server.url).upload(SOMETHING, signal))).toMatchObject({
      code: 'service-refused',
      hint: expect.stringContaining('signet.rekor'),
    });
  });
});
