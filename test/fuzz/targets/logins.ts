/** Logging in: what the OpenID provider answers, by a library that our own client feeds, and who knocks at the listener. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CallbackListener, listenForCallback } from '../../../src/adapters/oidc/callback.ts';
import { successPage } from '../../../src/adapters/oidc/page.ts';
import { startCodeFlow, startDeviceFlow } from '../../../src/adapters/oidc/provider.ts';
import { SignetError } from '../../../src/errors.ts';
import { instanceAt } from '../../login/person.ts';
import { originOf, serve } from '../serving.ts';
import { BrokenPromise, orRefusedLater, type Target } from '../target.ts';

/** A key of nobody: Ed25519 signs the same way each time. */
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
});
const jwk = { ...createPublicKey(key).export({ format: 'jwk' }), kid: 'k', alg: 'EdDSA', use: 'sig' };
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const DOCUMENT = {
  issuer: 'ORIGIN',
  authorization_endpoint: 'ORIGIN/auth',
  token_endpoint: 'ORIGIN/token',
  device_authorization_endpoint: 'ORIGIN/device',
  jwks_uri: 'ORIGIN/keys',
  code_challenge_methods_supported: ['S256'],
  response_types_supported: ['code'],
  id_token_signing_alg_values_supported: ['EdDSA'],
};
const ANSWER = { access_token: 'a', token_type: 'bearer', expires_in: 600, id_token: 'TOKEN' };
const DEVICE = {
  device_code: 'd',
  user_code: 'ABCD-EFGH',
  verification_uri: 'ORIGIN/device',
  verification_uri_complete: 'ORIGIN/device?user_code=ABCD-EFGH',
  expires_in: 300,
  interval: 0.001,
};

/** `document\0keys\0token answer\0device answer`, with ORIGIN and TOKEN to be filled in. */
const PROVIDER = [DOCUMENT, { keys: [jwk] }, ANSWER, DEVICE].map((value) => JSON.stringify(value)).join('\0');
const PATHS = ['/.well-known/openid-configuration', '/keys', '/token', '/device'];

/** Serves what the input says; `nonce` is asked for when the token is. */
async function provider(input: Buffer, nonce: () => string | undefined): Promise<string> {
  const origin = await originOf();
  const texts = input.toString('latin1').split('\0');
  const body = (text: string) => () =>
    Buffer.from(
      text.replaceAll('ORIGIN', origin).replace('TOKEN', () => idToken(origin, nonce())),
      'latin1',
    );
  serve(
    new Map(
      PATHS.map((path, i) => [path, { type: 'application/json', body: body(texts[i] ?? '') }] as const),
    ),
  );
  return origin;
}

function idToken(issuer: string, nonce: string | undefined): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: 'sigstore', sub: '1', email: 'alice@example.com', email_verified: true };
  const signed = `${part({ alg: 'EdDSA', kid: 'k' })}.${part({ ...claims, nonce, iat: now, exp: now + 600 })}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

function mustBeAlice(token: { readonly principal: string } | undefined): void {
  if (token !== undefined && token.principal !== 'alice@example.com')
    throw new BrokenPromise(`logged in as ${token.principal}`);
}

async function logIn(input: Buffer): Promise<void> {
  let nonce = '';
  const issuer = await provider(input, () => nonce);
  const context = {
    instance: instanceAt(issuer),
    clock: () => new Date(),
    signal: AbortSignal.timeout(20_000),
  };
  const token = await orRefusedLater(async () => {
    const flow = await startCodeFlow(context, 'http://localhost:1/callback', 'state');
    nonce = new URL(flow.url).searchParams.get('nonce') ?? '';
    return flow.redeem(new URL('http://localhost:1/callback?state=state&code=c'));
  });
  mustBeAlice(token);
}

/** Nobody waits here for a provider that lets us wait. */
const DEVICE_MS = 40;

async function logInByDevice(input: Buffer): Promise<void> {
  const issuer = await provider(input, () => undefined);
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new SignetError('login-timeout', 'Late.', '')), DEVICE_MS);
  try {
    const context = { instance: instanceAt(issuer), clock: () => new Date(), signal: ending.signal };
    const token = await orRefusedLater(async () => {
      const flow = await startDeviceFlow(context);
      if (!(flow.expiresInMs > 0)) throw new BrokenPromise(`a code that counts for ${flow.expiresInMs} ms`);
      if (!/^https?:/.test(flow.verificationUrl)) throw new BrokenPromise(`a page ${flow.verificationUrl}`);
      return flow.poll();
    });
    mustBeAlice(token);
  } finally {
    clearTimeout(timer);
  }
}

const STATE = 'c3RhdGUtb2YtdGhpcy1sb2dpbi1hbmQtbm8tb3RoZXI';
const GOOD = `GET /auth/callback?state=${STATE}&code=c HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n`;
const KNOCKS = [
  GOOD,
  `GET /auth/callback?error=access_denied&state=${STATE} HTTP/1.0\r\nHost: 127.0.0.1:PORT\r\n\r\n`,
  `POST /auth/callback?state=${STATE} HTTP/1.1\r\nHost: localhost:PORT\r\nContent-Length: 6\r\n\r\ncode=c`,
  `GET /favicon.ico HTTP/1.1\r\nHost: localhost:PORT\r\nUser-Agent: x\r\n\r\n${GOOD}`,
  `GET /auth/callback?state=other&code=c HTTP/1.1\r\nHost: evil.example:PORT\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
];

