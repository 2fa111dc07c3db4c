import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoginOptions, loginByBrowser } from '../../src/adapters/oidc/login.ts';
import type { IdToken, Instance } from '../../src/ports.ts';

/** A folder for one test, with a program for BROWSER that writes down the URL it was given. */
export interface Desk {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** The URL, as soon as the browser was started. */
  openedUrl(): Promise<string>;
  clear(): void;
}

export function makeDesk(): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'signet-login-'));
  const browser = join(folder, 'browser');
  const note = join(folder, 'url');
  writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > "${note}.new" && mv "${note}.new" "${note}"\n`);
  chmodSync(browser, 0o755);
  return {
    folder,
    env: { PATH: process.env['PATH'], HOME: folder, BROWSER: browser },
    openedUrl: async () => {
      for (let tries = 0; tries < 1000; tries++) {
        if (existsSync(note)) return readFileSync(note, 'utf8');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error('no browser was opened within 10 s');
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function instanceAt(issuer: string, more: Partial<Instance> = {}): Instance {
  return {
    fulcioUrl: 'http://127.0.0.1:1',
    rekorUrl: 'http://127.0.0.1:1',
    rekorVersion: 1,
    timestampServerUrl: undefined,
    issuer,
    clientId: 'sigstore',
    redirectUrl: undefined,
    connectorId: undefined,
    insecureHttp: false,
    ...more,
  };
}

export interface RunningLogin {
  /** Settled outcome; never rejects, so that no test forgets it. */
  readonly outcome: Promise<{ idToken?: IdToken; error?: unknown }>;
  abort(): void;
}

export function startLogin(instance: Instance, options: LoginOptions): RunningLogin {
  const controller = new AbortController();
  const outcome = loginByBrowser(instance, options)
    .requestIdToken(controller.signal)
    .then(
      (idToken) => ({ idToken }),
      (error: unknown) => ({ error }),
    );
  return { outcome, abort: () => controller.abort() };
}

/** The URL the browser was opened with; throws what ended the login before. */
export function askedOf(desk: Desk, login: RunningLogin): Promise<string> {
  const failed = login.outcome.then(({ error }) => {
    throw error ?? new Error('logged in without a browser');
  });
  return Promise.race([desk.openedUrl(), failed]);
}

export interface Visit {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request as a browser sends it; `host` and `method` may be what no browser would send. */
export function visit(
  url: string,
  { method = 'GET', host, address }: { method?: string; host?: string; address?: string } = {},
): Promise<Visit> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: address ?? hostname.replace(/^\[|\]$/g, ''),
        port,
        path: pathname + search,
        method,
        agent: false,
        headers: { Host: host ?? `${hostname}:${port}` },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
