/**
 * The protocol with the OpenID provider, by a library that is loaded only when somebody logs in: import this
 * file dynamically.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as oidc from 'openid-client';
import { SignetError } from '../../errors.ts';
import type { Clock, IdToken, Instance } from '../../ports.ts';
import { parseIdToken, refuseExpired } from './idToken.ts';
import { toLoginError } from './loginError.ts';
import { type Allowance, checkProviderUrl, providerFetch } from './transport.ts';

/** Tolerated difference between the provider's clock and ours. */
const CLOCK_TOLERANCE_S = 60;

const SCOPE = 'openid email';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Microsoft takes S256 and does not say so in its configuration. */
const UNANNOUNCED_S256 = ['https://login.microsoftonline.com/', 'https://login.microsoftonline.us/'];

export interface LoginContext {
  readonly instance: Instance;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface CodeFlow {
  /** Where the person logs in. */
  readonly url: string;
  /** Exchanges the code of a callback (RFC 6749 4.1.3) for an ID token that passed every check. */
  redeem(callback: URL): Promise<IdToken>;
}

/** Begins an authorization code flow with PKCE (RFC 7636) and nonce; nothing has been shown to anybody yet. */
export function startCodeFlow(context: LoginContext, redirectUrl: string, state: string): Promise<CodeFlow> {
  const { instance } = context;
  return inOurWords(instance, async () => {
    const configuration = await discover(context, 'shared');
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const expectedNonce = oidc.randomNonce();
    const { href } = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUrl,
      scope: SCOPE,
      state,
      nonce: expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      access_type: 'online',
      ...(instance.connectorId === undefined ? {} : { connector_id: instance.connectorId }),
    });
    checkProviderUrl(href, instance);
    const checks = { pkceCodeVerifier, expectedNonce, expectedState: state, idTokenExpected: true };
    return {
      url: href,
      redeem: (callback) =>
        inOurWords(instance, async () => {
          const tokens = await oidc.authorizationCodeGrant(configuration, callback, checks);
          return judgeTokens(tokens, 'browser login', context.clock);
        }),
    };
  });
}

export interface DeviceFlow {
  /** What the person types in, and where. From the provider: escape it. */
  readonly userCode: string;
  readonly verificationUrl: string;
  readonly expiresInMs: number;
  /** Asks at the provider's pace until the person is done. */
  poll(): Promise<IdToken>;
}

