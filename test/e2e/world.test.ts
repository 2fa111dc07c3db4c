/** The other end-to-end tests rely on it: when a world is closed, no process of it is left. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { processesAbout } from './process.ts';
import { leftBehind, makeWorld } from './world.ts';

describe.skipIf(process.platform !== 'linux')('a world', () => {
  it('ends its sandbox and its hold process, and leaves nothing', async () => {
    const world = await makeWorld();
    const running = processesAbout(world.folder).map(({ argv }) => argv);
    expect(running.filter((argv) => argv.includes('sandbox serve'))).toHaveLength(1);
    expect(running.filter((argv) => argv.endsWith('hold-agent'))).toHaveLength(1);
    await world.close();
    expect(processesAbout(world.folder)).toEqual([]);
    expect(existsSync(world.folder)).toBe(false);
  });

  it('that leaves a process is found out', async () => {
    const world = await makeWorld({ hold: false });
    const stray = world.begin('sleep', ['60']);
    const sandbox = processesAbout(world.folder).length - 1;
    expect(sandbox).toBe(1);
    await world.signet(['sandbox', 'stop', '--state', `${world.folder}/sandbox`]);
    expect((await leftBehind(world.folder, 300)).map(({ pid }) => pid)).toEqual([stray.child.pid]);
    await stray.ended;
    await world.close();
  });
});
