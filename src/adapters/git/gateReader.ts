/** A repository as the gate reads it: few git processes, ids on their standard input, every failure thrown. */
import { SignetError } from '../../errors.ts';
import type { CommitPair, GateReader, RefOnDisk, WalkedCommit } from '../../ports.ts';
import { readObjects } from './catFile.ts';
import { objectLookup } from './objectLookup.ts';
import { openRawGit } from './openRawGit.ts';
import { runRawGit } from './rawGit.ts';

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
    changes: (pairs, only) => readChanges(run, pairs, only),
    mergedTrees: (pairs) => mergeAll(env, pairs),
    file: async (commit, path, maxBytes) => {
      // Its size before its bytes: on a first push it is the pusher's.
      const head = await objects.head(`${commit}:${path}`);
      if (head?.type !== 'blob') return undefined;
      if (head.size > maxBytes) return 'too-large';
      return objects.content(head);
    },
  };
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

/** `COMMIT NUL (:MODES IDS STATUS NUL PATH NUL)*`: no path can pass for a commit, since each one follows its colon. */
async function readChanges(
  run: Run,
  pairs: readonly CommitPair[],
  only: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const changes = new Map<string, string[]>();
  if (pairs.length === 0) return changes;
  const input = pairs.map(({ commit, parent }) => (parent === undefined ? commit : `${commit} ${parent}`));
  const options = [
    '-r',
    '-z',
    '--raw',
    '--root',
    '--always',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
  ];
  const args = ['--literal-pathspecs', 'diff-tree', '--stdin', ...options];
  const output = await run([...args, ...(only === undefined ? [] : ['--', only])], `${input.join('\n')}\n`);
  const tokens = output.toString('utf8').split('\0');
  let paths: string[] | undefined;
  for (let at = 0; at < tokens.length - 1; at += 1) {
    const token = tokens[at] ?? '';
    if (token.startsWith(':')) {
      at += 1;
      paths?.push(tokens[at] ?? '');
    } else {
      paths = [];
      changes.set(token, paths);
    }
  }
  if (pairs.some(({ commit }) => !changes.has(commit))) throw failed('diff-tree', 'it left out a commit');
  return changes;
}

/**
 * `STATUS NUL TREE NUL (FILE NUL)* NUL` for each pair. git ends at histories that never met: what has no answer then is
 * no clean merge. Trees are written to where new objects go, in a hook its quarantine.
 */
async function mergeAll(
  env: NodeJS.ProcessEnv,
  pairs: readonly (readonly [string, string])[],
): Promise<readonly (string | undefined)[]> {
  if (pairs.length === 0) return [];
  const input = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
  const args = ['merge-tree', '--write-tree', '--no-messages', '--name-only', '--stdin'];
  const { stdout } = await runRawGit(args, env, input);
  const tokens = stdout.toString('latin1').split('\0');
  const trees: (string | undefined)[] = [];
  for (let at = 0; at + 2 < tokens.length; at += 1) {
    const [status, tree = ''] = tokens.slice(at, at + 2);
    trees.push(status === '1' && /^[0-9a-f]{40,64}$/.test(tree) ? tree : undefined);
    at += 2;
    while (at < tokens.length && tokens[at] !== '') at += 1;
  }
  return pairs.map((_, place) => trees[place]);
}
