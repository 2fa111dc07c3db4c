/** Repositories of their own for tests, by real git. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { ObjectFormat } from '../../src/core/verdict.ts';

export interface Repository {
  readonly path: string;
  readonly objectFormat: ObjectFormat;
  /** Names the repository for git, and nobody's identity or settings. */
  readonly env: NodeJS.ProcessEnv;
  /** Standard output of a git command in it. */
  git(...args: readonly string[]): string;
  /** Stores an object; its id. */
  store(kind: 'commit' | 'tag' | 'blob', raw: Uint8Array | string): string;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function makeRepository(objectFormat: ObjectFormat = 'sha1', ...init: readonly string[]): Repository {
  const folder = mkdtempSync(join(tmpdir(), 'signet-online-'));
  folders.push(folder);
  const path = join(folder, 'repo');
  mkdirSync(join(folder, 'home'));
  const env = {
    PATH: process.env['PATH'],
    HOME: join(folder, 'home'),
    GIT_CONFIG_NOSYSTEM: '1',
    // git would make up an identity of the machine's names.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'user.useConfigOnly',
    GIT_CONFIG_VALUE_0: 'true',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
  execFileSync('git', ['init', '-q', '-b', 'main', `--object-format=${objectFormat}`, ...init, path], {
    env,
  });
  return repositoryAt(path, env);
}

export function repositoryAt(path: string, outer: NodeJS.ProcessEnv): Repository {
  const env = {
    ...outer,
    GIT_DIR: execFileSync('git', ['-C', path, 'rev-parse', '--absolute-git-dir'], {
      env: outer,
      encoding: 'utf8',
    }).trim(),
  };
  const git = (args: readonly string[], input: Uint8Array | string = ''): string =>
    execFileSync('git', args, { env, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  return {
    path,
    objectFormat: git(['rev-parse', '--show-object-format']).trim() as ObjectFormat,
    env,
    git: (...args) => git(args),
    store: (kind, raw) => git(['hash-object', '-t', kind, '-w', '--stdin'], raw).trim(),
  };
}
