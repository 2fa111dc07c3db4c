import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/**
 * Where the identity provider keeps codes, sessions and logins that are under way: in memory, since none of
 * them outlives the minutes of a login. One storage per provider.
 */
export function createOidcStorage(): AdapterFactory {
  const stored = new Map<string, { readonly payload: AdapterPayload; readonly expiresAt: number }>();
  const find = (wanted: (key: string, payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    for (const [key, { payload, expiresAt }] of stored) {
      if (expiresAt <= Date.now()) stored.delete(key);
      else if (wanted(key, payload)) return payload;
    }
    return undefined;
  };
  return (model: string): Adapter => {
    const keyOf = (id: string) => `${model}:${id}`;
    const isOurs = (key: string) => key.startsWith(keyOf(''));
    return {
      upsert: async (id, payload, expiresIn = MAX_SECONDS) => {
        stored.set(keyOf(id), { payload, expiresAt: Date.now() + expiresIn * 1000 });
      },
      find: async (id) => find((key) => key === keyOf(id)),
      findByUid: async (uid) => find((key, payload) => isOurs(key) && payload.uid === uid),
      findByUserCode: async (code) => find((key, payload) => isOurs(key) && payload.userCode === code),
      consume: async (id) => {
        const found = stored.get(keyOf(id));
        if (found !== undefined) found.payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => {
        stored.delete(keyOf(id));
      },
      revokeByGrantId: async (grantId) => {
        for (const [key, { payload }] of stored) if (payload.grantId === grantId) stored.delete(key);
      },
    };
  };
}

const MAX_SECONDS = 24 * 60 * 60;
