import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loginByBrowser } from '../../src/adapters/oidc/login.ts';
import { SignetError } from '../../src/errors.ts';
import { askedOf, type Desk, instanceAt, makeDesk, startLogin, visit } from './person.ts';
import { type RecordedProvider, recordings, startRecordedProvider } from './recordedProvider.ts';

describe.skipIf(!recordings)(`a login that is cancelled${recordings ? '' : ' (recordings absent)'}`, () => {
  let desk: Desk;
  let provider: RecordedProvider | undefined;
  beforeEach(() => {
    desk = makeDesk();
  });
  afterEach(async () => {
    await provider?.close();
    desk.clear();
  });

  it('before it begins asks nobody', async () => {
    provider = await startRecordedProvider();
    const { requestIdToken } = loginByBrowser(instanceAt(provider.issuer), {
      env: desk.env,
      clock: provider.clock,
      terminal: undefined,
    });
    await expect(requestIdToken(AbortSignal.abort())).rejects.toMatchObject({ code: 'login-cancelled' });
    expect(provider.requests).toEqual([]);
  });

  it('while the provider is silent ends at once', async () => {
    provider = await startRecordedProvider({ before: () => true });
    const { outcome, abort } = startLogin(instanceAt(provider.issuer), {
      env: desk.env,
      clock: provider.clock,
      terminal: undefined,
    });
    while (provider.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const abortedAt = performance.now();
    abort();
    expect((await outcome).error).toMatchObject({ code: 'login-cancelled' });
    expect(performance.now() - abortedAt).toBeLessThan(1_000);
  });

  it('during the exchange tells the waiting browser', async () => {
    provider = await startRecordedProvider({ before: (request) => request.method === 'POST' });
    const login = startLogin(instanceAt(provider.issuer), {
      env: desk.env,
      clock: provider.clock,
      terminal: undefined,
    });
    const { outcome, abort } = login;
    const asked = provider.authorize(await askedOf(desk, login));
    const callback = `${asked.get('redirect_uri')}?code=good&state=${asked.get('state')}`;
    const page = visit(callback);
    while (!provider.requests.includes('POST /auth/token'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    abort();
    expect((await page).body).toContain('The login was cancelled.');
    expect((await outcome).error).toMatchObject({ code: 'login-cancelled' });
    await expect(visit(callback)).rejects.toThrow('ECONNREFUSED');
  });

  it('keeps the reason that its caller gives', async () => {
    provider = await startRecordedProvider();
    const { requestIdToken } = loginByBrowser(instanceAt(provider.issuer), {
      env: desk.env,
      clock: provider.clock,
      terminal: undefined,
    });
    const reason = new SignetError('login-timeout', 'The caller has no more time.');
    await expect(requestIdToken(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
