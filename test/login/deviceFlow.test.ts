/** The pace of a device login is the provider's, whatever it says. */
import { expect, test } from 'vitest';
import { startDeviceFlow } from '../../src/adapters/oidc/provider.ts';
import { JSON_TYPE, serve } from '../services/server.ts';
import { instanceAt } from './person.ts';

test.each([
  ['a moment', 0.001, true],
  ['more than a timer can count', 1e10, false],
])('between two questions: %s', async (_what, interval, isAsked) => {
  let asked = 0;
  let url = '';
  let again = () => {};
  const askedAgain = new Promise<void>((resolve) => {
    again = resolve;
  });
  ({ url } = await serve((request, response) => {
    const answer = (status: number, json: object) =>
      response.writeHead(status, JSON_TYPE).end(JSON.stringify(json));
    if (request.url === '/.well-known/openid-configuration') answer(200, documentAt(url));
    else if (request.url === '/device')
      answer(200, { ...DEVICE, verification_uri: `${url}/enter`, interval });
    else {
      asked += 1;
      if (asked > 3) again();
      answer(400, { error: 'authorization_pending' });
    }
  }));
  const ending = new AbortController();
  const context = { instance: instanceAt(url), clock: () => new Date(), signal: ending.signal };
  const flow = await startDeviceFlow(context);
  const polled = flow.poll().then(
    () => 'logged in',
    () => 'ended',
  );
  if (isAsked) await askedAgain;
  else await new Promise((resolve) => setTimeout(resolve, 60));
  ending.abort();
  expect(await polled).toBe('ended');
  expect(asked > 0).toBe(isAsked);
});

const DEVICE = { device_code: 'd', user_code: 'ABCD', expires_in: 300 };

const documentAt = (url: string) => ({
  issuer: url,
  authorization_endpoint: `${url}/auth`,
  token_endpoint: `${url}/token`,
  device_authorization_endpoint: `${url}/device`,
  jwks_uri: `${url}/keys`,
  code_challenge_methods_supported: ['S256'],
});
