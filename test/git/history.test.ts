/** Reading histories with real git, from repositories that try to show something else than what they store. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { type HistoryRequest, openHistory } from '../../src/adapters/git/history.ts';
import type { RawObject } from '../../src/ports.ts';
import { makeRepository, type Repository, repositoryAt } from '../online/repository.ts';

const NOBODY = 'Alice <alice@example.com> 1700000000 +0000';
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signet-history-'));
  folders.push(folder);
  return folder;
}

/** A commit without files. */
function commit(repo: Repository, message: string, ...parents: readonly string[]): string {
  const tree = repo.git('mktree').trim();
  const lines = [`tree ${tree}`, ...parents.map((oid) => `parent ${oid}`)];
  return repo.store(
    'commit',
    [...lines, `author ${NOBODY}`, `committer ${NOBODY}`, '', message, ''].join('\n'),
  );
}

function tag(repo: Repository, name: string, target: string, type: 'commit' | 'tag' = 'commit'): string {
  return repo.store('tag', `object ${target}\ntype ${type}\ntag ${name}\ntagger ${NOBODY}\n\nnotes\n`);
}

/** Three commits in a row on main. */
function makeLine(repo: Repository): readonly [string, string, string] {
  const a = commit(repo, 'a');
  const b = commit(repo, 'b', a);
  const c = commit(repo, 'c', b);
  repo.git('update-ref', 'refs/heads/main', c);
  return [a, b, c];
}

const NOTHING: HistoryRequest = { revs: [], all: false, tags: false };

async function read(repo: Repository, request: Partial<HistoryRequest>) {
  const history = openHistory({ ...NOTHING, ...request }, repo.env);
  const objects: RawObject[] = [];
  for await (const object of history.objects) objects.push(object);
  return { ...history, objects, oids: objects.map(({ oid }) => oid) };
}

function messageOf({ raw }: RawObject): string {
  return Buffer.from(raw).toString().split('\n\n')[1]?.trim() ?? '';
}

