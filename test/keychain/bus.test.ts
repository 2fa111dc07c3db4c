import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findSessionBus } from '../../src/adapters/keychain/busAddress.ts';
import {
  busMessageLength,
  encodeBusCall,
  parseBooleanVariant,
  parseBusAnswer,
  parseString,
} from '../../src/adapters/keychain/busMessage.ts';

const runtimeDir = mkdtempSync(join(tmpdir(), 'signet-bus-'));
writeFileSync(join(runtimeDir, 'bus'), '');
afterAll(() => rmSync(runtimeDir, { recursive: true }));

describe('session bus address', () => {
  const socketPath = (address: string | undefined, dir: string | undefined = undefined) =>
    findSessionBus({ DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: dir })?.socketPath;

  test.each([
    ['unix:path=/run/user/1000/bus', '/run/user/1000/bus'],
    ['unix:path=/tmp/a%20b%2c%c3%a4,guid=00ff', '/tmp/a b,ä'],
    ['unix:guid=00ff,path=/tmp/bus', '/tmp/bus'],
    ['unix:abstract=/tmp/dbus-x,guid=00ff', '\0/tmp/dbus-x'],
    ['tcp:host=localhost,port=1;unix:path=/tmp/second', '/tmp/second'],
    ['unix:runtime=yes', join(runtimeDir, 'bus')],
    ['', join(runtimeDir, 'bus')],
    [undefined, join(runtimeDir, 'bus')],
  ])('%s', (address, path) => expect(socketPath(address, runtimeDir)).toBe(path));

  test.each([
    'tcp:host=localhost,port=1',
    'autolaunch:',
    'unixexec:path=/bin/sh',
    'unix:path=relative/bus',
    'unix:path=',
    'unix:tmpdir=/tmp',
    'unix:',
    'rubbish',
  ])('%s is none', (address) => expect(socketPath(address, runtimeDir)).toBeUndefined());

  test('none without a bus in the runtime folder', () => {
    expect(socketPath(undefined, '/nonexistent')).toBeUndefined();
    expect(socketPath('', 'relative')).toBeUndefined();
    expect(socketPath('unix:runtime=yes')).toBeUndefined();
  });

  test('the address that the library is told names the same socket', () => {
    const address = findSessionBus({ XDG_RUNTIME_DIR: runtimeDir })?.address;
    expect(socketPath(address)).toBe(join(runtimeDir, 'bus'));
  });
});

describe('bus messages', () => {
  /** A method return as a bus writes it: field 5 (reply serial), field 6 (destination), field 8 (signature). */
  const answer = (replySerial: number, signature: string, body: Buffer, type = 2): Buffer => {
    const fields = Buffer.concat([
      Buffer.from([6, 1, 0x73, 0, 4, 0, 0, 0]),
      Buffer.from(':1.1\0\0\0\0'),
      Buffer.from([8, 1, 0x67, 0, signature.length]),
      Buffer.from(`${signature}\0`.padEnd(3, '\0')),
      Buffer.from([5, 1, 0x75, 0, replySerial, 0, 0, 0]),
    ]);
    const header = Buffer.from([0x6c, type, 0, 1, body.length, 0, 0, 0, 9, 0, 0, 0, fields.length, 0, 0, 0]);
    return Buffer.concat([header, fields, body]);
  };
  const path = Buffer.concat([Buffer.from([5, 0, 0, 0]), Buffer.from('/a/bc\0')]);

  test('a call as the specification lays it out', () => {
    const call = { destination: 'd.d', path: '/p', interface: 'i.i', member: 'M', args: ['default'] };
    const bytes = encodeBusCall(call, 2);
    expect(bytes.subarray(0, 16).toString('hex')).toBe(`6c010001${'0c000000'}${'02000000'}${'47000000'}`);
    expect(bytes.length).toBe(busMessageLength(bytes));
    expect(bytes.subarray(-12).toString('latin1')).toBe('\x07\0\0\0default\0');
    expect(bytes.subarray(16, 27).toString('latin1')).toBe('\x01\x01o\0\x02\0\0\0/p\0');
  });

  test('answers', () => {
    const bytes = answer(3, 'o', path);
    expect(busMessageLength(bytes)).toBe(bytes.length);
    const parsed = parseBusAnswer(bytes);
    expect(parsed).toMatchObject({ replySerial: 3, isError: false });
    expect(parseString(parsed)).toBe('/a/bc');
    expect(parseBusAnswer(answer(3, 's', path, 3)).isError).toBe(true);
    expect(parseBusAnswer(answer(3, 's', path, 4)).replySerial).toBe(0);
    const variant = (value: number) =>
      parseBusAnswer(answer(3, 'v', Buffer.from([1, 0x62, 0, 0, value, 0, 0, 0])));
    expect(parseBooleanVariant(variant(1))).toBe(true);
    expect(parseBooleanVariant(variant(0))).toBe(false);
    expect(() => parseBooleanVariant(parseBusAnswer(answer(3, 'o', path)))).toThrow('not a boolean');
  });

  test('cut, mad or endless ones throw or end', () => {
    const bytes = answer(3, 'o', path);
    expect(busMessageLength(bytes.subarray(0, 15))).toBeUndefined();
    for (let i = 16; i < bytes.length; i++) {
      const mangled = Buffer.from(bytes);
      mangled[i] = 0xff;
      try {
        parseString(parseBusAnswer(mangled));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
    const long = Buffer.from(bytes);
    long.writeUInt32LE(0xffff_ffff, 4);
    expect(() => busMessageLength(long)).toThrow('too long');
  });
});
