/**
 * The trees that git's merges of two commits have, as a server makes them: by no settings and no attributes of a clone. A
 * merge driver of a `.git/config` would be a program of a stranger's choice, and what `.gitattributes` of the files that
 * happen to be checked out says would be part of what counts as a clean merge.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ObjectFormat } from '../../core/verdict.ts';
import { changedPaths, movedPaths } from './changedPaths.ts';
import { runRawGit } from './rawGit.ts';

/**
 * The trees of merges without conflicts, in order; undefined where there are some. Trees are written beside the repository,
 * and gone afterwards.
 */
export async function mergedTrees(
  env: NodeJS.ProcessEnv,
  objectFormat: ObjectFormat,
  pairs: readonly (readonly [string, string])[],
): Promise<readonly (string | undefined)[]> {
  if (pairs.length === 0) return [];
  const merges = await withoutSettings(env, objectFormat, (inside) => mergeAll(inside, pairs));
  return merges.map((one) => (one?.isClean ? one.tree : undefined));
}

/** What `movedPaths` finds in git's merge of two commits; nothing where it has conflicts. */
export async function movedByMerge(
  env: NodeJS.ProcessEnv,
  objectFormat: ObjectFormat,
  [first, second]: readonly [string, string],
): Promise<readonly string[] | string> {
  return withoutSettings(env, objectFormat, async (inside) => {
    const [merge] = await mergeAll(inside, [[first, second]]);
    if (!merge?.isClean) return [];
    const args = ['commit-tree', '-p', first, '-p', second, '-m', 'merged', merge.tree];
    const { stdout } = await runRawGit(args, { ...inside, ...NOBODY });
    const commit = stdout.toString('latin1').trim();
    const moved = await movedPaths(inside, [commit]);
    return typeof moved === 'string' ? moved : (moved.get(commit) ?? []);
  });
}

const NOBODY: NodeJS.ProcessEnv = {
  GIT_AUTHOR_NAME: 'nobody',
  GIT_AUTHOR_EMAIL: 'nobody',
  GIT_COMMITTER_NAME: 'nobody',
  GIT_COMMITTER_EMAIL: 'nobody',
};

/** By their ids; all that each commit changes. */
export type OwnChanges = Map<string, readonly string[]>;

/**
 * What merges change beside what git itself makes of their two parents: a file that has its old state there, as the first
 * parent still had it, is changed by the merge that keeps it so. So is what it brings to a path that was renamed, and what
 * conflicts, also where it is left as git leaves it: of a binary file that is the first parent's state, of one that the other
 * side has removed the changed one. Without an answer a commit is left out.
 */
export async function changedByMerges(
  env: NodeJS.ProcessEnv,
  objectFormat: ObjectFormat,
  commits: readonly { readonly oid: string; readonly tree: string; readonly parents: readonly string[] }[],
): Promise<OwnChanges | string> {
  const own: OwnChanges = new Map();
  if (commits.length === 0) return own;
  return withoutSettings(env, objectFormat, async (inside) => {
    const pairs = commits.map(({ parents: [first = '', second = ''] }) => [first, second] as const);
    const merges = await mergeAll(inside, pairs, FILES_STAY);
    const compared = commits.flatMap(({ tree }, place) => {
      const merged = merges[place]?.tree;
      return merged === undefined || merged === tree ? [] : [{ commit: merged, parent: tree }];
    });
    const changes = await changedPaths(inside, compared, undefined);
    if (typeof changes === 'string') return changes;
    const moved = await movedPaths(
      inside,
      commits.map(({ oid }) => oid),
    );
    if (typeof moved === 'string') return moved;
    for (const [place, { oid, tree }] of commits.entries()) {
      const merge = merges[place];
      if (merge === undefined) continue;
      const besides = changes.get(`${merge.tree} ${tree}`) ?? [];
      own.set(oid, [...besides, ...(moved.get(oid) ?? []), ...merge.conflicts]);
    }
    return own;
  });
}

/** Where one side has renamed a folder, git asks whether the other's new files go along: left where they are, they are as they were. */
const FILES_STAY = ['-c', 'merge.directoryRenames=false'];

interface Merged {
  readonly tree: string;
  readonly isClean: boolean;
  /** Paths. */
  readonly conflicts: readonly string[];
}

/**
 * `STATUS NUL TREE NUL (FILE NUL)* NUL` for each pair. Histories that never met have nothing in common (`git subtree add`):
 * without the option git would end there, and the rest had no answer.
 */
async function mergeAll(
  inside: NodeJS.ProcessEnv,
  pairs: readonly (readonly [string, string])[],
  settings: readonly string[] = [],
): Promise<readonly (Merged | undefined)[]> {
  const input = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
  const options = ['--no-messages', '--name-only', '--allow-unrelated-histories', '--stdin'];
  const all = ['-c', `core.attributesFile=${devNull}`, ...settings];
  const args = [...all, 'merge-tree', '--write-tree', ...options];
  const { stdout } = await runRawGit(args, inside, input);
  const tokens = stdout.toString('utf8').split('\0');
  const merges: Merged[] = [];
  for (let at = 0, end = 0; end >= 0; at = end + 1) {
    end = tokens.indexOf('', at + 2);
    const [status, tree, ...conflicts] = tokens.slice(at, end);
    if (end >= 0 && tree !== undefined) merges.push({ tree, isClean: status === '1', conflicts });
  }
  return pairs.map((_, place) => merges[place]);
}

/** An empty repository that borrows the objects of the one that `env` and the current folder name. */
async function withoutSettings<T>(
  env: NodeJS.ProcessEnv,
  objectFormat: ObjectFormat,
  use: (inside: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'git-signet-merge-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // A deadline ends this process at once.
  process.once('exit', remove);
  try {
    for (const name of ['objects', 'refs']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
    writeFileSync(
      join(folder, 'config'),
      `[core]\nrepositoryFormatVersion = 1\nbare = true\n[extensions]\nobjectFormat = ${objectFormat}\n`,
    );
    return await use({ ...env, ...(await borrow(env)), ...NO_SETTINGS, GIT_DIR: folder });
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** In a hook the objects are in its quarantine and in what that borrows from; a shallow clone ends where it says. */
async function borrow(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await runRawGit(
    ['rev-parse', '--path-format=absolute', '--git-path', 'objects', '--git-path', 'shallow'],
    env,
  );
  const [objects = '', shallow = ''] = stdout.toString('utf8').split('\n');
  const before = env['GIT_ALTERNATE_OBJECT_DIRECTORIES'] ?? '';
  return {
    GIT_OBJECT_DIRECTORY: undefined,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: [quote(objects), ...(before === '' ? [] : [before])].join(delimiter),
    GIT_SHALLOW_FILE: env['GIT_SHALLOW_FILE'] ?? shallow,
  };
}

/** git(1): between quotes, a path of this list may hold what parts its entries. */
function quote(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

const NO_SETTINGS: NodeJS.ProcessEnv = {
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: undefined,
  GIT_CONFIG_PARAMETERS: undefined,
  GIT_ATTR_NOSYSTEM: '1',
  GIT_ATTR_SOURCE: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_NAMESPACE: undefined,
};
