/** What a TUF repository, or whoever sits before it, may try after a good update. */
import { newKey, type Repository, sha256 } from './repository.ts';

export interface Attack {
  readonly name: string;
  readonly say: RegExp;
  /** What the repository does after a good update; `next` is a new trusted root that it would like to bring in. */
  readonly attack: (repository: Repository, next: Uint8Array) => void;
}

/** What it serves now. */
export const keep = (repository: Repository): Map<string, Uint8Array> => new Map(repository.files);

export const ATTACKS: readonly Attack[] = [
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
