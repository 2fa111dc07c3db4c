/** What the keychain tests start as processes of their own: one job per line of output, with its time in ms. */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runHold } from '../../src/adapters/keychain/holdAgent.ts';
import { openCredentialStore } from '../../src/adapters/keychain/openCredentialStore.ts';
import { startHold } from '../../src/adapters/keychain/startHold.ts';
import { withLock } from '../../src/adapters/lock.ts';

const [job, ...args] = process.argv.slice(2);
const startedAt = performance.now();

const JOBS: Readonly<Record<string, () => Promise<unknown>>> = {
  store: () => useStore(args),
  'start-hold': () => startHold(process.argv[1] ?? '', process.env),
  'hold-agent': () => runHold(process.env),
  lock: () => produceOnce(args[0] ?? '', Number(args[1])),
  'lock-and-sleep': () => lockAndSleep(args[0] ?? ''),
};

void JOBS[job ?? '']?.();

/** Jobs: `set:KEY:TEXT[:SECONDS]`, `get:KEY`, `delete:KEY`. */
async function useStore(jobs: readonly string[]): Promise<void> {
  const store = await openCredentialStore(process.env);
  tell({ name: store?.name ?? null });
  if (store === undefined) return;
  for (const [what, key = '', text = '', seconds = '600'] of jobs.map((line) => line.split(':'))) {
    try {
      if (what === 'set')
        await store.set(key, Buffer.from(text), new Date(Date.now() + Number(seconds) * 1000));
      if (what === 'delete') await store.delete(key);
      const secret = what === 'get' ? await store.get(key) : undefined;
      tell({ [what ?? '']: secret === undefined ? null : Buffer.from(secret).toString() });
    } catch (error) {
      tell({ [what ?? '']: 'failed', error: String(error) });
    }
  }
}

/** As a signature does: look whether the work is done, else take the lock, look again, and do it. */
async function produceOnce(product: string, timeoutMs: number): Promise<void> {
  await withLock(process.env, 'login', { timeoutMs }, async () => {
    if (existsSync(product)) return;
    appendFileSync(`${product}.runs`, 'x');
    await sleep(700);
    writeFileSync(product, '');
  });
  tell({ locked: true });
}

async function lockAndSleep(mark: string): Promise<void> {
  await withLock(process.env, 'login', { timeoutMs: 0 }, async () => {
    writeFileSync(mark, '');
    await sleep(60_000);
  });
}

function tell(what: object): void {
  process.stdout.write(`${JSON.stringify({ ...what, ms: Math.round(performance.now() - startedAt) })}\n`);
}
