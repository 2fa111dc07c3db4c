import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { holdSocketPath, holdStore } from './holdClient.ts';
import { encodeAnswer, type HoldAnswer, type HoldRequest, parseRequest, readFrame } from './holdFrame.ts';

/** Ends itself when nobody has put anything in by then. */
const IDLE_MS = 60_000;

/** Timers stand still while a machine sleeps: look at the clock this often. */
const LOOK_MS = 5_000;

const MAX_ITEMS = 64;
const CONNECTION_DEADLINE_MS = 2_000;

type Items = Map<string, { readonly secret: Uint8Array; readonly expiresAtMs: number }>;

/**
 * The hold process: keeps secrets in memory behind a socket that only its owner can reach, and ends when all of them
 * have expired, on `stop`, SIGTERM, SIGINT or SIGHUP. Returns at once where another one is already there.
 * Called by the hidden command `hold-agent`, in a process of its own: it sets that process' umask and signals.
 */
export async function runHold(env: NodeJS.ProcessEnv): Promise<void> {
  const path = holdSocketPath(env);
  if (path === undefined || (await holdStore(env)) !== undefined) return;
  // Node would open its debugger on SIGUSR1, and the debugger reads memory.
  process.on('SIGUSR1', () => {});
  process.umask(0o177);
  rmSync(path, { force: true });
  const items: Items = new Map();
  const server = createServer((socket) => serve(socket, items, () => server.close()));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => server.close());
  await untilOver(server, items);
  for (const key of items.keys()) remove(items, key);
}

/** Node removes the socket file when the server closes. */
async function untilOver(server: Server, items: Items): Promise<void> {
  const startedAt = Date.now();
  const timer = setInterval(() => {
    const wasUsed = items.size > 0;
    removeExpired(items);
    if (items.size === 0 && (wasUsed || Date.now() - startedAt > IDLE_MS)) server.close();
  }, LOOK_MS);
  await new Promise<void>((resolve) => server.once('close', resolve));
  clearInterval(timer);
}

async function serve(socket: Socket, items: Items, stop: () => void): Promise<void> {
  socket.setTimeout(CONNECTION_DEADLINE_MS, () => socket.destroy());
  try {
    const request = parseRequest(await readFrame(socket));
    socket.end(encodeAnswer(answer(request, items)));
    if (request.op === 'stop') stop();
  } catch {
    socket.destroy();
  }
}

function answer(request: HoldRequest, items: Items): HoldAnswer {
  const { op, key, secret, expiresAtMs } = request;
  removeExpired(items);
  const held = items.get(key);
  if (op === 'delete' || op === 'set') remove(items, key);
  if (op === 'set' && items.size < MAX_ITEMS && expiresAtMs > Date.now())
    items.set(key, { secret, expiresAtMs });
  const found = op === 'set' ? items.has(key) : held !== undefined;
  return { found, secret: op === 'get' && held ? held.secret : new Uint8Array() };
}

function removeExpired(items: Items): void {
  for (const [key, { expiresAtMs }] of items) if (!(expiresAtMs > Date.now())) remove(items, key);
}

function remove(items: Items, key: string): void {
  items.get(key)?.secret.fill(0);
  items.delete(key);
}
