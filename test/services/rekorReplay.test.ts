import { describe, expect, test } from 'vitest';
import { exchange, serviceAt } from '../../src/adapters/http.ts';
import { refusalOf } from '../../src/adapters/refusal.ts';
import { parseEntry, rekorV1 } from '../../src/adapters/rekor.ts';
import { deadlineIn, requestPatiently } from '../../src/adapters/retry.ts';
import { isSignetError } from '../../src/errors.ts';
import type { ProposedEntry } from '../../src/ports.ts';
import { errorOf, UNHURRIED } from './clients.ts';
import { answerBytes, type Recorded, recordingsIn, replay, requestText } from './recordings.ts';
import { JSON_TYPE, serve } from './server.ts';

const { exchanges, recorded, left } = recordingsIn('rekor-v1.json');

interface Hashedrekord {
  readonly spec: {
    readonly data: { readonly hash: { readonly value: string } };
    readonly signature: { readonly content: string; readonly publicKey: { readonly content: string } };
  };
}

/** What a recorded upload sent, as the value that our client sends. */
function proposed(exchange: Recorded): ProposedEntry {
  const { spec } = JSON.parse(requestText(exchange) ?? '') as Hashedrekord;
  const pem = Buffer.from(spec.signature.publicKey.content, 'base64').toString('latin1');
  return {
    digest: Buffer.from(spec.data.hash.value, 'hex'),
    signature: Buffer.from(spec.signature.content, 'base64'),
    certificate: Buffer.from(pem.replace(/-----.*-----|\n/g, ''), 'base64'),
  };
}

const quick = (url: string) => rekorV1(url, { patience: UNHURRIED });
const signal = AbortSignal.timeout(60_000);

