/** The short way to run a program says what node:child_process says. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Bounds, spawnToEnd } from '../../src/adapters/git/spawnToEnd.ts';

const NODE = process.execPath;
const ENV = { PATH: '/usr/bin:/bin', SAYS: 'a\nb=ü' };
const bounds = (more: Partial<Bounds> = {}): Bounds => ({ maxBuffer: 1 << 20, ...more });

type Case = readonly [what: string, file: string, args: readonly string[], bounds: Bounds];
const run = (what: string, script: string, more?: Partial<Bounds>): Case => [
  what,
  NODE,
  ['-e', script],
  bounds(more),
];

const CASES: readonly Case[] = [
  run('its environment, and nothing else', 'console.log(process.env)'),
  [
    'its arguments',
    NODE,
    ['-e', 'console.log(process.argv)', '--', '', ' x "', "'$HOME'", '*', 'ü\n'],
    bounds(),
  ],
  run('both streams', 'process.stdout.write(Buffer.of(0, 255)); process.stderr.write("e")'),
  run('an exit code', 'process.exitCode = 3'),
  run('a signal', 'process.kill(process.pid, "SIGKILL")'),
  run('what it is given', 'process.stdin.pipe(process.stdout)', { input: 'ü\0\n'.repeat(20_000) }),
  run('the end of what it is given', 'process.stdin.on("end", () => console.log("end")).resume()'),
  run('input that it does not read', '', { input: 'x'.repeat(1 << 17) }),
  run('too much output', 'console.log("x".repeat(1e6))', { maxBuffer: 1000 }),
  run('too much time', 'setInterval(() => {}, 1000)', { timeout: 1000 }),
  ['a program that is not there', '/nowhere/git', ['config'], bounds()],
  ['a program that is none', import.meta.filename, [], bounds()],
];

/** But for the pid; where nothing was started, some releases of Node say null and some say undefined. */
function facts({ status, signal, stdout, stderr, error, output }: SpawnSyncReturns<Buffer>) {
  const { code, errno } = (error ?? {}) as NodeJS.ErrnoException;
  const streams = [stdout, stderr].map((stream) => stream ?? null);
  return { status, signal, streams, code, errno, isError: error instanceof Error, output };
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const spawnedBy = (file: string, args: readonly string[], { input, ...limits }: Bounds) =>
  facts(spawnSync(file, args, { env: ENV, ...limits, ...(input !== undefined && { input }) }));

describe.each([
  ['by the binding', process.version],
  ['in a release that is not tested', 'v19.0.0'],
])('%s', (_, version) => {
  test.each(CASES)('%s', (_what, file, args, limits) => {
    vi.spyOn(process, 'version', 'get').mockReturnValue(version);
    expect(facts(spawnToEnd(file, args, ENV, limits))).toEqual(spawnedBy(file, args, limits));
  });
});

test('without the binding it is node:child_process that runs it', () => {
  const binding = vi.fn(() => {
    throw new Error('ERR_ACCESS_DENIED');
  });
  vi.stubGlobal('process', Object.assign(Object.create(process), { binding }));
  expect(spawnToEnd(NODE, ['-e', 'console.log(1)'], ENV, bounds()).stdout.toString()).toBe('1\n');
  expect(binding).toHaveBeenCalledWith('spawn_sync');
});

test('an argument is not cut at a NUL', () => {
  expect(() => spawnToEnd(NODE, ['-e', '1\0'], ENV, bounds())).toThrow('null bytes');
});
