/** Fetching what the gate reads from the clone's own server: the policy's ref, what is judged, and notes with log entries. */
import { spawnSync } from 'node:child_process';
import { SignetError } from '../../errors.ts';
import { childEnvironment } from '../childEnvironment.ts';
import { findGit } from '../git/findGit.ts';

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
  const git = findGit(env);
  const fetching = { ...childEnvironment(env), GIT_TERMINAL_PROMPT: '0', ...authorization(git, env, token) };
  const fetch = (refspecs: readonly string[]): string | undefined => {
    const args = [...OPTIONS, 'origin', ...refspecs];
    const { status, stderr } = spawnSync(git, args, { env: fetching, encoding: 'utf8', timeout: TIMEOUT_MS });
    if (status === 0) return undefined;
    return (stderr ?? '').split('\n').find((line) => /^(fatal|error):/.test(line)) ?? 'git fetch has failed';
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
  for (const oid of commits.filter((one) => !isHere(git, env, one))) fetch([oid]);
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

function isHere(git: string, env: NodeJS.ProcessEnv, oid: string): boolean {
  return (
    spawnSync(git, ['cat-file', '-e', oid], { env: childEnvironment(env), stdio: 'ignore' }).status === 0
  );
}

/**
 * The token as actions/checkout hands it on, to that server alone, but by the environment: not in a file, not in the
 * arguments. The empty value takes back what the clone has, since GitHub refuses two.
 */
function authorization(git: string, env: NodeJS.ProcessEnv, token: string): NodeJS.ProcessEnv {
  const server = `${(env['GITHUB_SERVER_URL'] ?? '').replace(/\/*$/, '')}/`;
  const asked = spawnSync(git, ['remote', 'get-url', 'origin'], {
    env: childEnvironment(env),
    encoding: 'utf8',
  });
  if (token === '' || !/^https?:\/\/[^/@]+\/$/.test(server) || !(asked.stdout ?? '').startsWith(server))
    return {};
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
