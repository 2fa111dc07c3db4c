/** One git process that answers questions about objects: in order, and never out of step. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findGit } from '../../src/adapters/git/findGit.ts';
import { objectLookup } from '../../src/adapters/git/objectLookup.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
let tree: string;
const TEXT = 'a text\n';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signet-lookup-'));
  env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_DIR: join(folder, '.git') };
  const git = (args: readonly string[], input = ''): string =>
    execFileSync('git', args, { cwd: folder, env, input, encoding: 'utf8' }).trim();
  git(['init', '-q', folder]);
  const blob = git(['hash-object', '-w', '--stdin'], TEXT);
  tree = git(['mktree'], `100644 blob ${blob}\ta file\n100644 blob ${blob}\tx missing\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('answers many questions at once, each its own', async () => {
  const lookup = objectLookup(env);
  const absent = 'f'.repeat(40);
  const names = [tree, absent, `${tree}:a file`, `${tree}:none`, `${tree}:x missing`, `${absent}:x`];
  const heads = await Promise.all(names.map((name) => lookup.head(name)));
  expect(heads.map((head) => head?.type)).toEqual(['tree', undefined, 'blob', undefined, 'blob', undefined]);
  const [, , file] = heads;
  if (file === undefined) throw new Error('the file is not there');
  expect(Buffer.from(await lookup.content(file)).toString()).toBe(TEXT);
  await expect(lookup.content({ ...file, size: 1 })).rejects.toThrow('an object changed');
});

it('refuses a name that would be two questions', async () => {
  const lookup = objectLookup(env);
  await expect(lookup.head(`${tree}:a file\ninfo ${tree}`)).rejects.toThrow('a name has two lines');
  expect((await lookup.head(`${tree}:a file`))?.type).toBe('blob');
});

it('fails each question that git does not answer', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const script = (what: string) => writeFileSync(join(bin, 'git'), `#!/bin/sh\n${what}\n`);
  script('echo "fatal: it is broken" >&2; exit 128');
  chmodSync(join(bin, 'git'), 0o755);
  const PATH = `${bin}:${env['PATH']}`;
  const broken = objectLookup({ ...env, PATH });
  await expect(broken.head(tree)).rejects.toThrow('it is broken');
  await expect(broken.head(tree)).rejects.toMatchObject({ code: 'malformed' });
  script(`printf '%s' ${tree}`);
  await expect(objectLookup({ ...env, PATH }).head(tree)).rejects.toMatchObject({ code: 'malformed' });
  script(`exec '${findGit(env)}' "$@"`);
  expect((await objectLookup({ ...env, PATH }).head(tree))?.type).toBe('tree');
});