/** One login that waits, until somebody has answered it. */
let waiting: Promise<Waiting> | undefined;

interface Waiting {
  readonly listener: CallbackListener;
  answered: URL | undefined;
  /** Whether the login went on after its answer to the browser. */
  isOver: boolean;
}

function wait() {
  waiting ??= listenForCallback(undefined, STATE).then((listener) => {
    const login: Waiting = { listener, answered: undefined, isOver: false };
    void listener.callback.then(async (callback) => {
      login.answered = callback.url;
      await callback.reply(successPage('alice@example.com', 'https://issuer.example'));
      login.isOver = true;
    });
    return login;
  });
  return waiting;
}

/** Whatever bytes come, only the redirect of this login is taken, and the listener still takes it afterwards. */
async function knock(input: Buffer): Promise<void> {
  const login = await wait();
  const { listener } = login;
  const text = input.toString('latin1').replaceAll('PORT', String(listener.port));
  await send(listener.port, text);
  const isTaken = login.answered !== undefined;
  if (!isTaken && (input[0] ?? 0) % 8 !== 0) return;
  if (!isTaken) await send(listener.port, GOOD.replace('PORT', String(listener.port)));
  waiting = undefined;
  await listener.close();
  await nextTurn();
  if (!login.isOver) throw new BrokenPromise('the login waits for its answer to go out');
  if (isTaken) mustBeOurs(text, listener.port);
  const query = login.answered?.searchParams;
  if (query?.get('state') !== STATE || query.has('code') === query.has('error'))
    throw new BrokenPromise('the login ends in something else than its redirect');
}

function mustBeOurs(text: string, port: number): void {
  const plain = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const isOurs = new RegExp(`^host:[ \\t]*(localhost|127\\.0\\.0\\.1|\\[::1\\]):${port}[ \\t]*\\r?$`, 'im');
  if (!plain.includes(STATE) || !/GET +\/auth\/callback\?/.test(text) || !isOurs.test(text))
    throw new BrokenPromise('a request was taken for the redirect');
}

/** The listener waits five seconds for a head, and ten for a request. */
const ENDED_SECONDS = 16;

/** Sends all of it and waits for the end of the connection, for seconds in which this process runs: it may be stopped for more. */
function send(port: number, text: string): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let seconds = 0;
    const clock = setInterval(() => {
      seconds += 1;
      if (seconds < ENDED_SECONDS) return;
      fail(new BrokenPromise('the connection does not end'));
      socket.destroy();
    }, 1000);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(clock);
      done();
    });
    socket.resume();
    socket.end(text, 'latin1');
  });
}

export const LOGINS: readonly Target[] = [
  { name: 'login', seeds: () => [Buffer.from(PROVIDER)], run: logIn, share: 0.03 },
  { name: 'deviceFlow', seeds: () => [Buffer.from(PROVIDER)], run: logInByDevice, share: 0.03 },
  { name: 'callback', seeds: () => KNOCKS.map((text) => Buffer.from(text)), run: knock, share: 0.1 },
];
