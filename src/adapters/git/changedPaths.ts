/** Paths in which commits differ from one of their parents. */
import { lineJoiner } from './lineJoiner.ts';
import { startRawGit } from './rawGit.ts';

/** What is compared, both commits or both trees. */
export interface Compared {
  readonly commit: string;
  /** Undefined for a commit without parents: everything in it is a change. */
  readonly parent: string | undefined;
}

/**
 * By commit, of several pairs with the same one together; of trees by `COMMIT PARENT`. Changed submodules are changes,
 * whatever settings or a `.gitmodules` that is checked out want left out. `only`: no other path than this one. Gives in words
 * why there is no answer; a folder that holds itself in 256 ways, eight times over, is a push of 100 kB.
 */
export async function changedPaths(
  env: NodeJS.ProcessEnv,
  pairs: readonly Compared[],
  only: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]> | string> {
  const changes = new Map<string, string[]>();
  if (pairs.length === 0) return changes;
  const git = startRawGit([...ARGS, ...(only === undefined ? [] : ['--', only])], env);
  const lines = pairs.map(({ commit, parent }) => (parent === undefined ? commit : `${commit} ${parent}`));
  git.child.stdin.end(`${lines.join('\n')}\n`);
  try {
    const take = takeInto(changes);
    let [count, bytes] = [0, 0];
    const joiner = lineJoiner('\0');
    for await (const chunk of git.child.stdout.setEncoding('utf8')) {
      bytes += chunk.length;
      const tokens = joiner.add(chunk);
      count += tokens.length;
      for (const token of tokens) take(token);
      if (count > 2 * MAX_CHANGED_PATHS || bytes > MAX_CHANGED_PATH_BYTES) return 'its answer is too long';
    }
    take(joiner.rest());
    if ((await git.ended) !== 0) return git.said();
  } finally {
    git.stop();
  }
  const isThere = ({ commit, parent }: Compared) => changes.has(commit) || changes.has(`${commit} ${parent}`);
  return pairs.every(isThere) ? changes : 'it left out a commit';
}

/**
 * `COMMIT NUL (STATUS NUL PATH NUL)*`, or `TREE TREE LF` before them: no path can pass for a commit, since each one follows
 * its letter.
 */
function takeInto(changes: Map<string, string[]>): (token: string) => void {
  let paths: string[] = [];
  let isPath = false;
  return (token) => {
    if (isPath) {
      paths.push(token);
      isPath = false;
      return;
    }
    for (const part of token.split('\n')) {
      isPath = part.length === 1;
      if (part.length <= 1) continue;
      paths = changes.get(part) ?? [];
      changes.set(part, paths);
    }
  };
}

/** Of all commits of a push together: an import of 400,000 files has 32 MB of them. */
const MAX_CHANGED_PATHS = 1_000_000;
const MAX_CHANGED_PATH_BYTES = 64 << 20;

const ARGS = [
  ...['--literal-pathspecs', 'diff-tree', '--stdin', '-r', '-z', '--name-status', '--root', '--always'],
  ...['--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'],
];
