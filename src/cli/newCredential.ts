/** A new credential: one login, one certificate, kept until it ends. Loaded only when there is none. */
import { fulcio } from '../adapters/fulcio.ts';
import { adviceWithoutKeychain, HOLD, shouldAnnounceNoKeychain } from '../adapters/keychain/advice.ts';
import { withLock } from '../adapters/lock.ts';
import { refuseExpired } from '../adapters/oidc/idToken.ts';
import { loginByBrowser } from '../adapters/oidc/login.ts';
import { noticeBeforeLogin, rememberNotice } from '../adapters/publicNotice.ts';
import { readSettings } from '../adapters/settings.ts';
import { escapeForTerminal, openTerminal, type Terminal } from '../adapters/terminal.ts';
import { parseTrustChoice } from '../adapters/trust/choice.ts';
import { refreshTrust } from '../adapters/tuf/refresh.ts';
import { saveCredential } from '../app/credentialCache.ts';
import { requestCredential } from '../app/requestCredential.ts';
import { SignetError } from '../errors.ts';
import type { Credential, IdentityProvider, IdToken } from '../ports.ts';
import { findCredential, type Wanted } from './credential.ts';
import { wrapText } from './wrap.ts';

/** Longer than a login may take, so that whoever waits for another's login gets its credential. */
const LOCK_TIMEOUT_MS = 200_000;

/** With a token nobody is waited for: the whole call has to end within 30 s, other signers' waiting included. */
const LOCK_TIMEOUT_WITH_TOKEN_MS = 4_000;

/** How the person is asked; `device` shows a code to type on any other device. */
export interface LoginMethod {
  readonly method?: 'browser' | 'device';
  /** Whether nobody is served any more once the program that started this one is gone, as git is where an editor ended it. */
  readonly forParent?: boolean;
}

/** How often to look whether it is gone. */
const PARENT_LOOK_MS = 500;

/** Gets a credential for what is wanted, one process at a time. Throws SignetError. */
export async function newCredential(wanted: Wanted, how: LoginMethod = {}): Promise<Credential> {
  const terminal = openTerminal(wanted.env);
  const cancelled = whenCancelled(how.forParent === true);
  try {
    const timeoutMs = wanted.idToken === undefined ? LOCK_TIMEOUT_MS : LOCK_TIMEOUT_WITH_TOKEN_MS;
    const onWait = (): void => tell(terminal, ['Another git-signet is logging in: waiting for it.']);
    const patience = { timeoutMs, signal: cancelled.signal, onWait };
    return await withLock(wanted.env, `login-${wanted.key.slice(0, 16)}`, patience, async () => {
      const credential =
        (await findCredential(wanted)) ?? (await logInAndRequest(wanted, how, terminal, cancelled.signal));
      // Also where nobody was looking at the signal when it came.
      cancelled.signal.throwIfAborted();
      return credential;
    });
  } finally {
    cancelled.dispose();
    terminal?.close();
  }
}

async function logInAndRequest(
  wanted: Wanted,
  how: LoginMethod,
  terminal: Terminal | undefined,
  signal: AbortSignal,
): Promise<Credential> {
  const { env, instance, trust, store, key } = wanted;
  // Where nobody can read it, it is not used up for those who could.
  if (store === undefined && terminal !== undefined && shouldAnnounceNoKeychain(env))
    tell(terminal, adviceWithoutKeychain().split('\n'));
  const besides = wanted.idToken === undefined ? lookAfterTrust(env) : undefined;
  const idToken = await identityProvider(wanted, how, terminal)
    .requestIdToken(signal)
    .finally(() => besides?.abort());
  const ca = fulcio(instance.fulcioUrl, { insecureHttp: instance.insecureHttp });
  const credential = await requestCredential({ ca, idToken, trust, clock: () => new Date(), signal });
  tell(terminal, describeCredential(credential, wanted));
  if (store === undefined) return credential;
  const kept = await saveCredential(store, key, { credential, login: idToken, trustDigest: trust.digest });
  if (!kept && wanted.idToken === undefined)
    tell(terminal, [`It could not be kept in: ${store.name}. Remedy: ${HOLD}`]);
  return credential;
}

/**
 * Brings trust up to date while the person is busy logging in, for the next time; given up when they are done.
 * Whatever goes wrong is said by the commands that are asked about it.
 */
function lookAfterTrust(env: NodeJS.ProcessEnv): AbortController {
  const controller = new AbortController();
  const { signal } = controller;
  const choice = parseTrustChoice(readSettings(env));
  refreshTrust(choice, env, { offline: false, login: true, signal }).catch(() => {});
  return controller;
}

/** The token from the environment, or a person: told once per instance what becomes public. */
function identityProvider(
  wanted: Wanted,
  how: LoginMethod,
  terminal: Terminal | undefined,
): IdentityProvider {
  const { env, instance, idToken } = wanted;
  if (idToken !== undefined) return { requestIdToken: async () => refuseExpired(idToken, new Date()) };
  const notice = noticeBeforeLogin(wanted);
  for (const line of notice) terminal?.writeLine(wrapText(`git-signet: ${escapeForTerminal(line)}`, 12, 79));
  const login = loginByBrowser(instance, { env, clock: () => new Date(), terminal, notice, ...how });
  return {
    async requestIdToken(signal: AbortSignal): Promise<IdToken> {
      const token = await login.requestIdToken(signal);
      rememberNotice(wanted);
      return token;
    },
  };
}

function describeCredential(
  { identity, notAfter }: Credential,
  { committer, trust }: Wanted,
): readonly string[] {
  const sandbox = trust.sandbox ? ' [sandbox]' : '';
  const until = notAfter.toTimeString().slice(0, 5);
  const lines = [`Signing as ${identity.subject.value} (${identity.issuer})${sandbox} until ${until}.`];
  if (committer !== undefined && committer !== identity.subject.value) {
    lines.push(`Note: the committer of what is signed is ${committer}, not ${identity.subject.value}.`);
  }
  return lines;
}

function tell(terminal: Terminal | undefined, lines: readonly string[]): void {
  for (const line of lines) terminal?.writeLine(`git-signet: ${escapeForTerminal(line)}`);
}

/**
 * Ctrl-C and SIGTERM end the login in order: no listener, no half-made file, exit 4. So does the end of the parent: what
 * it left behind would hold the lock, and with it the person's next signature, until nobody is waited for any more.
 */
function whenCancelled(withParent: boolean): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const cancel = (): void => {
    controller.abort(
      new SignetError(
        'login-cancelled',
        'The login was cancelled.',
        'Nothing was signed; start again when you like.',
      ),
    );
  };
  const parent = process.ppid;
  const look = (): void => {
    if (withParent && process.ppid !== parent) cancel();
  };
  const timer = setInterval(look, PARENT_LOOK_MS).unref();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, cancel);
  return {
    signal: controller.signal,
    dispose: () => {
      clearInterval(timer);
      for (const name of names) process.removeListener(name, cancel);
    },
  };
}
