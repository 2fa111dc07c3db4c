/** What clients bear with, and what they never repeat; what they give up on is the table of ../faults. */
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { serviceAt } from '../../src/adapters/http.ts';
import { deadlineIn, requestPatiently } from '../../src/adapters/retry.ts';
import { isSignetError, SignetError } from '../../src/errors.ts';
import { CLIENTS, errorOf, QUICK, RAW_TOKEN, UNHURRIED } from './clients.ts';
import { JSON_TYPE, serve, serveRaw } from './server.ts';

const status =
  (code: number, body = '', headers: Record<string, string> = JSON_TYPE): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(code, headers);
    response.end(body);
  };

const said = (message: string) => JSON.stringify({ code: 3, message, details: [] });

/** Answers once the request has come, so that nobody writes to a closed connection. */
const rawAnswer =
  (text: string, end: (socket: Socket) => void = (socket) => socket.end()) =>
  (socket: Socket) => {
    socket.once('data', () => socket.write(text, () => end(socket)));
  };

describe.each(CLIENTS)('$name', (client) => {
  test('takes a good answer at once', async () => {
    const server = await serve(status(client.good.status, client.good.body));
    await expect(client.ask(server.url)).resolves.toBeDefined();
    expect(server.hits()).toBe(1);
  });

  test.each([
    [202, /nothing on the way answers in its place/],
    [409, client.name === 'Rekor' ? /Try again/ : /does not take what was sent/],
  ])('says of %d what it means', async (code, hint) => {
    const server = await serve(status(code, client.good.body));
    expect(await errorOf(client.ask(server.url))).toMatchObject({
      exitCode: 5,
      message: expect.stringContaining(`${code}`),
      hint: expect.stringMatching(hint),
    });
  });

  test('a host that does not exist', async () => {
    const error = await errorOf(client.ask('https://nowhere.invalid', { patience: QUICK }));
    expect(error).toMatchObject({ code: 'service-unreachable', exitCode: 5 });
    expect(String(error)).toMatch(/https:\/\/nowhere\.invalid (cannot be|did not answer)/);
  });

  test.each([
    ['a reset', (socket: Socket) => socket.resetAndDestroy()],
    [
      'a cut answer',
      rawAnswer('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'),
    ],
    ['silence', () => {}],
    ['429', rawAnswer('HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n')],
    ['503', rawAnswer('HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n')],
  ])('survives %s twice', async (what, fault) => {
    const { good } = client;
    const patience = what === 'silence' ? { ...UNHURRIED, attemptMs: 1_000 } : UNHURRIED;
    let asked = 0;
    const server = await serveRaw((socket) => {
      const answer = `HTTP/1.1 ${good.status} Yes\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(good.body)}\r\n\r\n${good.body}`;
      if (++asked <= 2) fault(socket);
      else rawAnswer(answer)(socket);
    });
    await expect(client.ask(server.url, { patience })).resolves.toBeDefined();
    expect(server.hits()).toBe(3);
  });

  test('waits as long as Retry-After says, where that fits', async () => {
    const server = await serve((request, response) => {
      request.resume();
      if (server.hits() === 1) response.writeHead(429, { 'Retry-After': '1' }).end();
      else response.writeHead(client.good.status, JSON_TYPE).end(client.good.body);
    });
    const startedAt = performance.now();
    await client.ask(server.url);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(server.hits()).toBe(2);
  });

  test("ends when the caller's time is over, and with the caller's own reason", async () => {
    const server = await serveRaw(() => {});
    const late = await errorOf(client.ask(server.url, { signal: AbortSignal.timeout(500) }));
    expect(late).toMatchObject({
      code: 'service-unreachable',
      message: expect.stringMatching(/did not answer in time\.$/),
    });
    const reason = new SignetError('login-cancelled', 'Stopped.');
    const stopper = new AbortController();
    const other = await serveRaw(() => stopper.abort(reason));
    expect(await errorOf(client.ask(other.url, { signal: stopper.signal }))).toBe(reason);
    expect([server.hits(), other.hits()]).toEqual([1, 1]);
  });

  test("repeats a server's words escaped, cut, and without the token", async () => {
    const words = `\u001b[31mred\r\n[GNUPG:] GOODSIG x "y" \u202e ${RAW_TOKEN} ${'long words '.repeat(100)}`;
    const server = await serve(status(400, said(words)));
    const error = await errorOf(client.ask(server.url));
    if (!isSignetError(error)) throw error;
    expect(error.message).toMatch(/^[ -~]+$/);
    expect(error.message).toContain('\\u{1b}[31mred\\u{d}\\u{a}[GNUPG:] GOODSIG x \\"y\\" \\u{202e}');
    expect(error.message.length).toBeLessThan(600);
    for (const part of RAW_TOKEN.split('.').slice(1)) expect(inspect(error)).not.toContain(part.slice(0, 12));
  });

  test('takes plain http beyond this machine only if told so', async () => {
    const refused = await errorOf(Promise.resolve().then(() => client.ask('http://192.0.2.1')));
    expect(refused).toMatchObject({
      code: 'config',
      exitCode: 2,
      hint: expect.stringContaining('signet.insecureHTTP'),
    });
    const patience = { ...QUICK, attemptMs: 50, totalMs: 50 };
    const tried = await errorOf(client.ask('http://192.0.2.1', { insecureHttp: true, patience }));
    expect(tried).toMatchObject({ code: 'service-unreachable' });
  });

  test.each(['', 'nonsense', 'file:///etc/passwd', 'ftp://127.0.0.1'])(
    'refuses %j as its address',
    async (url) => {
      const error = await errorOf(Promise.resolve().then(() => client.ask(url)));
      expect(error).toMatchObject({ code: 'config', hint: expect.stringContaining(client.setting) });
    },
  );
});

test.each([
  ['nothing more is asked where a rest took what was left of the time', 800, 1],
  ['but where there is time', 0, 4],
])('%s', async (_, restMs, hits) => {
  const server = await serve(status(429));
  const patience = { ...UNHURRIED, totalMs: restMs === 0 ? UNHURRIED.totalMs : 500 };
  const rest = () => new Promise<void>((resolve) => setTimeout(resolve, restMs));
  const service = serviceAt('Rekor', 'signet.rekor', server.url, false);
  const request = { method: 'GET', path: 'x', rest } as const;
  const deadline = deadlineIn(patience.totalMs, AbortSignal.timeout(60_000));
  const error = await errorOf(requestPatiently(service, request, patience, deadline));
  expect(error).toMatchObject({
    code: 'service-refused',
    message: expect.stringMatching(/answered 429(\.|; gave up after 4 attempts)/),
  });
  expect(server.hits()).toBe(hits);
});
