/** The cache of TUF repositories: when it counts, when it is refused, and when it is renewed. */

import { verify } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalize } from '@tufjs/canonical-json';
import { describe, expect, test } from 'vitest';
import { openTrust } from '../../src/adapters/trust/loadTrust.ts';
import { type CacheState, readState } from '../../src/adapters/tuf/cache.ts';
import { EMBEDDED_ROOTS, mirrorFolder, PUBLIC_MIRROR } from '../../src/adapters/tuf/mirrors.ts';
import { publicStateFile } from '../../src/adapters/tuf/place.ts';
import { embeddedRoot, isDue, lastFailure, refreshTrust } from '../../src/adapters/tuf/refresh.ts';
import { newHome, newWorld, SHIPPED, trustedRoot, type World } from './mirror.ts';
import { sha256 } from './repository.ts';

const chosen = (mirror?: string) => ({
  file: undefined,
  others: mirror === undefined ? [] : ([['SIGNET_TRUST_MIRROR', mirror]] as const),
});

const refresh = ({ mirror, env }: Pick<World, 'mirror' | 'env'>, offline = false): Promise<void> =>
  refreshTrust(chosen(mirror), env, { offline, signal: new AbortController().signal });

const digestIn = async ({ mirror, env }: Pick<World, 'mirror' | 'env'>): Promise<string> =>
  (await openTrust(chosen(mirror), env)).digest;

