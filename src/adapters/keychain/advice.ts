import { happenedLately, rememberHappened } from './lately.ts';

/** What to tell a person whose machine has no place for credentials, and what can be done about it. */
export function adviceWithoutKeychain(): string {
  if (process.platform !== 'linux') {
    return 'No keychain can be used here, so each signature needs its own login. Remedy: git-signet login --hold keeps the credential in memory until it expires.';
  }
  return [
    'No keychain can be used here, so each signature needs its own login. Remedies, any one of them:',
    '  git-signet login --hold      keeps the credential in the memory of a process until it expires',
    '  keyctl session - bash        a shell with a kernel keyring session (package keyutils)',
    '  gnome-keyring                or another Secret Service on the D-Bus session bus, unlocked',
  ].join('\n');
}

/** Whether to say that there is no keychain: true once in ten minutes (or each time where nothing can be remembered). */
export function shouldAnnounceNoKeychain(env: NodeJS.ProcessEnv): boolean {
  if (happenedLately(env, 'no-keychain-said', '')) return false;
  rememberHappened(env, 'no-keychain-said', '');
  return true;
}
