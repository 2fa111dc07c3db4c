/** A TUF repository of a test's own: signed right, until the test says otherwise. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { canonicalize } from '@tufjs/canonical-json';
import { serve, type TestServer } from '../services/server.ts';

export type Role = 'root' | 'timestamp' | 'snapshot' | 'targets';
type Json = Record<string, unknown>;

const HOUR_MS = 3_600_000;

export interface Key {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly json: object;
}

export function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const json = { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pem } };
  return { id: createHash('sha256').update(canonicalize(json)).digest('hex'), privateKey, json };
}

/** Of a role: its keys, how many have to sign, and how long its metadata count. */
interface RoleKeys {
  keys: Key[];
  threshold: number;
}

export interface Repository {
  /** What the mirror serves, by path. Tests may put anything else there. */
  readonly files: Map<string, Uint8Array>;
  readonly roles: Record<Role, RoleKeys>;
  readonly versions: Record<Role, number>;
  readonly hours: Record<Role, number>;
  /** The first root. */
  readonly firstRoot: Uint8Array;
  /** Signs everything but the root anew, each a version higher. */
  publish(targets?: Readonly<Record<string, Uint8Array>>): void;
  /** A root of the next version, signed by these (its own and the last one's keys unless given). */
  rotate(change?: (roles: Record<Role, RoleKeys>) => void, signers?: readonly Key[]): void;
  /** Metadata of a role as it should be, changed by the test, signed by whom it says. */
  put(path: string, signed: Json, signers: readonly Key[]): void;
  signedOf(role: Exclude<Role, 'root'>): Json;
}

export function newRepository(targets: Readonly<Record<string, Uint8Array>>): Repository {
  const files = new Map<string, Uint8Array>();
  const one = (): RoleKeys => ({ keys: [newKey()], threshold: 1 });
  const roles = {
    root: { keys: [newKey(), newKey(), newKey()], threshold: 2 },
    timestamp: one(),
    snapshot: one(),
    targets: one(),
  };
  const versions = { root: 0, timestamp: 0, snapshot: 0, targets: 0 };
  const hours = { root: 1000, timestamp: 24, snapshot: 24, targets: 1000 };
  let current = targets;
  const common = (role: Role): Json => ({
    _type: role,
    spec_version: '1.0.31',
    version: versions[role],
    expires: new Date(Date.now() + hours[role] * HOUR_MS).toISOString().replace(/\.\d+/, ''),
  });
  const put = (path: string, signed: Json, signers: readonly Key[]): void => {
    const bytes = Buffer.from(canonicalize(signed));
    const signatures = signers.map(({ id, privateKey }) => ({
      keyid: id,
      sig: sign('sha256', bytes, privateKey).toString('hex'),
    }));
    files.set(path, Buffer.from(JSON.stringify({ signatures, signed })));
  };
  const signedOf = (role: Exclude<Role, 'root'>): Json => {
    if (role === 'timestamp')
      return { ...common(role), meta: { 'snapshot.json': { version: versions.snapshot } } };
    if (role === 'snapshot')
      return { ...common(role), meta: { 'targets.json': { version: versions.targets } } };
    const list = Object.entries(current).map(([name, bytes]) => [
      name,
      { length: bytes.length, hashes: { sha256: sha256(bytes) } },
    ]);
    return { ...common(role), targets: Object.fromEntries(list), delegations: { keys: {}, roles: [] } };
  };
  const publish: Repository['publish'] = (next = current) => {
    current = next;
    for (const role of ['targets', 'snapshot', 'timestamp'] as const) versions[role]++;
    put(`${versions.targets}.targets.json`, signedOf('targets'), roles.targets.keys);
    put(`${versions.snapshot}.snapshot.json`, signedOf('snapshot'), roles.snapshot.keys);
    put('timestamp.json', signedOf('timestamp'), roles.timestamp.keys);
    for (const [name, bytes] of Object.entries(current)) files.set(`targets/${sha256(bytes)}.${name}`, bytes);
  };
  const rotate: Repository['rotate'] = (change, signers) => {
    const before = roles.root.keys;
    change?.(roles);
    versions.root++;
    const entries = Object.entries(roles);
    const all = entries.flatMap(([, { keys }]) => keys.map(({ id, json }) => [id, json]));
    const demands = entries.map(([role, { keys, threshold }]) => [
      role,
      { keyids: keys.map(({ id }) => id), threshold },
    ]);
    const signed = {
      ...common('root'),
      consistent_snapshot: true,
      keys: Object.fromEntries(all),
      roles: Object.fromEntries(demands),
    };
    put(`${versions.root}.root.json`, signed, signers ?? [...new Set([...before, ...roles.root.keys])]);
  };
  rotate();
  publish();
  const firstRoot = files.get('1.root.json') ?? new Uint8Array();
  return { files, roles, versions, hours, firstRoot, publish, rotate, put, signedOf };
}

/** Serves what the repository holds at the time of asking. */
export function serveRepository({ files }: Pick<Repository, 'files'>): Promise<TestServer> {
  return serve((request, response) => {
    const bytes = files.get((request.url ?? '').slice(1));
    response.writeHead(bytes === undefined ? 404 : 200, { 'Content-Type': 'application/octet-stream' });
    response.end(bytes);
  });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