/** Begins a device flow (RFC 8628) with PKCE; its ID token bears no nonce. */
export function startDeviceFlow(context: LoginContext): Promise<DeviceFlow> {
  const { instance, signal } = context;
  return inOurWords(instance, async () => {
    const configuration = await discover(context, 'each');
    const verifier = oidc.randomPKCECodeVerifier();
    const device = await oidc.initiateDeviceAuthorization(configuration, {
      scope: SCOPE,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const verificationUrl = device.verification_uri_complete ?? device.verification_uri;
    checkProviderUrl(verificationUrl, instance);
    return {
      userCode: device.user_code,
      verificationUrl,
      expiresInMs: device.expires_in * 1000,
      poll: () =>
        inOurWords(instance, async () => {
          const form = { scope: SCOPE, device_code: device.device_code, code_verifier: verifier };
          const tokens = await pollForTokens(configuration, form, device.interval ?? 5, signal);
          return judgeTokens(tokens, 'device login', context.clock);
        }),
    };
  });
}

/** A timer for longer would fire at once, again and again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** RFC 8628 sections 3.4 and 3.5. The library's own loop waits on for 5 s after it has been aborted. */
async function pollForTokens(
  configuration: oidc.Configuration,
  form: Record<string, string>,
  intervalS: number,
  signal: AbortSignal,
): Promise<oidc.TokenEndpointResponse> {
  for (let pauseS = intervalS; ; ) {
    await setTimeout(Math.min(pauseS * 1000, MAX_TIMER_MS), undefined, { signal });
    try {
      return await oidc.genericGrantRequest(configuration, DEVICE_GRANT, form);
    } catch (error) {
      const code = error instanceof oidc.ResponseBodyError ? error.error : '';
      if (code !== 'authorization_pending' && code !== 'slow_down') throw error;
      if (code === 'slow_down') pauseS += 5;
    }
  }
}

/** Reads the provider's configuration (OpenID Connect Discovery 4) and holds it to our rules. */
async function discover(context: LoginContext, allowance: Allowance): Promise<oidc.Configuration> {
  const { instance, clock, signal } = context;
  checkProviderUrl(instance.issuer, instance);
  const configuration = await oidc.discovery(
    new URL(instance.issuer),
    instance.clientId,
    {
      [oidc.clockSkew]: Math.round((clock().getTime() - Date.now()) / 1000),
      [oidc.clockTolerance]: CLOCK_TOLERANCE_S,
    },
    oidc.None(),
    {
      [oidc.customFetch]: providerFetch(instance, signal, allowance),
      // The signature of an ID token counts here however it came, since it goes on to others. Which http is
      // allowed is decided by our own transport, address by address.
      execute: [oidc.enableNonRepudiationChecks, oidc.allowInsecureRequests],
    },
  );
  checkConfiguration(configuration.serverMetadata(), instance);
  return configuration;
}

function checkConfiguration(metadata: oidc.ServerMetadata, instance: Instance): void {
  const endpoint = metadata.authorization_endpoint ?? '';
  if (metadata.issuer !== instance.issuer) {
    throw new SignetError(
      'service-answer',
      `The login service at ${instance.issuer} calls itself by another name.`,
      'Write signet.issuer exactly as the "issuer" in its openid-configuration, final slash included.',
    );
  }
  const announced = metadata.code_challenge_methods_supported?.includes('S256') ?? false;
  if (!announced && !UNANNOUNCED_S256.some((prefix) => endpoint.startsWith(prefix))) {
    throw new SignetError(
      'service-answer',
      `The login service ${instance.issuer} does not offer PKCE with S256, without which a stolen code could be used.`,
      'Ask those who run it to allow S256, or choose another login service in signet.issuer.',
    );
  }
}

/** What the library leaves to its caller: at_hash of the code flow, and the rules for claims. */
function judgeTokens(
  tokens: { readonly id_token?: string; readonly access_token: string },
  source: string,
  clock: Clock,
): IdToken {
  const raw = tokens.id_token ?? '';
  checkAccessTokenHash(raw, tokens.access_token);
  return refuseExpired(parseIdToken(raw, source), clock());
}

/** OpenID Connect Core 3.1.3.8: the left half of the hash of the access token; it may be absent. */
function checkAccessTokenHash(idToken: string, accessToken: string): void {
  const [header, payload] = idToken.split('.').slice(0, 2).map(decodePart);
  const claimed = payload?.['at_hash'];
  if (claimed === undefined) return;
  const digest = createHash(hashOf(String(header?.['alg'])))
    .update(accessToken)
    .digest();
  const expected = digest.subarray(0, digest.length / 2);
  const given = Buffer.from(String(claimed), 'base64url');
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new SignetError(
    'token-invalid',
    'The ID token does not belong to the access token that came with it (at_hash).',
    'Log in again; if it stays, tell those who run the login service.',
  );
}

/** By the signature's algorithm: RS256, ES384, EdDSA (Ed25519 hashes with SHA-512) … */
function hashOf(algorithm: string): string {
  const size = /(256|384|512)$/.exec(algorithm)?.[0] ?? '512';
  return `sha${size}`;
}

/** The library has parsed the same text before. */
function decodePart(part: string): Record<string, unknown> {
  return part === '' ? {} : JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}

async function inOurWords<T>(instance: Instance, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toLoginError(error, instance.issuer);
  }
}
