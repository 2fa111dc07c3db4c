/**
 * One HTTP exchange with one of Sigstore's services: sends JSON, hands back the bytes of a JSON answer.
 *
 * On `node:http`/`node:https`, since `fetch` alone costs more than a whole signature otherwise does; each is
 * loaded only when a URL needs it. Follows no redirect and keeps no connection.
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { MAX_ANSWER_BYTES, type Patience } from '../core/limits.ts';
import { SignetError } from '../errors.ts';
import type { OnSent } from '../ports.ts';
import { Broken, type Failure, failureOf, seconds } from './httpFailure.ts';
import { isLoopback } from './loopback.ts';
import { printable } from './quote.ts';

/** Set by the build from package.json; `dev` when run from source. */
declare const __VERSION__: string | undefined;

const USER_AGENT = `git-signet/${typeof __VERSION__ === 'string' ? __VERSION__ : 'dev'}`;

/** Where a service is, and what to call it when it fails. */
export interface Service {
  /** For people: `Fulcio`, `Rekor`. */
  readonly name: string;
  /** The git setting that holds its address, for hints. */
  readonly setting: string;
  readonly baseUrl: URL;
}

export interface ServiceOptions {
  /** Plain http beyond loopback; false unless given. */
  readonly insecureHttp?: boolean;
  /** For tests, which cannot wait. */
  readonly patience?: Patience;
}

export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, without leading slash; empty for that very URL. */
  readonly path: string;
  /** JSON by default; may hold an ID token, so it is never repeated in an error. */
  readonly body?: string | Uint8Array;
  /** In the place of the usual ones: another `Accept` or `Content-Type`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The one media type of good answers where that is not JSON, in lower case and without parameters; `*` for any. */
  readonly answerType?: string;
  /** Of the answer; MAX_ANSWER_BYTES unless given. */
  readonly maxBytes?: number;
  readonly onSent?: OnSent | undefined;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As received; of the right content type where `status` is 2xx, of any kind and possibly empty elsewhere. */
  readonly body: Uint8Array;
  /** The server's clock, from its Date header. */
  readonly date: Date | undefined;
}

/** What came of one try. */
export type Outcome = { readonly kind: 'answer'; readonly answer: Answer } | Failure;

/**
 * Names a service by its base URL. Throws `config` for anything but https, or http to this very machine
 * (elsewhere only with `insecureHttp`): the ID token in a request is worth a signature.
 */
export function serviceAt(name: string, setting: string, baseUrl: string, insecureHttp: boolean): Service {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    throw new SignetError(
      'config',
      `The address of ${name}, ${printable(baseUrl, 200)}, is not an http(s) URL.`,
      `Correct ${setting}.`,
    );
  }
  if (url.protocol === 'http:' && !insecureHttp && !isLoopback(url.hostname)) {
    throw new SignetError(
      'config',
      `The address of ${name}, ${url.origin}, is plain http, which anybody on the way can read and change.`,
      `Use https in ${setting}, or set signet.insecureHTTP to true if that is meant.`,
    );
  }
  return { name, setting, baseUrl: url };
}

