import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as x509 from '@peculiar/x509';
import * as esbuild from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CLIENTS, errorOf } from './clients.ts';
import { JSON_TYPE, listen, serve, serveRaw, type TestServer } from './server.ts';

const run = promisify(execFile);

let tls: { readonly key: string; readonly cert: string };
/** A folder with the authority's PEM file and the client as one file, for a Node of its own. */
let folder: string;

beforeAll(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=nobody knows',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'fulcio.example' },
      ]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  tls = { key, cert: certificate.toString('pem') };
  folder = mkdtempSync(join(tmpdir(), 'signet-tls-'));
  writeFileSync(join(folder, 'authority.pem'), tls.cert);
  await esbuild.build({
    stdin: {
      contents: `import { CLIENTS } from './clients.ts';
        const client = CLIENTS.find(({ name }) => name === process.argv[2]);
        client.ask(process.argv[3], { insecureHttp: true, patience: { attemptMs: 5000, totalMs: 5000, retries: 0, backoffMs: 1 } }).then(
          () => process.stdout.write('answered'),
          (error) => process.stdout.write(error.code + ': ' + error.message + ' ' + error.hint),
        );`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    supported: { 'dynamic-import': false },
    outfile: join(folder, 'client.cjs'),
    logLevel: 'error',
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Asks from a fresh Node, which alone reads NODE_EXTRA_CA_CERTS and the proxy variables. */
async function askFromElsewhere(name: string, url: string, env: Record<string, string>): Promise<string> {
  const { stdout } = await run(process.execPath, [join(folder, 'client.cjs'), name, url], {
    env: { HOME: folder, ...env },
    timeout: 20_000,
  });
  return stdout;
}

describe.each(CLIENTS)('$name over TLS', (client) => {
  const serveTls = () => {
    let hits = 0;
    const server = createHttpsServer(tls, (request, response) => {
      hits++;
      request.resume();
      response.writeHead(client.good.status, JSON_TYPE).end(client.good.body);
    });
    return listen(server, () => hits);
  };
  const https = (server: TestServer) => server.url.replace('http:', 'https:');

  test('a certificate of nobody is refused at once, with the way out', async () => {
    const server = await serveTls();
    const error = await errorOf(client.ask(https(server)));
    expect(error).toMatchObject({
      code: 'service-unreachable',
      exitCode: 5,
      message: expect.stringMatching(/^No secure connection to .* \(DEPTH_ZERO_SELF_SIGNED_CERT\)\.$/),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    expect(server.hits()).toBe(0);
  });

  test('… and taken where NODE_EXTRA_CA_CERTS names its authority', async () => {
    const server = await serveTls();
    const env = { NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') };
    expect(await askFromElsewhere(client.name, https(server), env)).toBe('answered');
    expect(await askFromElsewhere(client.name, https(server), {})).toMatch(/^service-unreachable: No secure/);
    expect(server.hits()).toBe(1);
  });

  test('TLS to a port that speaks plain http', async () => {
    const server = await serve((_request, response) => response.end());
    const error = await errorOf(client.ask(https(server)));
    expect(error).toMatchObject({
      code: 'service-unreachable',
      message: expect.stringMatching(/No secure connection/),
    });
  });

  test('plain http to a port that speaks TLS', async () => {
    const server = await serveTls();
    const error = await errorOf(client.ask(server.url));
    expect(error).toMatchObject({ exitCode: 5 });
    expect(server.hits()).toBe(0);
  });

  test('https goes through a tunnel of the proxy', async () => {
    const server = await serveTls();
    const asked: string[] = [];
    const proxy = await serveTunnel(asked, server.port);
    const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') };
    expect(await askFromElsewhere(client.name, 'https://fulcio.example', env)).toBe('answered');
    expect(asked).toEqual(['CONNECT fulcio.example:443 HTTP/1.1']);
    // The host behind the tunnel has to prove its name; the proxy cannot stand in for it.
    expect(await askFromElsewhere(client.name, 'https://other.example', env)).toMatch(
      /ERR_TLS_CERT_ALTNAME_INVALID/,
    );
    expect(server.hits()).toBe(1);
  });

  test('http goes to the proxy whole, unless NO_PROXY or loopback says otherwise', async () => {
    const urls: string[] = [];
    const proxy = await serve((request, response) => {
      urls.push(request.url ?? '');
      request.resume();
      response.writeHead(client.good.status, JSON_TYPE).end(client.good.body);
    });
    const env = { HTTP_PROXY: proxy.url, http_proxy: proxy.url };
    expect(await askFromElsewhere(client.name, 'http://log.example/below', env)).toBe('answered');
    expect(urls).toEqual([expect.stringMatching(/^http:\/\/log\.example\/below\/api\/v[12]\//)]);
    const direct = await askFromElsewhere(client.name, 'http://log.invalid', {
      ...env,
      NO_PROXY: '.invalid',
    });
    expect(direct).toMatch(/^service-unreachable: /);
    const loopback = await serve((_request, response) => {
      response.writeHead(client.good.status, JSON_TYPE).end(client.good.body);
    });
    expect(await askFromElsewhere(client.name, loopback.url, env)).toBe('answered');
    expect([proxy.hits(), loopback.hits()]).toEqual([1, 1]);
  });

  test('a proxy that wants a login', async () => {
    const proxy = await serveRaw((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
      );
    });
    const text = await askFromElsewhere(client.name, 'https://fulcio.example', { HTTPS_PROXY: proxy.url });
    expect(text).toMatch(/^service-refused: .* answered 407\. The proxy wants a login/);
  });
});

const tunnels: { destroy: () => void }[] = [];
afterEach(() => {
  for (const tunnel of tunnels.splice(0)) tunnel.destroy();
});

/** A proxy that notes the CONNECT line and leads everything to one port. */
function serveTunnel(asked: string[], port: number): Promise<TestServer> {
  return serveRaw((socket) => {
    socket.once('data', (head) => {
      asked.push(head.toString('latin1').split('\r\n')[0] ?? '');
      const target = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(target).pipe(socket);
      });
      target.on('error', () => socket.destroy());
      tunnels.push(target);
    });
  });
}
