import { randomBytes } from 'node:crypto';
import { isSignetError, SignetError } from '../../errors.ts';
import type { Clock, IdentityProvider, IdToken, Instance } from '../../ports.ts';
import { browserPossible, openBrowser } from '../browser.ts';
import type { Terminal } from '../terminal.ts';
import { type Callback, type CallbackListener, listenForCallback } from './callback.ts';
import { failurePage, noticePage, successPage } from './page.ts';
import { say, showCode, showUrl } from './prompt.ts';

export interface LoginOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Where the person is spoken to; undefined where there is none. The caller opens and closes it. */
  readonly terminal: Terminal | undefined;
  /** `device`: the person types a code on any other device. Default `browser`. */
  readonly method?: 'browser' | 'device';
  /** Shown in the browser before the login page where there is no terminal that could have shown it. */
  readonly notice?: readonly string[];
  /** How long the person is waited for. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 180_000;

/** Everything one login needs; `signal` aborts with a SignetError only. */
interface Login {
  readonly instance: Instance;
  readonly options: LoginOptions;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/**
 * Lets a person log in at the instance's OpenID provider. The ID token that comes out passed every check: its
 * signature, issuer, audience, times, nonce, at_hash and a verified e-mail address. Throws `login-impossible`
 * (within a second where nobody can be asked), `login-cancelled`, `login-refused`, `login-timeout`,
 * `token-invalid`, `config` or one of the service errors.
 */
export function loginByBrowser(instance: Instance, options: LoginOptions): IdentityProvider {
  return {
    requestIdToken: async (signal) => {
      const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
      const cancelled = cancellation(signal);
      const login = { instance, options, timeoutMs, signal: cancelled.signal };
      try {
        return await (options.method === 'device' ? logInByDevice(login) : logInByBrowser(login));
      } catch (error) {
        throw cancelled.signal.aborted ? cancelled.signal.reason : error;
      } finally {
        cancelled.dispose();
      }
    },
  };
}

async function logInByBrowser(login: Login): Promise<IdToken> {
  const { instance, options, signal } = login;
  signal.throwIfAborted();
  if (!options.terminal && !browserPossible(options.env)) throw nobodyToAsk();
  const state = randomBytes(32).toString('base64url');
  const listener = await listenForCallback(instance.redirectUrl, state);
  try {
    const { startCodeFlow } = await import('./provider.ts');
    const flow = await startCodeFlow({ instance, clock: options.clock, signal }, listener.redirectUrl, state);
    const callback = await askInBrowser(login, flow.url, listener);
    return await answerAfter(callback, flow.redeem(callback.url), signal);
  } finally {
    await listener.close();
  }
}

/** Shows the URL where it can be seen, and waits for the answer to come from a browser or to be pasted. */
async function askInBrowser(login: Login, url: string, listener: CallbackListener): Promise<Callback> {
  const { env, terminal, notice = [] } = login.options;
  const first = terminal || notice.length === 0 ? url : listener.serve(noticePage(notice, url));
  const opened = browserPossible(env) && (await openBrowser(first, env));
  if (!opened && !terminal) throw nobodyToAsk();
  if (terminal) showUrl(terminal, { url, opened, port: listener.port });
  const done = new AbortController();
  const ways = [listener.callback];
  if (terminal && !opened) ways.push(pasted(terminal, listener, done.signal));
  try {
    return await within(login, Promise.race(ways));
  } finally {
    done.abort();
  }
}

/** Never settles by itself: a pasted URL arrives as the listener's callback. */
async function pasted(
  terminal: Terminal,
  listener: CallbackListener,
  signal: AbortSignal,
): Promise<Callback> {
  for await (const line of terminal.lines(signal)) {
    if (line.trim() === '') continue;
    if (listener.paste(line)) break;
    say(
      terminal,
      'That is not the address of the page this login ended at; paste it whole, from http:// on.',
    );
  }
  return listener.callback;
}

/** The browser is told the end only when it is known: after the token exchange. */
async function answerAfter(
  callback: Callback,
  exchange: Promise<IdToken>,
  signal: AbortSignal,
): Promise<IdToken> {
  try {
    const idToken = await exchange;
    await callback.reply(successPage(idToken.principal, idToken.issuer));
    return idToken;
  } catch (thrown) {
    const error = signal.aborted ? signal.reason : thrown;
    const known = isSignetError(error);
    await callback.reply(
      failurePage(known ? error.message : 'git-signet failed.', known ? error.hint : "Look at git's output."),
    );
    throw error;
  }
}

async function logInByDevice(login: Login): Promise<IdToken> {
  const { instance, options, signal } = login;
  const { terminal } = options;
  signal.throwIfAborted();
  if (!terminal) throw nobodyToAsk();
  const { startDeviceFlow } = await import('./provider.ts');
  // Not AbortSignal.any: in Node 20 what it makes can be collected before it fires.
  const ended = new AbortController();
  const cancel = () => ended.abort(signal.reason);
  signal.addEventListener('abort', cancel);
  const flow = await startDeviceFlow({ instance, clock: options.clock, signal: ended.signal });
  showCode(terminal, flow);
  const timeoutMs = Math.min(login.timeoutMs, flow.expiresInMs);
  try {
    return await within({ ...login, timeoutMs }, flow.poll());
  } finally {
    signal.removeEventListener('abort', cancel);
    ended.abort(timedOut());
  }
}

/** Waits for the person: until the time is up or the login is cancelled, whichever comes first. */
function within<T>({ timeoutMs, signal }: Login, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = () => end(() => reject(signal.reason));
    const timer = setTimeout(() => end(() => reject(timedOut())), timeoutMs);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      settle();
    };
    signal.addEventListener('abort', cancel);
    answer.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
    if (signal.aborted) cancel();
  });
}

/** The caller's signal with our own reason, which the HTTP client hands on as it is. */
function cancellation(signal: AbortSignal): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const cancel = () => controller.abort(isSignetError(signal.reason) ? signal.reason : cancelledByPerson());
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  return { signal: controller.signal, dispose: () => signal.removeEventListener('abort', cancel) };
}

function cancelledByPerson(): SignetError {
  return new SignetError(
    'login-cancelled',
    'The login was cancelled.',
    'Nothing was signed; start again when you like.',
  );
}

function timedOut(): SignetError {
  return new SignetError(
    'login-timeout',
    'Nobody logged in within the time limit.',
    'Run `git-signet login` first and sign afterwards, or start again.',
  );
}

function nobodyToAsk(): SignetError {
  return new SignetError(
    'login-impossible',
    'A login is needed, but there is neither a terminal nor a browser to ask anybody.',
    'Run `git-signet login` where there is one, or give an ID token in SIGSTORE_ID_TOKEN.',
  );
}
