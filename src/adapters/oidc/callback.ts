import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { SignetError } from '../../errors.ts';
import { PAGE_HEADERS, type Page, strayPage } from './page.ts';
import { parseRedirectUrl, type RedirectPlace } from './redirectUrl.ts';

/** Time to send the head of a request; a browser's pre-connect that says nothing is dropped after it. */
const HEADERS_TIMEOUT_MS = 5_000;

const WELCOME_PATH = '/welcome';

/** Other ports tried where the one that 127.0.0.1 gave is taken on ::1. */
const PORT_ATTEMPTS = 10;

/** The provider's answer, brought by the browser or pasted. Its state was the expected one. */
export interface Callback {
  /** The redirect URL with the provider's parameters. Holds the authorization code: never show it. */
  readonly url: URL;
  /** Answers the waiting browser; returns once its connection has ended, and does nothing for a pasted URL. */
  reply(page: Page): Promise<void>;
}

export interface CallbackListener {
  /** For the authorization request, verbatim. */
  readonly redirectUrl: string;
  readonly port: number;
  /** The one callback; what comes after it gets a page that says so. */
  readonly callback: Promise<Callback>;
  /** Serves this page too, until the end, and returns its address. */
  serve(page: Page): string;
  /** Takes a whole callback URL that the person pasted, under the same rules; false if it is not this login's. */
  paste(text: string): boolean;
  /** Leaves no listener and no connection behind. */
  close(): Promise<void>;
}

/**
 * Listens for the redirect of one login on the loopback addresses (RFC 8252 section 7.3). Only a GET of the exact
 * path, with a Host of ours (DNS rebinding), the expected state and a code or error counts; anything else gets a
 * small answer and changes nothing. Throws `config` for an unusable redirect URL, `login-impossible` for a port
 * that is taken.
 */
export async function listenForCallback(
  redirectUrl: string | undefined,
  state: string,
): Promise<CallbackListener> {
  const place = parseRedirectUrl(redirectUrl);
  let found: (callback: Callback) => void;
  const callback = new Promise<Callback>((resolve) => {
    found = resolve;
  });
  let used = false;
  let welcome: Page | undefined;
  let port = place.port;

  const take = (query: URLSearchParams, reply: Callback['reply']): void => {
    used = true;
    const url = new URL(`http://${place.host}:${port}${place.path}`);
    url.search = query.toString();
    found({ url, reply });
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (
      welcome &&
      request.method === 'GET' &&
      request.url === WELCOME_PATH &&
      isOurHost(request.headers.host, port)
    ) {
      send(response, welcome);
      return;
    }
    const judged = judge(request.method, request.headers.host, request.url ?? '', { place, port, state });
    if (judged.query === undefined) send(response, strayPage(judged.status, judged.reason), judged.allow);
    else if (used) send(response, strayPage(410, 'This login has been answered already.'));
    else
      take(judged.query, (page) => {
        send(response, page);
        return ended(request.socket);
      });
  };

  const listening = await listenOnAll(place, answer);
  port = listening.port;
  return {
    redirectUrl: redirectUrl ?? `http://localhost:${port}${place.path}`,
    port,
    callback,
    serve: (page) => {
      welcome = page;
      return `http://${place.host}:${port}${WELCOME_PATH}`;
    },
    paste: (text) => {
      const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
      if (used || url === undefined || url.protocol !== 'http:') return false;
      const judged = judge('GET', url.host, url.pathname + url.search, { place, port, state });
      if (judged.query === undefined) return false;
      take(judged.query, async () => {});
      return true;
    },
    close: () => closeAll(listening.servers),
  };
}

interface Expected {
  readonly place: RedirectPlace;
  readonly port: number;
  readonly state: string;
}

type Judged =
  | { readonly query: URLSearchParams }
  | { readonly query?: undefined; readonly status: number; readonly reason: string; readonly allow?: string };

function judge(
  method: string | undefined,
  host: string | undefined,
  target: string,
  expected: Expected,
): Judged {
  const { place, port, state } = expected;
  if (!isOurHost(host, port)) return { status: 421, reason: 'This server answers for localhost only.' };
  if (method !== 'GET') return { status: 405, reason: 'Only GET is answered here.', allow: 'GET' };
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (path !== place.path) return { status: 404, reason: 'There is no page at this address.' };
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark));
  const states = query.getAll('state');
  if (states.length !== 1 || !isSameText(states[0] ?? '', state)) {
    return { status: 400, reason: 'This answer belongs to another login than the one git-signet waits for.' };
  }
  if (query.getAll('code').length + query.getAll('error').length !== 1) {
    return { status: 400, reason: 'This answer of the identity provider holds neither a code nor an error.' };
  }
  return { query };
}

/** Against DNS rebinding: a foreign page may reach this port, but only under its own name. */
function isOurHost(host: string | undefined, port: number): boolean {
  const names = ['localhost', '127.0.0.1', '[::1]'];
  const given = host?.toLowerCase();
  return names.some((name) => given === `${name}:${port}` || (port === 80 && given === name));
}

/** In constant time, whatever the lengths. */
function isSameText(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The connection ends with it. */
function send(response: ServerResponse, page: Page, allow?: string): void {
  if (response.destroyed) return;
  response.writeHead(page.status, { ...PAGE_HEADERS, ...(allow === undefined ? {} : { Allow: allow }) });
  response.end(page.html);
}

/** Not the response's end: one to a request that came behind another on the same connection never goes out, and never ends. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** One port on all addresses of the place; ::1 is left out where the machine has none. */
async function listenOnAll(
  place: RedirectPlace,
  handler: Handler,
): Promise<{ servers: readonly Server[]; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = [];
    let port = place.port;
    try {
      for (const address of place.addresses) {
        const server = newServer(handler);
        const bound = await listen(server, address, port, servers.length > 0);
        if (bound === undefined) continue;
        servers.push(server);
        port = bound;
      }
      return { servers, port };
    } catch (error) {
      await closeAll(servers);
      const again = place.port === 0 && servers.length > 0 && attempt < PORT_ATTEMPTS;
      if (!again) throw toListenError(error, place);
    }
  }
}

function newServer(handler: Handler): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 2 * HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
    handler,
  );
  // A 408 on an idle pre-connect would be shown by a browser that sends its real request over it.
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

/** The port, or undefined where the address does not exist on this machine and may be left out. */
function listen(
  server: Server,
  host: string,
  port: number,
  mayBeAbsent: boolean,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';
      if (absent && mayBeAbsent) resolve(undefined);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function toListenError(error: unknown, place: RedirectPlace): SignetError {
  if (place.port === 0) {
    return new SignetError(
      'login-impossible',
      'No port of this computer could be opened for the answer of the login.',
      'Allow programs to listen on 127.0.0.1, or bring an ID token in SIGSTORE_ID_TOKEN.',
      error,
    );
  }
  return new SignetError(
    'login-impossible',
    `Port ${place.port}, where the login's answer is to arrive, cannot be used: another program holds it, or it is reserved.`,
    'End that program, or choose another address in signet.redirectURL.',
    error,
  );
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  for (const server of servers) server.closeAllConnections();
  await Promise.all(closed);
}
