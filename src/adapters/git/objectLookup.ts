/** Single questions about objects, to one `git cat-file --batch-command` (git 2.36): starting one for each takes longer. */
import { SignetError } from '../../errors.ts';
import { ByteReader } from './catFile.ts';
import { type GitStream, startRawGit } from './rawGit.ts';

export interface ObjectHead {
  readonly oid: string;
  readonly type: string;
  readonly size: number;
}

export interface ObjectLookup {
  /** What a name stands for (`OID`, `OID:path`); undefined where there is nothing. Rejects with SignetError `malformed`. */
  head(name: string): Promise<ObjectHead | undefined>;
  /** The bytes of an object whose head was looked at. Rejects with SignetError `malformed`. */
  content(head: ObjectHead): Promise<Uint8Array>;
}

/** Starts git with the first question. It keeps nothing waiting, and ends with this process. */
export function objectLookup(env: NodeJS.ProcessEnv): ObjectLookup {
  let git: Dialogue | undefined;
  const ask = <T>(command: string, answer: (reader: ByteReader) => Promise<T>): Promise<T> => {
    git ??= startDialogue(env);
    return git.ask(command, answer);
  };
  return {
    head: async (name) => {
      // It would be two questions.
      if (name.includes('\n')) throw failed('a name has two lines');
      return ask(`info ${name}`, readHead);
    },
    content: ({ oid, size }) =>
      ask(`contents ${oid}`, async (reader) => {
        const head = await readHead(reader);
        if (head?.oid !== oid || head.size !== size) throw failed('an object changed while it was read');
        const bytes = await reader.bytes(size);
        await reader.skip(1);
        return Uint8Array.from(bytes);
      }),
  };
}

interface Dialogue {
  ask<T>(command: string, answer: (reader: ByteReader) => Promise<T>): Promise<T>;
}

function startDialogue(env: NodeJS.ProcessEnv): Dialogue {
  const { child, ended, said } = startRawGit(['cat-file', '--batch-command'], env);
  const reader = new ByteReader(child.stdout);
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  keepWaiting(child, false);
  return {
    ask: (command, answer) => {
      waiting += 1;
      keepWaiting(child, true);
      child.stdin.write(`${command}\n`);
      const answered = last
        .then(() => answer(reader))
        .catch(async (error: unknown) => {
          if (error !== OVER) throw error;
          await ended;
          throw failed(said());
        })
        .finally(() => {
          waiting -= 1;
          if (waiting === 0) keepWaiting(child, false);
        });
      last = answered.catch(() => {});
      return answered;
    },
  };
}

/** Whether this process goes on for as long as git does. */
function keepWaiting(child: GitStream['child'], isWaiting: boolean): void {
  const pipes = [child.stdin, child.stdout, child.stderr] as unknown as readonly NodeJS.Immediate[];
  for (const handle of [child, ...pipes]) {
    if (isWaiting) handle.ref();
    else handle.unref();
  }
}

const OVER = Symbol('git has ended');

/** `OID SP TYPE SP SIZE LF`, or `NAME SP missing LF`; no name can make the second look like the first. */
async function readHead(reader: ByteReader): Promise<ObjectHead | undefined> {
  const line = await reader.line();
  if (line === undefined) throw OVER;
  const [, oid, type, size] = /^([0-9a-f]{40,64}) ([a-z]+) (\d{1,15})$/.exec(line) ?? [];
  if (oid !== undefined && type !== undefined) return { oid, type, size: Number(size) };
  if (line.endsWith(' missing')) return undefined;
  throw failed('it answered what cannot be read');
}

function failed(said: string): SignetError {
  return new SignetError(
    'malformed',
    `git cat-file could not read the repository: ${said}.`,
    'Nothing was judged good. Run git fsck there to see what is wrong.',
  );
}
