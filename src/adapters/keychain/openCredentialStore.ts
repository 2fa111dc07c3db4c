import type { CredentialStore } from '../../ports.ts';
import { type BusAddress, findSessionBus } from './busAddress.ts';
import { holdStore } from './holdClient.ts';
import { happenedRecently, rememberEvent } from './recentEvents.ts';
import { askSecretService } from './secretService.ts';

/** A bus that has not said what we need by then hangs; with the rest of a look-up it stays below 2 s. */
const BUS_DEADLINE_MS = 1_200;

/** An answer of the Secret Service is believed this long; a login lies between the look-up and the saving. */
const BELIEVED_MS = 1_000;

/**
 * Where credentials are kept on this machine, or undefined where there is no place for them (see `adviceWithoutKeychain`):
 * the `login --hold` process where one runs, else the keychain of the operating system; on Linux the Secret Service,
 * else the kernel keyring. Never throws, and never waits for a person or beyond two seconds; what hung is not
 * asked again for ten minutes.
 */
export async function openCredentialStore(env: NodeJS.ProcessEnv): Promise<CredentialStore | undefined> {
  const held = await holdStore(env);
  if (held !== undefined) return held;
  try {
    switch (process.platform) {
      case 'darwin':
        return await openNative('macOS Keychain');
      case 'win32':
        return await openNative('Windows Credential Manager');
      case 'linux':
        return (await openSecretService(env)) ?? (await openKernelKeyring());
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

async function openNative(name: string): Promise<CredentialStore> {
  const { nativeStore } = await import('./nativeStore.ts');
  return nativeStore(name);
}

async function openSecretService(env: NodeJS.ProcessEnv): Promise<CredentialStore | undefined> {
  const bus = findSessionBus(env);
  if (bus === undefined || !(await isReady(bus, env))) return undefined;
  // The library reads this variable itself: let it not find another bus than the one that was asked.
  process.env['DBUS_SESSION_BUS_ADDRESS'] = bus.address;
  const { nativeStore } = await import('./nativeStore.ts');
  return guard(nativeStore('Secret Service', { linux: { store: 'secret-service' } }), () =>
    isReady(bus, env),
  );
}

/** Only what cost time is remembered: a locked collection is told within milliseconds, and soon unlocked. */
async function isReady(bus: BusAddress, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (happenedRecently(env, 'secret-service-hung', bus.socketPath)) return false;
  const state = await askSecretService(bus.socketPath, BUS_DEADLINE_MS);
  if (state === 'hung') rememberEvent(env, 'secret-service-hung', bus.socketPath);
  return state === 'ready';
}

/** Asks again before a call that comes late: the collection may have been locked since. */
function guard(store: CredentialStore, isStillReady: () => Promise<boolean>): CredentialStore {
  let askedAt = performance.now();
  const ready = async (): Promise<boolean> => {
    if (performance.now() - askedAt < BELIEVED_MS) return true;
    askedAt = performance.now();
    return isStillReady();
  };
  const demandReady = async (): Promise<void> => {
    if (!(await ready())) throw new Error('the Secret Service is locked or does not answer');
  };
  return {
    name: store.name,
    async get(key) {
      await demandReady();
      return store.get(key);
    },
    async set(key, secret, expiresAt) {
      await demandReady();
      await store.set(key, secret, expiresAt);
    },
    async delete(key) {
      await demandReady();
      await store.delete(key);
    },
  };
}

/**
 * The kernel keeps it in memory, in the person's persistent keyring, so all sessions of a person share it; not allowed in
 * most containers, where this throws. The look for an item that is never there has to come first: it is what makes the
 * library link the persistent keyring to this process. Outside a session keyring (cron, a bare container) a write
 * without it is refused, and leaves an item behind that makes every later look-up fail (measured).
 */
async function openKernelKeyring(): Promise<CredentialStore> {
  const { nativeStore } = await import('./nativeStore.ts');
  const store = nativeStore('kernel keyring', { linux: { store: 'keyutils' } });
  await store.get('never there');
  return store;
}
