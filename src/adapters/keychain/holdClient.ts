import { lstatSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { CredentialStore } from '../../ports.ts';
import { encodeRequest, type HoldAnswer, type HoldRequest, parseAnswer, readFrame } from './holdFrame.ts';
import { isMine, openPrivateFolder } from './privateFolder.ts';
import { happenedRecently, rememberEvent } from './recentEvents.ts';

/** A process that holds some items in memory answers within a millisecond. */
const ANSWER_DEADLINE_MS = 500;

/** Where the hold process listens: a socket in our private folder. Undefined where there is none, and on Windows. */
export function holdSocketPath(env: NodeJS.ProcessEnv): string | undefined {
  // A named pipe can be taken over by another account once its owner is gone, and there is a Credential Manager.
  if (process.platform === 'win32') return undefined;
  const folder = openPrivateFolder(env);
  return folder === undefined ? undefined : join(folder, 'hold.sock');
}

/** The store of the running `login --hold` process; undefined where none runs, or it is not ours. Never throws. */
export async function holdStore(env: NodeJS.ProcessEnv): Promise<CredentialStore | undefined> {
  const path = holdSocketPath(env);
  const socket = path === undefined ? undefined : ownSocket(path);
  if (path === undefined || socket === undefined || happenedRecently(env, 'hold-hung', socket))
    return undefined;
  const startedAt = performance.now();
  try {
    await ask(path, { op: 'ping' });
  } catch {
    if (performance.now() - startedAt >= ANSWER_DEADLINE_MS) rememberEvent(env, 'hold-hung', socket);
    return undefined;
  }
  return {
    name: 'git-signet login --hold (memory)',
    async get(key) {
      const answer = await ask(path, { op: 'get', key });
      return answer.found ? answer.secret : undefined;
    },
    async set(key, secret, expiresAt) {
      const { found } = await ask(path, { op: 'set', key, secret, expiresAtMs: expiresAt.getTime() });
      if (!found) throw new Error('the hold process has not kept it');
    },
    async delete(key) {
      await ask(path, { op: 'delete', key });
    },
  };
}

/** Ends the hold process, and what it held is gone. False where none ran. */
export async function stopHold(env: NodeJS.ProcessEnv): Promise<boolean> {
  const path = holdSocketPath(env);
  if (path === undefined || ownSocket(path) === undefined) return false;
  try {
    await ask(path, { op: 'stop' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Which socket this is, for the recent events; undefined where there is none, or not a safe one: somebody else's could be
 * told our key, so it must be ours and closed to others, like its folder.
 */
function ownSocket(path: string): string | undefined {
  try {
    const stats = lstatSync(path);
    const isSafe = stats.isSocket() && isMine(stats) && (stats.mode & 0o077) === 0;
    return isSafe ? `${path} ${stats.ino} ${stats.ctimeMs}` : undefined;
  } catch {
    return undefined;
  }
}

async function ask(
  path: string,
  request: Partial<HoldRequest> & Pick<HoldRequest, 'op'>,
): Promise<HoldAnswer> {
  const socket = connect(path);
  // Where this process itself was kept waiting, the answer may be there: a last look before it is given up.
  const giveUp = (): unknown => socket.destroy(new Error('the hold process does not answer'));
  const timer = setTimeout(() => setImmediate(giveUp), ANSWER_DEADLINE_MS);
  try {
    socket.write(encodeRequest({ key: '', secret: new Uint8Array(), expiresAtMs: 0, ...request }));
    return parseAnswer(await readFrame(socket));
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
