/** Fetching what the gate reads from the clone's own server: the policy's ref, what is judged, and notes with log entries. */
import { SignetError } from '../../errors.ts';
import { callGit, complaintOf } from '../git/callGit.ts';

export interface FetchRequest {
  /** Full names on the server. Branches come as refs/remotes/origin/…, tags as they are. */
  readonly refs: readonly string[];
  /** Ids of commits that no ref may lead to any more; what is here is not asked for. */
  readonly commits: readonly string[];
  /** For https; empty to use what the clone has. */
  readonly token: string;
}

/** Fetches from `origin`. Throws SignetError `service-unreachable` where a ref of it cannot be had. */
export function fetchForGate(env: NodeJS.ProcessEnv, { refs, commits, token }: FetchRequest): void {
  const fetching = { ...env, GIT_TERMINAL_PROMPT: '0', ...authorization(env, token) };
  const fetch = (refspecs: readonly string[]): string | undefined => {
    const args = [...OPTIONS, 'origin', ...refspecs];
    const { status, stderr } = callGit(args, fetching, { timeout: TIMEOUT_MS });
    return status === 0 ? undefined : complaintOf(stderr);
  };
  const failed = fetch([...refs.map(toRefspec), NOTES]);
  if (failed !== undefined) {
    throw new SignetError(
      'service-unreachable',
      `The policy and its branch cannot be fetched from origin: ${failed}`,
      'Check out the repository before this step, and let its token read contents.',
    );
  }
  // One that is gone is a finding later: it is no use to say here that it is missing.
  for (const oid of commits.filter((one) => !isHere(env, one))) fetch([oid]);
}

/** No other command of git's starts besides; protocol 2 gives commits by their ids. */
const OPTIONS = [
  ...['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'protocol.version=2'],
  ...['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'],
];

/** A pattern, since a name that is not there would be an error. */
const NOTES = '+refs/notes/signe*:refs/notes/signe*';

const TIMEOUT_MS = 600_000;

function toRefspec(ref: string): string {
  return `+${ref}:${ref.replace(/^refs\/heads\//, 'refs/remotes/origin/')}`;
}

function isHere(env: NodeJS.ProcessEnv, oid: string): boolean {
  return callGit(['cat-file', '-e', oid], env).status === 0;
}

/**
 * The token as actions/checkout hands it on, to that server alone, but by the environment: not in a file, not in the
 * arguments. The empty value takes back what the clone has, since GitHub refuses two.
 */
function authorization(env: NodeJS.ProcessEnv, token: string): NodeJS.ProcessEnv {
  const server = `${(env['GITHUB_SERVER_URL'] ?? '').replace(/\/*$/, '')}/`;
  const origin = String(callGit(['remote', 'get-url', 'origin'], env).stdout);
  if (token === '' || !/^https?:\/\/[^/@]+\/$/.test(server) || !origin.startsWith(server)) return {};
  const key = `http.${server}.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  const values = ['', `AUTHORIZATION: basic ${basic}`];
  const start = Number(env['GIT_CONFIG_COUNT'] ?? '0') || 0;
  const pairs = values.flatMap((value, i) => [
    [`GIT_CONFIG_KEY_${start + i}`, key],
    [`GIT_CONFIG_VALUE_${start + i}`, value],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(start + values.length) };
}
