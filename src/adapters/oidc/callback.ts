import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { listenOnLoopback } from './listenOnLoopback.ts';
import { PAGE_HEADERS, type Page, strayPage } from './page.ts';
import { parseRedirectUrl, type RedirectPlace } from './redirectUrl.ts';

const WELCOME_PATH = '/welcome';

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
  const expected = { place, port: place.port, state };
  const first = firstCallback(expected);
  let welcome: Page | undefined;

  const { port, close } = await listenOnLoopback(place, (request, response) => {
    const judged = judge(request.method, request.headers.host, request.url ?? '', expected);
    if (welcome !== undefined && isForWelcome(request, expected.port)) send(response, welcome);
    else if (judged.query === undefined)
      send(response, strayPage(judged.status, judged.reason), judged.allow);
    else if (first.isTaken()) send(response, strayPage(410, 'This login has been answered already.'));
    else
      first.take(judged.query, (page) => {
        send(response, page);
        return ended(request.socket);
      });
  });
  expected.port = port;
  return {
    redirectUrl: redirectUrl ?? `http://localhost:${port}${place.path}`,
    port,
    callback: first.callback,
    serve: (page) => {
      welcome = page;
      return `http://${place.host}:${port}${WELCOME_PATH}`;
    },
    paste: (text) => {
      const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
      if (first.isTaken() || url === undefined || url.protocol !== 'http:') return false;
      const judged = judge('GET', url.host, url.pathname + url.search, expected);
      if (judged.query === undefined) return false;
      first.take(judged.query, async () => {});
      return true;
    },
    close,
  };
}

interface Expected {
  readonly place: RedirectPlace;
  readonly port: number;
  readonly state: string;
}

function firstCallback(expected: Expected) {
  let found: (callback: Callback) => void;
  const callback = new Promise<Callback>((resolve) => {
    found = resolve;
  });
  let taken = false;
  return {
    callback,
    isTaken: () => taken,
    take(query: URLSearchParams, reply: Callback['reply']): void {
      taken = true;
      const { place, port } = expected;
      const url = new URL(`http://${place.host}:${port}${place.path}`);
      url.search = query.toString();
      found({ url, reply });
    },
  };
}

function isForWelcome({ method, url, headers }: IncomingMessage, port: number): boolean {
  return method === 'GET' && url === WELCOME_PATH && isOurHost(headers.host, port);
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
