/** git as the person themselves would run it. */
import { SignetError } from '../../errors.ts';
import { callGit, complaintOf } from './callGit.ts';

/** Standard output of a git command. Throws SignetError `usage` with git's own words on failure. */
export function runGit(args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr, error } = callGit(args, env);
  if (status === 0) return stdout.toString('utf8');
  const said = complaintOf(stderr);
  throw new SignetError(
    'usage',
    `git ${args[0]} failed: ${said}`,
    said.includes('git repository')
      ? 'Run it inside a repository, or with --global where that is meant.'
      : 'See whether you may write there, and what git says about its configuration.',
    error,
  );
}