describe.skipIf(exchanges.length === 0)('recorded Rekor v1 (needs ../shared/recordings)', () => {
  const create = () => recorded('create entry');
  const again = () => recorded('create the same entry again');
  const get = () => recorded('get entry by id');

  test('an upload says what the recorded client said, and gets the recorded entry', async () => {
    const sent: string[] = [];
    const bodies: string[] = [];
    const server = await replay([create()], sent, bodies);
    const entry = await quick(server.url).upload(proposed(create()), signal);
    // The log stores what it is sent, so the caller can compare the two. (The recorded client left out the last
    // line feed of its PEM text; the log put it in.)
    expect(Buffer.from(entry.body).toString()).toBe(bodies[0]);
    expect(bodies[0]?.length).toBe(requestText(create())?.length);
    expect(sent).toEqual(['POST /api/v1/log/entries']);
    expect(entry.logIndex).toBe(1n);
  });

  test.each(['create the same entry again', 'create, unknown field in spec'])(
    '%s: the entry is fetched by the relative Location',
    async (name) => {
      const sent: string[] = [];
      const server = await replay([recorded(name), get()], sent);
      const entry = await quick(server.url).upload(proposed(create()), signal);
      expect(entry).toEqual(parseEntry(answerBytes(get())));
      expect(sent).toEqual(['POST /api/v1/log/entries', `GET ${get().request.path}`]);
    },
  );

  test('409 without Location: the entry is fetched by the UUID in the message', async () => {
    const { location: _, ...headers } = again().response.headers;
    const sent: string[] = [];
    const server = await replay([{ ...again(), response: { ...again().response, headers } }, get()], sent);
    await quick(server.url).upload(proposed(create()), signal);
    expect(sent[1]).toBe(`GET ${get().request.path}`);
  });

  test('409 with a Location elsewhere: only the id is taken from it', async () => {
    const elsewhere = await serve((_request, response) => response.writeHead(200, JSON_TYPE).end('{}'));
    const location = `${elsewhere.url}${again().response.headers['location']}`;
    const headers = { ...again().response.headers, location };
    const server = await replay([{ ...again(), response: { ...again().response, headers } }, get()]);
    const entry = await quick(server.url).upload(proposed(create()), signal);
    expect(entry.logIndex).toBe(1n);
    expect([server.hits(), elsewhere.hits()]).toEqual([2, 0]);
  });

  test('409 that names nothing is an error', async () => {
    const server = await serve((_request, response) => response.writeHead(409, { Location: '/' }).end());
    const error = await errorOf(quick(server.url).upload(proposed(create()), signal));
    expect(error).toMatchObject({ code: 'service-answer', message: expect.stringContaining('409') });
    expect(server.hits()).toBe(1);
  });

  test('409 for an entry that is not in the tree yet: its 404 passes', async () => {
    const server = await replay([again(), recorded('get entry, unknown'), get()]);
    expect((await quick(server.url).upload(proposed(create()), signal)).logIndex).toBe(1n);
    const never = await replay([again(), recorded('get entry, unknown')]);
    const error = await errorOf(quick(never.url).upload(proposed(create()), signal));
    expect(error).toMatchObject({
      code: 'service-refused',
      message: expect.stringMatching(/answered 404; gave up after 4/),
    });
    expect(never.hits()).toBe(1 + 1 + UNHURRIED.retries);
  });

  test('a lost answer ends in the entry that was made', async () => {
    let asked = 0;
    const server = await serve((request, response) => {
      request.resume();
      asked++;
      if (asked === 1) return request.socket.destroy();
      const { response: answer } = asked === 2 ? again() : get();
      return response.writeHead(answer.status, answer.headers).end(answer.raw);
    });
    expect((await quick(server.url).upload(proposed(create()), signal)).logIndex).toBe(1n);
    expect(asked).toBe(3);
  });

  test.each([
    ['create, hash of something else', 1, /answered 400: "error processing entry: verifying signature: /],
    [
      'create, certificate in DER instead of PEM',
      1,
      /answered 400: "error processing entry: invalid public key: /,
    ],
    ['create, no JSON', 4, /answered 500: "invalid character 'n' looking .*"; gave up after 4 attempts/],
    ['create, unknown kind', 1, /answered 422: "invalid kind value: \\"nothing\\""/],
    ['create, wrong content type', 1, /answered 415: "unsupported media type /],
  ])('%s: refused after %d request(s)', async (name, hits, message) => {
    const server = await replay([recorded(name)]);
    const error = await errorOf(quick(server.url).upload(proposed(create()), signal));
    expect(error).toMatchObject({
      code: 'service-refused',
      exitCode: 5,
      message: expect.stringMatching(message),
    });
    expect(server.hits()).toBe(hits);
  });

  test.each([
    ['get entry, unknown', /answered 404\.$/],
    ['get entry, index too large', /answered 404\.$/],
    ['get entry, malformed', /answered 422: "entryUUID in path should match /],
    ['search, malformed', /answered 422: "hash in body should match /],
  ])('%s: refused at once', async (name, message) => {
    const { server, answer } = await ask(recorded(name));
    expect(refusalOf(serviceAt('Rekor', 'signet.rekor', server.url, false), answer).message).toMatch(message);
    expect(server.hits()).toBe(1);
  });

  test.each(['get entry by id', 'get entry by leaf hash', 'get entry by index'])(
    '%s: an entry',
    async (name) => {
      const { answer } = await ask(recorded(name));
      expect(answer.status).toBe(200);
      // A fresh SET and checkpoint each time.
      const { body, logIndex } = parseEntry(answerBytes(create()));
      expect(parseEntry(answer.body)).toMatchObject({ body, logIndex });
    },
  );

  test.each([
    'log info',
    'retrieve by index',
    'retrieve by proposed entry',
    'retrieve, nothing found',
    'retrieve, empty',
    'search by hash',
    'search by e-mail',
    'search by certificate',
    'search, nothing found',
    'consistency proof',
  ])('%s: an answer that is no entry', async (name) => {
    const { answer } = await ask(recorded(name));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(answerBytes(recorded(name)));
    expect(() => parseEntry(answer.body)).toThrow(expect.objectContaining({ code: 'service-answer' }));
  });

  test('public key: not JSON', async () => {
    const server = await replay([recorded('public key')]);
    const service = serviceAt('Rekor', 'signet.rekor', server.url, false);
    const outcome = await exchange(service, { method: 'GET', path: 'api/v1/log/publicKey' }, 1000, signal);
    expect(outcome).toMatchObject({ kind: 'failed', passing: false, error: { code: 'service-answer' } });
    if (outcome.kind === 'failed') expect(isSignetError(outcome.error)).toBe(true);
  });

  test('nothing recorded was left out', () => {
    expect(left()).toEqual([]);
  });
});

/** Sends a recorded request through the part that both clients stand on. */
async function ask(exchange: Recorded) {
  const server = await replay([exchange]);
  const service = serviceAt('Rekor', 'signet.rekor', server.url, false);
  const { method, path } = exchange.request;
  const body = requestText(exchange);
  const request = { method, path: path.slice(1), ...(body === undefined ? {} : { body }) };
  const answer = await requestPatiently(service, request, UNHURRIED, deadlineIn(UNHURRIED.totalMs, signal));
  return { server, answer };
}
