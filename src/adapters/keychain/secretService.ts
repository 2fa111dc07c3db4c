import { connect, type Socket } from 'node:net';
import {
  type BusAnswer,
  type BusCall,
  busMessageLength,
  encodeBusCall,
  parseBooleanVariant,
  parseBusAnswer,
  parseString,
} from './busMessage.ts';

/** `locked` also where it has no default collection: a store would ask a person for a new password. */
export type SecretServiceState = 'ready' | 'locked' | 'absent' | 'hung';

/**
 * Whether the Secret Service behind this bus can be used without waiting for anybody: is the bus alive, is the service,
 * is its default collection unlocked. Takes `deadlineMs` at most and never throws.
 *
 * The keychain library must not be let near a bus before: one that accepts and never answers blocks even its
 * asynchronous calls for good, a process in it cannot exit, and a locked collection makes it wait for a prompt.
 */
export async function askSecretService(socketPath: string, deadlineMs: number): Promise<SecretServiceState> {
  const socket = connect(socketPath);
  let late = false;
  // Where this process itself was kept waiting, the answer may be there: a last look before it is given up.
  const giveUp = (): void => {
    late = true;
    socket.destroy(new Error('the session bus does not answer'));
  };
  const timer = setTimeout(() => setImmediate(giveUp), deadlineMs);
  try {
    return await converse(socket);
  } catch {
    return late ? 'hung' : 'absent';
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

async function converse(socket: Socket): Promise<SecretServiceState> {
  const read = Reader(socket);
  await authenticate(socket, read);
  const ask = async (call: BusCall, serial: number): Promise<BusAnswer> => {
    socket.write(encodeBusCall(call, serial));
    return read.answerTo(serial);
  };
  await ask(HELLO, 1);
  const alias = await ask(READ_DEFAULT_ALIAS, 2);
  if (alias.isError) return 'absent';
  const collection = parseString(alias);
  if (!/^(\/[A-Za-z0-9_]+)+$/.test(collection)) return 'locked';
  const locked = await ask(isLocked(collection), 3);
  return locked.isError || parseBooleanVariant(locked) ? 'locked' : 'ready';
}

/** D-Bus specification, "Authentication Protocol": the kernel vouches for the user id. */
async function authenticate(socket: Socket, read: Reader): Promise<void> {
  const uid = Buffer.from(String(process.getuid?.() ?? '')).toString('hex');
  socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  if (!(await read.line()).startsWith('OK ')) throw new Error('the session bus refuses us');
  socket.write('BEGIN\r\n');
}

const HELLO: BusCall = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
  member: 'Hello',
  args: [],
};

/** Secret Service API, org.freedesktop.Secret.Service.ReadAlias; `/` means none. Starts the service if need be. */
const READ_DEFAULT_ALIAS: BusCall = {
  destination: 'org.freedesktop.secrets',
  path: '/org/freedesktop/secrets',
  interface: 'org.freedesktop.Secret.Service',
  member: 'ReadAlias',
  args: ['default'],
};

function isLocked(collection: string): BusCall {
  return {
    destination: 'org.freedesktop.secrets',
    path: collection,
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    args: ['org.freedesktop.Secret.Collection', 'Locked'],
  };
}

type Reader = ReturnType<typeof Reader>;

/** The handshake's line is short, and what a bus sends beside the answers (signals) is passed over. */
const MAX_LINE_BYTES = 1024;
const MAX_OTHER_MESSAGES = 64;

function Reader(socket: Socket) {
  const chunks = socket[Symbol.asyncIterator]();
  let buffer: Buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    const { value, done } = await chunks.next();
    if (done === true) throw new Error('the session bus hung up');
    buffer = Buffer.concat([buffer, value as Buffer]);
  };
  const message = async (): Promise<Buffer> => {
    for (;;) {
      const length = busMessageLength(buffer);
      if (length !== undefined && buffer.length >= length) {
        const whole = buffer.subarray(0, length);
        buffer = buffer.subarray(length);
        return whole;
      }
      await more();
    }
  };
  return {
    async line(): Promise<string> {
      for (;;) {
        const end = buffer.indexOf('\r\n');
        if (end >= 0) {
          const text = buffer.toString('latin1', 0, end);
          buffer = buffer.subarray(end + 2);
          return text;
        }
        if (buffer.length > MAX_LINE_BYTES) throw new Error('the session bus talks too much');
        await more();
      }
    },
    async answerTo(serial: number): Promise<BusAnswer> {
      for (let others = 0; others <= MAX_OTHER_MESSAGES; others++) {
        const answer = parseBusAnswer(await message());
        if (answer.replySerial === serial) return answer;
      }
      throw new Error('the session bus talks too much');
    },
  };
}
