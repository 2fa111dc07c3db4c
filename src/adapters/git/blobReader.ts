/** One `git cat-file --batch` that is asked for objects one after the other, as they are needed. */
import { SignetError } from '../../errors.ts';
import { readBatchHead, readBatchItem } from './batchOutput.ts';
import { startRawGit } from './rawGit.ts';

export interface BlobReader {
  /** Content of a blob; undefined where there is none, or one too large. Rejects with SignetError `config` where git fails. */
  read(oid: string): Promise<Uint8Array | undefined>;
  close(): void;
}

/** A push certificate over ten thousand refs. */
const MAX_BLOB_BYTES = 8 << 20;

/**
 * Starts git with the first question, in the repository that `env` and the current folder name. Of larger blobs nothing
 * is kept: strangers write them, and a gigabyte of zeros packs into little.
 */
export function blobReader(env: NodeJS.ProcessEnv, maxBytes = MAX_BLOB_BYTES): BlobReader {
  let git: ReturnType<typeof startGit> | undefined;
  return {
    read(oid) {
      git ??= startGit(env, maxBytes);
      return git.ask(oid);
    },
    close: () => git?.end(),
  };
}

/** Id, type and size of a blob, in one line. */
const MAX_HEAD_BYTES = 128;

interface Waiting {
  readonly resolve: (content: Uint8Array | undefined) => void;
  readonly reject: (error: SignetError) => void;
}

function startGit(env: NodeJS.ProcessEnv, maxBytes: number) {
  const { child, ended } = startRawGit(['cat-file', '--batch'], env);
  const waiting: Waiting[] = [];
  let unread: Buffer = Buffer.alloc(0);
  /** Bytes still to come of a blob that is too large. */
  let passing = 0;
  let isOver = false;
  void ended.then(() => {
    isOver = true;
    for (const { reject } of waiting.splice(0)) reject(broken());
  });
  child.stdout.on('data', (chunk: Buffer) => {
    const next = chunk.subarray(passing);
    passing -= chunk.length - next.length;
    unread = unread.length === 0 ? next : Buffer.concat([unread, next]);
    for (let item = readBatchItem(unread, 0); item !== undefined; item = readBatchItem(unread, 0)) {
      unread = unread.subarray(item.end);
      waiting.shift()?.resolve(item.type === 'blob' ? Uint8Array.from(item.content) : undefined);
    }
    const { end } = readBatchHead(unread, 0) ?? { end: 0 };
    if (end <= maxBytes + MAX_HEAD_BYTES) return;
    passing = end - unread.length;
    unread = Buffer.alloc(0);
    waiting.shift()?.resolve(undefined);
  });
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
