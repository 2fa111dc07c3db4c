import type { CustomFetch } from 'openid-client';
import { LOGIN_PATIENCE } from '../../core/limits.ts';
import { SignetError } from '../../errors.ts';
import type { Instance } from '../../ports.ts';
import { type Answer, isJson, serviceAt } from '../http.ts';
import { refusalOf } from '../refusal.ts';
import { deadlineIn, requestPatiently } from '../retry.ts';

const SETTING = 'signet.issuer';

/** How the time for the provider is counted: one allowance for all requests, or a new one for each. */
export type Allowance = 'shared' | 'each';

/**
 * The OIDC library's way out: the program's own bounded HTTP client. Every address, also those that the
 * provider's configuration names, must be https or this machine's http; no redirect is followed. Rejects with a
 * SignetError, which the library wraps.
 */
export function providerFetch(instance: Instance, signal: AbortSignal, allowance: Allowance): CustomFetch {
  let leftMs = LOGIN_PATIENCE.totalMs;
  return async (url, options) => {
    const { href, origin, pathname, search } = new URL(url);
    checkProviderUrl(href, instance);
    const service = serviceAt('Login service', SETTING, `${origin}/`, instance.insecureHttp);
    const startedAt = performance.now();
    const request = {
      method: options.method === 'POST' ? 'POST' : 'GET',
      path: `.${pathname}${search}`,
      headers: { accept: options.headers['accept'] ?? 'application/json', ...formHeaders(options.method) },
      ...(options.method === 'POST' ? { body: String(options.body ?? '') } : {}),
    } as const;
    const answer = await requestPatiently(service, request, LOGIN_PATIENCE, deadlineIn(leftMs, signal));
    if (allowance === 'shared') leftMs -= performance.now() - startedAt;
    if (isRefusal(answer, request.method)) throw refusalOf(service, answer);
    return toResponse(answer);
  };
}

/** Throws `config` for an address that the provider may not send us or the person to. */
export function checkProviderUrl(url: string, instance: Instance): void {
  serviceAt('the login service', SETTING, url, instance.insecureHttp);
}

function formHeaders(method: string): Record<string, string> {
  return method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' } : {};
}

/** An OAuth error (RFC 6749 5.2) is the library's to read; anything else that is no success is final here. */
function isRefusal({ status, headers }: Answer, method: string): boolean {
  if (status >= 200 && status < 300) return false;
  return method === 'GET' || !isJson(headers['content-type']);
}

function toResponse({ status, headers, body }: Answer): Response {
  if (status === 204 || status === 205) {
    throw new SignetError(
      'service-answer',
      `The login service sent an empty answer (${status}).`,
      'Try again later.',
    );
  }
  const named = Object.entries(headers).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return new Response(Buffer.from(body), { status, headers: named });
}
