/** A TUF repository, or whoever sits before it, that misbehaves: nothing of what it serves may be believed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readState, readTarget } from '../../src/adapters/tuf/cache.ts';
import { serve } from '../services/server.ts';
import { newWorld, trustedRoot, type World } from './mirror.ts';
import { newKey, type Repository, sha256 } from './repository.ts';

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

interface Attack {
  readonly name: string;
  readonly say: RegExp;
  /** What the repository does after a good update; `next` is a new trusted root that it would like to bring in. */
  readonly attack: (repository: Repository, next: Uint8Array) => void;
}

const keep = (repository: Repository): Map<string, Uint8Array> => new Map(repository.files);

const ATTACKS: readonly Attack[] = [
  {
    name: 'an older timestamp (rollback)',
    say: /timestamp version 1 is less than current version/,
    attack: (repository) => {
      repository.versions.timestamp = 1;
      repository.put('timestamp.json', repository.signedOf('timestamp'), repository.roles.timestamp.keys);
    },
  },
  {
    name: 'a newer timestamp with an older snapshot (rollback)',
    say: /snapshot version 1 is less than current version/,
    attack: (repository) => {
      repository.versions.timestamp++;
      repository.versions.snapshot = 1;
      repository.put('timestamp.json', repository.signedOf('timestamp'), repository.roles.timestamp.keys);
    },
  },
  {
    name: 'a newer snapshot with older targets (rollback)',
    say: /New version 1 of targets.json is less than current version/,
    attack: (repository) => {
      repository.versions.targets = 1;
      repository.versions.snapshot++;
      repository.versions.timestamp++;
      repository.put(
        `${repository.versions.snapshot}.snapshot.json`,
        repository.signedOf('snapshot'),
        repository.roles.snapshot.keys,
      );
      repository.put('timestamp.json', repository.signedOf('timestamp'), repository.roles.timestamp.keys);
    },
  },
  ...(['timestamp', 'snapshot', 'targets'] as const).map((role) => ({
    name: `${role} that ended (freeze)`,
    say: /is out of date: its \w+ metadata ended|expired/,
    attack: (repository: Repository, next: Uint8Array) => {
      repository.hours[role] = -1;
      repository.publish({ 'trusted_root.json': next });
    },
  })),
  {
    name: 'a root that ended',
    say: /is out of date: its root metadata ended/,
    attack: (repository, next) => {
      repository.hours.root = -1;
      repository.rotate();
      repository.publish({ 'trusted_root.json': next });
    },
  },
  {
    name: 'targets of another snapshot (mix-and-match)',
    say: /does not match snapshot version/,
    attack: (repository, next) => {
      repository.publish({ 'trusted_root.json': next });
      const old = repository.files.get('1.targets.json');
      if (old) repository.files.set(`${repository.versions.targets}.targets.json`, old);
    },
  },
  {
    name: 'a snapshot of another timestamp (mix-and-match)',
    say: /doesn.t match timestamp|is less than/,
    attack: (repository, next) => {
      repository.publish({ 'trusted_root.json': next });
      const old = repository.files.get('1.snapshot.json');
      if (old) repository.files.set(`${repository.versions.snapshot}.snapshot.json`, old);
    },
  },
  ...(['timestamp', 'snapshot', 'targets'] as const).map((role) => ({
    name: `${role} signed by another key`,
    say: /was signed by 0\/1|not signed|signed by/,
    attack: (repository: Repository, next: Uint8Array) => {
      repository.roles[role].keys = [newKey()];
      repository.publish({ 'trusted_root.json': next });
    },
  })),
  {
    name: 'a root signed by too few of the old keys',
    say: /signed by 1\/2|signed by/,
    attack: (repository) => {
      const [first] = repository.roles.root.keys;
      const others = [newKey(), newKey()];
      repository.rotate(
        (roles) => {
          roles.root.keys = others;
        },
        [...(first ? [first] : []), ...others],
      );
    },
  },
  {
    name: 'a root signed by too few of its own keys',
    say: /signed by/,
    attack: (repository) => {
      const before = repository.roles.root.keys;
      repository.rotate((roles) => {
        roles.root.keys = [newKey(), newKey()];
      }, before);
    },
  },
  {
    name: 'the same root key twice for a threshold of two',
    say: /signed by|multiple signatures|keyid/,
    attack: (repository) => {
      const [first] = repository.roles.root.keys;
      repository.rotate(undefined, first ? [first, first] : []);
    },
  },
  {
    name: 'a root that leaves out a version',
    say: /Expected version 2, got 3/,
    attack: (repository) => {
      repository.rotate();
      repository.rotate();
      const third = repository.files.get('3.root.json');
      if (third) repository.files.set('2.root.json', third);
    },
  },
  {
    name: 'new keys with a missing link in the chain of roots',
    say: /signed by/,
    attack: (repository, next) => {
      repository.rotate();
      repository.rotate((roles) => {
        roles.timestamp.keys = [newKey()];
      });
      repository.files.delete('2.root.json');
      repository.publish({ 'trusted_root.json': next });
    },
  },
  {
    name: 'a target of another content',
    say: /Expected hash|Expected length/,
    attack: (repository, next) => {
      repository.publish({ 'trusted_root.json': next });
      const other = Buffer.from(next);
      other[20] = 0x41;
      repository.files.set(`targets/${sha256(next)}.trusted_root.json`, other);
    },
  },
  {
    name: 'a target that is cut short',
    say: /Expected length/,
    attack: (repository, next) => {
      repository.publish({ 'trusted_root.json': next });
      repository.files.set(`targets/${sha256(next)}.trusted_root.json`, next.subarray(0, 100));
    },
  },
  {
    name: 'a target that is longer than listed',
    say: /sent more than \d+ bytes/,
    attack: (repository, next) => {
      repository.publish({ 'trusted_root.json': next });
      repository.files.set(`targets/${sha256(next)}.trusted_root.json`, Buffer.concat([next, next]));
    },
  },
  {
    name: 'a target without a SHA-256 digest',
    say: /without a SHA-256 digest/,
    attack: (repository, next) => {
      repository.publish({ 'trusted_root.json': next });
      const { versions, roles } = repository;
      const signed = repository.signedOf('targets');
      signed['targets'] = { 'trusted_root.json': { length: next.length, hashes: {} } };
      repository.put(`${versions.targets}.targets.json`, signed, roles.targets.keys);
    },
  },
  {
    name: 'a digest that is a path',
    say: /without a SHA-256 digest|outside of itself/,
    attack: (repository, next) => {
      repository.publish({ 'trusted_root.json': next });
      const { versions, roles } = repository;
      const signed = repository.signedOf('targets');
      const hashes = { sha512: '../../../../etc/passwd#', sha256: sha256(next) };
      signed['targets'] = { 'trusted_root.json': { length: next.length, hashes } };
      repository.put(`${versions.targets}.targets.json`, signed, roles.targets.keys);
    },
  },
  {
    name: 'targets without a trusted root',
    say: /has no trusted_root.json/,
    attack: (repository, next) => repository.publish({ '../trusted_root.json': next }),
  },
  {
    name: 'a trusted root that is none',
    say: /its trusted_root.json cannot be used/,
    attack: (repository) => repository.publish({ 'trusted_root.json': Buffer.from('{"mediaType":"x"}') }),
  },
  {
    name: 'metadata that are cut short',
    say: /not JSON/,
    attack: (repository, next) => {
      repository.publish({ 'trusted_root.json': next });
      const path = `${repository.versions.targets}.targets.json`;
      repository.files.set(path, (repository.files.get(path) ?? next).subarray(0, 50));
    },
  },
  {
    name: 'a page in the place of metadata',
    say: /not JSON/,
    attack: (repository) =>
      repository.files.set('timestamp.json', Buffer.from('<html>Welcome to the hotel</html>')),
  },
  {
    name: 'metadata of another type',
    say: /expected|Expected/,
    attack: (repository) => {
      const snapshot = repository.files.get(`${repository.versions.snapshot}.snapshot.json`);
      if (snapshot) repository.files.set('timestamp.json', snapshot);
    },
  },
  {
    name: 'a timestamp larger than any',
    say: /sent more than 16384 bytes/,
    attack: (repository) => repository.files.set('timestamp.json', Buffer.alloc(20_000, 0x20)),
  },
  {
    name: 'deeply nested metadata',
    say: /is not believed/,
    attack: (repository) => repository.files.set('2.root.json', Buffer.from('['.repeat(500_000))),
  },
];

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
