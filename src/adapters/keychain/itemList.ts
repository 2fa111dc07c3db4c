/**
 * Which items of ours a keychain holds, in one more item. Keychains keep what they get until somebody removes it, and an
 * item is looked for by its own login alone: what ended would stay for ever after a login that does not come back. The
 * kernel gives a person 20,000 bytes in all, so after 17 of them nothing would be kept any more (measured).
 */

/** One item of a keychain, as `Entry` of @napi-rs/keyring. */
interface Item {
  getSecret(): ArrayLike<number> | null;
  setSecret(secret: Uint8Array): void;
  deleteCredential(): boolean;
}

/** Its key: those of credentials are 64 hex digits. */
const LIST = 'items';

/**
 * Puts an item on the list, before it is kept, and removes those on it that have ended. Never throws: without a list the
 * item is kept all the same. Of two processes at the same moment the list may forget the item of one.
 */
export function listItem(itemOf: (key: string) => Item, key: string, expiresAt: Date): void {
  try {
    const others = parseList(itemOf(LIST).getSecret()).filter((listed) => listed.key !== key);
    const live = others.filter((listed) => listed.endsAt > Date.now());
    for (const ended of others.filter((listed) => !live.includes(listed))) {
      itemOf(ended.key).deleteCredential();
    }
    const lines = [...live, { key, endsAt: expiresAt.getTime() }].map(
      (item) => `${item.key} ${item.endsAt}\n`,
    );
    itemOf(LIST).setSecret(Buffer.from(lines.join('')));
  } catch {
    // see above
  }
}

/** Lines of `key milliseconds`; others are passed over. */
function parseList(secret: ArrayLike<number> | null): readonly { key: string; endsAt: number }[] {
  const text = secret === null ? '' : Buffer.from(Uint8Array.from(secret)).toString('latin1');
  return [...text.matchAll(/^(\S+) (\d{1,16})$/gm)].map(([, key = '', endsAt]) => ({
    key,
    endsAt: Number(endsAt),
  }));
}
