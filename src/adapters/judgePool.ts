/** Judging on several cores: worker threads that are handed batches in turn. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Found } from '../core/facts.ts';
import type { ObjectFormat, ObjectKind } from '../core/verdict.ts';
import type { Evidence, Judge, JudgeTask } from '../ports.ts';
import type { TrustChoice } from './trust/choice.ts';

/** What a worker is started with: the trust is loaded there, and must be the one that was loaded here. */
export interface WorkerSettings {
  readonly choice: TrustChoice;
  readonly digest: string;
}

/** What a worker is handed; it answers with as many `Found`, in order. */
export interface Batch {
  /** The objects, one after the other. */
  readonly bytes: Uint8Array;
  readonly tasks: readonly {
    readonly length: number;
    readonly kind: ObjectKind;
    readonly objectFormat: ObjectFormat;
    readonly evidence?: Evidence;
  }[];
}

/** What a worker says first: it has loaded all that it needs. */
export const READY = 'ready';

/** Threads that judge at once: each takes 25 MiB, and more are kept waiting by the one that reads. */
const MAX_THREADS = 4;

/** The build makes a bundle of each module that is imported so; this one is started, not imported. */
export const worker = () => import('./judgeWorker.ts');
const WORKER_FILE = join(import.meta.dirname, 'adapters-judgeWorker.cjs');

/** How many threads can work: 1 where there is one core, or where the program is not built. */
export function usableThreads(): number {
  return existsSync(WORKER_FILE) ? Math.min(availableParallelism(), MAX_THREADS) : 1;
}

/**
 * Histories make much short-lived garbage, and V8 would rather let its young generation grow to 48 MiB a thread, and its
 * old one to twice what is used, than look through them often. Measured: a third less memory in all, for no more time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}

/** Batches that are under way for each thread: one that it works on, and what comes next while this one is busy. */
const BATCHES_EACH = 3;

/**
 * Starts the threads. They end with `close`, or with the process. Once they are ready this one only reads and writes: while
 * it judged, the others waited for it (measured). Until then, and what does not fit into their memory, is judged `here`.
 */
export function judgePool(settings: WorkerSettings, threads: number, here: Judge): Judge {
  const workers = Array.from({ length: threads }, () => startThread(settings));
  return {
    parallel: BATCHES_EACH * threads,
    judge: async (tasks) => {
      const ready = workers.filter(({ isReady }) => isReady());
      if (ready.length === 0) {
        // Whoever gets ready meanwhile is heard between two batches.
        await new Promise<void>((turn) => setImmediate(turn));
        return here.judge(tasks);
      }
      return leastBusy(ready)
        .judge(tasks)
        .catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
          return here.judge(tasks);
        });
    },
    close: async () => {
      await Promise.all(workers.map(({ close }) => close()));
    },
  };
}

interface Thread {
  readonly isReady: () => boolean;
  readonly waiting: () => number;
  readonly judge: (tasks: readonly JudgeTask[]) => Promise<readonly Found[]>;
  readonly close: () => Promise<unknown>;
}

function leastBusy(threads: readonly Thread[]): Thread {
  return threads.reduce((best, thread) => (thread.waiting() < best.waiting() ? thread : best));
}

function startThread(settings: WorkerSettings): Thread {
  // Flags of this process (a debugger's, for one) are not for them. A small heap is looked through early; what does not
  // fit into it is judged by the thread that asked.
  const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };
  const thread = new Worker(WORKER_FILE, { workerData: settings, execArgv: [], resourceLimits });
  thread.unref();
  const waiting: { resolve: (found: readonly Found[]) => void; reject: (error: unknown) => void }[] = [];
  let failure: unknown;
  let isReady = false;
  const fail = (error: unknown): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  thread.on('message', (found: readonly Found[] | typeof READY) => {
    if (found === READY) {
      isReady = true;
      return;
    }
    waiting.shift()?.resolve(found);
    if (waiting.length === 0) thread.unref();
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('a worker thread has ended')));
  return {
    isReady: () => isReady,
    waiting: () => waiting.length,
    judge: (tasks) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting.push({ resolve, reject });
        thread.ref();
        const batch = toBatch(tasks);
        thread.postMessage(batch, [batch.bytes.buffer as ArrayBuffer]);
      }),
    close: () => thread.terminate(),
  };
}

/** In one piece of memory that changes hands: a view would be sent with all of the memory that it looks at. */
function toBatch(tasks: readonly JudgeTask[]): Batch {
  const bytes = new Uint8Array(tasks.reduce((sum, { object }) => sum + object.raw.length, 0));
  let at = 0;
  for (const { object } of tasks) {
    bytes.set(object.raw, at);
    at += object.raw.length;
  }
  return {
    bytes,
    tasks: tasks.map(({ object: { raw, kind, objectFormat }, evidence }) => ({
      length: raw.length,
      kind,
      objectFormat,
      ...(evidence !== undefined && { evidence }),
    })),
  };
}
