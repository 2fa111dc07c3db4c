/** What the gate reads: lines of a push, headers, and a repository with names that look like something else. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { hookEnvironment } from '../../src/adapters/gate/hookEnvironment.ts';
import { openGateReader } from '../../src/adapters/git/gateReader.ts';
import { isReserved } from '../../src/app/gate/names.ts';
import { parseUpdates } from '../../src/cli/preReceive.ts';
import { parseCommitHeader, parseTagHeader } from '../../src/core/gate/header.ts';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];
const bytes = (text: string) => Buffer.from(text, 'latin1');

test('lines of a push are read', () => {
  expect(parseUpdates(bytes(`${A} ${B} refs/heads/x\n`))).toEqual([{ old: A, new: B, ref: 'refs/heads/x' }]);
});

test.each([
  ['none', ''],
  ['an unended one', `${A} ${B} refs/heads/x`],
  ['an empty one', `${A} ${B} refs/heads/x\n\n`],
  ['a short id', `${A.slice(1)} ${B} refs/heads/x\n`],
  ['ids of two kinds', `${A} ${'b'.repeat(64)} refs/heads/x\n`],
  ['capitals', `${A.toUpperCase()} ${B} refs/heads/x\n`],
  ['no ref', `${A} ${B} main\n`],
  ['a ref twice', `${A} ${B} refs/heads/x\n${B} ${A} refs/heads/x\n`],
  ['other bytes than UTF-8', `${A} ${B} refs/heads/\xff\n`],
])('lines of a push are refused: %s', (_, input) => {
  expect(() => parseUpdates(bytes(input))).toThrow(/cannot be read/);
});

test('headers are read from the fixed lines at the start only', () => {
  const head = `tree ${A}\nparent ${B}\n`;
  const people = 'author A <a@x> 1 +0000\ncommitter C <c@x> 1 +0000\n';
  expect(parseCommitHeader(bytes(`${head}${people}\nText\nmore`))).toEqual({
    tree: A,
    parents: [B],
    author: 'a@x',
    committer: 'c@x',
    subject: 'Text',
  });
  expect(parseCommitHeader(bytes(`${head}x y\n${people}\n`))?.author).toBeUndefined();
  expect(parseCommitHeader(bytes(`${head}author A <a@x> <b@x> 1 +0000\n\n`))?.author).toBeUndefined();
  expect(parseCommitHeader(bytes(`${head}${people}parent ${A}\n\n`))?.parents).toEqual([B]);
  expect(parseCommitHeader(bytes('blob'))).toBeUndefined();
  const tag = `object ${A}\ntype commit\ntag v1\n`;
  expect(parseTagHeader(bytes(`${tag}tagger T <t@x> 1 +0000\n\nx`))).toMatchObject({
    name: 'v1',
    tagger: 't@x',
  });
  expect(parseTagHeader(bytes(`x\n${tag}\n`))).toBeUndefined();
});

test('a header of a million parents is read as none, one of forty thousand whole', () => {
  const people = 'author A <a@x> 1 +0000\ncommitter C <c@x> 1 +0000\n';
  const withParents = (count: number) =>
    parseCommitHeader(bytes(`tree ${A}\n${`parent ${B}\n`.repeat(count)}${people}\n`));
  expect(withParents(40_000)).toMatchObject({ author: 'a@x', committer: 'c@x', parents: { length: 40_000 } });
  expect(withParents(1_200_000)).toBeUndefined();
  expect(parseTagHeader(bytes(`object ${A}\ntype commit\ntag ${'v'.repeat(3 << 20)}\n\n`))).toBeUndefined();
});

test.each([
  ['refs/replace/x', true],
  ['refs/Replace/x', true],
  ['refs/signet/x', true],
  ['refs/replaced/x', false],
  ['refs/heads/replace/x', false],
])('%s is reserved: %s', (name, reserved) => {
  expect(isReserved([name])).toBe(reserved);
});

test('nothing of the environment is kept but what git needs', () => {
  const kept = hookEnvironment({
    PATH: '/bin',
    GIT_DIR: '.',
    SIGNET_TRUSTED_ROOT: '/x',
    GIT_CONFIG_COUNT: '1',
    XDG_DATA_HOME: '/x',
  });
  expect(Object.keys(kept).toSorted()).toEqual(['GIT_CONFIG_GLOBAL', 'GIT_DIR', 'HOME', 'LC_ALL', 'PATH']);
  expect(() => hookEnvironment({ GIT_NAMESPACE: 'x' })).toThrow(/namespace/);
});

describe('a repository', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, env, encoding: 'utf8' }).trim();
  const commit = (file: string, text: string, message = file): string => {
    writeFileSync(join(folder, file), text);
    git('add', '-A');
    git('commit', '-q', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'signet-gate-'));
    const person = {
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@x',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@x',
    };
    env = {
      PATH: process.env['PATH'],
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_DIR: join(folder, '.git'),
      GIT_WORK_TREE: folder,
      ...person,
    };
    git('init', '-q', '-b', 'main');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('tells changed paths from commits, clean merges from others, and the line from the rest', async () => {
    const first = commit('base', '1');
    const named = commit(first, 'a file that is called like a commit');
    git('checkout', '-q', '-b', 'side', first);
    const side = commit('side:\nx', 's');
    git('checkout', '-q', 'main');
    git('merge', '-q', '--no-ff', '-m', 'm', 'side');
    const merge = git('rev-parse', 'HEAD');
    git('checkout', '-q', '-b', 'left', first);
    const left = commit('base', 'left');
    git('checkout', '-q', '-b', 'right', first);
    const right = commit('base', 'right');
    const reader = openGateReader(env);
    const changes = await reader.changes([
      { commit: first, parent: undefined },
      { commit: named, parent: first },
      { commit: side, parent: first },
      { commit: merge, parent: named },
    ]);
    expect([...changes]).toEqual([
      [first, ['base']],
      [named, [first]],
      [side, ['side:\nx']],
      [merge, ['side:\nx']],
    ]);
    expect([...(await reader.changes([{ commit: named, parent: first }], 'base')).values()]).toEqual([[]]);
    const trees = await reader.mergedTrees([
      [left, right],
      [named, side],
    ]);
    expect(trees).toEqual([undefined, git('rev-parse', `${merge}^{tree}`)]);
    const ids = async (list: Promise<readonly { oid: string }[]>) => (await list).map(({ oid }) => oid);
    expect(await ids(reader.firstParents(merge, [first], 10))).toEqual([merge, named]);
    expect(new Set(await ids(reader.commits([merge], [first], 10)))).toEqual(new Set([merge, named, side]));
    expect(await ids(reader.commits([side], [merge], 10))).toEqual([]);
    expect(await ids(reader.firstParents(side, [merge], 10))).toEqual([side]);
    expect(Buffer.from((await reader.file(merge, 'base', 10)) ?? []).toString()).toBe('1');
    expect(await reader.file(merge, 'none', 10)).toBeUndefined();
    expect(await reader.file(named, first, 3)).toBe('too-large');
    await expect(reader.commits([A], [], 10)).rejects.toThrow(/could not read/);
  });

  it('sees submodules move, whatever settings and .gitmodules want left out', async () => {
    git('checkout', '-q', '--orphan', 'modules');
    const first = commit('.gitmodules', '[submodule "lib"]\npath = lib\nurl = ./x\nignore = all\n');
    git('config', 'diff.ignoreSubmodules', 'all');
    const move = (to: string): string => {
      git('update-index', '--add', '--cacheinfo', `160000,${to},lib`);
      git('commit', '-q', '--allow-empty', '-m', 'move');
      return git('rev-parse', 'HEAD');
    };
    const added = move(first);
    const moved = move(added);
    const pairs = [
      { commit: added, parent: first },
      { commit: moved, parent: added },
    ];
    expect([...(await openGateReader(env).changes(pairs)).values()]).toEqual([['lib'], ['lib']]);
  });

  it('merges without a program, attribute or setting of the clone, and leaves nothing there', async () => {
    git('checkout', '-q', '--orphan', 'drivers');
    git('rm', '-r', '-q', '--cached', '.');
    const mark = `${folder}-ran`;
    git('config', 'merge.theirs.driver', `touch '${mark}'; cp %B %A`);
    git('config', 'merge.renames', 'false');
    const first = commit('.gitattributes', 'f merge=theirs\nu merge=union\n');
    commit('f', 'f\n');
    const base = commit('u', 'u\n');
    const [left, right, leftU, rightU] = ['f', 'f', 'u', 'u'].map((file, place) => {
      git('checkout', '-q', '--detach', base);
      return commit(file, `${place}\n`);
    }) as [string, string, string, string];
    git('checkout', '-q', '--detach', base);
    git('mv', 'u', 'moved');
    const renamed = commit('other', 'x');
    git('checkout', '-q', '--detach', base);
    const merge = async (...pair: [string, string]) => (await openGateReader(env).mergedTrees([pair]))[0];
    expect([await merge(left, right), await merge(leftU, rightU), existsSync(mark)]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    // The twin: git here would run it.
    execFileSync('git', ['merge-tree', '--write-tree', left, right], { cwd: folder, env });
    expect(existsSync(mark)).toBe(true);
    rmSync(mark);
    const tree = await merge(renamed, leftU);
    expect(tree).toMatch(/^[0-9a-f]{40}$/);
    expect(() => git('cat-file', '-e', tree ?? '')).toThrow();
    expect(await merge(first, base)).toBe(git('rev-parse', `${base}^{tree}`));
  });

  it('tells what a merge has changed by itself', async () => {
    const first = git('rev-parse', 'drivers');
    const make = (name: string, ...parents: string[]): string => {
      const tree = git('write-tree');
      return git('commit-tree', '-m', name, ...parents.flatMap((parent) => ['-p', parent]), tree);
    };
    const side = (parent: string, file: string, text: string): string => {
      git('checkout', '-q', '--detach', parent);
      return commit(file, text);
    };
    const [left, right] = [side(first, 'l', 'l'), side(first, 'f', 'right\n')];
    const third = side(first, 't', 't');
    const lone = make('lone');
    git('read-tree', left);
    const kept = make('kept', left, right);
    git('read-tree', git('merge-tree', '--write-tree', left, right));
    const clean = make('clean', left, right);
    const all = make('all', left, right, third);
    const strange = make('strange', left, lone);
    const made = [kept, clean, all, left, strange].map((oid) => {
      const [tree = '', parents = ''] = git('show', '-s', '--format=%T:%P', oid).split(':');
      return { oid, tree, parents: parents.split(' ') };
    });
    const reader = openGateReader(env);
    const own = async (only?: string) => {
      const changes = await reader.ownChanges(made, only);
      return made.map(({ oid }) => [...new Set(changes.get(oid))].toSorted());
    };
    expect(await own()).toEqual([['f'], [], ['f', 'l', 't'], ['l'], ['f', 't']]);
    expect(await own('l')).toEqual([[], [], ['l'], ['l'], []]);
  });

  it('merges what it borrows, wherever that lies', async () => {
    const odd = join(folder, 'a "b": c\\d');
    execFileSync('git', ['init', '-q', '--bare', odd], { env: { PATH: env['PATH'], HOME: folder } });
    writeFileSync(join(odd, 'objects/info/alternates'), '../../.git/objects\n');
    const [left, right] = [git('rev-parse', 'side'), git('rev-parse', 'drivers')];
    const there = { PATH: env['PATH'], HOME: folder, GIT_DIR: odd };
    const base = git('commit-tree', '-m', 'base', `${left}^{tree}`);
    const sides = ['x', 'y'].map((text) => git('commit-tree', '-p', base, '-m', text, `${left}^{tree}`));
    const [tree] = await openGateReader(there).mergedTrees([[sides[0] ?? '', sides[1] ?? '']]);
    expect(tree).toBe(git('rev-parse', `${left}^{tree}`));
    expect(await openGateReader(there).mergedTrees([[left, right]])).toEqual([undefined]);
  });

  it('gives up on more changed paths than a push may have', async () => {
    const blob = git('hash-object', '-w', '/dev/null');
    let entry = `100644 blob ${blob}`;
    let tree = '';
    for (let depth = 0; depth < 3; depth += 1) {
      const lines = Array.from({ length: 128 }, (_, place) => `${entry}\t${place}\n`).join('');
      tree = execFileSync('git', ['mktree'], { cwd: folder, env, input: lines, encoding: 'utf8' }).trim();
      entry = `040000 tree ${tree}`;
    }
    const wide = git('commit-tree', '-m', 'wide', tree);
    const pair = { commit: wide, parent: undefined };
    const reader = openGateReader(env);
    await expect(reader.changes([pair])).rejects.toThrow(/too long/);
    expect((await reader.changes([pair], 'base')).get(wide)).toEqual([]);
  });
});
