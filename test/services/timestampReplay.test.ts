import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { serviceAt } from '../../src/adapters/http.ts';
import {
  encodeTimestampRequest,
  openTimestampAnswer,
  timestampAuthority,
} from '../../src/adapters/timestampAuthority.ts';
import { childrenOf, contentOf, encodedOf, INTEGER, parseDer, SEQUENCE } from '../../src/core/der.ts';
import { encodeInteger, encodeSequence, encodeUtf8String } from '../../src/core/derEncode.ts';
import { MAX_TIMESTAMP_BYTES } from '../../src/core/limits.ts';
import { errorOf, UNHURRIED } from './clients.ts';
import { answerBytes, type Recorded, recordingsIn } from './recordings.ts';
import { serve, type TestServer } from './server.ts';

const { exchanges, recorded, left } = recordingsIn('tsa.json');

const SIGNATURE = Buffer.from('the octets of a signature');
const REPLY_TYPE = { 'Content-Type': 'application/timestamp-reply' };
const SERVICE = serviceAt('TSA', 'signet.timestampServerURL', 'http://127.0.0.1:1/tsa', true);
const signal = AbortSignal.timeout(60_000);
const ask = ({ url }: TestServer) =>
  timestampAuthority(`${url}/api/v1/timestamp`, { patience: UNHURRIED }).requestTimestamp(SIGNATURE, signal);

interface Asked {
  readonly what: string | undefined;
  readonly type: string | undefined;
  readonly body: Buffer;
}

/** Repeats a recorded answer; notes what it was asked. */
function repeat({ response }: Recorded, bytes: Buffer, asked: Asked[] = []): Promise<TestServer> {
  return serve((request, answer) => {
    buffer(request).then(
      (body) => {
        asked.push({ what: `${request.method} ${request.url}`, type: request.headers['content-type'], body });
        answer.writeHead(response.status, response.headers);
        answer.end(bytes);
      },
      () => answer.destroy(),
    );
  });
}

/** A good answer of this status and content, whatever it holds. */
function answering(body: Uint8Array, status = 200): Promise<TestServer> {
  return serve((_request, response) => response.writeHead(status, REPLY_TYPE).end(body));
}

describe.skipIf(exchanges.length === 0)('recorded TSA (needs ../shared/recordings)', () => {
  const request = () => Buffer.from(recorded('timestamp').request.body?.base64 ?? '', 'base64');
  const nonce = () => nonceIn(request());

  test('timestamp: asks as was asked then', () => {
    // The recorded client stamped something else; all but the 32 octets of that digest must agree.
    const ours = encodeTimestampRequest(SIGNATURE, nonce());
    const theirs = request();
    for (const bytes of [ours, theirs]) bytes.fill(0, 24, 56);
    expect(Buffer.from(ours)).toEqual(theirs);
  });

  test('timestamp: the token is what stands in the answer', () => {
    const answer = answerBytes(recorded('timestamp'));
    const token = openTimestampAnswer(SERVICE, answer, nonce());
    expect(Buffer.from(token)).toEqual(answer.subarray(answer.length - token.length));
    expect(token.length).toBe(answer.length - 9);
  });

  test.each(['timestamp', 'timestamp, JSON request'])(
    '%s: another nonce than ours is refused',
    async (name) => {
      const asked: Asked[] = [];
      const server = await repeat(recorded(name), answerBytes(recorded(name)), asked);
      expect(await errorOf(ask(server))).toMatchObject({
        code: 'service-answer',
        exitCode: 5,
        message: expect.stringMatching(/another nonce/),
      });
      expect(asked).toMatchObject([{ what: 'POST /api/v1/timestamp', type: 'application/timestamp-query' }]);
      const sent = asked[0]?.body ?? Buffer.alloc(0);
      expect(Buffer.from(encodeTimestampRequest(SIGNATURE, nonceIn(sent)))).toEqual(sent);
    },
  );

  test.each([
    ['timestamp over SHA-1', /answered 400: "Weak hash algorithm in timestamp request"\.$/],
    ['garbage', /answered 400: "Error generating timestamp response"\.$/],
    ['wrong content type', /answered 415: "unsupported media type /],
  ])('%s: refused at once, in its own words', async (name, message) => {
    const server = await repeat(recorded(name), answerBytes(recorded(name)));
    expect(await errorOf(ask(server))).toMatchObject({
      code: 'service-refused',
      exitCode: 5,
      message: expect.stringMatching(message),
    });
    expect(server.hits()).toBe(1);
  });

  test('certificate chain: no timestamp', async () => {
    const server = await repeat(recorded('certificate chain'), answerBytes(recorded('certificate chain')));
    expect(await errorOf(ask(server))).toMatchObject({
      code: 'service-answer',
      message: expect.stringMatching(/answered 200 with something that is not application\/timestamp-reply/),
    });
  });

  test('nothing recorded was left out', () => {
    expect(left()).toEqual([]);
  });

  const token = () => openTimestampAnswer(SERVICE, answerBytes(recorded('timestamp')), nonce());
  const response = (status: number, ...more: readonly Uint8Array[]) =>
    encodeSequence(encodeSequence(encodeInteger(status), ...more));
  test.each<[string, () => Uint8Array, RegExp]>([
    [
      'grantedWithMods',
      () => encodeSequence(encodeSequence(encodeInteger(1)), token()),
      /stamped something else than was asked for/,
    ],
    ['rejection', () => response(2), /refused with PKIStatus 2\.$/],
    [
      'rejection in words',
      () => response(2, encodeSequence(encodeUtf8String('no such\u001b policy'))),
      /refused with PKIStatus 2: "no such\\u\{1b\} policy"\.$/,
    ],
    ['granted, but empty', () => response(0), /holds no timestamp/],
    [
      'granted, but not a token',
      () => encodeSequence(encodeSequence(encodeInteger(0)), encodeInteger(1)),
      /cannot be read/,
    ],
    ['no DER', () => Buffer.from('nonsense'), /cannot be read/],
    ['nothing', () => new Uint8Array(0), /cannot be read/],
    ['half an answer', () => answerBytes(recorded('timestamp')).subarray(0, 400), /cannot be read/],
    ['a bare token', token, /cannot be read/],
    [
      'bytes behind it',
      () => Buffer.concat([answerBytes(recorded('timestamp')), Buffer.of(0)]),
      /cannot be read/,
    ],
    ['a huge answer', () => Buffer.alloc(MAX_TIMESTAMP_BYTES + 1, 0x30), /larger than 65536 bytes/],
  ])('%s is refused', async (_, make, message) => {
    const server = await answering(make());
    expect(await errorOf(ask(server))).toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(message),
    });
    expect(server.hits()).toBe(1);
  });
});

