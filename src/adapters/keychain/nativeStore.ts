/** Loads the native keychain module: import this lazily, it costs 3 to 9 ms. */
import { createRequire } from 'node:module';
import type { EntryOptions } from '@napi-rs/keyring';
import type { CredentialStore } from '../../ports.ts';
import { listItem } from './itemList.ts';

/** Where an installer puts the packages of a package, from the folder of the bundles: in it, or beside it. */
const PLACES = ['../node_modules', '../..'];

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
    set(key, secret, expiresAt) {
      listItem(entry, key, expiresAt);
      entry(key).setSecret(secret);
    },
    delete(key) {
      entry(key).deleteCredential();
    },
  };
}

/**
 * Its own entry finds out by reading files which platform's package to load; on most Linux machines the answer is
 * this one, and asking for its file first saves 3 ms of each signature. Anywhere else that fails, and the entry decides.
 */
function loadKeyring(): typeof import('@napi-rs/keyring') {
  const platform = process.platform === 'linux' && process.arch === 'x64' ? 'linux-x64-gnu' : undefined;
  for (const place of platform === undefined ? [] : PLACES) {
    const module = { exports: {} as typeof import('@napi-rs/keyring') };
    try {
      const folder = `${import.meta.dirname}/${place}/@napi-rs/keyring-${platform}`;
      process.dlopen(module, `${folder}/keyring.${platform}.node`);
      return module.exports;
    } catch {
      // musl, or an installer that keeps the packages of packages apart
    }
  }
  return createRequire(import.meta.filename)('@napi-rs/keyring');
}
