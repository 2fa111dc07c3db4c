import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSignetError, type SignetError } from '../../src/errors.ts';
import type { IdToken, Instance } from '../../src/ports.ts';
import {
  askedOf,
  type Desk,
  freePort,
  instanceAt,
  makeDesk,
  startLogin,
  type Visit,
  visit,
} from './person.ts';
import {
  type Changes,
  type RecordedProvider,
  recording,
  recordings,
  startRecordedProvider,
} from './recordedProvider.ts';

const CODE = 'tcthndyp3hjntqnvqd2cxlrph';

describe.skipIf(!recordings)(
  `the code flow against Dex’s recorded answers${recordings ? '' : ' (absent)'}`,
  () => {
    let desk: Desk;
    let provider: RecordedProvider | undefined;
    beforeEach(() => {
      desk = makeDesk();
    });
    afterEach(async () => {
      await provider?.close();
      desk.clear();
    });

    /** One login whose person does everything right; `answer` is what the provider sends to the callback. */
    async function logIn(
      changes: Changes = {},
      more: Partial<Instance> = {},
      answer: Record<string, string> = { code: CODE },
    ): Promise<{ idToken?: IdToken; error?: unknown; page: Visit; asked: URLSearchParams }> {
      provider = await startRecordedProvider(changes);
      const instance = instanceAt(provider.issuer, more);
      const login = startLogin(instance, { env: desk.env, clock: provider.clock, terminal: undefined });
      const asked = provider.authorize(await askedOf(desk, login));
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ ...answer, state: asked.get('state') ?? '' }).toString();
      const page = await visit(back.href);
      return { ...(await login.outcome), page, asked };
    }

    /** One that ends before anybody is asked. */
    async function fail(changes: Changes, more: Partial<Instance> = {}): Promise<SignetError> {
      provider = await startRecordedProvider(changes);
      const login = startLogin(instanceAt(provider.issuer, more), {
        env: desk.env,
        clock: provider.clock,
        terminal: undefined,
      });
      return signetError((await login.outcome).error);
    }

    it('asks and exchanges as recorded', async () => {
      const { idToken, page, asked } = await logIn();
      expect(idToken).toMatchObject({
        principal: 'alice@example.com',
        email: 'alice@example.com',
        source: 'browser login',
      });
      expect(page.status).toBe(200);
      expect(page.body).toContain('alice@example.com');

      const flow = recording('flow: authorization code with PKCE');
      const recordedAsk = new URL(flow.steps?.[0]?.path ?? '', 'http://x').searchParams;
      for (const name of recordedAsk.keys()) expect(asked.get(name), name).not.toBeNull();
      for (const name of ['response_type', 'client_id', 'scope', 'code_challenge_method']) {
        expect(asked.get(name)).toBe(recordedAsk.get(name));
      }
      expect(asked.get('access_type')).toBe('online');
      expect(asked.has('connector_id')).toBe(false);
      for (const name of ['state', 'nonce']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
      expect(asked.get('state')).not.toBe(asked.get('nonce'));

      const sent = provider?.tokenRequests[0] ?? new URLSearchParams();
      expect([...sent.keys()].sort()).toEqual([...new URLSearchParams(flow.token_request).keys()].sort());
      expect(sent.get('redirect_uri')).toBe(asked.get('redirect_uri'));
      expect(sent.get('code')).toBe(CODE);
      expect(provider?.tokenRequests).toHaveLength(1);
    });

    it('shows no code, state, nonce or token in the page', async () => {
      const { idToken, page, asked } = await logIn();
      expect(page.body).toContain('You are logged in');
      for (const secret of [
        CODE,
        asked.get('state'),
        asked.get('nonce'),
        idToken?.raw,
        idToken?.raw.split('.')[1],
      ]) {
        expect(secret).toBeTruthy();
        expect(page.body).not.toContain(secret);
      }
    });

    it('escapes an address that would be markup', async () => {
      const email = '"<script>alert(1)</script>"@example.com';
      const { idToken, page } = await logIn({ payload: (p) => ({ ...p, email }) });
      expect(idToken?.email).toBe(email);
      expect(page.body).not.toContain('<script');
      expect(page.body).toContain('&#60;script&#62;alert(1)');
    });

    it('passes the connector on', async () => {
      const { asked, idToken } = await logIn({}, { connectorId: 'https://github.com/login/oauth' });
      expect(asked.get('connector_id')).toBe('https://github.com/login/oauth');
      expect(idToken).toBeDefined();
    });

    const badTokens: readonly [string, Changes][] = [
      ['another nonce', { payload: (p) => ({ ...p, nonce: 'N'.repeat(43) }) }],
      ['no nonce', { payload: ({ nonce: _, ...p }) => p }],
      ['another audience', { payload: (p) => ({ ...p, aud: 'somebody-else' }) }],
      ['a further audience', { payload: (p) => ({ ...p, aud: ['sigstore', 'somebody-else'] }) }],
      ['another issuer', { payload: (p) => ({ ...p, iss: 'https://evil.example' }) }],
      ['an expiry in the past', { payload: (p) => ({ ...p, exp: Number(p['iat']) - 61 }) }],
      ['no expiry', { payload: ({ exp: _, ...p }) => p }],
      ['an unverified address', { payload: (p) => ({ ...p, email_verified: false }) }],
      ['an address without word on its verification', { payload: ({ email_verified: _, ...p }) => p }],
      ['the at_hash of another access token', { accessToken: 'another' }],
      ['a foreign signature', { signWith: 'foreign key' }],
      ['no signature', { signWith: 'nothing', header: (h) => ({ ...h, alg: 'none' }) }],
      ['a symmetric algorithm', { header: (h) => ({ ...h, alg: 'HS256' }) }],
      ['a key nobody published', { header: (h) => ({ ...h, kid: 'unknown' }) }],
    ];
    it.each(badTokens)('refuses an ID token with %s', async (_what, changes) => {
      const { error, page, idToken } = await logIn(changes);
      expect(idToken).toBeUndefined();
      const { message, hint } = signetError(error, 'token-invalid');
      expect(hint).not.toBe('');
      expect(page.status).toBe(400);
      expect(page.body).toContain('The login failed');
      expect(message + hint).not.toMatch(/[\w-]{40,}/);
    });

    const goodTokens: readonly [string, Changes, string][] = [
      ['verified in a string', { payload: (p) => ({ ...p, email_verified: 'true' }) }, 'alice@example.com'],
      [
        'expired for less than the slack',
        { payload: (p) => ({ ...p, exp: Number(p['iat']) - 30 }) },
        'alice@example.com',
      ],
      ['without at_hash', { payload: ({ at_hash: _, ...p }) => p }, 'alice@example.com'],
      [
        'without address',
        { payload: ({ email: _, ...p }) => p },
        'CiQwOGE4Njg0Yi1kYjg4LTRiNzMtOTBhOS0zY2QxNjYxZjU0NjYSBWxvY2Fs',
      ],
    ];
    it.each(goodTokens)('accepts an ID token %s', async (_what, changes, principal) => {
      expect((await logIn(changes)).idToken?.principal).toBe(principal);
    });

    const refusals: readonly [string, Changes['tokenAnswer'] | undefined][] = recordings
      ? [
          ['flow: the same code used twice', recording('flow: the same code used twice').token_response],
          ['flow: wrong code_verifier', recording('flow: wrong code_verifier').token_response],
          ...['authorization code, unknown', 'unknown client'].map(
            (name): [string, Changes['tokenAnswer']] => {
              const { status = 0, raw = '' } = recording(name).response ?? {};
              return [name, { status, body: JSON.parse(raw) }];
            },
          ),
        ]
      : [];
    it.each(refusals)('says what the provider says: %s', async (_name, tokenAnswer) => {
      if (!tokenAnswer) throw new Error('not recorded');
      const { error, page } = await logIn({ tokenAnswer });
      const { message } = signetError(error, 'login-refused');
      expect(message).toContain(String(tokenAnswer.body['error_description']).replace(/\.$/, ''));
      expect(page.body).toContain('refused the login');
      expect(provider?.tokenRequests).toHaveLength(1);
    });

    it('tells a refusal that comes to the callback, escaped', async () => {
      const unknownScope = new URL(recording('flow: unknown scope').location ?? '').searchParams;
      const description = `${unknownScope.get('error_description')} <script>\u001b[31m`;
      const answer = { error: unknownScope.get('error') ?? '', error_description: description };
      const { error, page } = await logIn({}, {}, answer);
      expect(signetError(error, 'login-refused').message).toContain(
        'Unrecognized scope(s) ["nonsense"] <script>\\u{1b}[31m',
      );
      expect(page.status).toBe(400);
      expect(page.body).toContain('&#60;script&#62;\\u{1b}[31m');
      expect(page.body).not.toContain('<script');
      expect(provider?.tokenRequests).toHaveLength(0);
    });

    const passing: readonly [string, Changes['before']][] = [
      ['a passing 503', (_q, response, nth) => nth === 1 && Boolean(response.writeHead(503).end())],
      ['a passing 429', (_q, response, nth) => nth === 1 && Boolean(response.writeHead(429).end())],
      ['a reset', (request, _r, nth) => nth === 1 && Boolean(request.socket.resetAndDestroy())],
      [
        'a cut answer',
        (request, response, nth) => {
          if (nth > 1) return false;
          response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 }).write('{');
          setTimeout(() => request.socket.destroy(), 20);
          return true;
        },
      ],
    ];
    it.each(passing)('survives %s at each of the three requests', async (_what, before) => {
      expect((await logIn(before ? { before } : {})).idToken?.principal).toBe('alice@example.com');
      expect(provider?.requests.length).toBe(6);
    });

    it('does not retry a 404 or a page of HTML, and follows no redirect', async () => {
      const answers: [number, string, string][] = [
        [404, 'text/plain', 'service-refused'],
        [200, 'text/html', 'service-answer'],
        [302, 'text/html', 'service-answer'],
      ];
      for (const [status, type, code] of answers) {
        const before: Changes['before'] = (_q, response) =>
          Boolean(
            response
              .writeHead(status, { 'Content-Type': type, Location: 'http://127.0.0.1:1/' })
              .end('<html>'),
          );
        expect((await fail({ before })).code).toBe(code);
        expect(provider?.requests).toHaveLength(1);
        await provider?.close();
      }
    });

    it('gives up on a provider that never answers, and on one that is not there', async () => {
      const startedAt = performance.now();
      expect((await fail({ before: () => true })).code).toBe('service-unreachable');
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      const login = startLogin(instanceAt('http://127.0.0.1:1/auth'), {
        env: desk.env,
        clock: () => new Date(),
        terminal: undefined,
      });
      expect(signetError((await login.outcome).error).code).toBe('service-unreachable');
    }, 20_000);

    const documents: readonly [string, NonNullable<Changes['discovery']>, string][] = [
      ['another issuer', (d) => ({ ...d, issuer: 'https://evil.example' }), 'service-answer'],
      ['its issuer with a slash more', (d) => ({ ...d, issuer: `${d['issuer']}/` }), 'service-answer'],
      ['no S256', (d) => ({ ...d, code_challenge_methods_supported: ['plain'] }), 'service-answer'],
      ['no word on PKCE', ({ code_challenge_methods_supported: _, ...d }) => d, 'service-answer'],
      [
        'a login page of plain http elsewhere',
        (d) => ({ ...d, authorization_endpoint: 'http://evil.example/' }),
        'config',
      ],
      [
        'a login page that is a file',
        (d) => ({ ...d, authorization_endpoint: 'file:///etc/passwd' }),
        'service-answer',
      ],
    ];
    it.each(documents)('refuses a configuration with %s', async (_what, discovery, code) => {
      expect((await fail({ discovery })).code).toBe(code);
      expect(provider?.requests).toHaveLength(1);
    });

    it('takes Microsoft’s endpoints without announced S256', async () => {
      const authorization_endpoint = 'https://login.microsoftonline.com/tenant/authorize';
      const { asked, idToken } = await logIn({
        discovery: ({ code_challenge_methods_supported: _, ...d }) => ({ ...d, authorization_endpoint }),
      });
      expect(asked.get('code_challenge_method')).toBe('S256');
      expect(idToken).toBeDefined();
    });

    it('uses a configured redirect URL', async () => {
      const redirectUrl = `http://127.0.0.1:${await freePort()}/cb`;
      const { asked, idToken } = await logIn({}, { redirectUrl });
      expect(asked.get('redirect_uri')).toBe(redirectUrl);
      expect(provider?.tokenRequests[0]?.get('redirect_uri')).toBe(redirectUrl);
      expect(idToken?.principal).toBe('alice@example.com');
    });

    it('sends no code to a token endpoint of plain http elsewhere', async () => {
      const { error } = await logIn({
        discovery: (d) => ({ ...d, token_endpoint: 'http://evil.example/token' }),
      });
      expect(signetError(error).code).toBe('config');
    });

    it('takes plain http elsewhere for an issuer only where it is allowed', async () => {
      const options = { env: desk.env, clock: () => new Date(), terminal: undefined };
      const refused = await startLogin(instanceAt('http://issuer.invalid'), options).outcome;
      expect(signetError(refused.error).code).toBe('config');
      const tried = await startLogin(instanceAt('http://issuer.invalid', { insecureHttp: true }), options)
        .outcome;
      expect(signetError(tried.error).code).toBe('service-unreachable');
    });
  },
);

function signetError(error: unknown, code?: string): SignetError {
  if (!isSignetError(error)) throw new Error('expected a SignetError', { cause: error });
  if (code !== undefined) expect(error.code, error.message).toBe(code);
  return error;
}
