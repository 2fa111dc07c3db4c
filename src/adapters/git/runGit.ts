/** Running git for its output; never on the hot path, which has readConfig.ts. */
import { spawnSync } from 'node:child_process';
import { SignetError } from '../../errors.ts';
import { childEnvironment } from '../childEnvironment.ts';
import { findGit } from './findGit.ts';

/** Standard output of a git command. Throws SignetError `usage` with git's own first line on failure. */
export function runGit(args: readonly string[], env: NodeJS.ProcessEnv): string {
  const git = findGit(env);
  const result = spawnSync(git, args, {
    env: childEnvironment(env),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return result.stdout;
  const said = (result.stderr ?? '').trim().split('\n')[0] ?? '';
  throw new SignetError(
    'usage',
    `git ${args[0]} failed: ${said}`,
    said.includes('git repository')
      ? 'Run it inside a repository, or with --global where that is meant.'
      : 'See whether you may write there, and what git says about its configuration.',
    result.error,
  );
}
