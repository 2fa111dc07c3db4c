/** Log entries in git notes: what is written can be read again, by us and by git, whoever else writes. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mergeNotes, NOTES_REF, notePaths, parseNote } from '../../src/adapters/git/notesFormat.ts';
import { readNotesOf } from '../../src/adapters/git/notesLookup.ts';
import { listNotes, notesSource } from '../../src/adapters/git/notesRead.ts';
import { saveNotes } from '../../src/adapters/git/notesWrite.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { MAX_NOTE_BYTES, MAX_NOTE_ENTRIES } from '../../src/core/limits.ts';
import type { EvidenceQuery } from '../../src/ports.ts';
import { makeRepository, type Repository, repositoryAt } from './repository.ts';

const entry = (text: string): Uint8Array => Buffer.from(`an entry: ${text}`);
const evidence = (...texts: readonly string[]): Evidence => ({ entries: texts.map(entry) });
const found = (texts: Readonly<Record<string, string>>) =>
  new Map(Object.entries(texts).map(([oid, text]) => [oid, evidence(text)]));
const signal = AbortSignal.timeout(60_000);

/** What all ways of reading say of an object; they must agree. */
async function readAll(repository: Repository, oid: string): Promise<readonly string[]> {
  const source = notesSource(repository.env);
  try {
    const bulk = await source.find({ oid } as EvidenceQuery, signal);
    const single = readNotesOf([oid, '0'.repeat(64)], repository.env);
    const texts = bulk.entries.map((bytes) => Buffer.from(bytes).toString());
    expect(single.entries.map((bytes) => Buffer.from(bytes).toString())).toEqual(texts);
    return texts;
  } finally {
    source.close();
  }
}

const SOME = '1'.repeat(40);
const OTHER = '2'.repeat(40);

describe('the format', () => {
  test('holds several entries, a line for each', () => {
    const text = mergeNotes([], evidence('a', 'b'));
    expect(text.split('\n')).toHaveLength(3);
    expect(parseNote(Buffer.from(text)).entries.map(String)).toEqual(evidence('a', 'b').entries.map(String));
  });

  test('passes over what it does not know, and keeps it', () => {
    const strange = 'entry-v2 {"later":1}\n\nhello\nentry-v1 not base64!\nentry-v1 \n\u001b[31m\n';
    expect(parseNote(Buffer.from(strange)).entries).toEqual([]);
    const merged = mergeNotes([Buffer.from(strange, 'latin1')], evidence('a'));
    expect(merged).toContain('entry-v2 {"later":1}\n');
    expect(parseNote(Buffer.from(merged, 'latin1')).entries.map(String)).toEqual(['an entry: a']);
  });

  test('is no text that a merge by lines would change', () => {
    const text = mergeNotes(
      [Buffer.from('zzz\n'), Buffer.from(mergeNotes([], evidence('b')))],
      evidence('a'),
    );
    expect(text.split('\n').slice(0, -1)).toEqual(text.split('\n').slice(0, -1).toSorted());
    expect(mergeNotes([Buffer.from(text)], evidence('b'))).toBe(text);
  });

  test('stands alone where others left too much to be read', () => {
    const flood = Buffer.from(
      mergeNotes([], evidence(...Array.from({ length: MAX_NOTE_ENTRIES }, (_, i) => String(i)))),
    );
    expect(parseNote(flood).entries).toHaveLength(MAX_NOTE_ENTRIES);
    expect(parseNote(Buffer.from(mergeNotes([flood], evidence('a')))).entries).toHaveLength(1);
    const huge = Buffer.alloc(MAX_NOTE_BYTES + 1, 'x');
    expect(parseNote(huge).entries).toEqual([]);
    expect(mergeNotes([huge], evidence('a'))).toBe(mergeNotes([], evidence('a')));
  });
});

