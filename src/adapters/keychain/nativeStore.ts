/** Loads the native keychain module: import this lazily, it costs 3 to 9 ms. */
import { Entry, type EntryOptions } from '@napi-rs/keyring';
import type { CredentialStore } from '../../ports.ts';

/** The name under which keychain programs list our items. */
const SERVICE = 'git-signet';

/**
 * The keychain of the operating system. Calls are synchronous, take 0.2 ms (kernel keyring) to 10 ms (Secret
 * Service), throw where it is locked or not allowed, and block for as long as it wants to ask a person.
 *
 * The store is always named on Linux: unnamed, the library falls back silently to another one.
 */
export function nativeStore(name: string, options: EntryOptions = {}): CredentialStore {
  const entry = (key: string): Entry => new Entry(SERVICE, key, options);
  return {
    name,
    get(key) {
      const secret = entry(key).getSecret();
      return secret === null ? undefined : Uint8Array.from(secret);
    },
    set(key, secret) {
      entry(key).setSecret(secret);
    },
    delete(key) {
      entry(key).deleteCredential();
    },
  };
}
