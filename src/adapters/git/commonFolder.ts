import { runGit } from './runGit.ts';

/** A process stays where it was started. */
const known = new WeakMap<NodeJS.ProcessEnv, string>();

/** For whoever has asked git already, together with something else. */
export function rememberCommonFolder(env: NodeJS.ProcessEnv, folder: string): void {
  known.set(env, folder);
}

/** Absolute path of the folder that all work trees of the repository share. Throws SignetError `usage` outside of one. */
export function commonFolder(env: NodeJS.ProcessEnv): string {
  const folder =
    known.get(env) ??
    runGit(['rev-parse', '--path-format=absolute', '--git-common-dir'], env).replace(/\n$/, '');
  known.set(env, folder);
  return folder;
}
