/** The objects that somebody wants judged: what they name, walked by git, as bytes. */
import { SignetError } from '../../errors.ts';
import type { RawObject } from '../../ports.ts';
import { type ObjectRequest, readObjects } from './catFile.ts';
import { gitFailed, openRawGit, type RawGit } from './openRawGit.ts';
import { listCommits, type Tips } from './revList.ts';
import { listTags } from './tags.ts';

export interface HistoryRequest {
  /** Revisions or ranges; HEAD where it is empty and nothing else is wanted. */
  readonly revs: readonly string[];
  /** Every commit that a ref or HEAD reaches, notes and the stash aside. */
  readonly all: boolean;
  /** Annotated tags too: all, or those of the commits that were named. */
  readonly tags: boolean;
  /** What is named stands for all that it reaches, not for itself. */
  readonly walk?: boolean;
  /** Lines `oid [refname]`, instead of all of the above. */
  readonly lines?: AsyncIterable<string>;
}

export interface History {
  /** One object was named, and nothing else. */
  readonly single: boolean;
  readonly objects: AsyncIterable<RawObject>;
  /** Sentences on what is missing, complete once all objects have been read: where history ends without being at its start. */
  readonly gaps: readonly string[];
  /** Tags that are refs only. */
  readonly lightweight: readonly string[];
}

/**
 * Finds what is wanted in the repository of the current folder. Throws SignetError `usage` for names that lead nowhere;
 * reading the objects throws `malformed` where the repository cannot be read to the end.
 */
export function openHistory(request: HistoryRequest, env: NodeJS.ProcessEnv): History {
  const git = openRawGit(env);
  if (request.lines !== undefined) return listed(git, request.lines);
  if (request.all) return walked(git, 'all', request.tags);
  if (request.tags && request.revs.length === 0) return tagsOnly(git);
  const revs = request.revs.length === 0 ? ['HEAD'] : request.revs;
  const ids = resolveRevs(git, revs);
  if (request.walk === true || isWalk(revs, ids)) return walked(git, ids, request.tags);
  return named(git, revs, ids, request.tags);
}

/**
 * Full object ids, those that are left out with a `^` before them. git takes what follows as revisions only,
 * because a name that begins with `-` is never handed to it, and the last argument says that no path follows.
 */
function resolveRevs(git: RawGit, revs: readonly string[]): readonly string[] {
  for (const rev of revs) {
    if (rev.startsWith('-') || rev === '' || /[\0\n]/.test(rev)) {
      throw new SignetError(
        'usage',
        `${JSON.stringify(rev)} is no revision.`,
        'See git help revisions for their forms.',
      );
    }
  }
  const lines = git
    .run(['rev-parse', ...revs, '--'])
    .split('\n')
    .slice(0, -2);
  for (const line of lines) {
    if (!/^\^?([0-9a-f]{40}|[0-9a-f]{64})$/.test(line)) throw gitFailed(`${line} is no object id`);
  }
  if (lines.every((line) => line.startsWith('^'))) {
    throw new SignetError(
      'usage',
      'These revisions name nothing.',
      'Name a commit, a tag or a range as in main..topic.',
    );
  }
  return lines;
}

/** A range, rather than objects named one by one. `A...B` of histories that never met has no negative side. */
function isWalk(revs: readonly string[], ids: readonly string[]): boolean {
  return ids.some((id) => id.startsWith('^')) || revs.some((rev) => /^[^:]*\.\.\./.test(rev));
}

function named(git: RawGit, revs: readonly string[], ids: readonly string[], tags: boolean): History {
  const requests = ids.map((oid, place): ObjectRequest => {
    const ref = ids.length === revs.length ? refOf(git, revs[place] ?? '') : undefined;
    return ref === undefined ? { oid } : { oid, ref };
  });
  const theirs = tags ? listTags(git) : NO_TAGS;
  const ofThem = theirs.annotated.filter(({ target }) => ids.includes(target));
  const all = [...requests, ...ofThem];
  return { single: all.length === 1, objects: readObjects(git, all), gaps: [], lightweight: [] };
}

const NO_TAGS: ReturnType<typeof listTags> = { annotated: [], lightweight: [] };

/** Full name of the ref, if the revision is one. */
function refOf(git: RawGit, rev: string): string | undefined {
  const name = git.run(['rev-parse', '--symbolic-full-name', rev, '--']).split('\n')[0] ?? '';
  return name.startsWith('refs/') ? name : undefined;
}

