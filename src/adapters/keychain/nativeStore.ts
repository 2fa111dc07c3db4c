/** Loads the native keychain module: import this lazily, it costs 3 to 9 ms. */
import { createRequire } from 'node:module';
import type { EntryOptions } from '@napi-rs/keyring';
import type { CredentialStore } from '../../ports.ts';

const { Entry } = loadKeyring();

/** The name under which keychain programs list our items. */
const SERVICE = 'git-signet';

/**
 * The keychain of the operating system. Calls are synchronous, take 0.2 ms (kernel keyring) to 10 ms (Secret
 * Service), throw where it is locked or not allowed, and block for as long as it wants to ask a person.
 *
 * The store is always named on Linux: unnamed, the library falls back silently to another one.
 */
export function nativeStore(name: string, options: EntryOptions = {}): CredentialStore {
  const entry = (key: string) => new Entry(SERVICE, key, options);
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

/**
 * Its own entry finds out by reading files which platform's package to load; on most Linux machines the answer is
 * this one, and asking for it first saves 2 ms of each signature. Anywhere else that fails, and the entry decides.
 */
function loadKeyring(): typeof import('@napi-rs/keyring') {
  const require = createRequire(import.meta.filename);
  if (process.platform === 'linux' && process.arch === 'x64') {
    try {
      return require('@napi-rs/keyring-linux-x64-gnu');
    } catch {
      // musl, or an installer that keeps the packages of packages apart
    }
  }
  return require('@napi-rs/keyring');
}
