import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientMetadata, Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { CLIENT_ID, emailOf, ID_TOKEN_SECONDS, isEmail, keyIdOf, subjectOf } from './idToken.ts';
import type { Instance } from './instance.ts';
import { createOidcStorage } from './oidcStorage.ts';
import { deviceCodePage, deviceConfirmPage, loginPage, messagePage } from './pages.ts';

/** Answers one request below the issuer's path. */
export type OidcHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  readBody: () => Promise<Uint8Array>,
) => Promise<void>;

/** What every page of ours may do: show itself. Forms lead to loopback ports that nobody knows beforehand. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
};

/**
 * The OpenID provider (protocols 5.2, 5.3): authorization code with PKCE, device flow, JWKS, by a certified
 * library; ours are only the pages, the one public client and that every e-mail address is believed.
 * Loading the library takes a quarter of a second, so call this at the first request that needs it.
 */
export async function loadOidc(instance: Instance): Promise<OidcHandler> {
  const library = await quietly(() => import('oidc-provider'));
  const provider = await quietly(
    async () => new library.Provider(instance.issuer, configuration(instance, library)),
  );
  // It logs what it has already answered.
  provider.silent = true;
  provider.use(deviceFlowAsDex());
  // Nobody is remembered: one can be somebody else the next time, also in another tab.
  provider.on('authorization.success', (ctx) => {
    delete ctx.oidc.session?.accountId;
  });
  // A native client's redirect may be any path at any port of loopback (RFC 8252 section 7.3; Dex does so too).
  provider.Client.prototype.redirectUriAllowed = isLoopbackUrl;
  const answer = provider.callback();
  return async (request, response, readBody) => {
    const path = (request.url ?? '').slice(MOUNT.length).split('?')[0] ?? '';
    if (path.startsWith(LOGIN_PATH)) return answerLogin(provider, request, response, readBody);
    request.url = (request.url ?? '').slice(MOUNT.length);
    Object.assign(request, { originalUrl: MOUNT + request.url });
    await answer(request, response);
  };
}

type Library = typeof import('oidc-provider');

const MOUNT = '/oidc';
const LOGIN_PATH = '/login/';
/** As Dex says it, and no shorter than RFC 8628 section 3.5 has it. */
const DEVICE_POLL_SECONDS = 5;
const SCOPES = 'openid email';

const CLIENT: ClientMetadata = {
  client_id: CLIENT_ID,
  client_name: 'git-signet',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/auth/callback'],
};

const ROUTES = {
  authorization: '/auth',
  token: '/token',
  jwks: '/keys',
  userinfo: '/userinfo',
  device_authorization: '/device/code',
  code_verification: '/device',
};

/** In seconds. */
const LIFETIMES = {
  AccessToken: ID_TOKEN_SECONDS,
  AuthorizationCode: 60,
  DeviceCode: 300,
  Grant: ID_TOKEN_SECONDS,
  IdToken: ID_TOKEN_SECONDS,
  Interaction: ID_TOKEN_SECONDS,
  Session: ID_TOKEN_SECONDS,
};

function configuration(instance: Instance, library: Library): Configuration {
  const jwk = instance.identityProvider.privateKey.export({ format: 'jwk' });
  const kid = keyIdOf(instance.identityProvider.publicKey);
  return {
    adapter: createOidcStorage(),
    jwks: { keys: [{ ...jwk, kid, use: 'sig', alg: 'RS256' }] },
    clients: [CLIENT],
    claims: { openid: ['sub', 'at_hash'], email: ['email', 'email_verified'] },
    scopes: ['openid', 'email'],
    responseTypes: ['code'],
    // The ID token itself carries the e-mail address.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, deviceFlow: deviceFlow() },
    cookies: { keys: [instance.cookieSecret], long: cookie(), short: cookie() },
    routes: ROUTES,
    interactions: {
      policy: alwaysAsk(library),
      url: (_ctx, interaction) => `${MOUNT}${LOGIN_PATH}${interaction.uid}`,
    },
    findAccount: (ctx, accountId) => ({
      accountId,
      claims: (use) => ({
        sub: accountId,
        email: emailOf(accountId),
        email_verified: true,
        // The library hashes what it finds here; by itself it leaves the claim out, and Dex has it.
        ...(use === 'id_token' ? { at_hash: ctx.oidc.entities.AccessToken?.jti } : {}),
      }),
    }),
    expiresWithSession: () => false,
    loadExistingGrant: grantEverything,
    renderError: (ctx, { error, error_description: description }) => {
      showPage(ctx, messagePage('That did not work', `${error}: ${description ?? ''}`));
    },
    clientBasedCORS: () => false,
    ttl: LIFETIMES,
  };
}