/** One try, ended after `timeoutMs` or by the signal. Never rejects. */
export async function exchange(
  service: Service,
  { method, path, body, headers, answerType, maxBytes = MAX_ANSWER_BYTES, onSent }: Exchange,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const url = urlBelow(service.baseUrl, path);
  const options: RequestOptions = {
    method,
    // A connection of its own, closed after the answer: nothing holds the process open.
    agent: false,
    headers: {
      Accept: 'application/json',
      'User-Agent': USER_AGENT,
      ...(body === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      ...headers,
    },
  };
  try {
    const response = await send(url, options, body, { timeoutMs, signal, maxBytes, onSent });
    return { kind: 'answer', answer: judge(response, answerType) };
  } catch (error) {
    return failureOf(service, error);
  }
}

function urlBelow(base: URL, path: string): URL {
  return path === '' ? base : new URL(path, base.href.endsWith('/') ? base : `${base.href}/`);
}

interface Received {
  readonly message: IncomingMessage;
  readonly body: Buffer;
}

/** The exchange itself; rejects with whatever Node says, or a `Broken`. */
async function send(
  url: URL,
  options: RequestOptions,
  body: Exchange['body'],
  limit: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly maxBytes: number;
    readonly onSent: OnSent | undefined;
  },
): Promise<Received> {
  const agent = await proxyAgent(url);
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const sent = request(url, agent === undefined ? options : { ...options, agent });
    // Rejects before it destroys: Node would call our own end of a half-read answer a reset.
    const fail = (error: unknown) => {
      settle();
      reject(error);
      sent.destroy();
    };
    const stop = () => fail(new Broken('did not answer in time', true));
    const late = () => fail(new Broken(`did not answer within ${seconds(limit.timeoutMs)}`, true));
    const timer = setTimeout(late, limit.timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      limit.signal.removeEventListener('abort', stop);
    };
    sent.on('error', fail);
    if (limit.onSent) sent.on('finish', limit.onSent);
    sent.on('response', (message) => {
      collect(message, limit.maxBytes).then((bytes) => {
        settle();
        resolve({ message, body: bytes });
      }, fail);
    });
    // Without this listener Node closes a connection that switches protocols and says nothing.
    sent.on('upgrade', () => fail(new Broken('answered 101 and left HTTP', false)));
    limit.signal.addEventListener('abort', stop);
    if (limit.signal.aborted) stop();
    else sent.end(body);
  });
}

/** Proxies are for beyond this machine, and rare: their code is loaded only where a variable names one. */
async function proxyAgent(url: URL): Promise<RequestOptions['agent']> {
  if (isLoopback(url.hostname)) return undefined;
  const { env } = process;
  const named = ['https_proxy', 'http_proxy', 'all_proxy'].some((key) => env[key] || env[key.toUpperCase()]);
  return named ? (await import('./proxy.ts')).proxyAgentFor(url) : undefined;
}

/** With events: `for await` would load the stream iterators, a millisecond of each start. */
function collect(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) reject(new Broken(`sent more than ${maxBytes} bytes`, false));
      else chunks.push(chunk);
    });
    message.on('end', () => resolve(Buffer.concat(chunks)));
    message.on('error', reject);
  });
}

/** Takes an answer for what its first lines say; the bytes of its body are not looked into but for their end. */
function judge({ message, body }: Received, answerType: string | undefined): Answer {
  const status = message.statusCode ?? 0;
  const headers = message.headers as Record<string, string | undefined>;
  if (status >= 300 && status < 400) {
    const target = printable(headers['location'] ?? 'nowhere', 100);
    throw new Broken(`answered with a redirect (${status}) to ${target}, which is not followed`, false);
  }
  if (status >= 200 && status < 300) {
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') {
      throw new Broken(`answered in an encoding that was not asked for (${printable(encoding, 40)})`, false);
    }
    const right = answerType === undefined ? isJson : (type?: string) => isOf(answerType, type);
    if (answerType !== '*' && !right(headers['content-type'])) {
      const type = printable(headers['content-type'] ?? 'no content type', 60);
      throw new Broken(
        `answered ${status} with something that is not ${answerType ?? 'JSON'} (${type})`,
        false,
      );
    }
    // Whoever reads another kind finds its end in it.
    if (answerType === undefined && isCut(headers, body))
      throw new Broken('closed the connection before its answer was complete', true);
  }
  const date = new Date(headers['date'] ?? Number.NaN);
  return { status, headers, body, date: Number.isNaN(date.getTime()) ? undefined : date };
}

/** Also the suffixed kinds of RFC 6839: OpenID providers send keys as application/jwk-set+json. */
export function isJson(contentType: string | undefined): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType ?? '');
}

/** Parameters do not make it another type (RFC 9110 8.3.1). */
function isOf(answerType: string, contentType = ''): boolean {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() === answerType;
}

/** Without a length and without chunks the end of the connection is the end of the answer, cut or not. */
function isCut(headers: Answer['headers'], body: Buffer): boolean {
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return false;
  return !/[}\]]\s*$/.test(body.subarray(-16).toString('latin1'));
}