describe('a TSA that has trouble', () => {
  test.each([
    ['a page', 200, { 'Content-Type': 'text/html' }, 1, /not application\/timestamp-reply \("text\/html"\)/],
    ['JSON', 200, { 'Content-Type': 'application/json' }, 1, /not application\/timestamp-reply/],
    [
      'its type with a parameter',
      200,
      { 'Content-Type': 'Application/Timestamp-Reply ;a=b' },
      1,
      /cannot be read/,
    ],
    [
      'a type that begins so',
      200,
      { 'Content-Type': 'application/timestamp-replyx' },
      1,
      /not application\/time/,
    ],
    ['no type', 200, {}, 1, /not application\/timestamp-reply \("no content type"\)/],
    ['503', 503, REPLY_TYPE, 4, /answered 503; gave up after 4 attempts/],
    ['404', 404, REPLY_TYPE, 1, /answered 404\.$/],
    ['204', 204, REPLY_TYPE, 1, /answered 204\.$/],
    ['a redirect', 302, { Location: 'http://elsewhere.example' }, 1, /redirect \(302\)/],
  ] as const)('%s', async (_, status, headers, hits, message) => {
    const server = await serve((_request, response) => response.writeHead(status, headers).end());
    expect(await errorOf(ask(server))).toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
    expect(server.hits()).toBe(hits);
  });

  test('asks with another nonce each time', async () => {
    const bodies: Buffer[] = [];
    const server = await serve((request, response) => {
      buffer(request).then((body) => {
        bodies.push(body);
        response.writeHead(500).end();
      });
    });
    await errorOf(ask(server));
    await errorOf(ask(server));
    const nonces = new Set(bodies.map((body) => nonceIn(body)));
    expect(bodies).toHaveLength(8);
    // A retry is the same request.
    expect(nonces.size).toBe(2);
    for (const nonce of nonces) expect(nonce).toBeGreaterThan(0n);
  });
});

function nonceIn(request: Uint8Array): bigint {
  const parts = childrenOf(parseDer(request), SEQUENCE, 'the request', [4]);
  const nonce = parts[2];
  if (nonce === undefined || encodedOf(nonce).length > 19) throw new Error('no nonce of 128 bits');
  return BigInt(`0x${Buffer.from(contentOf(nonce, INTEGER, 'the nonce')).toString('hex')}`);
}
