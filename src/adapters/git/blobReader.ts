/** One `git cat-file --batch` that is asked for objects one after the other, as they are needed. */
import { spawn } from 'node:child_process';
import { SignetError } from '../../errors.ts';
import { readBatchItem } from './batchOutput.ts';
import { findGit } from './findGit.ts';
import { HARMLESS } from './gitBytes.ts';
import { readingEnvironment } from './rawGit.ts';

export interface BlobReader {
  /** Content of a blob; undefined where there is none of this id. Rejects with SignetError `config` where git fails. */
  read(oid: string): Promise<Uint8Array | undefined>;
  close(): void;
}

/** Starts git with the first question, in the repository that `env` and the current folder name. */
export function blobReader(env: NodeJS.ProcessEnv): BlobReader {
  let git: ReturnType<typeof startGit> | undefined;
  return {
    read(oid) {
      git ??= startGit(env);
      return git.ask(oid);
    },
    close: () => git?.end(),
  };
}

interface Waiting {
  readonly resolve: (content: Uint8Array | undefined) => void;
  readonly reject: (error: SignetError) => void;
}

function startGit(env: NodeJS.ProcessEnv) {
  const child = spawn(findGit(env), [...HARMLESS, 'cat-file', '--batch'], {
    env: readingEnvironment(env),
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    windowsHide: true,
  });
  const waiting: Waiting[] = [];
  let unread: Buffer = Buffer.alloc(0);
  let isOver = false;
  const fail = (): void => {
    isOver = true;
    for (const { reject } of waiting.splice(0)) reject(broken());
  };
  child.stdout.on('data', (chunk: Buffer) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    for (let item = readBatchItem(unread, 0); item !== undefined; item = readBatchItem(unread, 0)) {
      unread = unread.subarray(item.end);
      waiting.shift()?.resolve(item.type === 'blob' ? Uint8Array.from(item.content) : undefined);
    }
  });
  child.stdin.on('error', fail);
  child.once('error', fail);
  child.once('close', fail);
  return {
    ask: (oid: string) =>
      new Promise<Uint8Array | undefined>((resolve, reject) => {
        if (isOver) return reject(broken());
        waiting.push({ resolve, reject });
        child.stdin.write(`${oid}\n`);
      }),
    end: () => child.stdin.end(),
  };
}

function broken(): SignetError {
  return new SignetError(
    'config',
    'git stopped while notes were read.',
    'Run git fsck to see what is wrong.',
  );
}
