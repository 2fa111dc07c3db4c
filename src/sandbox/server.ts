import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { SignetError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { type Answer, EMPTY_404, Refusal, type SandboxRequest, textAnswer } from './answer.ts';
import type { Fault, FaultBox, Service } from './faults.ts';
import { endOf, type Instance, LOOPBACK } from './instance.ts';
import type { OidcHandler } from './oidc.ts';

/** Who answers what. */
export interface Services {
  readonly instance: Instance;
  readonly fulcio: (request: SandboxRequest) => Promise<Answer>;
  readonly rekor: (request: SandboxRequest) => Promise<Answer>;
  readonly rekorV2: (request: SandboxRequest) => Promise<Answer>;
  readonly tsa: (request: SandboxRequest) => Promise<Answer>;
  readonly tuf: (request: SandboxRequest) => Promise<Answer>;
  /** The control interface, the trusted root and whatever else is not a Sigstore service. */
  readonly own: (request: SandboxRequest) => Promise<Answer>;
  /** Called at the first request that needs it. */
  readonly loadOidc: () => Promise<OidcHandler>;
}

/** Counts of requests by `METHOD /path`, ids replaced by `{id}`. */
export type RequestCounts = Readonly<Record<string, number>>;

/** Takes a port of loopback, nothing else: there is no option to. Throws `config` where it is taken. */
export async function listenOnLoopback(port: number): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause;
    throw new SignetError(
      'config',
      `Port ${port} of ${LOOPBACK} is taken.`,
      'The sandbox may be running already; its port is a part of its identities and cannot change.',
      cause,
    );
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { server, port: address.port };
}

