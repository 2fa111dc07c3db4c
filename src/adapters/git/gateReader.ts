/** A repository as the gate reads it: few git processes, ids on their standard input, every failure thrown. */
import { SignetError } from '../../errors.ts';
import type { GateReader, MadeCommit, RefOnDisk, WalkedCommit } from '../../ports.ts';
import { readObjects } from './catFile.ts';
import { changedPaths, movedPaths } from './changedPaths.ts';
import { commonFolder } from './commonFolder.ts';
import { changedByMerges, mergedTrees, movedByMerge } from './mergedTrees.ts';
import { objectLookup } from './objectLookup.ts';
import { openRawGit } from './openRawGit.ts';
import { runRawGit } from './rawGit.ts';
import { symbolicRefs } from './symbolicRefs.ts';

/**
 * Reads the repository that `env` and the current folder name, its refs as they are at the first question. `known`: how
 * it names objects, where git has said so. Throws SignetError `usage` where there is none.
 */
export function openGateReader(env: NodeJS.ProcessEnv, known?: GateReader['objectFormat']): GateReader {
  const git = openRawGit(env, known);
  const objects = objectLookup(env);
  let refs: Promise<ReadonlyMap<string, RefOnDisk>> | undefined;
  const run = (args: readonly string[], input: string | Uint8Array = ''): Promise<Buffer> =>
    runChecked(args, env, input);
  return {
    objectFormat: git.objectFormat,
    refs: () => {
      refs ??= run(['for-each-ref', '--format=%(objectname) %(refname) %(symref)']).then(parseRefs);
      return refs;
    },
    symbolicTarget: async (ref) => {
      const { status, stdout, said } = await runRawGit(['symbolic-ref', '-q', ref], env);
      if (status === 0) return stdout.toString('utf8').trim();
      if (status === 1) return undefined;
      throw failed('symbolic-ref', said);
    },
    symbolicRefs: () => symbolicRefs(commonFolder(env)),
    types: async (oids) => {
      const heads = await Promise.all(oids.map((oid) => objects.head(oid)));
      return new Map(heads.flatMap((head) => (head === undefined ? [] : [[head.oid, head.type]])));
    },
    firstParents: (tip, not, max) => firstParentLine(run, tip, not, max),
    commits: (tips, not, max) => walk(run, [`--max-count=${max + 1}`, '--topo-order'], tips, not),
    isAncestor: async (ancestor, tip) => {
      const { status, said } = await runRawGit(['merge-base', '--is-ancestor', ancestor, tip], env);
      if (status === 0 || status === 1) return status === 0;
      throw failed('merge-base', said);
    },
    objects: (requests) => readObjects(git, requests),
    changes: async (pairs, only) => toChanges(await changedPaths(env, pairs, only)),
    ownChanges: async (commits, only) => {
      const merges = commits.filter(({ parents }) => parents.length === 2);
      // A merge that has this one path as both parents have it need not be made again.
      const like = only === undefined ? NO_CHANGES : await compare(env, merges, only);
      const asked = merges.filter(({ oid }) => only === undefined || (like.get(oid) ?? []).length > 0);
      const own = toChanges(await changedByMerges(env, git.objectFormat, asked));
      const isLeft = ({ oid }: MadeCommit) => !own.has(oid) && !like.has(oid);
      const rest = await compare(env, commits.filter(isLeft), only);
      const isAsked = (path: string) => only === undefined || path === only;
      const ofMerges = [...own].map(([oid, paths]) => [oid, paths.filter(isAsked)] as const);
      return new Map([...like, ...rest, ...ofMerges]);
    },
    mergedTrees: (pairs) => mergedTrees(env, git.objectFormat, pairs),
    moved: async (merges) => toChanges(await movedPaths(env, merges)),
    movedByMerge: async (pair) => toChanges(await movedByMerge(env, git.objectFormat, pair)),
    file: async (commit, path, maxBytes) => {
      // Its size before its bytes: on a first push it is the pusher's.
      const head = await objects.head(`${commit}:${path}`);
      if (head?.type !== 'blob') return undefined;
      if (head.size > maxBytes) return 'too-large';
      return objects.content(head);
    },
  };
}