describe('what is named', () => {
  const repo = makeRepository();
  const [a, b, c] = makeLine(repo);
  const v1 = tag(repo, 'v1', b);
  repo.git('update-ref', 'refs/tags/v1', v1);
  repo.git('update-ref', 'refs/tags/light', a);

  test('is HEAD where nothing is', async () => {
    const { single, objects } = await read(repo, {});
    expect(single).toBe(true);
    expect(objects.map(messageOf)).toEqual(['c']);
    expect(objects[0]).toMatchObject({ oid: c, kind: 'commit', objectFormat: 'sha1' });
  });

  test('is a tag with the ref that names it, or what it leads to', async () => {
    expect((await read(repo, { revs: ['v1'] })).objects[0]).toMatchObject({
      oid: v1,
      kind: 'tag',
      ref: 'refs/tags/v1',
    });
    expect((await read(repo, { revs: ['v1^{commit}'] })).oids).toEqual([b]);
    expect((await read(repo, { revs: ['light'] })).objects[0]).toMatchObject({ oid: a, kind: 'commit' });
  });

  test('is each of several, and a range without its start', async () => {
    expect((await read(repo, { revs: [a, 'main'] })).oids).toEqual([a, c]);
    const range = await read(repo, { revs: [`${a}..main`] });
    expect([range.single, ...range.oids]).toEqual([false, c, b]);
    expect((await read(repo, { revs: ['main', `^${b}`] })).oids).toEqual([c]);
    expect((await read(repo, { revs: ['main..main'] })).oids).toEqual([]);
  });

  test('is everything, with tags or without, or tags alone', async () => {
    const all = await read(repo, { all: true });
    expect([...all.oids].sort()).toEqual([a, b, c].sort());
    const withTags = await read(repo, { all: true, tags: true });
    expect(withTags.oids).toEqual([...all.oids, v1]);
    expect(withTags.lightweight).toEqual(['refs/tags/light']);
    expect((await read(repo, { tags: true })).oids).toEqual([v1]);
    expect((await read(repo, { revs: [`${b}..main`], tags: true })).oids).toEqual([c]);
    expect((await read(repo, { revs: [`${a}..main`], tags: true })).oids).toEqual([c, b, v1]);
  });

  test('leaves notes and the stash out of everything', async () => {
    const note = commit(repo, 'note');
    repo.git('update-ref', 'refs/notes/signet', note);
    repo.git('update-ref', 'refs/stash', commit(repo, 'stash'));
    expect([...(await read(repo, { all: true })).oids].sort()).toEqual([a, b, c].sort());
    expect((await read(repo, { revs: ['refs/notes/signet'] })).oids).toEqual([note]);
  });

  test.each(['-n1', '--all', '--output=stolen', '', 'main\nHEAD'])('is never an option: %j', async (rev) => {
    await expect(read(repo, { revs: [rev] })).rejects.toMatchObject({ code: 'usage' });
    expect(existsSync(join(repo.path, 'stolen'))).toBe(false);
  });

  test.each(['nowhere', 'main:file', '^main'])('must lead somewhere: %s', async (rev) => {
    await expect(read(repo, { revs: [rev] })).rejects.toMatchObject({ code: 'usage' });
  });

  test('and is no commit or tag, is said so', async () => {
    const { objects } = await read(repo, { revs: ['main^{tree}'] });
    expect(objects[0]?.problem).toEqual({
      code: 'other-kind',
      text: 'the object is a tree, which carries no signature',
    });
  });

  test('comes by its ids from a stream', async () => {
    const lines = async function* (...all: string[]) {
      yield* all;
    };
    const { oids, objects } = await read(repo, { lines: lines(c, `${v1} refs/tags/v2`, '0'.repeat(40)) });
    expect(oids).toEqual([c, v1, '0'.repeat(40)]);
    expect(objects[1]?.ref).toBe('refs/tags/v2');
    expect(objects[2]?.problem?.code).toBe('missing');
    for (const line of ['main', `${c} x`, c.slice(1), `--batch-all-objects`]) {
      await expect(read(repo, { lines: lines(line) })).rejects.toMatchObject({ code: 'usage' });
    }
  });
});

describe('a repository', () => {
  test('of SHA-256 is read as well', async () => {
    const repo = makeRepository('sha256');
    const [a, b, c] = makeLine(repo);
    const { objects, oids } = await read(repo, { revs: ['main'], walk: true });
    expect(oids).toEqual([c, b, a]);
    expect(objects.every(({ problem, objectFormat }) => !problem && objectFormat === 'sha256')).toBe(true);
  });

  test('may be bare, or a worktree of another', async () => {
    const bare = makeRepository('sha1', '--bare');
    const [, , c] = makeLine(bare);
    expect((await read(bare, {})).oids).toEqual([c]);
    const tree = join(newFolder(), 'tree');
    bare.git('worktree', 'add', '-q', '--detach', tree, `${c}~1`);
    const { GIT_DIR: _, ...outside } = bare.env;
    const there = repositoryAt(tree, outside);
    expect((await read(there, {})).objects.map(messageOf)).toEqual(['b']);
  });

  test('may have tags of tags, and tags of odd names', async () => {
    const repo = makeRepository();
    const [a] = makeLine(repo);
    const inner = tag(repo, 'inner', a);
    const outer = tag(repo, 'outer', inner, 'tag');
    repo.git('update-ref', 'refs/tags/outer', outer);
    const odd = ['refs/tags/-x', 'refs/tags/ü\u202e', 'refs/tags/a/b', 'refs/tags/$(id)'];
    for (const ref of odd) repo.git('update-ref', ref, tag(repo, ref.slice(10), a));
    const { objects } = await read(repo, { tags: true });
    const named = objects.filter(({ ref }) => ref !== undefined);
    expect(named.map(({ ref }) => ref).sort()).toEqual(['refs/tags/outer', ...odd].sort());
    expect(objects.at(-1)?.oid).toBe(inner);
  });
});

