/** The server that waits for a login's redirect, on this machine alone. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SignetError } from '../../errors.ts';
import type { RedirectPlace } from './redirectUrl.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Time to send the head of a request; a browser's pre-connect that says nothing is dropped after it. */
const HEADERS_TIMEOUT_MS = 5_000;

/** Other ports tried where the one that 127.0.0.1 gave is taken on ::1. */
const PORT_ATTEMPTS = 10;

export interface Listening {
  readonly port: number;
  /** Ends the connections too. */
  close(): Promise<void>;
}

/**
 * One port on all addresses of the place; ::1 is left out where the machine has none. Throws `login-impossible`
 * where the port is taken, or none can be had.
 */
export async function listenOnLoopback(place: RedirectPlace, handler: Handler): Promise<Listening> {
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
      return { port, close: () => closeAll(servers) };
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
