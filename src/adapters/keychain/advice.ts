import { happenedRecently, rememberEvent } from './recentEvents.ts';

/** What helps wherever a keychain does not. */
export const HOLD = 'git-signet login --hold: a process keeps the credential in memory until it expires';

/** What to tell a person whose machine has no place for credentials, and what can be done about it. */
export function adviceWithoutKeychain(): string {
  const what = 'No keychain can be used here, so each signature needs its own login.';
  if (process.platform === 'win32')
    return `${what} (Windows gives none to network logons, such as ssh by key.)`;
  if (process.platform !== 'linux') return `${what} Remedy: ${HOLD}`;
  return [
    `${what} Remedies, any one of them:`,
    `  ${HOLD}`,
    '  keyctl session - bash: a shell with a kernel keyring session (package keyutils)',
    '  gnome-keyring, or another Secret Service on the D-Bus session bus, unlocked',
  ].join('\n');
}

/** Whether to say that there is no keychain: true once in ten minutes (or each time where nothing can be remembered). */
export function shouldAnnounceNoKeychain(env: NodeJS.ProcessEnv): boolean {
  if (happenedRecently(env, 'no-keychain-said', '')) return false;
  rememberEvent(env, 'no-keychain-said', '');
  return true;
}
