/** What can come in the place of an answer. Each row goes to each service: this table is the list of what is survived. */
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { MAX_ANSWER_BYTES } from '../../src/core/limits.ts';
import type { ErrorCode } from '../../src/errors.ts';

export interface Fault {
  readonly what: string;
  readonly http?: RequestListener;
  readonly raw?: (socket: Socket) => void;
  readonly code: ErrorCode;
  /** It may pass, so it is asked for again; `late` costs the whole time of an attempt. */
  readonly tries: 'once' | 'again' | 'late';
  /** What the refusal must not say: what the server sent beside its message. */
  readonly secret?: string;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

const status =
  (code: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(code, headers);
      response.end(body);
    });
  };

/** Answers once the request has come, so that nobody writes to a closed connection. */
const rawAnswer =
  (text: string, end: (socket: Socket) => unknown = (socket) => socket.end()) =>
  (socket: Socket) => {
    socket.once('data', () => socket.write(text, () => end(socket)));
  };

const drip =
  (head: string, drop: string) =>
  (socket: Socket): void => {
    const timer = setInterval(() => socket.write(drop), 20);
    socket.write(head);
    socket.on('close', () => clearInterval(timer));
  };

const reset = (socket: Socket) => socket.resetAndDestroy();
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const PAGE = '<html><b>log in to the hotel</b></html>';
const said = JSON.stringify({ code: 3, message: 'the tree is on fire', details: [] });
const words = (code: number): RequestListener => status(code, said, JSON_TYPE);

const connections: readonly Fault[] = [
  { what: 'reset at once', raw: reset, code: 'service-unreachable', tries: 'again' },
  { what: 'closed at once', raw: (socket) => socket.end(), code: 'service-unreachable', tries: 'again' },
  {
    what: 'reset within the headers',
    raw: rawAnswer('HTTP/1.1 200 OK\r\nContent-', reset),
    code: 'service-unreachable',
    tries: 'again',
  },
  {
    what: 'reset within the body',
    raw: rawAnswer(`${OK}Content-Length: 500\r\n\r\n{"si`, reset),
    code: 'service-unreachable',
    tries: 'again',
  },
  {
    what: 'fewer bytes than announced',
    raw: rawAnswer(`${OK}Content-Length: 500\r\n\r\n{}`),
    code: 'service-unreachable',
    tries: 'again',
  },
  {
    what: 'chunks without end',
    raw: rawAnswer(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`),
    code: 'service-unreachable',
    tries: 'again',
  },
  { what: 'silence', raw: () => {}, code: 'service-unreachable', tries: 'late' },
  {
    what: 'headers that drip',
    raw: drip('HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'),
    code: 'service-unreachable',
    tries: 'late',
  },
  {
    what: 'a body that drips',
    raw: drip(`${OK}Content-Length: 100000\r\n\r\n`, ' '),
    code: 'service-unreachable',
    tries: 'late',
  },
  {
    what: 'something that is not HTTP',
    raw: rawAnswer('SSH-2.0-OpenSSH_9.9\r\n'),
    code: 'service-answer',
    tries: 'once',
  },
  {
    what: 'endless headers',
    raw: rawAnswer(`HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(40_000)}\r\n\r\n`),
    code: 'service-answer',
    tries: 'once',
  },
  {
    what: 'a switch of protocols',
    raw: rawAnswer('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    code: 'service-answer',
    tries: 'once',
  },
];

const passing: readonly Fault[] = [408, 429, 500, 502, 503, 504].flatMap((code): Fault[] => [
  { what: `${code} without body`, http: status(code), code: 'service-refused', tries: 'again' },
  { what: `${code} with words`, http: words(code), code: 'service-refused', tries: 'again' },
]);

/** A Rekor's 409 is an answer: it has the entry already. */
export const isAnswerOf = (service: string, { what }: Fault): boolean =>
  service.startsWith('Rekor') && what.startsWith('409 ');

const final: readonly Fault[] = [400, 403, 404, 409, 413, 415, 422, 501].flatMap((code): Fault[] => [
  { what: `${code} without body`, http: status(code), code: 'service-refused', tries: 'once' },
  { what: `${code} with words`, http: words(code), code: 'service-refused', tries: 'once' },
]);

const LATER = { 'Retry-After': '3600' };
const redirect = (code: number, target: string) => status(code, '', { Location: target });

const answers: readonly Fault[] = [
  { what: '429 that asks for an hour', http: status(429, '', LATER), code: 'service-refused', tries: 'once' },
  { what: '503 that asks for an hour', http: status(503, '', LATER), code: 'service-refused', tries: 'once' },
  {
    what: "503 with a gateway's page",
    http: status(503, PAGE, { 'Content-Type': 'text/html' }),
    code: 'service-refused',
    tries: 'again',
    secret: 'hotel',
  },
  {
    what: '404 with a page',
    http: status(404, PAGE, { 'Content-Type': 'text/html' }),
    code: 'service-refused',
    tries: 'once',
    secret: 'hotel',
  },
  {
    what: 'a redirect on this host',
    http: redirect(307, '/elsewhere'),
    code: 'service-answer',
    tries: 'once',
  },
  {
    what: 'a redirect to another host',
    http: redirect(301, 'https://evil.example/take'),
    code: 'service-answer',
    tries: 'once',
  },
  {
    what: 'a redirect to plain http',
    http: redirect(302, 'http://evil.example/take'),
    code: 'service-answer',
    tries: 'once',
  },
  {
    what: 'a redirect that steers the terminal',
    raw: rawAnswer('HTTP/1.1 308 Moved\r\nLocation: https://a/\u009b2J\u202e\r\nContent-Length: 0\r\n\r\n'),
    code: 'service-answer',
    tries: 'once',
  },
  {
    what: 'a huge body',
    http: status(200, 'x'.repeat(MAX_ANSWER_BYTES + 1), JSON_TYPE),
    code: 'service-answer',
    tries: 'once',
  },
  {
    what: 'a huge refusal',
    http: status(400, 'x'.repeat(MAX_ANSWER_BYTES + 1), JSON_TYPE),
    code: 'service-answer',
    tries: 'once',
  },
  {
    what: 'a page instead of the answer',
    http: status(200, PAGE, { 'Content-Type': 'text/html' }),
    code: 'service-answer',
    tries: 'once',
    secret: 'hotel',
  },
  { what: 'an answer of no type', http: status(200, '{}'), code: 'service-answer', tries: 'once' },
  {
    what: 'a packed answer',
    http: status(200, '{}', { ...JSON_TYPE, 'Content-Encoding': 'gzip' }),
    code: 'service-answer',
    tries: 'once',
  },
];

export const FAULTS: readonly Fault[] = [...connections, ...passing, ...final, ...answers];

/** What a good status comes with instead of what was asked for; the type is right. */
export const BODIES: readonly (readonly [what: string, body: Uint8Array])[] = [
  ['nothing', Buffer.alloc(0)],
  ['nonsense', Buffer.from('nonsense}')],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0x7d])],
  ['half an object', Buffer.from('{"signedCertificateEmbeddedSct":{}')],
  ['a list', Buffer.from('[]')],
  ['null', Buffer.from('null}'.slice(0, 4))],
  ['another object', Buffer.from('{"hello":{"world":1}}')],
  ['a deep nest', Buffer.from(`${'['.repeat(100_000)}}`)],
];
