import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignetError } from '../../errors.ts';
import type { CredentialStore } from '../../ports.ts';
import { holdSocketPath, holdStore } from './holdClient.ts';

const START_DEADLINE_MS = 5_000;

/** A socket's path has room for 107 bytes on Linux, 103 elsewhere. */
const MAX_SOCKET_PATH_BYTES = 103;

/** What the hold process may know of the environment: where its folder is. No token, no NODE_OPTIONS. */
const KEPT = ['HOME', 'XDG_RUNTIME_DIR', 'XDG_STATE_HOME'];

/**
 * Makes sure that a hold process runs, and returns its store. It is `entry` (the program's own file) started by this
 * Node with the argument `hold-agent`, in a session of its own and without core dumps; it outlives us and ends by itself.
 * Throws SignetError (usage, config) where that cannot be.
 */
export async function startHold(entry: string, env: NodeJS.ProcessEnv): Promise<CredentialStore> {
  const path = holdSocketPath(env);
  if (path === undefined) throw unavailable();
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new SignetError(
      'config',
      `The path of the socket is too long: ${path}`,
      'Set XDG_RUNTIME_DIR to a shorter path.',
    );
  }
  const running = await holdStore(env);
  if (running !== undefined) return running;
  spawnDetached(resolve(entry), env);
  for (const startedAt = performance.now(); performance.now() - startedAt < START_DEADLINE_MS; ) {
    await sleep(20);
    const store = await holdStore(env);
    if (store !== undefined) return store;
  }
  throw new SignetError(
    'config',
    `The hold process did not come up at ${path}.`,
    `Remove ${path} if it exists, and try again.`,
  );
}

/** Node cannot lower its own limits; a core dump would write the key to disk. */
function spawnDetached(entry: string, env: NodeJS.ProcessEnv): void {
  const script = 'ulimit -c 0; exec "$@"';
  const kept = KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  const child = spawn('/bin/sh', ['-c', script, 'sh', process.execPath, entry, 'hold-agent'], {
    cwd: '/',
    detached: true,
    stdio: 'ignore',
    env: Object.fromEntries(kept),
  });
  child.once('error', () => {}); // told by the deadline
  child.unref();
}

function unavailable(): SignetError {
  if (process.platform === 'win32') {
    return new SignetError(
      'usage',
      'There is no --hold on Windows.',
      'Credentials are kept in the Windows Credential Manager.',
    );
  }
  return new SignetError(
    'config',
    'There is no folder that only you can enter, for the socket of the hold process.',
    'Set XDG_RUNTIME_DIR to a folder of yours with mode 0700, or check ~/.local/state/git-signet.',
  );
}
