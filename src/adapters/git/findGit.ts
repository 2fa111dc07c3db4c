import { SignetError } from '../../errors.ts';
import { findProgram } from '../findProgram.ts';

/** Absolute path of git, as whoever called us would find it. Throws SignetError `config` where there is none. */
export function findGit(env: NodeJS.ProcessEnv): string {
  const git = findProgram('git', env);
  if (git !== undefined) return git;
  throw new SignetError('config', 'git is not on the PATH.', 'Install git, or add its folder to PATH.');
}
