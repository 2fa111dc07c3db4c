/** Whether who commits is who signs, and what the newest commit tells of the clock. */
import { openHistory } from '../../adapters/git/history.ts';
import { parseInstance } from '../../adapters/instance.ts';
import { openCredentialStore } from '../../adapters/keychain/openCredentialStore.ts';
import { MATCH_COMMITTER } from '../../adapters/matchCommitter.ts';
import { readBoolean, type Settings } from '../../adapters/settings.ts';
import { withServices } from '../../adapters/trust/services.ts';
import { credentialKey, loadCredential } from '../../app/credentialCache.ts';
import type { Judged } from '../../app/verifyObjects.ts';
import { committerAddress } from '../../core/gitObject.ts';
import { isoTime } from '../../core/isoTime.ts';
import { MAX_CLOCK_SKEW_MS } from '../../core/limits.ts';
import type { Trust } from '../../core/trustedRoot.ts';
import type { Identity } from '../../core/verdict.ts';
import { EXIT, isSignetError } from '../../errors.ts';
import { openJudging } from '../judging.ts';
import { type Examined, type Finding, ok, warn, wrong } from './finding.ts';

/** The commit that HEAD names, judged without asking anybody; undefined where there is none that could be. */
export async function judgeHead({ env, place, git, trust }: Examined): Promise<Judged | undefined> {
  const head = git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (place === 'nothing' || head === undefined || trust === undefined) return undefined;
  try {
    const { judge } = await openJudging(env, { offline: true, cache: false });
    const { objects } = openHistory({ revs: [head], all: false, tags: false }, env);
    for await (const judged of judge(objects)) return judged;
  } catch (error) {
    // A trust that ended, a policy that is broken: each is told by who looks at it.
    if (!isSignetError(error)) throw error;
  }
  return undefined;
}

/** Forges and policies compare the committer with the signer: another address is a surprise for somebody. */
export async function examineIdentity(
  { env, git, settings, trust, place }: Examined,
  head: Judged | undefined,
): Promise<readonly Finding[]> {
  if (settings === undefined || place === 'bare repository') return [];
  const email = git('config', '--get', 'user.email') ?? '';
  if (email === '')
    return [warn('identity', 'user.email is not set.', 'Run git config --global user.email YOU@EXAMPLE.COM')];
  const now = trust === undefined ? undefined : await loggedInAs(settings, trust, env);
  const before = now === undefined && isBy(head, email) ? signerOf(head) : undefined;
  const identity = now ?? before;
  if (identity === undefined) return [ok('identity', `commits as ${email}; nobody is logged in`)];
  const { type, value } = identity.subject;
  const who = `${value} (${identity.issuer})`;
  if (type !== 'email' || value === email)
    return [ok('identity', `commits as ${email}; ${now ? 'signs' : 'signed last'} as ${who}`)];
  const text = `user.email is ${email}, but ${now ? 'you are logged in' : 'you signed last'} as ${who}.`;
  const remedy = `Run git config user.email ${value}, or log in as ${email}: git-signet logout`;
  const isRefused = now !== undefined && readBoolean(MATCH_COMMITTER, settings);
  return [isRefused ? wrong('identity', text, remedy) : warn('identity', text, remedy)];
}

/** Without any server only a clock that is behind can be told: the log has seen a later time. */
export function examineClockByHead(head: Judged | undefined): readonly Finding[] {
  const verdict = head?.verdict;
  if (verdict === undefined || !('signedAt' in verdict))
    return [ok('clock', 'nothing here to compare it with but a server, where --online reaches one')];
  const { signedAt } = verdict;
  const aheadMs = signedAt.getTime() - Date.now();
  if (aheadMs <= MAX_CLOCK_SKEW_MS)
    return [
      ok('clock', `not before the newest signature here, ${isoTime(signedAt)}; --online asks a server`),
    ];
  const text = `This machine's clock says ${isoTime(new Date())}, but HEAD was signed at ${isoTime(signedAt)}.`;
  return [wrong('clock', text, "Set this machine's clock.", EXIT.service)];
}

async function loggedInAs(
  settings: Settings,
  trust: Trust,
  env: NodeJS.ProcessEnv,
): Promise<Identity | undefined> {
  const store = await openCredentialStore(env);
  if (store === undefined) return undefined;
  const key = credentialKey(parseInstance(await withServices(settings)).instance);
  return (await loadCredential(store, key, { now: new Date(), trustDigest: trust.digest }))?.identity;
}

function isBy(head: Judged | undefined, email: string): boolean {
  return head !== undefined && committerAddress(head.object.raw) === email;
}

function signerOf(head: Judged | undefined): Identity | undefined {
  return head !== undefined && 'signer' in head.verdict ? head.verdict.signer?.identity : undefined;
}
