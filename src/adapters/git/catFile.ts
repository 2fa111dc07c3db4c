/** Objects by name, through one `git cat-file --batch`, each hashed again and compared with its name. */
import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { MAX_PAYLOAD_BYTES } from '../../core/limits.ts';
import { SignetError } from '../../errors.ts';
import type { ObjectProblem, RawObject } from '../../ports.ts';
import type { RawGit } from './openRawGit.ts';

/** What to read. */
export interface ObjectRequest {
  /** Full object id, lower-case hex. */
  readonly oid: string;
  readonly ref?: string;
}

/**
 * Reads objects in the order in which they are asked for. What is missing, too large, of another kind or not what its
 * name says comes with a `problem`. Throws SignetError `malformed` where git stops before the end.
 */
export async function* readObjects(
  git: RawGit,
  requests: AsyncIterable<ObjectRequest> | Iterable<ObjectRequest>,
): AsyncGenerator<RawObject> {
  const { child, said, stop } = git.start(['cat-file', '--batch', '--buffer']);
  const pending: ObjectRequest[] = [];
  const asking = ask(child.stdin, requests, pending);
  // Its failure is thrown at the end of what came before it.
  asking.catch(() => {});
  try {
    const reader = new ByteReader(child.stdout);
    for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
      const request = pending.shift();
      if (request === undefined) throw stopped('it answered what nobody asked');
      yield await readAnswer(reader, line, request, git.objectFormat);
    }
    await asking;
    if (pending.length > 0) throw stopped(said());
  } finally {
    stop();
  }
}

function stopped(why: string): SignetError {
  const hint = 'What it did not give was not judged. Run git fsck to see what is wrong.';
  return new SignetError('malformed', `git stopped reading the repository: ${why}.`, hint);
}

/** Writes the names while git takes them, so that what waits is bounded by the pipe. */
async function ask(
  stdin: Writable,
  requests: AsyncIterable<ObjectRequest> | Iterable<ObjectRequest>,
  pending: ObjectRequest[],
): Promise<void> {
  let ended = false;
  stdin.on('error', () => {
    ended = true; // git has ended; the reader says so
  });
  stdin.on('close', () => {
    ended = true;
  });
  try {
    for await (const request of requests) {
      if (ended) return;
      pending.push(request);
      if (!stdin.write(`${request.oid}\n`)) await drained(stdin);
    }
  } finally {
    stdin.end();
  }
}

function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    stdin.on('drain', done).on('close', done).on('error', done);
    if (stdin.destroyed) done();
  });
}

async function readAnswer(
  reader: ByteReader,
  line: string,
  { oid, ref }: ObjectRequest,
  objectFormat: RawGit['objectFormat'],
): Promise<RawObject> {
  const [, id, type = '', size] = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/.exec(line) ?? [];
  const kind = type === 'tag' ? 'tag' : 'commit';
  const toObject = (raw: Uint8Array, problem?: ObjectProblem): RawObject => ({
    oid,
    kind,
    objectFormat,
    raw,
    ...(ref !== undefined && { ref }),
    ...(problem !== undefined && { problem }),
  });
  const toProblem = (code: ObjectProblem['code'], text: string) => toObject(new Uint8Array(), { code, text });
  if (id === undefined) return toProblem('missing', 'the object is not in this repository');
  const bytes = Number(size);
  const isOurs = type === 'commit' || type === 'tag';
  if (!isOurs || bytes > MAX_PAYLOAD_BYTES) {
    await reader.skip(bytes + 1);
    return isOurs
      ? toProblem('too-large', 'the object is larger than 64 MiB')
      : toProblem('other-kind', `the object is a ${type}, which carries no signature`);
  }
  const raw = await reader.bytes(bytes);
  await reader.skip(1);
  const hash = createHash(objectFormat).update(`${type} ${bytes}\0`).update(raw).digest('hex');
  if (hash === oid && id === oid) return toObject(raw);
  return toProblem('wrong-id', 'the bytes of the object are not those that its name stands for');
}

const MAX_LINE_BYTES = 4096;

/** A stream as lines and counted bytes. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next line without its line feed; undefined at the end. */
  async line(): Promise<string | undefined> {
    let end = this.#rest.indexOf(LF);
    while (end < 0) {
      if (this.#rest.length > MAX_LINE_BYTES) throw stopped('it wrote a line without end');
      const chunk = await this.#next();
      if (chunk === undefined) {
        if (this.#rest.length > 0) throw stopped('its answer is cut short');
        return undefined;
      }
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      end = this.#rest.indexOf(LF);
    }
    const line = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + 1);
    return line;
  }

  /** Exactly so many bytes: views where one chunk holds them. */
  async bytes(count: number): Promise<Uint8Array> {
    if (this.#rest.length >= count) return this.#take(count);
    const parts: Buffer[] = [this.#rest];
    let length = this.#rest.length;
    while (length < count) {
      const chunk = await this.#next();
      if (chunk === undefined) throw stopped('its answer is cut short');
      parts.push(chunk);
      length += chunk.length;
    }
    this.#rest = Buffer.concat(parts);
    return this.#take(count);
  }

  /** Passes over so many bytes without keeping them. */
  async skip(count: number): Promise<void> {
    let left = count;
    while (left > this.#rest.length) {
      left -= this.#rest.length;
      const chunk = await this.#next();
      if (chunk === undefined) throw stopped('its answer is cut short');
      this.#rest = chunk;
    }
    this.#rest = this.#rest.subarray(left);
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async #next(): Promise<Buffer | undefined> {
    const { done, value } = await this.#chunks.next();
    return done ? undefined : value;
  }
}

const LF = 0x0a;
