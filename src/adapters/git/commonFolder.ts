import { runGit } from './runGit.ts';

/** Absolute path of the folder that all work trees of the repository share. Throws SignetError `usage` outside of one. */
export function commonFolder(env: NodeJS.ProcessEnv): string {
  return runGit(['rev-parse', '--path-format=absolute', '--git-common-dir'], env).replace(/\n$/, '');
}
