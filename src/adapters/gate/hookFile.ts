/** The file `hooks/pre-receive` of a bare repository, never a link: git says nothing of one that leads nowhere. */
import { lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SignetError } from '../../errors.ts';
import { replaceFile } from '../replaceFile.ts';

const MARK =
  '# Written by git-signet hook install: it judges each push by the identity policy. docs/server.md';

export interface HookProgram {
  /** Absolute path of Node. */
  readonly node: string;
  /** Absolute path of our own file. */
  readonly program: string;
}

export function hookPath(gitDir: string): string {
  return join(gitDir, 'hooks', 'pre-receive');
}

/** What stands in the file. Variables that change what Node loads, or writes, are not the pusher's to set. */
function hookText({ node, program }: HookProgram): string {
  return `#!/bin/sh
${MARK}
unset NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_REPL_EXTERNAL_MODULE NODE_COMPILE_CACHE NODE_V8_COVERAGE
unset NODE_DEBUG NODE_REDIRECT_WARNINGS NODE_ICU_DATA OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES
exec ${quote(node)} ${quote(program)} hook pre-receive
`;
}

/** Writes it whole. Throws SignetError `usage` where somebody else's hook is there. */
export function writeHook(gitDir: string, program: HookProgram): void {
  const path = hookPath(gitDir);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !isOurs(path)) {
    throw new SignetError(
      'usage',
      `${path} is there already, and not ours.`,
      'Move it away, or call git-signet hook pre-receive from it first and end with its exit code.',
    );
  }
  mkdirSync(join(gitDir, 'hooks'), { recursive: true });
  replaceFile(path, hookText(program), 0o755);
}

/** True where there was one of ours. */
export function removeHook(gitDir: string): boolean {
  const path = hookPath(gitDir);
  if (!isOurs(path)) return false;
  rmSync(path);
  return true;
}

/** A regular file with our line; a link is not what we wrote, wherever it leads. */
export function isOurs(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && readFileSync(path, 'utf8').includes(MARK);
}

/** What it starts, where it is ours. */
export function programsOf(path: string): readonly string[] {
  const [, line = ''] = /^exec (.*) hook pre-receive$/m.exec(readFileSync(path, 'utf8')) ?? [];
  return [...line.matchAll(/'((?:[^']|'\\'')*)'/g)].map(([, text = '']) => text.replaceAll("'\\''", "'"));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
