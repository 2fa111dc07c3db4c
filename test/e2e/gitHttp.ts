/** git's http-backend behind a small web server on loopback, called as a web server calls it (CGI, RFC 3875). */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface GitHttp {
  /** Repositories are below it, by their folders' names. */
  readonly url: string;
  /** How long a push waits before git sees it: a person's login, or a slow line. */
  delay(ms: number): void;
  close(): Promise<void>;
}

const BACKEND = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');

/** Some distributions have it in a package of its own. */
export const hasHttpBackend = existsSync(BACKEND);

const MAX_BODY_BYTES = 32 << 20;
const TIMEOUT_MS = 60_000;

/** Serves the bare repositories in a folder to everybody; `env` is what the web server itself was started with. */
export async function serveGit(folder: string, env: NodeJS.ProcessEnv): Promise<GitHttp> {
  let delayMs = 0;
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (request.method === 'POST') await new Promise((next) => setTimeout(next, delayMs));
    const output = await runBackend(body, { ...env, ...cgiOf(request, folder, body.length) });
    const { status, headers, content } = parseAnswer(output);
    response.writeHead(status, headers);
    response.end(content);
  };
  server.requestTimeout = TIMEOUT_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delay: (ms) => {
      delayMs = ms;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new Error('the body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** RFC 3875 section 4.1; every header of a stranger becomes a variable of the program. */
function cgiOf(request: IncomingMessage, folder: string, length: number): NodeJS.ProcessEnv {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const headers = Object.entries(request.headers).map(([name, value]) => [
    `HTTP_${name.toUpperCase().replaceAll('-', '_')}`,
    String(value),
  ]);
  return {
    ...Object.fromEntries(headers),
    GIT_PROJECT_ROOT: folder,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_METHOD: request.method,
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: request.headers['content-type'] ?? '',
    CONTENT_LENGTH: String(length),
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_USER: 'pusher',
  };
}

async function runBackend(input: Buffer, env: NodeJS.ProcessEnv): Promise<Buffer> {
  const child = spawn(BACKEND, [], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  await once(child, 'close');
  clearTimeout(timer);
  return Buffer.concat(chunks);
}

/** RFC 3875 section 6: header lines, an empty one, the body. */
function parseAnswer(output: Buffer) {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('git http-backend said nothing');
  const lines = output.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map(
      (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
    ),
  );
  const { Status: status = '200', ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest, content: output.subarray(end + 4) };
}
