import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPrivateFolder } from './privateFolder.ts';

/** How long something that happened is remembered, in milliseconds. */
export const RECENT_MS = 10 * 60_000;

/** What is remembered, one small file each. */
export type Event = 'secret-service-hung' | 'hold-hung' | 'no-keychain-said';

/**
 * Whether this happened within the last ten minutes, to this very thing (a socket's path). Anything unreadable, and
 * a time in the future (the clock was set back), counts as no.
 */
export function happenedRecently(env: NodeJS.ProcessEnv, event: Event, subject: string): boolean {
  const folder = openPrivateFolder(env);
  if (folder === undefined) return false;
  try {
    const [time, digest] = readFileSync(join(folder, event), 'utf8').split(' ');
    const agoMs = Date.now() - Number(time);
    return digest === digestOf(subject) && agoMs >= 0 && agoMs < RECENT_MS;
  } catch {
    return false;
  }
}

/** Remembers it. Where nothing can be written nothing is: the next call pays again, and works. */
export function rememberEvent(env: NodeJS.ProcessEnv, event: Event, subject: string): void {
  const folder = openPrivateFolder(env);
  if (folder === undefined) return;
  try {
    writeFileSync(join(folder, event), `${Date.now()} ${digestOf(subject)}`, { mode: 0o600 });
  } catch {
    // see above
  }
}

function digestOf(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}
