/** What the gate reads: lines of a push, headers, and a repository with names that look like something else. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
});
