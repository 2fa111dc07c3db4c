import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** Where the session bus listens. */
export interface BusAddress {
  /** For node:net: a path, or NUL and a name for Linux's abstract sockets. */
  readonly socketPath: string;
  /** The same as libdbus spells it. */
  readonly address: string;
}

/**
 * The session bus by DBUS_SESSION_BUS_ADDRESS (the first unix socket in it), else `$XDG_RUNTIME_DIR/bus` where that
 * exists. Undefined where there is none; tcp, unixexec and autolaunch, which nobody's desktop uses, count as none.
 * Source: D-Bus specification, "Server Addresses" and "Well-known Message Bus Instances".
 */
export function findSessionBus(env: NodeJS.ProcessEnv): BusAddress | undefined {
  const runtimeBus = toRuntimeBus(env['XDG_RUNTIME_DIR']);
  const given = env['DBUS_SESSION_BUS_ADDRESS'] ?? '';
  if (given === '')
    return runtimeBus !== undefined && existsSync(runtimeBus) ? unixPath(runtimeBus) : undefined;
  for (const address of given.split(';')) {
    const found = parseUnixAddress(address, runtimeBus);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `unix:key=value,key=value`, values %-escaped. */
function parseUnixAddress(address: string, runtimeBus: string | undefined): BusAddress | undefined {
  if (!address.startsWith('unix:')) return undefined;
  const keys = new Map<string, string>();
  for (const pair of address.slice('unix:'.length).split(',')) {
    const at = pair.indexOf('=');
    if (at > 0) keys.set(pair.slice(0, at), unescapeValue(pair.slice(at + 1)));
  }
  const path = keys.get('path');
  const abstract = keys.get('abstract');
  if (path !== undefined && isAbsolute(path)) return { socketPath: path, address };
  if (abstract !== undefined && abstract !== '') return { socketPath: `\0${abstract}`, address };
  return keys.get('runtime') === 'yes' && runtimeBus !== undefined ? unixPath(runtimeBus) : undefined;
}

function toRuntimeBus(runtimeDir: string | undefined): string | undefined {
  return runtimeDir !== undefined && isAbsolute(runtimeDir) ? join(runtimeDir, 'bus') : undefined;
}

function unixPath(path: string): BusAddress {
  const escaped = path.replace(/[^-0-9A-Za-z_/.\\*]/g, (c) =>
    [...Buffer.from(c)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return { socketPath: path, address: `unix:path=${escaped}` };
}

function unescapeValue(value: string): string {
  const bytes = value.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}
