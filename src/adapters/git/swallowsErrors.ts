/** git before 2.41 throws away what a signing program says on standard error when it fails. */
import { runGit } from './runGit.ts';

/** Whether the git that calls us would hide our words; asked on failure only. */
export function gitSwallowsErrors(env: NodeJS.ProcessEnv): boolean {
  try {
    const [, major, minor] = /(\d+)\.(\d+)/.exec(runGit(['--version'], env)) ?? [];
    return Number(major) < 2 || (Number(major) === 2 && Number(minor) < 41);
  } catch {
    return false;
  }
}
