/** Everything that docs/server.md shows is run: on a server, by ssh as its daemon would, and as forges start hooks. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { findProgram } from '../../src/adapters/findProgram.ts';
import {
  makeToyWorld,
  reasonsIn,
  TEAM,
  type ToyServer,
  type ToyWorld,
} from '../e2e/adversarial/toyServer.ts';
import { blocksOf, codesOf, readDocument } from './markdown.ts';

const text = readDocument('docs/server.md');
const [install, forced, forgeFile, forgeSettings, ...others] = blocksOf(text).map((block) => block.text);

let world: ToyWorld;
beforeAll(() => {
  world = makeToyWorld();
});
afterAll(() => world?.close());

test('has these blocks and no others', () => {
  expect(install).toContain('hook install');
  expect(forced).toContain('command=');
  expect(forgeFile).toContain('#!/bin/sh');
  expect(forgeSettings).toContain('signet.policyRef');
  expect(others).toEqual([]);
});

/** Its commands, with the names that the reader has in the place of those in the document. */
const run = (block: string | undefined, { bare, introduction }: ToyServer) => {
  const commands = (block ?? '').replaceAll(/^\$ /gm, '').replaceAll('OID', introduction);
  const script = commands.replaceAll('/srv/git/app.git', bare);
  return world.git(['-c', `alias.snippet=!set -eu\n${script}`, 'snippet'], { cwd: bare, mayFail: true });
};

/** Without hook, and without settings but the trusted root. */
async function makeUnguarded(): Promise<ToyServer> {
  const server = await world.makeServer(TEAM);
  for (const name of ['pre-receive', 'judge']) rmSync(join(server.bare, 'hooks', name));
  await server.onServer('config', '--remove-section', 'signet');
  await server.onServer('config', 'signet.trustedRoot', join(world.folder, 'root.json'));
  return server;
}

const push = (server: ToyServer, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  world.git(['push', ...args], { cwd: server.clone, env, mayFail: true });

/** What may come comes, and what may not is refused. */
async function expectJudging(server: ToyServer): Promise<void> {
  await server.commit(world.alice);
  expect((await push(server, ['origin', 'main'])).code).toBe(0);
  await server.commit(undefined);
  const { code, stderr } = await push(server, ['origin', 'main']);
  expect([code, reasonsIn(stderr)]).toEqual([1, ['unsigned']]);
}

it('installs a hook that holds', async () => {
  const server = await makeUnguarded();
  const { code, stdout, stderr } = await run(install, server);
  expect([code, stdout], stderr).toEqual([0, expect.stringContaining('The hook holds')]);
  await expectJudging(server);
});

describe.runIf(findProgram('git-shell', process.env) !== undefined)('by ssh (needs git-shell)', () => {
  const around = codesOf(text).find((code) => code.startsWith('git push --receive-pack=')) ?? '';

  /** What sshd starts for a key: the forced command, or what the client asks for. */
  function makeSsh(command: string): string {
    const file = join(world.folder, 'ssh');
    const script = `#!/bin/sh\nfor SSH_ORIGINAL_COMMAND do :; done\nexport SSH_ORIGINAL_COMMAND\n${command}\n`;
    writeFileSync(file, script, { mode: 0o755 });
    return file;
  }

  it('the forced command lets pushes in, and nobody around the hook', async () => {
    const server = await makeUnguarded();
    await run(install, server);
    const [, command = ''] = /^command="((?:\\"|[^"])*)"/.exec(forced ?? '') ?? [];
    const url = `ssh://git@server${server.bare}`;
    const go = (ssh: string, ...args: string[]) =>
      push(server, [...args, url, 'main'], { GIT_SSH: ssh, GIT_SSH_VARIANT: 'simple' });
    const [, program = ''] = /^git push (--receive-pack='.*')$/.exec(around) ?? [];
    const argument = program.replaceAll("'", '');
    expect([command, argument]).not.toContain('');

    const closed = makeSsh(command.replaceAll('\\"', '"'));
    await server.commit(world.alice);
    const usual = await go(closed);
    expect(usual.code, usual.stderr).toBe(0);
    await server.commit(undefined);
    expect(reasonsIn((await go(closed)).stderr)).toEqual(['unsigned']);
    const refused = await go(closed, argument);
    expect([refused.code, refused.stderr]).toEqual([128, expect.stringContaining('unrecognized command')]);
    const open = makeSsh('exec sh -c "$SSH_ORIGINAL_COMMAND"');
    expect((await go(open, argument)).code).toBe(0);
  });
});

it('works in a folder of a forge', async () => {
  const server = await makeUnguarded();
  const folder = join(server.bare, 'hooks/pre-receive.d');
  mkdirSync(folder);
  writeFileSync(join(folder, 'git-signet'), `${forgeFile}\n`, { mode: 0o755 });
  const each = `#!/bin/sh\nlines=$(cat)\nfor hook in hooks/pre-receive.d/*; do\n  printf '%s\\n' "$lines" | "$hook" || exit $?\ndone\n`;
  writeFileSync(join(server.bare, 'hooks/pre-receive'), each, { mode: 0o755 });
  expect((await run(forgeSettings, server)).code).toBe(0);
  const env = { NODE_OPTIONS: `--require=${join(world.folder, 'not-there.cjs')}` };
  await server.commit(world.alice);
  const pushed = await push(server, ['origin', 'main'], env);
  expect(pushed.code, pushed.stderr).toBe(0);
  await expectJudging(server);
});
