/** A TUF repository, or whoever sits before it, that misbehaves: nothing of what it serves may be believed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readState, readTarget } from '../../src/adapters/tuf/cache.ts';
import { serve } from '../services/server.ts';
import { newWorld, trustedRoot, type World } from './mirror.ts';
import { newKey, sha256 } from './repository.ts';
import { ATTACKS, keep } from './repositoryAttacks.ts';

/** The world after one good update, and what its cache holds. */
async function settled(): Promise<World & { readonly before: string }> {
  const world = await newWorld();
  // So that there is something to go back to.
  world.repository.publish();
  await world.update();
  return { ...world, before: contents(world.folder) };
}

/** Everything that verdicts hang on. */
function contents(folder: string): string {
  const state = readState(folder);
  const root = state && readTarget(folder, 'trusted_root', state.trustedRoot);
  return `${JSON.stringify(state)} ${root && sha256(root)}`;
}

describe('after a good update', () => {
  test.each(ATTACKS)('$name changes nothing', async ({ attack, say }) => {
    const { repository, folder, before, update } = await settled();
    const files = keep(repository);
    attack(repository, trustedRoot(2));
    const error = await update().then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: 'service-answer', message: expect.stringMatching(say) });
    expect(contents(folder)).toBe(before);
    expect(readdirSync(folder).filter((name) => name.startsWith('.new-'))).toEqual([]);
    expect(files.size).toBeGreaterThan(0);
  });

  test('an honest one brings the new trusted root', async () => {
    const { repository, folder, before, update } = await settled();
    repository.publish({ 'trusted_root.json': trustedRoot(2) });
    const { trustedRoot: digest } = await update();
    expect(digest).toBe(sha256(trustedRoot(2)));
    expect(contents(folder)).not.toBe(before);
  });
});

test('new root keys are followed link by link, and new timestamp keys with them', async () => {
  const { repository, update } = await settled();
  for (let i = 0; i < 5; i++) {
    repository.rotate((roles) => {
      roles.root.keys = [...roles.root.keys.slice(1), newKey()];
      roles.timestamp.keys = [newKey()];
      roles.snapshot.keys = [newKey()];
    });
  }
  repository.publish({ 'trusted_root.json': trustedRoot(2) });
  expect((await update()).trustedRoot).toBe(sha256(trustedRoot(2)));
});

test('a key that was withdrawn cannot hold back what its successor signs, however high its versions were', async () => {
  const { repository, update } = await settled();
  repository.versions.timestamp = 1_000_000;
  repository.publish();
  await update();
  repository.versions.timestamp = 5;
  repository.rotate((roles) => {
    roles.timestamp.keys = [newKey()];
    roles.snapshot.keys = [newKey()];
  });
  repository.publish({ 'trusted_root.json': trustedRoot(2) });
  expect((await update()).trustedRoot).toBe(sha256(trustedRoot(2)));
});

test('what was verified before a failure is not forgotten: the version before does not come back', async () => {
  const { repository, update } = await settled();
  const old = keep(repository);
  repository.publish();
  repository.files.delete(`${repository.versions.snapshot}.snapshot.json`);
  await expect(update()).rejects.toMatchObject({ code: 'service-refused' });
  for (const [path, bytes] of old) repository.files.set(path, bytes);
  await expect(update()).rejects.toMatchObject({
    message: expect.stringContaining('less than current version'),
  });
});

test('a root of another chain begins anew and takes nothing over', async () => {
  const { folder, update, repository } = await settled();
  const other = await newWorld();
  await expect(update({ root: other.repository.firstRoot })).rejects.toMatchObject({
    code: 'service-answer',
  });
  expect(readState(folder)?.initialRoot).toBe(sha256(repository.firstRoot));
});

test('a root that is not signed by enough of its own keys is no root to begin with', async () => {
  const { repository, update, folder } = await newWorld();
  const root = JSON.parse(Buffer.from(repository.firstRoot).toString());
  root.signatures = root.signatures.slice(0, 1);
  await expect(update({ root: Buffer.from(JSON.stringify(root)) })).rejects.toMatchObject({
    code: 'service-answer',
  });
  expect(existsSync(join(folder, 'state.json'))).toBe(false);
  expect((await update()).trustedRoot).toBe(sha256(trustedRoot(1)));
});

describe('a mirror that does not end', () => {
  test('its answer: cut off', async () => {
    const { mirror } = await endless();
    const { update } = await worldAt(mirror);
    const startedAt = performance.now();
    await expect(update()).rejects.toMatchObject({ code: 'service-answer' });
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  test('its silence: given up', async () => {
    const { url } = await serve(() => {});
    const { update } = await worldAt(url);
    const startedAt = performance.now();
    await expect(update()).rejects.toMatchObject({ code: 'service-unreachable' });
    expect(performance.now() - startedAt).toBeLessThan(8_500);
  });

  test('its roots: no more than 256 at a time', async () => {
    const world = await newWorld();
    for (let i = 0; i < 300; i++) world.repository.rotate();
    await world.update();
    expect(world.hits()).toBeLessThan(262);
  }, 30_000);
});

async function endless(): Promise<{ readonly mirror: string }> {
  const { url } = await serve((_, response) => {
    const chunk = Buffer.alloc(1 << 16, 0x20);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    response.on('error', () => {});
    more();
  });
  return { mirror: url };
}

/** A world whose first root is good and whose mirror is another one. */
async function worldAt(mirror: string): Promise<Pick<World, 'update'>> {
  const { updateTrust } = await import('../../src/adapters/tuf/update.ts');
  const { repository, env, folder } = await newWorld();
  const initialRoot = { digest: sha256(repository.firstRoot), bytes: repository.firstRoot };
  const { PATIENCE } = await import('./mirror.ts');
  const signal = new AbortController().signal;
  return { update: () => updateTrust({ mirror, folder, env, initialRoot, patience: PATIENCE, signal }) };
}

test('names that climb out of the cache reach nothing', async () => {
  const world = await newWorld();
  const evil = Buffer.from('evil');
  const paths = ['../../evil.json', '/tmp/evil.json', '..\\evil.json', 'a/../../../evil.json'];
  world.repository.publish({
    'trusted_root.json': trustedRoot(3),
    ...Object.fromEntries(paths.map((path) => [path, evil])),
  });
  await world.update();
  const all = readdirSync(world.home, { recursive: true }).map(String);
  expect(all.filter((name) => name.includes('evil'))).toEqual([]);
  expect(readFileSync(join(world.folder, `trusted_root-${sha256(trustedRoot(3))}.json`))).toEqual(
    trustedRoot(3),
  );
});
