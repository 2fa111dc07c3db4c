/** Tiny servers on loopback that answer what a test says, well or badly. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';

export const JSON_TYPE = { 'Content-Type': 'application/json' };

export interface TestServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** How often it was asked: requests, or connections where it speaks no HTTP. */
  readonly hits: () => number;
}

const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Serves HTTP until the test ends. */
export function serve(listener: RequestListener): Promise<TestServer> {
  let hits = 0;
  const server = createServer((request, response) => {
    hits++;
    listener(request, response);
  });
  return listen(server, () => hits);
}

/** Serves whatever the handler writes on a bare connection. */
export function serveRaw(handler: (socket: Socket) => void): Promise<TestServer> {
  let hits = 0;
  const server = createTcpServer((socket) => {
    hits++;
    socket.on('error', () => {});
    handler(socket);
  });
  return listen(server, () => hits);
}

/** Starts listening on a free port and sees to it that the test leaves nothing behind. */
export async function listen(server: Server, hits: () => number): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, hits };
}

/** A port where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
