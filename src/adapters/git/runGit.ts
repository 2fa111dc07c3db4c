/** git as the person themselves would run it. */
import { SignetError } from '../../errors.ts';
import { callGit, complaintOf } from './callGit.ts';

/** Standard output of a git command. Throws SignetError `usage` with git's own words on failure. */
export function runGit(args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr, error } = callGit(args, env);
  if (status === 0) return stdout.toString('utf8');
  const said = complaintOf(stderr);
  throw new SignetError('usage', `git ${args[0]} failed: ${said}`, adviceOn(said), error);
}

/** Whether git refuses a repository because somebody else owns it (git-config(1), safe.directory). */
export function isOthers(said: string): boolean {
  return said.startsWith('detected dubious ownership');
}

export const ADVICE_ON_OTHERS =
  'It belongs to somebody else. If you trust them with what your git runs: git config --global --add safe.directory FOLDER';

function adviceOn(said: string): string {
  if (isOthers(said)) return ADVICE_ON_OTHERS;
  if (said.includes('git repository'))
    return 'Run it inside a repository, or with --global where that is meant.';
  return 'See whether you may write there, and what git says about its configuration.';
}
