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
  const lines = pairs.map(({ commit, parent }) => (parent === undefined ? commit : `${commit} ${parent}`));
  const changes = await diffTrees(env, lines, only === undefined ? [] : ['--', only]);
  if (typeof changes === 'string') return changes;
  const isThere = ({ commit, parent }: Compared) => changes.has(commit) || changes.has(`${commit} ${parent}`);
  return pairs.every(isThere) ? changes : LEFT_OUT;
}

/**
 * Paths that merges have otherwise than each of their parents, and that one parent does not have at all: where git follows a
 * renamed file, what one side did to `a` is in `ci/a` if the other side has moved it there, and no commit but the merge has
 * changed `ci/a` so. (To ask git for a merge without renames is no way: its 2.39 goes by no such setting there.)
 */
export async function movedPaths(
  env: NodeJS.ProcessEnv,
  merges: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]> | string> {
  const moved = await diffTrees(env, merges, ['-c'], (status) => status.includes('A'));
  if (typeof moved === 'string') return moved;
  return merges.every((oid) => moved.has(oid)) ? moved : LEFT_OUT;
}

const LEFT_OUT = 'it left out a commit';

async function diffTrees(
  env: NodeJS.ProcessEnv,
  lines: readonly string[],
  args: readonly string[],
  isWanted?: (status: string) => boolean,
): Promise<ReadonlyMap<string, readonly string[]> | string> {
  const changes = new Map<string, string[]>();
  if (lines.length === 0) return changes;
  const git = startRawGit([...ARGS, ...args], env);
  git.child.stdin.end(`${lines.join('\n')}\n`);
  try {
    const take = takeInto(changes, isWanted);
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
    return (await git.ended) === 0 ? changes : git.said();
  } finally {
    git.stop();
  }
}

/**
 * `COMMIT NUL (STATUS NUL PATH NUL)*`, or `TREE TREE LF` before them: no path can pass for a commit, since each one follows
 * its letter, or with `-c` a letter for each parent.
 */
function takeInto(
  changes: Map<string, string[]>,
  isWanted: (status: string) => boolean = () => true,
): (token: string) => void {
  let paths: string[] = [];
  let status = '';
  return (token) => {
    if (status !== '') {
      if (isWanted(status)) paths.push(token);
      status = '';
      return;
    }
    for (const part of token.split('\n')) {
      if (/^[A-Z]*$/.test(part)) {
        status = part;
        continue;
      }
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