const NO_CHANGES: ReadonlyMap<string, readonly string[]> = new Map();

/** With each of their parents. */
async function compare(
  env: NodeJS.ProcessEnv,
  commits: readonly MadeCommit[],
  only: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const pairs = commits.flatMap(({ oid, parents: [first, ...others] }) =>
    [first, ...others].map((parent) => ({ commit: oid, parent })),
  );
  return toChanges(await changedPaths(env, pairs, only));
}

type Run = (args: readonly string[], input?: string) => Promise<Buffer>;

async function runChecked(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Uint8Array,
): Promise<Buffer> {
  const { status, stdout, said } = await runRawGit(args, env, input);
  if (status !== 0) throw failed(args[0] ?? '', said);
  return stdout;
}

function toChanges<T>(changes: T | string): T {
  if (typeof changes === 'string') throw failed('diff-tree', changes);
  return changes;
}

function failed(command: string, said: string): SignetError {
  return new SignetError(
    'malformed',
    `git ${command} could not read the repository: ${said}.`,
    'Nothing was judged good. Run git fsck there to see what is wrong.',
  );
}

/** Names have no ASCII space or control; those of other scripts they may have (git-check-ref-format(1)). */
function parseRefs(output: Buffer): ReadonlyMap<string, RefOnDisk> {
  const refs = new Map<string, RefOnDisk>();
  for (const line of output.toString('utf8').split('\n').slice(0, -1)) {
    const [, oid = '', name = '', target = ''] = /^([0-9a-f]{40,64}) ([^ ]+) ([^ ]*)$/.exec(line) ?? [];
    if (name === '') throw failed('for-each-ref', 'a line of it cannot be read');
    refs.set(name, target === '' ? { oid } : { oid, target });
  }
  return refs;
}

/**
 * git lists lines, and where they meet is found here: its --exclude-first-parent-only goes on to a second parent where it
 * has seen the first one before (revision.c, process_parents: `continue` passes over the `break`), so that a commit dated
 * after the merge that brought it in would count as part of the line.
 */
async function firstParentLine(
  run: Run,
  tip: string,
  not: readonly string[],
  max: number,
): Promise<readonly WalkedCommit[]> {
  for (let count = FIRST_LINES; ; count *= 16) {
    const walked = await walk(run, ['--first-parent', `--max-count=${count}`], [tip, ...not], []);
    const byId = new Map(walked.map((commit) => [commit.oid, commit]));
    const known = new Set<string>();
    for (const start of not) {
      for (const { oid } of lineFrom(start, byId, known)) known.add(oid);
    }
    if (known.has(tip)) return [];
    // Newest first by what commits say of their time: only all of it says where lines do not meet.
    if (walked.length < count) return [...lineFrom(tip, byId, known)].slice(0, max + 1);
  }
}

/** Mostly a branch begins at a recent commit of the line. */
const FIRST_LINES = 512;

function* lineFrom(
  tip: string,
  byId: ReadonlyMap<string, WalkedCommit>,
  stop: ReadonlySet<string>,
): Generator<WalkedCommit> {
  let next = byId.get(tip);
  while (next !== undefined && !stop.has(next.oid)) {
    yield next;
    next = byId.get(next.parents[0] ?? '');
  }
}

async function walk(
  run: Run,
  options: readonly string[],
  tips: readonly string[],
  not: readonly string[],
): Promise<readonly WalkedCommit[]> {
  const input = [...tips, ...not.map((oid) => `^${oid}`)].map((line) => `${line}\n`).join('');
  const output = await run(['rev-list', '--parents', ...options, '--stdin'], input);
  const lines = output.toString('latin1').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [oid = '', ...parents] = line.split(' ');
    return { oid, parents };
  });
}
