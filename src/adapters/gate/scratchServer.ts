/** A copy of a bare repository's configuration and hook, with its objects beside it: pushes there change nothing. */
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callGit } from '../git/callGit.ts';
import { runGit } from '../git/runGit.ts';

export interface Proof {
  /** The push that was tried, in a few words. */
  readonly what: string;
  /** Our hook said no; that git or another program refuses is no proof. */
  readonly refused: boolean;
  /** What was said instead. */
  readonly said: string;
}

export interface CopyRequest {
  /** The ref that the policy is read from. */
  readonly ref: string;
  readonly tip: string | undefined;
  readonly objectFormat: 'sha1' | 'sha256';
}

/** Makes the copy, tries the pushes, and removes it. Throws SignetError where git cannot make it. */
export async function pushIntoCopy(
  gitDir: string,
  env: NodeJS.ProcessEnv,
  request: CopyRequest,
): Promise<readonly Proof[]> {
  const folder = mkdtempSync(join(tmpdir(), 'git-signet-check-'));
  try {
    return tryPushes(makeCopies(folder, gitDir, env, request), env, request);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Copies {
  readonly server: string;
  readonly client: string;
  /** An unsigned commit on top of the policy's ref. */
  readonly unsigned: string;
}

function makeCopies(folder: string, gitDir: string, env: NodeJS.ProcessEnv, request: CopyRequest): Copies {
  const [server, client] = [join(folder, 'server.git'), join(folder, 'client.git')];
  const { ref, tip, objectFormat } = request;
  for (const path of [server, client]) {
    runGit(['init', '-q', '--bare', `--object-format=${objectFormat}`, '--template=', path], env);
    mkdirSync(join(path, 'objects/info'), { recursive: true });
    writeFileSync(join(path, 'objects/info/alternates'), `${join(gitDir, 'objects')}\n`);
  }
  copyFileSync(join(gitDir, 'config'), join(server, 'config'));
  const hooks = join(gitDir, 'hooks');
  if (existsSync(hooks)) cpSync(hooks, join(server, 'hooks'), { recursive: true, verbatimSymlinks: true });
  if (tip !== undefined) {
    for (const path of [server, client]) runGit(['--git-dir', path, 'update-ref', ref, tip], env);
  }
  const tree = runGit(['--git-dir', client, 'write-tree'], env).trim();
  const person = [
    '-c',
    'user.name=git-signet hook check',
    '-c',
    'user.email=check@invalid',
    '-c',
    'commit.gpgSign=false',
  ];
  const parents = tip === undefined ? [] : ['-p', tip];
  const commit = ['commit-tree', ...parents, '-m', 'unsigned, by git-signet hook check', tree];
  const unsigned = runGit(['--git-dir', client, ...person, ...commit], env).trim();
  return { server, client, unsigned };
}

function tryPushes(
  { server, client, unsigned }: Copies,
  env: NodeJS.ProcessEnv,
  request: CopyRequest,
): readonly Proof[] {
  const { ref, tip } = request;
  const pushes: (readonly [string, string])[] = [
    ['an unsigned commit', `${unsigned}:${ref}`],
    ['a replaced object', `${unsigned}:refs/replace/${unsigned}`],
    ...(tip === undefined ? [] : [['deleting the ref of the policy', `:${ref}`] as const]),
  ];
  return pushes.map(([what, refspec]) => {
    const args = ['--git-dir', client, 'push', '--no-signed', `file://${server}`, refspec];
    const { status, stderr } = callGit(args, env, { timeout: 120_000 });
    const text = String(stderr);
    const refused = status !== 0 && /^remote: (GL-HOOK-ERR: )?git-signet: /m.test(text);
    return { what, refused, said: status === 0 ? ': it landed.' : `: ${lastLine(text)}` };
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
