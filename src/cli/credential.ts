/** The credential to sign with: the cached one, else a new one by logging in (loaded then). */
import { parseInstance } from '../adapters/instance.ts';
import { openCredentialStore } from '../adapters/keychain/openCredentialStore.ts';
import { parseIdToken } from '../adapters/oidc/idToken.ts';
import type { Settings } from '../adapters/settings.ts';
import { withServices } from '../adapters/trust/services.ts';
import { credentialKey, loadCredential } from '../app/credentialCache.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Credential, CredentialStore, IdToken, Instance } from '../ports.ts';

/** What is known when a credential is wanted. */
export interface Wanted {
  readonly env: NodeJS.ProcessEnv;
  readonly instance: Instance;
  readonly trust: Trust;
  /** From the environment; used instead of a login. */
  readonly idToken: IdToken | undefined;
  readonly store: CredentialStore | undefined;
  /** Where in the store it belongs. */
  readonly key: string;
  /** The address in the payload's committer or tagger line; undefined outside signing. */
  readonly committer: string | undefined;
}

/** Variables that may hold an ID token, the first one first. */
const ID_TOKEN_VARIABLES = ['SIGNET_ID_TOKEN', 'SIGSTORE_ID_TOKEN'] as const;

/** Finds out what a credential has to be, and where it is kept. Throws `config`, `token-invalid`. */
export async function prepareCredential(
  settings: Settings,
  trust: Trust,
  committer?: string,
): Promise<Wanted> {
  const { env } = settings;
  const { instance, warnings } = parseInstance(await withServices(settings));
  if (warnings.length > 0) {
    const { tellWarnings } = await import('./tellPerson.ts');
    tellWarnings(warnings, env);
  }
  const idToken = readIdToken(env);
  const store = await openCredentialStore(env);
  return { env, instance, trust, idToken, store, key: credentialKey(instance, idToken), committer };
}

/** The cached credential, or undefined. */
export async function findCredential({
  store,
  key,
  idToken,
  trust,
}: Wanted): Promise<Credential | undefined> {
  if (store === undefined) return undefined;
  return loadCredential(store, key, { now: new Date(), login: idToken, trustDigest: trust.digest });
}

/** The cached credential, or a new one. Throws SignetError. */
export async function obtainCredential(wanted: Wanted): Promise<Credential> {
  const cached = await findCredential(wanted);
  if (cached !== undefined) return cached;
  const { newCredential } = await import('./newCredential.ts');
  return newCredential(wanted, { forParent: true });
}

/** The ID token of the environment. Throws `token-invalid`. */
export function readIdToken(env: NodeJS.ProcessEnv): IdToken | undefined {
  const name = ID_TOKEN_VARIABLES.find((variable) => env[variable]?.trim());
  return name === undefined ? undefined : parseIdToken(env[name] ?? '', name);
}
