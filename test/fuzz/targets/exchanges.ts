/** Parsers that are libraries, asked through our own clients: OpenID Connect and TUF. Slow, so of few cases. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCodeFlow } from '../../../src/adapters/oidc/provider.ts';
import { updateTrust } from '../../../src/adapters/tuf/update.ts';
import { newRepository, sha256 } from '../../trust/repository.ts';
import { toyRoot } from '../seeds.ts';
import { BrokenPromise, orRefusedLater, type Target } from '../target.ts';

/** What is served at the moment, by path. */
const files = new Map<string, { readonly type: string; readonly body: () => Uint8Array }>();
let port: number | undefined;

/** One server for all cases, started by the first. */
async function originOf(): Promise<string> {
  if (port === undefined) {
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
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    server.unref();
    port = (server.address() as AddressInfo).port;
  }
  return `http://127.0.0.1:${port}`;
}

/** A key of nobody: Ed25519 signs the same way each time. */
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
});
const jwk = { ...createPublicKey(key).export({ format: 'jwk' }), kid: 'k', alg: 'EdDSA', use: 'sig' };
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** `document\0keys\0answer`, with ORIGIN, NONCE and TOKEN to be filled in. */
const LOGIN = [
  {
    issuer: 'ORIGIN',
    authorization_endpoint: 'ORIGIN/auth',
    token_endpoint: 'ORIGIN/token',
    jwks_uri: 'ORIGIN/keys',
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    id_token_signing_alg_values_supported: ['EdDSA'],
  },
  { keys: [jwk] },
  { access_token: 'a', token_type: 'bearer', expires_in: 600, id_token: 'TOKEN' },
].map((value) => JSON.stringify(value));

const instance = (issuer: string) => ({
  fulcioUrl: '',
  rekorUrl: '',
  rekorVersion: 1 as const,
  timestampServerUrl: undefined,
  issuer,
  clientId: 'sigstore',
  redirectUrl: undefined,
  connectorId: undefined,
  insecureHttp: false,
});

async function logIn(input: Buffer): Promise<void> {
  const origin = await originOf();
  const signal = AbortSignal.timeout(20_000);
  let nonce = '';
  const filled = (text: string | undefined) => () =>
    Buffer.from(
      (text ?? '').replaceAll('ORIGIN', origin).replace('TOKEN', () => idToken(origin, nonce)),
      'latin1',
    );
  const [document, keys, answer] = input.toString('latin1').split('\0');
  const json = 'application/json';
  files.clear();
  files.set('/.well-known/openid-configuration', { type: json, body: filled(document) });
  files.set('/keys', { type: json, body: filled(keys) });
  files.set('/token', { type: json, body: filled(answer) });
  const token = await orRefusedLater(async () => {
    const context = { instance: instance(origin), clock: () => new Date(), signal };
    const flow = await startCodeFlow(context, 'http://localhost:1/callback', 'state');
    nonce = new URL(flow.url).searchParams.get('nonce') ?? '';
    return flow.redeem(new URL('http://localhost:1/callback?state=state&code=c'));
  });
  if (token !== undefined && token.principal !== 'alice@example.com') {
    throw new BrokenPromise(`logged in as ${token.principal}`);
  }
}

function idToken(issuer: string, nonce: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: 'sigstore', sub: '1', email: 'alice@example.com', email_verified: true };
  const signed = `${part({ alg: 'EdDSA', kid: 'k' })}.${part({ ...claims, nonce, iat: now, exp: now + 600 })}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

const repository = newRepository({ 'trusted_root.json': toyRoot });
const FIRST = sha256(repository.firstRoot);
repository.rotate();
repository.publish();

/** Path, line feed, content: one file of the repository in the place of the right one. */
async function updateFrom(input: Buffer): Promise<void> {
  const end = input.indexOf(0x0a);
  const path = input.toString('latin1', 0, Math.max(end, 0));
  files.clear();
  for (const [name, bytes] of repository.files) serveFile(name, bytes);
  serveFile(path, input.subarray(end + 1));
  const home = mkdtempSync(join(tmpdir(), 'signet-fuzz-'));
  const folder = join(home, 'git-signet/tuf/mirror');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const state = await orRefusedLater(async () =>
      updateTrust({
        mirror: await originOf(),
        folder,
        env: { HOME: home, XDG_RUNTIME_DIR: home },
        initialRoot: { digest: FIRST, bytes: repository.firstRoot },
        patience: { attemptMs: 5000, totalMs: 20_000, retries: 0, backoffMs: 1 },
        signal: AbortSignal.timeout(20_000),
      }),
    );
    if (state !== undefined && state.trustedRoot !== sha256(toyRoot))
      throw new BrokenPromise('another trusted root');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function serveFile(path: string, bytes: Uint8Array): void {
  files.set(`/${path}`, { type: 'application/octet-stream', body: () => bytes });
}

export const EXCHANGES: readonly Target[] = [
  { name: 'login', seeds: () => [Buffer.from(LOGIN.join('\0'))], run: logIn, share: 0.03 },
  {
    name: 'tuf',
    seeds: () =>
      [...repository.files].map(([path, bytes]) => Buffer.concat([Buffer.from(`${path}\n`), bytes])),
    run: updateFrom,
    share: 0.03,
  },
];
