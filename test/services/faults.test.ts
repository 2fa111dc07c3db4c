import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { MAX_ANSWER_BYTES } from '../../src/core/limits.ts';
import { type ErrorCode, isSignetError, SignetError } from '../../src/errors.ts';
import { CLIENTS, type Client, errorOf, QUICK, RAW_TOKEN } from './clients.ts';
import { closedPort, JSON_TYPE, serve, serveRaw, type TestServer } from './server.ts';

interface Fault {
  readonly what: string;
  readonly http?: RequestListener;
  readonly raw?: (socket: Socket) => void;
  readonly code: ErrorCode;
  readonly says: RegExp;
  /** Requests in all; more than one means that it was tried again. */
  readonly hits: number | typeof LATE;
}

const ALL = 1 + QUICK.retries;
/** Late answers: at least one more, and not more than there is time for, however slow the machine is. */
const LATE = { min: 2, max: Math.ceil(QUICK.totalMs / QUICK.attemptMs) };

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

const FAULTS: readonly Fault[] = [
  {
    what: 'a connection that is reset at once',
    raw: (socket) => socket.resetAndDestroy(),
    code: 'service-unreachable',
    says: /closed the connection before its answer was complete; gave up after 4 attempts in /,
    hits: ALL,
  },
  {
    what: 'a reset in the middle of the body',
    raw: rawAnswer(
      'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"si',
      (socket) => socket.resetAndDestroy(),
    ),
    code: 'service-unreachable',
    says: /closed the connection before its answer was complete/,
    hits: ALL,
  },
  {
    what: 'fewer bytes than Content-Length says',
    raw: rawAnswer('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{}'),
    code: 'service-unreachable',
    says: /closed the connection before its answer was complete/,
    hits: ALL,
  },
  {
    what: 'chunks without an end',
    raw: rawAnswer(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n',
    ),
    code: 'service-unreachable',
    says: /closed the connection before its answer was complete/,
    hits: ALL,
  },
  {
    what: 'a cut answer without any length',
    raw: rawAnswer('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"signedCert'),
    code: 'service-unreachable',
    says: /closed the connection before its answer was complete/,
    hits: ALL,
  },
  {
    what: 'silence',
    raw: () => {},
    code: 'service-unreachable',
    says: /did not answer within 0\.\d+ s; gave up after \d attempts in 0\.\d+ s/,
    hits: LATE,
  },
  {
    what: 'headers that come too slowly',
    raw: (socket) => {
      const timer = setInterval(() => socket.write('X-A: b\r\n'), 20);
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.on('close', () => clearInterval(timer));
    },
    code: 'service-unreachable',
    says: /did not answer within/,
    hits: LATE,
  },
  {
    what: 'a body that drips',
    raw: (socket) => {
      const timer = setInterval(() => socket.write(' '), 20);
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n');
      socket.on('close', () => clearInterval(timer));
    },
    code: 'service-unreachable',
    says: /did not answer within/,
    hits: LATE,
  },
  ...[500, 502, 503, 504, 520].flatMap((code): Fault[] => [
    {
      what: `${code} without body`,
      http: status(code, '', {}),
      code: 'service-refused',
      says: new RegExp(`answered ${code}; gave up after 4 attempts`),
      hits: ALL,
    },
    {
      what: `${code} with words`,
      http: status(code, said('the tree is on fire')),
      code: 'service-refused',
      says: new RegExp(`answered ${code}: "the tree is on fire"; gave up after 4 attempts`),
      hits: ALL,
    },
  ]),
  {
    what: "503 with a gateway's page",
    http: status(503, '<html><b>upstream</b></html>', { 'Content-Type': 'text/html' }),
    code: 'service-refused',
    says: /answered 503; gave up after 4 attempts/,
    hits: ALL,
  },
  {
    what: '408',
    http: status(408, ''),
    code: 'service-refused',
    says: /answered 408; gave up after 4/,
    hits: ALL,
  },
  {
    what: '429',
    http: status(429, said('slow down')),
    code: 'service-refused',
    says: /answered 429: "slow down"/,
    hits: ALL,
  },
  {
    what: '429 with a Retry-After beyond all time',
    http: status(429, '', { 'Retry-After': '3600' }),
    code: 'service-refused',
    says: /answered 429\.$/,
    hits: 1,
  },
  {
    what: '503 with a Retry-After date beyond all time',
    http: status(503, '', { 'Retry-After': 'Fri, 31 Dec 9999 23:59:59 GMT' }),
    code: 'service-refused',
    says: /answered 503\.$/,
    hits: 1,
  },
  ...[400, 401, 403, 404, 413, 415, 422, 501].flatMap((code): Fault[] => [
    {
      what: `${code} without body`,
      http: status(code, '', {}),
      code: 'service-refused',
      says: new RegExp(`answered ${code}\\.$`),
      hits: 1,
    },
    {
      what: `${code} with words`,
      http: status(code, said('no')),
      code: 'service-refused',
      says: new RegExp(`answered ${code}: "no"\\.$`),
      hits: 1,
    },
  ]),
  {
    what: '404 with a page',
    http: status(404, '<html>not here</html>', { 'Content-Type': 'text/html' }),
    code: 'service-refused',
    says: /answered 404\.$/,
    hits: 1,
  },
  {
    what: 'a redirect',
    http: status(307, '', { Location: 'https://elsewhere.example/\u00e9' }),
    code: 'service-answer',
    says: /answered with a redirect \(307\) to "https:\/\/elsewhere\.example\/\\u\{e9\}", which is not followed\.$/,
    hits: 1,
  },
  {
    what: 'a huge body',
    http: status(200, 'x'.repeat(MAX_ANSWER_BYTES + 1)),
    code: 'service-answer',
    says: /sent more than 1048576 bytes\.$/,
    hits: 1,
  },
  {
    what: 'a huge body with an error',
    http: status(400, 'x'.repeat(MAX_ANSWER_BYTES + 1)),
    code: 'service-answer',
    says: /sent more than 1048576 bytes\.$/,
    hits: 1,
  },
  {
    what: 'endless headers',
    raw: rawAnswer(`HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(40_000)}\r\n\r\n`),
    code: 'service-answer',
    says: /not HTTP \(HPE_HEADER_OVERFLOW\)\.$/,
    hits: 1,
  },
  {
    what: 'a page with 200',
    http: status(200, '<html>log in to the hotel</html>', { 'Content-Type': 'text/html; charset=utf-8' }),
    code: 'service-answer',
    says: /answered 200 with something that is not JSON \("text\/html; charset=utf-8"\)\.$/,
    hits: 1,
  },
  {
    what: 'no content type',
    http: status(201, '{}', {}),
    code: 'service-answer',
    says: /not JSON \("no content type"\)\.$/,
    hits: 1,
  },
  {
    what: 'a packed body',
    http: status(200, '{}', { ...JSON_TYPE, 'Content-Encoding': 'gzip' }),
    code: 'service-answer',
    says: /an encoding that was not asked for \("gzip"\)\.$/,
    hits: 1,
  },
  {
    what: 'something that is not HTTP',
    raw: rawAnswer('SSH-2.0-OpenSSH_9.9\r\n'),
    code: 'service-answer',
    says: /something that is not HTTP \(HPE_INVALID_CONSTANT\)\.$/,
    hits: 1,
  },
  {
    what: 'a switch of protocols',
    raw: rawAnswer('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    code: 'service-answer',
    says: /answered 101 and left HTTP\.$/,
    hits: 1,
  },
];

/** Faults of a good status, which differs between the two. */
const shapeFaults = ({ good }: Client): readonly Fault[] =>
  [
    ['garbage', 'nonsense', /is not JSON\.$/],
    ['half of it', `${good.body.slice(0, 40)}}`, /is not JSON\.$/],
    ['nothing', '', /is not JSON\.$/],
    ['bytes that are no UTF-8', '\u00ff', /is not UTF-8\.$/],
    ['a list', '[]', /is not a JSON object\.$/],
    ['null', 'null', /is not a JSON object\.$/],
    ['a deep nest', '['.repeat(500_000), /is not JSON\.$/],
    ['an object of another shape', '{"hello":{"world":1}}', /^(Rekor|"signedCertificateEmbeddedSct")/],
  ].map(([what, body, says]) => ({
    what: `${what} as JSON`,
    http: (_request, response) => {
      response.writeHead(good.status, { ...JSON_TYPE, 'Content-Length': (body as string).length });
      response.end(Buffer.from(body as string, 'latin1'));
    },
    code: 'service-answer',
    says: says as RegExp,
    hits: 1,
  }));

describe.each(CLIENTS)('$name', (client) => {
  test('takes a good answer at once', async () => {
    const server = await serve(status(client.good.status, client.good.body));
    await expect(client.ask(server.url)).resolves.toBeDefined();
    expect(server.hits()).toBe(1);
  });

  test.each([...FAULTS, ...shapeFaults(client)])('$what', async (fault) => {
    const server = await start(fault);
    const startedAt = performance.now();
    const error = await errorOf(client.ask(server.url));
    const tookMs = performance.now() - startedAt;
    if (!isSignetError(error)) throw error;
    expect(error.message).toMatch(fault.says);
    expect(error).toMatchObject({ code: fault.code, exitCode: 5 });
    expect(error.hint).not.toBe('');
    const { min, max } = typeof fault.hits === 'number' ? { min: fault.hits, max: fault.hits } : fault.hits;
    expect(server.hits()).toBeGreaterThanOrEqual(min);
    expect(server.hits()).toBeLessThanOrEqual(max);
    expect(tookMs).toBeLessThan(QUICK.totalMs + 500);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(RAW_TOKEN.slice(0, 40));
  });

  test('a port where nobody listens', async () => {
    const error = await errorOf(client.ask(`http://127.0.0.1:${await closedPort()}`));
    expect(error).toMatchObject({ code: 'service-unreachable', exitCode: 5 });
    expect(String(error)).toMatch(/refused the connection; gave up after 4 attempts/);
    expect(error).toMatchObject({ hint: expect.stringContaining(client.setting) });
  });

  test('a host that does not exist', async () => {
    const error = await errorOf(client.ask('https://nowhere.invalid'));
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
  ])('survives %s twice', async (_what, fault) => {
    const { good } = client;
    let asked = 0;
    const server = await serveRaw((socket) => {
      const answer = `HTTP/1.1 ${good.status} Yes\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(good.body)}\r\n\r\n${good.body}`;
      if (++asked <= 2) fault(socket);
      else rawAnswer(answer)(socket);
    });
    await expect(client.ask(server.url)).resolves.toBeDefined();
    expect(server.hits()).toBe(3);
  });

  test('waits as long as Retry-After says, where that fits', async () => {
    const server = await serve((request, response) => {
      request.resume();
      if (server.hits() === 1) response.writeHead(429, { 'Retry-After': '1' }).end();
      else response.writeHead(client.good.status, JSON_TYPE).end(client.good.body);
    });
    const startedAt = performance.now();
    await client.ask(server.url, { patience: { ...QUICK, totalMs: 5_000 } });
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(server.hits()).toBe(2);
  });

  test("ends when the caller's time is over, and with the caller's own reason", async () => {
    const server = await serveRaw(() => {});
    const long = { ...QUICK, attemptMs: 10_000, totalMs: 20_000 };
    const late = await errorOf(client.ask(server.url, { patience: long, signal: AbortSignal.timeout(100) }));
    expect(late).toMatchObject({
      code: 'service-unreachable',
      message: expect.stringMatching(/did not answer in time\.$/),
    });
    const reason = new SignetError('login-cancelled', 'Stopped.');
    const stopper = new AbortController();
    setTimeout(() => stopper.abort(reason), 50);
    expect(await errorOf(client.ask(server.url, { patience: long, signal: stopper.signal }))).toBe(reason);
    expect(server.hits()).toBe(2);
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

function start({ http, raw }: Fault): Promise<TestServer> {
  if (http !== undefined) return serve(http);
  if (raw !== undefined) return serveRaw(raw);
  throw new Error('a fault needs a server');
}