function cookie() {
  return { httpOnly: true, sameSite: 'lax', path: MOUNT } as const;
}

/**
 * Asks for the address at every login, so that one can be somebody else the next time, and never for consent.
 * Unknown scopes are refused at the callback, as Dex does.
 */
function alwaysAsk({ errors, interactionPolicy }: Library) {
  const { base, Check } = interactionPolicy;
  const policy = base();
  policy.remove('consent');
  policy.get('login')?.checks.add(
    new Check('asked_every_time', 'nobody is remembered', (ctx) => {
      // The library drops what it does not know, so look at what came.
      const scopes = new URLSearchParams(ctx.querystring).get('scope')?.split(' ') ?? [];
      const unknown = scopes.filter((scope) => !KNOWN_SCOPES.has(scope));
      if (unknown.length > 0) throw new errors.InvalidScope('Unrecognized scope(s)', unknown.join(' '));
      return ctx.oidc.result?.login === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    }),
  );
  return policy;
}

const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  ...SCOPES.split(' '),
  'profile',
  'groups',
  'offline_access',
]);

async function grantEverything(ctx: KoaContextWithOIDC) {
  const { account, client, provider } = ctx.oidc;
  if (account === undefined || client === undefined) return undefined;
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  grant.addOIDCScope(SCOPES);
  await grant.save();
  return grant;
}

function deviceFlow() {
  return {
    enabled: true,
    userCodeInputSource: (ctx: KoaContextWithOIDC, form: string, _out?: unknown, error?: Error) =>
      showPage(ctx, deviceCodePage(form, error === undefined ? '' : 'That code is not known, or no longer.')),
    userCodeConfirmSource: (
      ctx: KoaContextWithOIDC,
      form: string,
      _client: unknown,
      _info: unknown,
      code: string,
    ) => showPage(ctx, deviceConfirmPage(form, code)),
    successSource: (ctx: KoaContextWithOIDC) =>
      showPage(ctx, messagePage('You are logged in', 'Go back to your terminal; this page may be closed.')),
  };
}

function showPage(ctx: KoaContextWithOIDC, html: string): void {
  ctx.set(PAGE_HEADERS);
  ctx.body = html;
}

/** What the library leaves out of RFC 8628: the interval, and slow_down to who asks before it is over. */
function deviceFlowAsDex() {
  const askedAt = new Map<string, number>();
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    await next();
    const body = ctx.body as { error?: string; device_code?: string } | undefined;
    if (ctx.path === '/device/code' && body?.device_code !== undefined) {
      ctx.body = { ...body, interval: DEVICE_POLL_SECONDS };
    }
    if (ctx.path === '/token' && body?.error === 'authorization_pending') {
      const code = String(ctx.oidc.params?.device_code);
      const tooSoon = Date.now() - (askedAt.get(code) ?? 0) < DEVICE_POLL_SECONDS * 1000;
      askedAt.set(code, Date.now());
      ctx.body = { error: tooSoon ? 'slow_down' : 'authorization_pending' };
    }
  };
}

function isLoopbackUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, hash, username } = new URL(value);
  return (
    protocol === 'http:' &&
    ['localhost', '127.0.0.1', '[::1]'].includes(hostname) &&
    hash === '' &&
    username === ''
  );
}

async function answerLogin(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  readBody: () => Promise<Uint8Array>,
): Promise<void> {
  const show = (status: number, html: string) => response.writeHead(status, PAGE_HEADERS).end(html);
  const action = (request.url ?? '').split('?')[0] ?? '';
  try {
    await provider.interactionDetails(request, response);
  } catch {
    show(400, messagePage('This login is over', 'Start it again where you came from.'));
    return;
  }
  if (request.method !== 'POST') {
    show(200, loginPage(action, 'git-signet'));
    return;
  }
  const email = new URLSearchParams(Buffer.from(await readBody()).toString()).get('email')?.trim() ?? '';
  if (!isEmail(email)) {
    show(400, loginPage(action, 'git-signet', email, 'That is not an e-mail address.'));
    return;
  }
  await provider.interactionFinished(request, response, { login: { accountId: subjectOf(email) } });
}

/** The library advises its deployers on the console, and warns of Node 20; a sandbox's person needs neither. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { warn, info } = console;
  console.warn = console.info = () => {};
  try {
    return await work();
  } finally {
    Object.assign(console, { warn, info });
  }
}
