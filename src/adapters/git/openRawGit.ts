/** A repository of whose objects many are asked for. */
import type { ObjectFormat } from '../../core/verdict.ts';
import { SignetError } from '../../errors.ts';
import { complaintOf } from './callGit.ts';
import { rememberCommonFolder } from './commonFolder.ts';
import { callRawGit, type GitStream, startRawGit } from './rawGit.ts';
import { ADVICE_ON_OTHERS, isOthers } from './runGit.ts';

export interface RawGit {
  readonly objectFormat: ObjectFormat;
  /** Standard output as text; throws SignetError `usage` with git's own words on failure. */
  run(args: readonly string[]): string;
  start(args: readonly string[]): GitStream;
}

/**
 * Opens the repository of the current folder. `known`: how it names objects, where somebody has said so; what has another
 * name than its bytes is not read then. Throws SignetError `usage` where there is none.
 */
export function openRawGit(env: NodeJS.ProcessEnv, known?: ObjectFormat): RawGit {
  const run = (args: readonly string[]): string => {
    const { status, stdout, stderr, error } = callRawGit(args, env);
    if (status === 0) return stdout.toString('utf8');
    throw gitFailed(complaintOf(stderr), error);
  };
  const objectFormat = known ?? askFormat(run, env);
  if (objectFormat !== 'sha1' && objectFormat !== 'sha256') {
    throw new SignetError(
      'usage',
      `The repository names objects by ${objectFormat}.`,
      'Only SHA-1 and SHA-256 are known.',
    );
  }
  return { objectFormat, run, start: (args) => startRawGit(args, env) };
}

/** Where the repository lies is what judging asks next, and asking git takes as long as five signatures. */
function askFormat(run: RawGit['run'], env: NodeJS.ProcessEnv): string {
  const answer = run(['rev-parse', '--show-object-format', '--path-format=absolute', '--git-common-dir']);
  const end = answer.indexOf('\n');
  rememberCommonFolder(env, answer.slice(end + 1).replace(/\n$/, ''));
  return answer.slice(0, end);
}

/** With advice on what git said. */
export function gitFailed(said: string, cause?: unknown): SignetError {
  return new SignetError('usage', `git could not read the repository: ${said}.`, adviceOn(said), cause);
}

function adviceOn(said: string): string {
  if (said.startsWith('not a git repository')) return 'Run it inside of one.';
  if (isOthers(said)) return ADVICE_ON_OTHERS;
  if (said === "bad revision 'HEAD'") return 'Is there no commit yet? Else name a commit, a tag or a range.';
  return 'Name a commit, a tag or a range of a repository that is here.';
}
