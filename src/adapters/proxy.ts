/** The way out through a company's proxy. Loaded only where an environment variable names one. */
import type { Agent } from 'node:http';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';

/**
 * The agent for a URL by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or undefined where the way is direct.
 * https goes through a CONNECT tunnel, so that the proxy sees no token.
 */
export function proxyAgentFor(url: URL): Agent | undefined {
  const proxy = getProxyForUrl(url.href);
  if (proxy === '') return undefined;
  return url.protocol === 'https:' ? new HttpsProxyAgent(proxy) : new HttpProxyAgent(proxy);
}