describe.each(['sha1', 'sha256'] as const)('in a %s repository', (format) => {
  const some = '1'.repeat(format === 'sha1' ? 40 : 64);

  test('notes are found again, singly and all together, and by git', async () => {
    const repository = makeRepository(format);
    const oid = repository.store('blob', 'anything');
    expect(await readAll(repository, oid)).toEqual([]);
    await saveNotes(found({ [oid]: 'a', [some]: 'b' }), repository.env);
    expect(await readAll(repository, oid)).toEqual(['an entry: a']);
    expect(await readAll(repository, some)).toEqual(['an entry: b']);
    expect(repository.git('notes', '--ref=signet', 'show', oid)).toBe(mergeNotes([], evidence('a')));
    expect(repository.git('log', '--format=%an <%ae>', NOTES_REF).trim()).toBe(
      'git-signet <git-signet@localhost>',
    );
    expect(repository.git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  test.each([0, 1, 2, 3])(
    'a note that git keeps %i folders deep is found, and not doubled',
    async (depth) => {
      const repository = makeRepository(format);
      const note = repository.store('blob', mergeNotes([], evidence('a')));
      const path = notePaths(some)[depth] ?? '';
      repository.git('update-index', '--add', '--cacheinfo', `100644,${note},${path}`);
      const commit = repository
        .git(
          '-c',
          'user.name=A',
          '-c',
          'user.email=a@b',
          'commit-tree',
          repository.git('write-tree').trim(),
          '-m',
          'x',
        )
        .trim();
      repository.git('update-ref', NOTES_REF, commit);
      expect(await readAll(repository, some)).toEqual(['an entry: a']);
      await saveNotes(found({ [some]: 'b' }), repository.env);
      expect((await readAll(repository, some)).toSorted()).toEqual(['an entry: a', 'an entry: b']);
      expect(repository.git('ls-tree', '-r', '--name-only', NOTES_REF).trim()).toBe(notePaths(some)[1]);
    },
  );
});

test('what was there stays, what is new is added, and nothing new makes no commit', async () => {
  const repository = makeRepository();
  await saveNotes(found({ [SOME]: 'a' }), repository.env);
  await saveNotes(found({ [SOME]: 'b', [OTHER]: 'c' }), repository.env);
  expect((await readAll(repository, SOME)).toSorted()).toEqual(['an entry: a', 'an entry: b']);
  const tip = repository.git('rev-parse', NOTES_REF);
  await saveNotes(found({ [SOME]: 'a', [OTHER]: 'c' }), repository.env);
  expect(repository.git('rev-parse', NOTES_REF)).toBe(tip);
  expect(repository.git('rev-list', '--count', NOTES_REF).trim()).toBe('2');
});

test('writers at the same time lose nothing', async () => {
  const repository = makeRepository();
  const oids = Array.from({ length: 8 }, (_, i) => i.toString(16).repeat(40));
  await Promise.all(
    oids.map((oid, i) => saveNotes(found({ [oid]: `own ${i}`, [SOME]: `shared ${i}` }), repository.env)),
  );
  for (const [i, oid] of oids.entries()) {
    if (oid !== SOME) expect(await readAll(repository, oid)).toEqual([`an entry: own ${i}`]);
  }
  expect((await readAll(repository, SOME)).filter((text) => text.includes('shared'))).toHaveLength(8);
});

test('no hook of the repository runs', async () => {
  const repository = makeRepository();
  const hooks = join(repository.env['GIT_DIR'] ?? '', 'hooks');
  mkdirSync(hooks, { recursive: true });
  const mark = join(repository.path, 'hook-ran');
  for (const name of ['reference-transaction', 'post-index-change', 'pre-commit']) {
    writeFileSync(join(hooks, name), `#!/bin/sh\necho ${name} >> '${mark}'\n`);
    chmodSync(join(hooks, name), 0o755);
  }
  repository.git('config', 'core.hooksPath', hooks);
  await saveNotes(found({ [SOME]: 'a' }), repository.env);
  expect(await readAll(repository, SOME)).toEqual(['an entry: a']);
  expect(existsSync(mark)).toBe(false);
  // The control: it does run where git is asked as usual.
  repository.git('update-ref', 'refs/heads/x', NOTES_REF);
  expect(existsSync(mark)).toBe(true);
});

test('two clones exchange notes by plain git, and its merge joins what both have', async () => {
  const hub = makeRepository('sha1', '--bare');
  const clones = ['one', 'two'].map((name) => {
    const path = join(hub.path, '..', name);
    hub.git('clone', '-q', hub.path, path);
    const { GIT_DIR: _, ...outer } = hub.env;
    return repositoryAt(path, outer);
  });
  const [one, two] = clones as [Repository, Repository];
  await saveNotes(found({ [SOME]: 'a' }), one.env);
  one.git('push', '-q', 'origin', NOTES_REF);
  await saveNotes(found({ [SOME]: 'b', [OTHER]: 'c' }), two.env);
  expect(() => two.git('push', '-q', 'origin', NOTES_REF)).toThrow('rejected');
  two.git('fetch', '-q', 'origin', `${NOTES_REF}:refs/notes/origin-signet`);
  const who = ['-c', 'user.name=Bob', '-c', 'user.email=bob@example.com'];
  two.git(...who, 'notes', '--ref=signet', 'merge', '-q', '-s', 'cat_sort_uniq', 'origin-signet');
  two.git('push', '-q', 'origin', NOTES_REF);
  one.git('fetch', '-q', 'origin', `${NOTES_REF}:${NOTES_REF}`);
  for (const clone of clones) {
    expect((await readAll(clone, SOME)).toSorted()).toEqual(['an entry: a', 'an entry: b']);
    expect(await readAll(clone, OTHER)).toEqual(['an entry: c']);
  }
});

test('outside a repository there are no notes for git, and a clear error for commands', async () => {
  const { env } = makeRepository();
  const outside = { ...env, GIT_DIR: join(env['GIT_DIR'] ?? '', 'nothing') };
  expect(readNotesOf([SOME], outside)).toEqual({ entries: [] });
  const error = await notesSource(outside)
    .find({ oid: SOME } as EvidenceQuery, signal)
    .then(String, (e: Error) => e);
  expect(error).toMatchObject({ code: 'config', message: expect.stringContaining('cannot read the notes') });
  await expect(saveNotes(found({ [SOME]: 'a' }), outside)).rejects.toMatchObject({ code: 'config' });
});

test('a tree of rubbish under the ref does no harm', async () => {
  const repository = makeRepository();
  const note = repository.store('blob', 'rubbish');
  for (const path of [SOME, 'README', `${SOME.slice(0, 2)}/x`, `${'3'.repeat(38)}/4`]) {
    repository.git('update-index', '--add', '--cacheinfo', `100644,${note},${path}`);
  }
  const tree = repository.git('write-tree').trim();
  repository.git(
    'update-ref',
    NOTES_REF,
    repository.git('-c', 'user.name=A', '-c', 'user.email=a@b', 'commit-tree', tree, '-m', 'x').trim(),
  );
  expect(await readAll(repository, SOME)).toEqual([]);
  await saveNotes(found({ [SOME]: 'a' }), repository.env);
  expect(await readAll(repository, SOME)).toEqual(['an entry: a']);
  repository.git('update-ref', NOTES_REF, repository.store('blob', 'not even a commit'));
  expect(readNotesOf([SOME], repository.env)).toEqual({ entries: [] });
});

test('a note of a hundred megabytes is passed over at once, and the next one read', async () => {
  const repository = makeRepository();
  await saveNotes(found({ [SOME]: 'a', [OTHER]: 'b' }), repository.env);
  expect(await readAll(repository, SOME)).toEqual(['an entry: a']);
  const flood = repository.store('blob', Buffer.alloc(128 << 20));
  const [, path] = notePaths(SOME);
  repository.git('read-tree', NOTES_REF);
  repository.git('update-index', '--cacheinfo', `100644,${flood},${path}`);
  const tree = repository.git('write-tree').trim();
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@b'];
  repository.git('update-ref', NOTES_REF, repository.git(...who, 'commit-tree', tree, '-m', 'x').trim());
  const source = notesSource(repository.env);
  const started = performance.now();
  try {
    const asked = [SOME, OTHER].map((oid) => source.find({ oid } as EvidenceQuery, signal));
    const counts = (await Promise.all(asked)).map(({ entries }) => entries.length);
    expect(counts).toEqual([0, 1]);
    // Kept as a whole, chunk by chunk, it took more than a minute.
    expect(performance.now() - started).toBeLessThan(20_000);
  } finally {
    source.close();
  }
  await saveNotes(found({ [SOME]: 'c' }), repository.env);
  expect(await readAll(repository, SOME)).toEqual(['an entry: c']);
});

test('a folder of notes that holds itself 256 times over ends git and no memory', async () => {
  const repository = makeRepository();
  await saveNotes(found({ [SOME]: 'a' }), repository.env);
  expect(await readAll(repository, SOME)).toEqual(['an entry: a']);
  const makeTree = (one: string): string => {
    const entries = Array.from({ length: 256 }, (_, at) => `${one}\t${at.toString(16).padStart(2, '0')}\n`);
    const { env } = repository;
    return execFileSync('git', ['mktree'], { env, input: entries.join(''), encoding: 'utf8' }).trim();
  };
  let tree = makeTree(`100644 blob ${repository.store('blob', 'x')}`);
  for (let depth = 0; depth < 7; depth++) tree = makeTree(`040000 tree ${tree}`);
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@b'];
  repository.git('update-ref', NOTES_REF, repository.git(...who, 'commit-tree', tree, '-m', 'x').trim());
  const message = `git cannot read the notes in ${NOTES_REF}: its answer is too long.`;
  await expect(listNotes(repository.env)).rejects.toMatchObject({ code: 'config', message });
  // git's own call looks at four places only.
  expect(readNotesOf([SOME], repository.env)).toEqual({ entries: [] });
});

/** A name as another hash function would make it: a note of its own may lie there. */
const ODD = '3'.repeat(64);

/** Adds notes at these paths to those that are there, whatever git would do. */
function addNotes(repository: Repository, blobs: Readonly<Record<string, string | Buffer>>): void {
  repository.git('read-tree', NOTES_REF);
  for (const [path, text] of Object.entries(blobs)) {
    const blob = repository.store('blob', text);
    repository.git('update-index', '--add', '--cacheinfo', `100644,${blob},${path}`);
  }
  const tree = repository.git('write-tree').trim();
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@b'];
  repository.git('update-ref', NOTES_REF, repository.git(...who, 'commit-tree', tree, '-m', 'x').trim());
}

test.each([
  ['too much to be read', Buffer.alloc(5 << 20, 'a')],
  ['as many entries as are read', mergeNotes([], evidence(...Array.from({ length: 16 }, (_, i) => `${i}`)))],
])(
  '%s in the other places of an object hides neither its note nor those of others',
  async (_what, rubbish) => {
    const repository = makeRepository();
    await saveNotes(found({ [SOME]: 'a', [OTHER]: 'b' }), repository.env);
    const [flat, , deep, deeper] = notePaths(SOME);
    addNotes(repository, {
      [notePaths(ODD)[0]]: rubbish,
      [flat]: rubbish,
      [deep]: rubbish,
      [deeper]: rubbish,
    });
    const source = notesSource(repository.env);
    try {
      for (const [oid, text] of [
        [SOME, 'an entry: a'],
        [OTHER, 'an entry: b'],
      ] as const) {
        const bulk = await source.find({ oid } as EvidenceQuery, signal);
        const single = readNotesOf([ODD, oid], repository.env);
        expect([bulk, single].map(({ entries }) => String(entries[0]))).toEqual([text, text]);
      }
    } finally {
      source.close();
    }
  },
);
