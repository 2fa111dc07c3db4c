import { SignetError } from '../../errors.ts';

/** Where the answer of a login is to arrive. */
export interface RedirectPlace {
  /** As in a URL: `localhost`, `127.0.0.1` or `[::1]`. */
  readonly host: string;
  /** The addresses to listen on for that host. */
  readonly addresses: readonly string[];
  /** 0: any free one. */
  readonly port: number;
  readonly path: string;
}

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1', '::1'],
  '127.0.0.1': ['127.0.0.1'],
  '[::1]': ['::1'],
};

/**
 * Reads `signet.redirectURL`; undefined means a free port of localhost with Sigstore's path. The URL goes to the
 * provider as it is, twice, so it must be in the form that URL parsers leave alone. Throws `config`.
 */
export function parseRedirectUrl(redirectUrl: string | undefined): RedirectPlace {
  if (redirectUrl === undefined) {
    return { host: 'localhost', addresses: ADDRESSES['localhost'] ?? [], port: 0, path: '/auth/callback' };
  }
  if (!URL.canParse(redirectUrl)) throw unusable('is not a URL');
  const url = new URL(redirectUrl);
  const addresses = ADDRESSES[url.hostname];
  if (url.protocol !== 'http:' || addresses === undefined) {
    throw unusable('does not lead to this computer by plain http (localhost, 127.0.0.1 or [::1])');
  }
  if (url.port === '0') throw unusable('names port 0');
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw unusable('has more than host, port and path');
  }
  if (url.href !== redirectUrl) throw unusable(`is not in its normal form, ${url.href}`);
  return { host: url.hostname, addresses, port: Number(url.port || '80'), path: url.pathname };
}

function unusable(why: string): SignetError {
  return new SignetError(
    'config',
    `The redirect URL of the login ${why}.`,
    'Set signet.redirectURL (or SIGNET_OIDC_REDIRECT_URL) to something like http://localhost:8085/auth/callback, or unset it.',
  );
}
