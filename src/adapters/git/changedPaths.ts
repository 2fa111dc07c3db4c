/** Paths in which commits differ from one of their parents. */
import type { CommitPair } from '../../ports.ts';
import { lineJoiner } from './lineJoiner.ts';
import { startRawGit } from './rawGit.ts';

/**
 * `COMMIT NUL (STATUS NUL PATH NUL)*`: no path can pass for a commit, since each one follows its letter. Changed submodules
 * are changes, whatever settings or a `.gitmodules` that is checked out want left out. `only`: no other path than this one.
 * Gives in words why there is no answer; a folder that holds itself in 256 ways, eight times over, is a push of 100 kB.
 */
export async function changedPaths(
  env: NodeJS.ProcessEnv,
  pairs: readonly CommitPair[],
  only: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]> | string> {
  const changes = new Map<string, string[]>();
  if (pairs.length === 0) return changes;
  const git = startRawGit([...ARGS, ...(only === undefined ? [] : ['--', only])], env);
  const lines = pairs.map(({ commit, parent }) => (parent === undefined ? commit : `${commit} ${parent}`));
  git.child.stdin.end(`${lines.join('\n')}\n`);
  try {
    let paths: string[] = [];
    let isPath = false;
    let [count, bytes] = [0, 0];
    const joiner = lineJoiner('\0');
    for await (const chunk of git.child.stdout.setEncoding('utf8')) {
      bytes += chunk.length;
      for (const token of joiner.add(chunk)) {
        if (isPath) paths.push(token);
        else if (token.length > 1) {
          paths = [];
          changes.set(token, paths);
        }
        isPath = !isPath && token.length === 1;
        count += 1;
      }
      if (count > 2 * MAX_CHANGED_PATHS || bytes > MAX_CHANGED_PATH_BYTES) return 'its answer is too long';
    }
    if ((await git.ended) !== 0) return git.said();
  } finally {
    git.stop();
  }
  return pairs.every(({ commit }) => changes.has(commit)) ? changes : 'it left out a commit';
}

/** Of all commits of a push together: an import of 400,000 files has 32 MB of them. */
const MAX_CHANGED_PATHS = 1_000_000;
const MAX_CHANGED_PATH_BYTES = 64 << 20;

const ARGS = [
  ...['--literal-pathspecs', 'diff-tree', '--stdin', '-r', '-z', '--name-status', '--root', '--always'],
  ...['--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'],
];