function changeState(folder: string, change: Partial<CacheState>): void {
  const path = join(folder, 'state.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
}

describe('the shipped root of TUF', () => {
  const { bytes, digest } = embeddedRoot();
  const { signed, signatures } = JSON.parse(new TextDecoder().decode(bytes));

  test('is the one whose digest the docs name', () => {
    expect(sha256(bytes)).toBe(digest);
    expect(EMBEDDED_ROOTS).toContain(digest);
    expect(readFileSync('docs/trust.md', 'utf8')).toContain(digest);
    expect(signed.version).toBe(15);
  });

  test('is signed by its own keys, more than it needs', () => {
    const right = signatures.filter(({ keyid, sig }: { keyid: string; sig: string }) =>
      verify(
        'sha256',
        Buffer.from(canonicalize(signed)),
        signed.keys[keyid].keyval.public,
        Buffer.from(sig, 'hex'),
      ),
    );
    const keys = new Set(right.map(({ keyid }: { keyid: string }) => keyid));
    expect([...keys].filter((id) => signed.roles.root.keyids.includes(id))).toHaveLength(5);
    expect(signed.roles.root.threshold).toBe(3);
  });

  test('has its folder where git looks for it', () => {
    const env = { HOME: '/home/alice' };
    expect(publicStateFile(env)).toBe(join(mirrorFolder(env, PUBLIC_MIRROR) ?? '', 'state.json'));
  });
});

test('mirrors have folders of their own, whatever their names', () => {
  const { env, home } = newHome();
  const mirrors = [
    'https://a.example',
    'https://a.example:8443',
    'https://a.example/tuf',
    'http://a.example',
    'https://../..',
    'https://a/../../x',
  ];
  const folders = mirrors.map((mirror) => mirrorFolder(env, mirror) ?? '');
  expect(new Set(folders).size).toBe(mirrors.length);
  expect(new Set(folders.map((folder) => dirname(folder)))).toEqual(
    new Set([join(home, '.local/share/git-signet/tuf')]),
  );
});

test.each([
  [{ HOME: '/h', XDG_DATA_HOME: '/data' }, '/data/git-signet/tuf'],
  [{ HOME: '/h', XDG_DATA_HOME: 'relative' }, '/h/.local/share/git-signet/tuf'],
  [{ HOME: '/h', XDG_DATA_HOME: '/data', TUF_ROOT: '/tuf' }, '/tuf/git-signet/tuf'],
])('its place is found by %o', (env, place) => {
  expect(dirname(mirrorFolder(env, PUBLIC_MIRROR) ?? '')).toBe(
    process.platform === 'linux' ? place : expect.any(String),
  );
});

describe('the public trusted root', () => {
  /** As an update from the shipped root would leave it. */
  function publicCache(change: Partial<CacheState> = {}) {
    const { env } = newHome();
    const folder = mirrorFolder(env, PUBLIC_MIRROR) ?? '';
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const bytes = trustedRoot(9);
    writeFileSync(join(folder, `trusted_root-${sha256(bytes)}.json`), bytes, { mode: 0o600 });
    const state: CacheState = {
      mirror: PUBLIC_MIRROR,
      initialRoot: EMBEDDED_ROOTS[0] ?? '',
      trustedRoot: sha256(bytes),
      signingConfig: '',
      proven: true,
      refreshedAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      ...change,
    };
    writeFileSync(join(folder, 'state.json'), JSON.stringify(state), { mode: 0o600 });
    return { env, folder, updated: sha256(bytes) };
  }

  test('that TUF brought from the shipped root takes the place of the shipped one', async () => {
    const { env, updated } = publicCache();
    expect((await openTrust(chosen(), env)).digest).toBe(updated);
  });

  test.each([
    ['began with another root', { initialRoot: '0'.repeat(64) }],
    ['is older than the shipped one', { refreshedAt: '2026-01-01T00:00:00Z' }],
  ])('that %s does not', async (_, change) => {
    const { env } = publicCache(change);
    expect((await openTrust(chosen(), env)).digest).toBe(sha256(SHIPPED));
  });

  test('goes on to count for git when it has ended', async () => {
    const { env, updated } = publicCache({ expiresAt: '2026-11-01T00:00:00Z' });
    expect((await openTrust(chosen(), env)).digest).toBe(updated);
  });

  test.runIf(process.getuid !== undefined)('is refused where others may write it', async () => {
    for (const mode of [0o770, 0o707, 0o777]) {
      const { env, folder } = publicCache();
      chmodSync(folder, mode);
      await expect(openTrust(chosen(), env)).rejects.toMatchObject({
        code: 'no-trust',
        message: expect.stringContaining('others may write'),
      });
      chmodSync(folder, 0o700);
      chmodSync(dirname(folder), mode);
      await expect(openTrust(chosen(), env)).rejects.toMatchObject({ code: 'no-trust' });
    }
  });
});

describe('a cache edited by hand', () => {
  test.each<[string, (world: World) => void]>([
    [
      'another trusted root',
      ({ folder }) =>
        writeFileSync(join(folder, `trusted_root-${sha256(trustedRoot(1))}.json`), trustedRoot(2)),
    ],
    ['no trusted root', ({ folder }) => rmSync(join(folder, `trusted_root-${sha256(trustedRoot(1))}.json`))],
    ['an empty state', ({ folder }) => writeFileSync(join(folder, 'state.json'), '')],
    ['half a state', ({ folder }) => writeFileSync(join(folder, 'state.json'), '{"mirror":')],
    ['a state of another form', ({ folder }) => writeFileSync(join(folder, 'state.json'), 'null')],
    [
      'a digest that is a path',
      ({ folder }) => changeState(folder, { trustedRoot: '../../../../etc/passwd' }),
    ],
    ['no times', ({ folder }) => changeState(folder, { refreshedAt: '', expiresAt: 'soon' })],
  ])('%s is refused, and an update mends it', async (_, edit) => {
    const world = await newWorld();
    await world.update();
    expect(await digestIn(world)).toBe(sha256(trustedRoot(1)));
    edit(world);
    await expect(digestIn(world)).rejects.toMatchObject({
      code: 'no-trust',
      hint: expect.stringContaining('trust update'),
    });
    await world.update();
    expect(await digestIn(world)).toBe(sha256(trustedRoot(1)));
  });

  test('metadata that were changed are not believed', async () => {
    const world = await newWorld();
    await world.update();
    const [metadata] = [join(world.folder, `metadata-${sha256(world.repository.firstRoot).slice(0, 32)}`)];
    for (const name of ['timestamp', 'snapshot', 'targets'])
      writeFileSync(join(metadata, `${name}.json`), '{}');
    await world.update();
    writeFileSync(join(metadata, 'root.json'), '{"signed":{},"signatures":[]}');
    await expect(world.update()).rejects.toMatchObject({ code: 'service-answer' });
    expect(await digestIn(world)).toBe(sha256(trustedRoot(1)));
  });
});

describe('looking after trust', () => {
  test('happens at most once a day', async () => {
    const world = await newWorld();
    await world.update();
    const before = world.hits();
    world.repository.publish({ 'trusted_root.json': trustedRoot(2) });
    await refresh(world);
    expect(world.hits()).toBe(before);
    changeState(world.folder, { refreshedAt: new Date(Date.now() - 25 * 3_600_000).toISOString() });
    await refresh(world, true);
    expect(world.hits()).toBe(before);
    await refresh(world);
    expect(world.hits()).toBeGreaterThan(before);
    expect(await digestIn(world)).toBe(sha256(trustedRoot(2)));
  });

  test('works within expiry without network, and does not try again at once', async () => {
    const world = await newWorld();
    await world.update();
    changeState(world.folder, { refreshedAt: new Date(Date.now() - 25 * 3_600_000).toISOString() });
    world.repository.files.clear();
    const before = world.hits();
    await refresh(world);
    const after = world.hits();
    expect(after).toBeGreaterThan(before);
    expect(lastFailure(world.folder)?.message).toContain('404');
    await refresh(world);
    expect(world.hits()).toBe(after);
    expect(await digestIn(world)).toBe(sha256(trustedRoot(1)));
  });

  test.each([true, false])('fails clearly after expiry (offline: %s), while git goes on', async (offline) => {
    const world = await newWorld();
    await world.update();
    changeState(world.folder, { expiresAt: '2026-11-01T00:00:00.000Z' });
    world.repository.files.clear();
    await expect(refresh(world, offline)).rejects.toMatchObject({
      code: 'no-trust',
      message: expect.stringContaining('ended on 2026-11-01'),
      hint: expect.stringContaining('git-signet trust update'),
    });
    expect(await digestIn(world)).toBe(sha256(trustedRoot(1)));
  });

  test('is done at once where trust has ended, whenever it was tried last', async () => {
    const world = await newWorld();
    await world.update();
    changeState(world.folder, { expiresAt: '2026-11-01T00:00:00.000Z' });
    world.repository.publish({ 'trusted_root.json': trustedRoot(2) });
    await refresh(world);
    expect(await digestIn(world)).toBe(sha256(trustedRoot(2)));
  });

  test.each([
    ['GIT_DIR', '.'],
    ['GIT_PREFIX', ''],
    ['SIGSTORE_NO_CACHE', '1'],
  ])('is not done where %s is %j, as in hooks, unless on request', async (name, value) => {
    const world = await newWorld();
    await world.update();
    changeState(world.folder, { refreshedAt: new Date(Date.now() - 25 * 3_600_000).toISOString() });
    const before = world.hits();
    await refresh({ mirror: world.mirror, env: { ...world.env, [name]: value } });
    expect(world.hits()).toBe(before);
    await refresh(world);
    expect(world.hits()).toBeGreaterThan(before);
  });

  test('a clock that was ahead is no reason to wait', async () => {
    const world = await newWorld();
    await world.update();
    changeState(world.folder, { refreshedAt: '2999-01-01T00:00:00.000Z' });
    expect(isDue(world.folder, readState(world.folder))).toBe(true);
  });

  test('leaves a trusted root in a file alone', async () => {
    const world = await newWorld();
    await world.update();
    const choice = { file: '/nowhere', others: chosen(world.mirror).others };
    changeState(world.folder, { expiresAt: '2026-11-01T00:00:00.000Z' });
    await refreshTrust(choice, world.env, { offline: false, signal: new AbortController().signal });
  });
});

describe('an update', () => {
  test('keeps the cache to its owner', async () => {
    const world = await newWorld();
    await world.update();
    const modes = [world.folder, join(world.folder, 'state.json')].map((path) => statSync(path).mode & 0o077);
    expect(modes).toEqual([0, 0]);
  });

  test.runIf(process.getuid !== undefined)('is refused where others may write the cache', async () => {
    const world = await newWorld();
    await world.update();
    chmodSync(world.folder, 0o777);
    await expect(world.update()).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('others may write'),
    });
  });

  test('says where nothing can be kept', async () => {
    const world = await newWorld();
    mkdirSync(dirname(dirname(world.folder)), { recursive: true, mode: 0o700 });
    writeFileSync(dirname(world.folder), 'in the way');
    await expect(world.update()).rejects.toMatchObject({ code: 'config' });
    expect(world.hits()).toBe(0);
  });

  test('clears away what a killed one left, and not what one that runs works on', async () => {
    const world = await newWorld();
    await world.update();
    const [old, young] = ['.new-old', '.new-young'].map((name) => join(world.folder, name));
    for (const path of [old, young]) mkdirSync(path ?? '');
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(old ?? '', hourAgo, hourAgo);
    await world.update();
    expect([old, young].map((path) => existsSync(path ?? ''))).toEqual([false, true]);
  });

  test('that is given up leaves everything as it was', async () => {
    const world = await newWorld();
    await world.update();
    world.repository.publish({ 'trusted_root.json': trustedRoot(2) });
    const controller = new AbortController();
    const update = world.update({ signal: controller.signal });
    controller.abort();
    await expect(update).rejects.toThrow();
    expect(await digestIn(world)).toBe(sha256(trustedRoot(1)));
  });
});
