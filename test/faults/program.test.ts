/** The built program, asked to sign while one service fails on the way: nothing half is left, and no secret is told. */
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GIT_CALL } from '../e2e/misbehaving.ts';
import { commitPayload, expectRefused } from '../e2e/signature.ts';
import { makeWorld, type World } from '../e2e/world.ts';
import { makeServerCertificates, type ServerCertificates } from './certificates.ts';
import { FAULTS } from './table.ts';

const PAYLOAD = commitPayload('hello\n');
const NOBODY = 'https://service.example';

let world: World;
let tls: ServerCertificates;
const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

beforeAll(async () => {
  world = await makeWorld();
  tls = await makeServerCertificates();
  writeFileSync(join(world.folder, 'authority.pem'), tls.authority);
}, 120_000);

afterAll(async () => {
  for (const { server, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
  await world?.close();
}, 60_000);

/** Which variables lead to the one that fails; all others are the sandbox's. */
const SERVICES: readonly (readonly [name: string, lead: (url: string) => NodeJS.ProcessEnv])[] = [
  ['Fulcio', (url) => ({ SIGNET_FULCIO_URL: url })],
  ['Rekor', (url) => ({ SIGNET_REKOR_URL: url })],
  [
    'Rekor v2',
    (url) => ({ SIGNET_REKOR_URL: url, SIGNET_REKOR_VERSION: '2', SIGNET_TIMESTAMP_SERVER_URL: stamps() }),
  ],
  ['TSA', (url) => ({ SIGNET_TIMESTAMP_SERVER_URL: `${url}/timestamp` })],
  ['login service', (url) => ({ SIGNET_OIDC_ISSUER: url, SIGSTORE_ID_TOKEN: '' })],
];

const stamps = () => `${world.sandboxUrl}/tsa/api/v1/timestamp`;

interface Row {
  readonly what: string;
  readonly says: RegExp;
  /** Prepares the failure and tells address and variables. */
  readonly prepare: () => Promise<{ readonly url: string; readonly env?: NodeJS.ProcessEnv }>;
}

const ROWS: readonly Row[] = [
  ...[
    'reset within the headers',
    'reset within the body',
    '503 with words',
    'a huge body',
    'a redirect to plain http',
  ].map(
    (what): Row => ({
      what,
      says: /closed the connection before|answered 503: "the tree is on fire"|sent more than|redirect \(302\) to/,
      prepare: async () => ({ url: await plain(what) }),
    }),
  ),
  {
    what: 'a certificate of nobody',
    says: /No secure connection to .* \((DEPTH_ZERO_)?SELF_SIGNED_CERT|No secure connection to .* \(UNABLE_TO/,
    prepare: async () => ({ url: await secure('right') }),
  },
  {
    what: 'a certificate for another name',
    says: /No secure connection to .* \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    prepare: async () => ({ url: await secure('otherName'), env: trusting() }),
  },
  {
    what: 'a certificate that has ended',
    says: /No secure connection to .* \(CERT_HAS_EXPIRED\)/,
    prepare: async () => ({ url: await secure('expired'), env: trusting() }),
  },
  {
    what: 'a proxy that is not there',
    says: /refused the connection/,
    prepare: async () => ({ url: NOBODY, env: { HTTPS_PROXY: 'http://127.0.0.1:9' } }),
  },
  {
    what: 'a proxy that refuses to connect',
    says: /answered 403/,
    prepare: async () => ({
      url: NOBODY,
      env: { HTTPS_PROXY: await proxy('HTTP/1.1 403 Forbidden\r\n\r\n') },
    }),
  },
  {
    what: 'a proxy that hangs up',
    says: /closed the connection|cannot be reached/,
    prepare: async () => ({ url: NOBODY, env: { HTTPS_PROXY: await proxy('') } }),
  },
];

let people = 0;

/** No service fails: what is refused below is refused for its fault. */
it.each([
  ['Rekor v1', () => ({})],
  [
    'Rekor v2 and a TSA',
    () => ({
      SIGNET_REKOR_URL: `${world.sandboxUrl}/rekor2`,
      SIGNET_REKOR_VERSION: '2',
      SIGNET_TIMESTAMP_SERVER_URL: stamps(),
    }),
  ],
] as const)('signs with %s', async (_, variables) => {
  const SIGSTORE_ID_TOKEN = await world.idToken(`fault-${people++}@example.com`);
  const env = { SIGSTORE_ID_TOKEN, ...variables() };
  const ended = await world.signet(GIT_CALL, { input: PAYLOAD, env });
  expect(ended.stdout).toMatch(/^-----BEGIN SIGNED MESSAGE-----\n/);
});

describe.each(SERVICES)('%s', (_, lead) => {
  it.concurrent.each(ROWS)('$what', { timeout: 60_000 }, async ({ says, prepare }) => {
    const { url, env } = await prepare();
    const SIGSTORE_ID_TOKEN = await world.idToken(`fault-${people++}@example.com`);
    const before = filesIn(world.repo);
    const variables = { SIGSTORE_ID_TOKEN, BROWSER: world.browser, ...env, ...lead(url) };
    const ended = await world.signet(GIT_CALL, { input: PAYLOAD, env: variables, mayFail: true });
    expectRefused(ended, 5, says);
    expect(ended.stderr).toMatch(/^\[GNUPG:\] FAILURE sign \d+$/m);
    for (const part of SIGSTORE_ID_TOKEN.split('.')) expect(ended.stderr).not.toContain(part.slice(0, 24));
    expect(ended.stderr).not.toMatch(/PRIVATE KEY| {4}at /);
    expect(ended.ms).toBeLessThan(30_000);
    expect(filesIn(world.repo)).toEqual(before);
  });
});

describe('TUF repository', () => {
  const root = 'src/adapters/tuf/tuf_root.json';

  it.concurrent.each(ROWS)('$what', { timeout: 60_000 }, async ({ what, says, prepare }) => {
    const { url, env } = await prepare();
    const XDG_DATA_HOME = join(world.folder, `trust, ${what}`);
    const ended = await world.signet(['trust', 'init', '--mirror', url, '--root', resolve(root)], {
      env: { ...env, XDG_DATA_HOME },
      mayFail: true,
    });
    expectRefused(ended, 5, says);
    expect(ended.ms).toBeLessThan(30_000);
    const written = filesIn(XDG_DATA_HOME).filter((path) => /trusted_root|state\.json/.test(path));
    expect(written).toEqual([]);
  });
});

const trusting = (): NodeJS.ProcessEnv => ({ NODE_EXTRA_CA_CERTS: join(world.folder, 'authority.pem') });

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

async function plain(what: string): Promise<string> {
  const fault = FAULTS.find((row) => row.what === what);
  if (fault === undefined) throw new Error(`no fault is called ${what}`);
  if (fault.raw !== undefined) {
    return `http://127.0.0.1:${await listen(createServer((socket) => fault.raw?.(socket.on('error', () => {}))))}`;
  }
  const { createServer: createHttpServer } = await import('node:http');
  return `http://127.0.0.1:${await listen(createHttpServer(fault.http))}`;
}

async function secure(which: 'right' | 'otherName' | 'expired'): Promise<string> {
  const { key, cert } = tls[which];
  return `https://localhost:${await listen(createHttpsServer({ key, cert }, (_request, response) => response.end('{}')))}`;
}

/** Answers CONNECT so, and hangs up. */
async function proxy(answer: string): Promise<string> {
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    }),
  );
  return `http://127.0.0.1:${port}`;
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  servers.push({ server, sockets });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
