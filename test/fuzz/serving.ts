/** One HTTP server for all exchanges of a process: what it answers is changed with each case. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Served {
  readonly type: string;
  readonly body: () => Uint8Array;
}

/** By path. */
let files: ReadonlyMap<string, Served> = new Map();
let origin: Promise<string> | undefined;

/** From now on these files are what there is. */
export function serve(now: ReadonlyMap<string, Served>): void {
  files = now;
}

/** Starts the server with the first call; it keeps no process alive. */
export function originOf(): Promise<string> {
  origin ??= new Promise((ready) => {
    const server = createServer((request, response) => {
      request.resume();
      const file = files.get((request.url ?? '').split('?')[0] ?? '');
      const body = file?.body() ?? new Uint8Array(0);
      response.writeHead(file === undefined ? 404 : 200, {
        'Content-Type': file?.type ?? 'text/plain',
        'Content-Length': body.length,
      });
      response.end(body);
    });
    server.unref();
    server.listen(0, '127.0.0.1', () => ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
  return origin;
}