/** Serves all services at one port, misbehaving as told. */
export function serve(
  server: Server,
  services: Services,
  clock: Clock,
  faults: FaultBox,
  counts: Map<string, number>,
): void {
  let oidc: Promise<OidcHandler> | undefined;
  const loadOidc = () => {
    oidc ??= services.loadOidc();
    return oidc;
  };
  server.on('request', (request, response) => {
    const exchange: Exchange = { request, response, clock, faults, counts, services, loadOidc };
    answerRequest(exchange).catch((error: unknown) => {
      if (error instanceof Refusal) end(response, error.answer);
      else if (response.headersSent) response.destroy();
      else finish(response, 500, 'text/plain', `The sandbox failed: ${String(error)}\n`);
    });
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly clock: Clock;
  readonly faults: FaultBox;
  readonly counts: Map<string, number>;
  readonly services: Services;
  readonly loadOidc: () => Promise<OidcHandler>;
}

/** The largest request: a certificate request has 2 kB, ten proposed entries 40 kB. */
const MAX_REQUEST_BYTES = 1 << 20;

async function answerRequest(exchange: Exchange): Promise<void> {
  const { request, response, clock, faults, counts, services } = exchange;
  const method = request.method ?? '';
  const { url, named } = toUrl(request.url ?? '/', services.instance);
  // Another name for loopback would let a page in a browser use the sandbox as its own origin (DNS rebinding).
  if (!isOurHost(request.headers.host, services.instance.port)) return end(response, EMPTY_404);
  const service = serviceOf(url.pathname);
  if (named !== undefined && !isWitness(service, named, services.instance)) return end(response, EMPTY_404);
  const name = `${method} ${url.pathname.replace(/(?<=\/)([0-9a-f]{64}|[0-9a-f]{80})(?=$|[/.])/gi, '{id}')}`;
  if (!url.pathname.startsWith('/sandbox/')) counts.set(name, (counts.get(name) ?? 0) + 1);

  const fault = service === 'own' ? undefined : faults.take(service, method, url.pathname);
  const skewMs = fault?.kind === 'clockSkew' ? (fault.skewSeconds ?? 0) * 1000 : 0;
  const at = new Date((named ?? clock()).getTime() + skewMs);
  response.setHeader('date', at.toUTCString());
  if (fault?.kind === 'latency') await delay(fault.latencyMs ?? 0);
  if (fault !== undefined && fault.afterwards !== true && misbehave(response, fault)) return;
  if (service === 'oidc') {
    if (fault !== undefined) spoilEnd(response, fault);
    return (await exchange.loadOidc())(request, response, () => readBody(request));
  }
  const body = await readBody(request);
  const { headers } = request;
  const path = url.pathname;
  const seen = { method, path, query: url.searchParams, headers, body, at, fault: fault?.kind };
  const answer = await services[service](seen).catch(answerOfRefusal);
  if (fault !== undefined) spoilEnd(response, fault);
  end(response, answer);
}

/** `/at/SECONDS/api/…`, the time set first, is `/api/…` at that time: for signatures of other days than today. */
function toUrl(target: string, instance: Instance): { url: URL; named: Date | undefined } {
  const url = new URL(target, instance.url);
  const { seconds, path } = /^\/at\/(?<seconds>\d{1,11})(?<path>\/.*)$/.exec(url.pathname)?.groups ?? {};
  if (path === undefined) return { url, named: undefined };
  url.pathname = path;
  return { url, named: new Date(Number(seconds) * 1000) };
}

/** Only who witnesses takes a time that it is told, and none at which its keys do not count. */
function isWitness(service: Service | 'own', at: Date, instance: Instance): boolean {
  const isInside = at >= instance.validFrom && at <= endOf(instance);
  return isInside && (service === 'rekor' || service === 'rekorV2' || service === 'tsa');
}

function answerOfRefusal(error: unknown): Answer {
  if (error instanceof Refusal) return error.answer;
  throw error;
}

function isOurHost(host: string | undefined, port: number): boolean {
  return [LOOPBACK, 'localhost', '[::1]'].some((name) => host === `${name}:${port}`);
}

/** Fulcio and Rekor v1 share the root, since their paths do not overlap; the others have a folder each. */
function serviceOf(path: string): Service | 'own' {
  if (path.startsWith('/oidc/') && path !== '/oidc/sandbox/token') return 'oidc';
  if (path.startsWith('/tsa/')) return 'tsa';
  if (path.startsWith('/tuf/')) return 'tuf';
  if (path.startsWith('/rekor2/')) return 'rekorV2';
  if (path.startsWith('/api/v1/log') || path.startsWith('/api/v1/index')) return 'rekor';
  return path.startsWith('/api/') ? 'fulcio' : 'own';
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_REQUEST_BYTES) throw new Refusal(textAnswer(413, 'text/plain', 'request too large\n'));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Go gives the length of answers up to 2 kB and sends the others in chunks. */
const GO_BUFFER_BYTES = 2048;

function end(response: ServerResponse, answer: Answer): void {
  const length = answer.body.length <= GO_BUFFER_BYTES ? { 'content-length': answer.body.length } : {};
  response.writeHead(answer.status, { ...answer.headers, ...length });
  response.end(answer.body);
}

/** What an endless answer ends at, by breaking off: more than anybody may take. */
const MAX_POURED_BYTES = 1 << 30;

/** Whether the fault took the answer's place. */
function misbehave(response: ServerResponse, fault: Fault): boolean {
  switch (fault.kind) {
    case 'hang':
      return true;
    case 'drop':
      response.destroy();
      return true;
    case 'html':
      finish(
        response,
        fault.status ?? 200,
        'text/html',
        '<!doctype html><title>Sorry</title><h1>Down for maintenance</h1>\n',
      );
      return true;
    case 'status':
      if (fault.retryAfterSeconds !== undefined) response.setHeader('retry-after', fault.retryAfterSeconds);
      finish(response, fault.status ?? 503, 'text/plain; charset=utf-8', 'no healthy upstream\n');
      return true;
    case 'endless':
      pourOut(response);
      return true;
    default:
      return false;
  }
}

/** Blanks, which many a format takes for nothing, until the other side has had enough. */
function pourOut(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  const blanks = Buffer.alloc(1 << 16, ' ');
  let left = MAX_POURED_BYTES;
  const pour = () => {
    for (let full = false; !full && left > 0 && !response.destroyed; left -= blanks.length) {
      full = !response.write(blanks);
    }
    if (left <= 0) response.destroy();
  };
  response.on('drain', pour);
  pour();
}

function finish(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Lets the request be carried out and spoils what comes out at the end. */
function spoilEnd(response: ServerResponse, fault: Fault): void {
  const { writeHead, end: endWhole } = response;
  const held: unknown[][] = [];
  if (fault.kind !== 'cut' && fault.afterwards !== true) return;
  response.writeHead = (...args: unknown[]) => {
    held.push(args);
    return response;
  };
  response.end = (body?: unknown) => {
    response.writeHead = writeHead;
    response.end = endWhole;
    if (fault.kind === 'cut') {
      const bytes = Buffer.from((body ?? '') as string | Uint8Array);
      for (const args of held) Reflect.apply(writeHead, response, args);
      if (!response.headersSent) response.setHeader('content-length', bytes.length);
      response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    } else {
      for (const header of response.getHeaderNames()) if (header !== 'date') response.removeHeader(header);
      misbehave(response, fault);
    }
    return response;
  };
}