describe('a repository that lies', () => {
  test('by replacements is read as it is', async () => {
    const repo = makeRepository();
    const [a, b, c] = makeLine(repo);
    const nice = commit(repo, 'nice');
    repo.git('replace', c, nice);
    expect(repo.git('log', '--format=%s')).toBe('nice\n'); // what git itself would show
    const { objects, oids, gaps } = await read(repo, { revs: ['main'], walk: true });
    expect(oids).toEqual([c, b, a]);
    expect(objects.map(messageOf)).toEqual(['c', 'b', 'a']);
    expect(gaps).toEqual([]);
  });

  test('by grafts is read as it is', async () => {
    const repo = makeRepository();
    const [a, b, c] = makeLine(repo);
    mkdirSync(join(repo.path, '.git/info'), { recursive: true });
    writeFileSync(join(repo.path, '.git/info/grafts'), `${c}\n`);
    expect(repo.git('log', '--format=%s')).toBe('c\n');
    const { oids, gaps } = await read(repo, { revs: ['main'], walk: true });
    expect([oids, gaps]).toEqual([[c, b, a], []]);
  });

  test('by a commit graph is read as it is', async () => {
    const repo = makeRepository();
    const [a, b, c] = makeLine(repo);
    repo.git('commit-graph', 'write', '--reachable');
    const graph = join(repo.path, '.git/objects/info/commit-graph');
    const bytes = readFileSync(graph);
    const sorted = [a, b, c].sort();
    const place = sorted.indexOf(c);
    // Chunk CDAT: tree, first parent, second parent, generation and date, 36 octets a commit; 0x70000000 is no parent.
    const entry = bytes.readUInt32BE(bytes.indexOf('CDAT') + 8) + 36 * place;
    chmodSync(graph, 0o644);
    bytes.writeUInt32BE(0x70000000, entry + 20);
    const body = bytes.subarray(0, -20);
    writeFileSync(graph, Buffer.concat([body, createHash('sha1').update(body).digest()]));
    expect(repo.git('log', '--format=%s')).toBe('c\n');
    const { oids, gaps } = await read(repo, { revs: ['main'], walk: true });
    expect([oids, gaps]).toEqual([[c, b, a], []]);
  });

  test('by another content under a name is found out', async () => {
    const repo = makeRepository();
    const [a, , c] = makeLine(repo);
    const other = Buffer.from(repo.git('cat-file', 'commit', c).replace('\nc\n', '\nforged\n'));
    const file = join(repo.path, '.git/objects', c.slice(0, 2), c.slice(2));
    chmodSync(file, 0o644);
    writeFileSync(file, deflateSync(Buffer.concat([Buffer.from(`commit ${other.length}\0`), other])));
    const { objects } = await read(repo, { revs: [c, a] });
    expect(objects.map(({ problem }) => problem?.code)).toEqual(['wrong-id', undefined]);
    expect(objects[0]?.raw).toHaveLength(0);
  });

  test('by leaving out is said to', async () => {
    const repo = makeRepository();
    const [a, b, c] = makeLine(repo);
    rmSync(join(repo.path, '.git/objects', b.slice(0, 2), b.slice(2)));
    expect((await read(repo, { revs: [b] })).objects[0]?.problem?.code).toBe('missing');
    expect((await read(repo, { revs: [a, c] })).objects.every(({ problem }) => problem === undefined)).toBe(
      true,
    );
    await expect(read(repo, { revs: ['main'], walk: true })).rejects.toMatchObject({ code: 'malformed' });
  });
});

test('a shallow clone is said to end', async () => {
  const repo = makeRepository();
  const [, b, c] = makeLine(repo);
  const path = join(newFolder(), 'clone');
  const { GIT_DIR: _, ...outside } = repo.env;
  execFileSync('git', ['clone', '-q', '--depth=2', `file://${repo.path}`, path], { env: outside });
  const clone = repositoryAt(path, outside);
  const walked = await read(clone, { revs: ['main'], walk: true });
  expect(walked.oids).toEqual([c, b]);
  expect(walked.gaps).toEqual([`${b}: its parents are not here (a shallow clone, or a graft)`]);
  // A range that stays above where it ends is whole.
  expect((await read(clone, { revs: [`${b}..main`] })).gaps).toEqual([]);
  expect((await read(repo, { revs: ['main'], walk: true })).gaps).toEqual([]);
});