function tagsOnly(git: RawGit): History {
  const { annotated, lightweight } = listTags(git);
  return { single: false, objects: withNested(git, readObjects(git, annotated)), gaps: [], lightweight };
}

function walked(git: RawGit, tips: Tips, withTags: boolean): History {
  const gaps: string[] = [];
  const { annotated, lightweight } = withTags ? listTags(git) : NO_TAGS;
  const wanted = new Set(tips === 'all' ? [] : annotated.map(({ target }) => target));
  const seen = new Set<string>();
  async function* objects(): AsyncGenerator<RawObject> {
    const listedParents: (readonly string[])[] = [];
    async function* requests(): AsyncGenerator<ObjectRequest> {
      for await (const { oid, parents } of listCommits(git, tips)) {
        listedParents.push(parents);
        yield { oid };
      }
    }
    for await (const object of readObjects(git, requests())) {
      const gap = findGap(object, listedParents.shift() ?? []);
      if (gap !== undefined) gaps.push(gap);
      if (wanted.has(object.oid)) seen.add(object.oid);
      yield object;
    }
    const tags = tips === 'all' ? annotated : annotated.filter(({ target }) => seen.has(target));
    if (tags.length > 0) yield* withNested(git, readObjects(git, tags));
  }
  return { single: false, objects: objects(), gaps, lightweight: tips === 'all' ? lightweight : [] };
}

/**
 * Where the parents in a commit's own bytes are not those that git walked to, something of the history is missing: a
 * shallow clone ends there, or a graft leads elsewhere.
 */
function findGap({ oid, raw, problem }: RawObject, walkedTo: readonly string[]): string | undefined {
  if (problem !== undefined) return `${oid}: ${problem.text}`;
  // Long enough to show one parent more than git walked to.
  const length = MAX_ID_LINE * (walkedTo.length + 2);
  const header = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1', 0, length);
  const [, ...lines] = header.split('\n').slice(0, -1);
  const end = lines.findIndex((line) => !/^parent [0-9a-f]+$/.test(line));
  const parents = lines.slice(0, end < 0 ? lines.length : end).map((line) => line.slice('parent '.length));
  if (parents.join() === walkedTo.join()) return undefined;
  return `${oid}: its parents are not here (a shallow clone, or a graft)`;
}

/** `parent `, 64 hex digits and a line feed. */
const MAX_ID_LINE = 72;

/** Tags that tags lead to, after them; how deep they are nested is bounded, though each object is read once only. */
async function* withNested(git: RawGit, objects: AsyncIterable<RawObject>): AsyncGenerator<RawObject> {
  const seen = new Set<string>();
  let level: AsyncIterable<RawObject> = objects;
  for (let depth = 0; depth < MAX_NESTED_TAGS; depth += 1) {
    const inner = new Set<string>();
    for await (const object of level) {
      seen.add(object.oid);
      const [, target] = /^object ([0-9a-f]+)\ntype tag\n/.exec(headOf(object)) ?? [];
      if (target !== undefined) inner.add(target);
      yield object;
    }
    const next = [...inner].filter((oid) => !seen.has(oid));
    if (next.length === 0) return;
    level = readObjects(
      git,
      next.map((oid) => ({ oid })),
    );
  }
  throw new SignetError('malformed', 'Tags are nested too deeply here.', 'Judge them one by one.');
}

const MAX_NESTED_TAGS = 16;

function headOf({ kind, raw }: RawObject): string {
  return kind === 'tag' ? Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1', 0, 128) : '';
}

function listed(git: RawGit, lines: AsyncIterable<string>): History {
  async function* requests(): AsyncGenerator<ObjectRequest> {
    for await (const line of lines) {
      const [, oid, ref] = /^([0-9a-f]{40}|[0-9a-f]{64})(?: (refs\/\S+))?$/.exec(line) ?? [];
      if (oid === undefined) {
        throw new SignetError(
          'usage',
          `Standard input holds ${JSON.stringify(line.slice(0, 80))}, which is no full object id.`,
          "Write one id a line, with its ref after a space where there is one: git rev-list main, or git for-each-ref --format='%(objectname) %(refname)'",
        );
      }
      yield ref === undefined ? { oid } : { oid, ref };
    }
  }
  return { single: false, objects: readObjects(git, requests()), gaps: [], lightweight: [] };
}
