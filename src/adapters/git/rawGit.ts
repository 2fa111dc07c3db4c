/**
 * git as a reader of what is stored, nothing else: a repository is a stranger's, and several of its files would have
 * git show another object, another history, or start a program.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { SignetError } from '../../errors.ts';
import { childEnvironment } from '../childEnvironment.ts';
import { findGit } from './findGit.ts';

export type GitChild = ChildProcessByStdio<Writable, Readable, Readable>;

/** A repository, opened. */
export interface RawGit {
  readonly objectFormat: 'sha1' | 'sha256';
  /** Standard output as text; throws SignetError `usage` with git's own words on failure. */
  run(args: readonly string[]): string;
  /** Starts it with pipes on all three streams. */
  start(args: readonly string[]): GitChild;
}

/**
 * Opens the repository of the current folder. `known`: how it names objects, where somebody has said so; what has another
 * name than its bytes is not read then. Throws SignetError `usage` where there is none.
 */
export function openRawGit(env: NodeJS.ProcessEnv, known?: RawGit['objectFormat']): RawGit {
  const git = findGit(env);
  const options = { env: readingEnvironment(env), windowsHide: true } as const;
  const withSettings = (args: readonly string[]): readonly string[] => [
    '-c',
    'core.commitGraph=false',
    ...args,
  ];
  const run = (args: readonly string[]): string => {
    const result = spawnSync(git, withSettings(args), { ...options, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (result.status === 0) return result.stdout;
    throw gitFailed(result.stderr ?? '', result.error);
  };
  const format = known ?? run(['rev-parse', '--show-object-format']).trim();
  if (format !== 'sha1' && format !== 'sha256') {
    throw new SignetError(
      'usage',
      `The repository names objects by ${format}.`,
      'Only SHA-1 and SHA-256 are known.',
    );
  }
  return {
    objectFormat: format,
    run,
    start: (args) => spawn(git, withSettings(args), { ...options, stdio: ['pipe', 'pipe', 'pipe'] }),
  };
}

/** The first thing that git says went wrong. */
export function gitFailed(stderr: string, cause?: unknown): SignetError {
  const lines = stderr.split('\n').filter((line) => !line.startsWith('warning: '));
  const said = lines[0]?.replace(/^(fatal|error): /, '').trim();
  return new SignetError(
    'usage',
    `git could not read the repository: ${said || 'it did not say why'}.`,
    adviceOn(said ?? ''),
    cause,
  );
}

function adviceOn(said: string): string {
  if (said.startsWith('not a git repository')) return 'Run it inside of one.';
  if (said === "bad revision 'HEAD'") return 'Is there no commit yet? Else name a commit, a tag or a range.';
  return 'Name a commit, a tag or a range of a repository that is here.';
}

/**
 * No replacements (refs/replace), no grafts; nothing is fetched that a partial clone left out: a promisor's URL
 * is the repository's, and `ext::` in it is a command line. (The variable for that is known since git 2.45; without
 * any allowed protocol the older ones fail to fetch.)
 */
export function readingEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...childEnvironment(env),
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: devNull,
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}