test('a partial clone is not completed', async () => {
  const repo = makeRepository();
  const [a, b] = makeLine(repo);
  repo.git('update-index', '--add', '--cacheinfo', `100644,${repo.store('blob', 'x')},file`);
  const files = repo.git('write-tree').trim();
  const c = repo.store('commit', `tree ${files}\nparent ${b}\nauthor ${NOBODY}\ncommitter ${NOBODY}\n\nc\n`);
  repo.git('update-ref', 'refs/heads/main', c);
  repo.git('config', 'uploadpack.allowFilter', 'true');
  repo.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const path = join(newFolder(), 'clone');
  const { GIT_DIR: _, ...outside } = repo.env;
  execFileSync('git', ['clone', '-q', '--no-checkout', '--filter=tree:0', `file://${repo.path}`, path], {
    env: outside,
  });
  const clone = repositoryAt(path, outside);
  expect((await read(clone, { revs: ['main'], walk: true })).oids).toEqual([c, b, a]);
  const marker = join(newFolder(), 'asked');
  const script = join(newFolder(), 'upload-pack');
  writeFileSync(script, `#!/bin/sh\n: > '${marker}'\nexec git-upload-pack "$@"\n`, { mode: 0o755 });
  clone.git('config', 'remote.origin.uploadpack', script);
  // git before 2.45 cannot be told not to fetch; it fails to, and stops.
  const outcome = await read(clone, { revs: [files] }).then(
    ({ objects }) => objects[0]?.problem?.code,
    (error: { code: string }) => error.code,
  );
  expect(['missing', 'malformed']).toContain(outcome);
  expect(existsSync(marker)).toBe(false);
  clone.git('cat-file', '-t', files);
  expect(existsSync(marker)).toBe(true); // left to itself, git does ask
});

test('objects of any size are read, and those that nobody signs passed over', async () => {
  const repo = makeRepository();
  const [, , c] = makeLine(repo);
  const large = commit(repo, 'x'.repeat(3 << 20), c);
  const huge = repo.store('blob', Buffer.alloc(66 << 20, 'a'));
  const after = commit(repo, 'after', c);
  const tooLarge = commit(repo, 'y'.repeat(65 << 20), c);
  const { objects } = await read(repo, { revs: [large, huge, tooLarge, after] });
  expect(objects.map(({ raw, problem }) => problem?.code ?? raw.length > 100)).toEqual([
    true,
    'other-kind',
    'too-large',
    true,
  ]);
});

test('a folder that is no repository is said to be none', () => {
  const folder = newFolder();
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_DIR: join(folder, 'none') };
  expect(() => openHistory(NOTHING, env)).toThrow(/not a git repository/);
});

test('a commit of a million parents takes no longer than its bytes', async () => {
  const repo = makeRepository();
  const parent = commit(repo, 'parent');
  const parents = `parent ${parent}\n`.repeat(1_200_000);
  const people = `author ${NOBODY}\ncommitter ${NOBODY}\n`;
  const tip = repo.store('commit', `tree ${repo.git('mktree').trim()}\n${parents}${people}\ntip\n`);
  repo.git('update-ref', 'refs/heads/main', tip);
  const started = process.cpuUsage();
  const { objects, gaps } = await read(repo, { revs: [], all: true });
  const { user, system } = process.cpuUsage(started);
  expect(objects.map(({ oid }) => oid).toSorted()).toEqual([parent, tip].toSorted());
  expect(gaps).toEqual([]);
  // Microseconds; it took 16 s of them.
  expect(user + system).toBeLessThan(12_000_000);
}, 120_000);
