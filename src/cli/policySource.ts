/** Which ref of a clone the policy is read from, where nobody named one. It only proposes: whoever trusts it is shown it. */
import { runGit } from '../adapters/git/runGit.ts';
import { SignetError } from '../errors.ts';

/**
 * What the remote calls its own; else the only branch main or master of a remote; else what the current branch follows.
 * Throws SignetError `usage` with the names to choose from.
 */
export function proposeSource(env: NodeJS.ProcessEnv): string {
  const [own] = ask(['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD'], env);
  if (own !== undefined) return own;
  const patterns = ['refs/remotes/*/main', 'refs/remotes/*/master'];
  const usual = ask(['for-each-ref', '--format=%(refname)', ...patterns], env);
  const [only] = usual;
  if (only !== undefined && usual.length === 1) return only;
  const [followed] = ask(['rev-parse', '--symbolic-full-name', '@{upstream}'], env);
  if (followed !== undefined) return followed;
  throw new SignetError(
    'usage',
    only === undefined
      ? 'No branch main or master of a remote is here to read the policy from.'
      : 'The policy can be read from more than one branch here.',
    hintFor(usual, env),
  );
}

/** The names that are there; in a repository without remotes, the branch that is checked out. */
function hintFor(usual: readonly string[], env: NodeJS.ProcessEnv): string {
  if (usual.length > 0) return `Add one of: ${usual.map((ref) => `--ref ${ref}`).join(', ')}`;
  const [remote] = ask(['remote'], env);
  const [branch = 'refs/heads/main'] = ask(['symbolic-ref', '--quiet', 'HEAD'], env);
  if (remote === undefined) return `There is no remote. To read it from your own branch, add --ref ${branch}`;
  return `Fetch first: git fetch ${remote}. Or add the full name of another branch, as in --ref ${branch.replace('refs/heads/', `refs/remotes/${remote}/`)}`;
}

/** Lines of git's answer; none where it fails. */
function ask(args: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  try {
    return runGit(args, env).split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
