import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { ScriptedBrowser } from './scriptedBrowser.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-oidc-'));
const CALLBACK = 'http://localhost:41234/auth/callback';
const printed: unknown[] = [];
let sandbox: RunningSandbox;
let provider: client.Configuration;

beforeAll(async () => {
  for (const name of ['log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, name).mockImplementation((...args) => void printed.push(args));
  }
  sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  provider = await client.discovery(new URL(sandbox.issuer), 'sigstore', undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  });
});

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

const VERIFIER = client.randomPKCECodeVerifier();

async function authorizationUrl(changes: Record<string, string> = {}): Promise<string> {
  const parameters = {
    redirect_uri: CALLBACK,
    scope: 'openid email',
    state: 'STATE',
    nonce: 'NONCE',
    code_challenge: await client.calculatePKCECodeChallenge(VERIFIER),
    code_challenge_method: 'S256',
    access_type: 'online',
    ...changes,
  };
  return client.buildAuthorizationUrl(provider, parameters).href;
}

async function callback(changes: Record<string, string> = {}, email = 'alice@example.com'): Promise<URL> {
  const browser = new ScriptedBrowser(sandbox.url);
  return new URL((await browser.logIn(await authorizationUrl(changes), email)).url);
}

const CHECKS = { pkceCodeVerifier: VERIFIER, expectedState: 'STATE', expectedNonce: 'NONCE' };

describe('authorization code with PKCE', () => {
  test('gives an ID token with the address', async () => {
    const landed = await callback();
    expect(landed.href.startsWith(`${CALLBACK}?code=`)).toBe(true);
    const tokens = await client.authorizationCodeGrant(provider, landed, CHECKS);
    const claims = tokens.claims();
    expect(claims).toMatchObject({
      iss: sandbox.issuer,
      aud: 'sigstore',
      email: 'alice@example.com',
      email_verified: true,
      nonce: 'NONCE',
      at_hash: expect.any(String),
    });
    expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(600);
  });

  test.each(['http://127.0.0.1:1/x', 'http://[::1]:40000/auth/callback', 'http://localhost:2/other/path'])(
    'comes back to %s',
    async (redirect) => {
      expect((await callback({ redirect_uri: redirect })).href.startsWith(redirect)).toBe(true);
    },
  );

  test.each(['https://example.com/auth/callback', 'http://localhost.example.com/', 'http://localhost:1/#x'])(
    'does not come back to %s',
    async (redirect) => {
      const page = await new ScriptedBrowser(sandbox.url).visit(
        await authorizationUrl({ redirect_uri: redirect }),
      );
      expect(page.status).toBe(400);
      expect(page.html).toContain('redirect_uri');
    },
  );

  test('asks every time, so that one can be somebody else', async () => {
    const browser = new ScriptedBrowser(sandbox.url);
    for (const email of ['alice@example.com', 'bob@example.com']) {
      const landed = await browser.logIn(await authorizationUrl(), email);
      const tokens = await client.authorizationCodeGrant(provider, new URL(landed.url), CHECKS);
      expect(tokens.claims()?.email).toBe(email);
    }
  });

  test('refuses a wrong verifier, a missing one, and a code used twice', async () => {
    const wrong = { ...CHECKS, pkceCodeVerifier: client.randomPKCECodeVerifier() };
    await expect(client.authorizationCodeGrant(provider, await callback(), wrong)).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
    const landed = await callback();
    await client.authorizationCodeGrant(provider, landed, CHECKS);
    await expect(client.authorizationCodeGrant(provider, landed, CHECKS)).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
  });

  test('a nonce that was not sent shows', async () => {
    await expect(
      client.authorizationCodeGrant(provider, await callback({ nonce: 'OTHER' }), CHECKS),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('nonce') } });
  });

  test('needs a challenge, and none but S256', async () => {
    for (const changes of [{ code_challenge: '' }, { code_challenge_method: 'plain' }]) {
      const page = await new ScriptedBrowser(sandbox.url).visit(await authorizationUrl(changes));
      expect(new URL(page.url).searchParams.get('error')).toBe('invalid_request');
    }
  });

  test('an unknown scope comes back as such', async () => {
    const page = await new ScriptedBrowser(sandbox.url).visit(
      await authorizationUrl({ scope: 'openid nonsense' }),
    );
    expect(page.url.startsWith(CALLBACK)).toBe(true);
    expect(new URL(page.url).searchParams.get('error')).toBe('invalid_scope');
    expect(new URL(page.url).searchParams.get('state')).toBe('STATE');
  });
});

describe('the login page', () => {
  test('says that it is a toy, has no scripts and believes addresses only', async () => {
    const browser = new ScriptedBrowser(sandbox.url);
    const page = await browser.visit(await authorizationUrl());
    expect(page.html).toContain('git-signet sandbox');
    expect(page.html).toContain('a toy certificate authority, no real identity');
    expect(page.html).not.toMatch(/<script|javascript:|\son\w+=/i);
    const again = await browser.submit(page, { email: '"><script>alert(1)</script>' });
    expect(again.status).toBe(400);
    expect(again.html).toContain('That is not an e-mail address');
    expect(again.html).not.toContain('<script');
    expect((await browser.submit(again, { email: 'alice@example.com' })).url).toContain(CALLBACK);
  });

  test('without a login under way says so', async () => {
    const page = await new ScriptedBrowser(sandbox.url).visit(`${sandbox.issuer}/login/nothing`);
    expect(page.status).toBe(400);
    expect(page.html).toContain('This login is over');
  });
});

describe('device flow', () => {
  const poll = async (code: string) => {
    const response = await fetch(`${sandbox.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        client_id: 'sigstore',
        device_code: code,
      }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };

  test('is pending, then slows down who polls at once, then gives the token', async () => {
    const device = await client.initiateDeviceAuthorization(provider, { scope: 'openid email' });
    expect(device).toMatchObject({ expires_in: 300, interval: 5 });
    expect(device.user_code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(await poll(device.device_code)).toEqual({ status: 400, body: { error: 'authorization_pending' } });
    expect(await poll(device.device_code)).toEqual({ status: 400, body: { error: 'slow_down' } });
    const browser = new ScriptedBrowser(sandbox.url);
    const confirm = await browser.submit(await browser.visit(device.verification_uri), {
      user_code: device.user_code,
    });
    expect(confirm.html).toContain(device.user_code);
    const done = await browser.submit(await browser.submit(confirm, {}), { email: 'carol@example.com' });
    expect(done.html).toContain('You are logged in');
    const { status, body } = await poll(device.device_code);
    expect(status).toBe(200);
    const claims = JSON.parse(Buffer.from(body.id_token?.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ email: 'carol@example.com', email_verified: true, aud: 'sigstore' });
    expect((await poll(device.device_code)).body.error).toBe('invalid_grant');
  });

  test('an unknown code and a refusal show', async () => {
    const browser = new ScriptedBrowser(sandbox.url);
    const asked = await browser.visit(`${sandbox.issuer}/device`);
    expect((await browser.submit(asked, { user_code: 'BBBB-BBBB' })).html).toContain('not known');
    const device = await client.initiateDeviceAuthorization(provider, { scope: 'openid email' });
    const confirm = await browser.submit(await browser.visit(device.verification_uri), {
      user_code: device.user_code,
    });
    await browser.submit(confirm, { abort: 'yes' });
    expect((await poll(device.device_code)).body.error).toBe('access_denied');
  });
});

test('nothing is printed', () => {
  expect(printed).toEqual([]);
});
