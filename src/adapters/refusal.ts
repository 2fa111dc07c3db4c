/** A service's "no", for the person. */
import { SignetError } from '../errors.ts';
import type { Answer, Service } from './http.ts';
import { printableWithoutTokens } from './quote.ts';

/**
 * `service-refused` with the status and the server's own words, quoted and cut. `hint` replaces the general
 * advice for that status.
 */
export function refusalOf(service: Service, answer: Answer, hint = adviceOn(service, answer)): SignetError {
  const words = messageOf(answer);
  const text = `${service.name} at ${service.baseUrl.origin} answered ${answer.status}`;
  return new SignetError('service-refused', words === '' ? `${text}.` : `${text}: ${words}.`, hint);
}

/**
 * All services say `{"code": …, "message": "…"}`, the timestamp authority under its own content type; anything else
 * (a gateway's page) is not repeated.
 */
export function messageOf({ body }: Answer): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const message = typeof value === 'object' && value !== null && 'message' in value ? value.message : '';
    return typeof message === 'string' && message !== '' ? printableWithoutTokens(message, 300) : '';
  } catch {
    return '';
  }
}

function adviceOn({ name, setting }: Service, { status, headers }: Answer): string {
  // A success, but not the one that the service has for this.
  if (status < 400)
    return `Check that ${setting} names a ${name}, and that nothing on the way answers in its place.`;
  if (status === 429) {
    const seconds = /^\d{1,9}$/.exec(headers['retry-after'] ?? '')?.[0];
    const when = seconds === undefined ? 'later' : `in ${seconds} s, as it asks`;
    return `${name} limits how often it may be asked: try again ${when}.`;
  }
  if (status === 407)
    return 'The proxy wants a login: put it into the proxy variable (http://NAME:PASSWORD@HOST:PORT).';
  if (status === 404) return `Check that ${setting} names a ${name}.`;
  if (status >= 500 || status === 408) return `${name} has trouble of its own: try again later.`;
  return `${name} does not take what was sent: check that ${setting} names the right one, and report it if so.`;
}
