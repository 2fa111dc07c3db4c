/** TUF metadata with the same keys and roles as Sigstore's own repository has (protocols 7.1, tuf-spec.md). */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { canonicalize } from '@tufjs/canonical-json';

/** Private keys in PEM by their key ids. */
export type TufKeys = Readonly<Record<string, string>>;

export interface Metadata {
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  readonly signed: Signed;
}

export interface Signed {
  readonly _type: 'root' | 'timestamp' | 'snapshot' | 'targets';
  readonly version: number;
  readonly expires: string;
}

export interface Root extends Signed {
  readonly roles: Readonly<Record<Signed['_type'], { readonly keyids: readonly string[] }>>;
}

/** A new ECDSA key under its id, the SHA-256 of its public half in canonical form. */
export function newTufKey(): { readonly keyid: string; readonly pem: string } {
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  return { keyid: sha256(canonicalize(publicPart(pem))), pem };
}

/** Root: `keyids` sign it and the targets, all of them; `online` signs the rest. */
export function makeRoot(
  keys: TufKeys,
  roles: { readonly keyids: readonly string[]; readonly online: string },
  version: number,
  now: Date,
): Root {
  const offline = { keyids: roles.keyids, threshold: roles.keyids.length };
  const online = { keyids: [roles.online], threshold: 1 };
  const all = [...roles.keyids, roles.online];
  return {
    ...header('root', version, now),
    consistent_snapshot: true,
    keys: Object.fromEntries(all.map((keyid) => [keyid, publicPart(keys[keyid] ?? '')])),
    roles: { root: offline, targets: offline, snapshot: online, timestamp: online },
  } as Root;
}

/** Targets: texts by their names. */
export function makeTargets(files: Readonly<Record<string, string>>, version: number, now: Date): Signed {
  const targets = Object.entries(files).map(([name, text]) => [
    name,
    { length: Buffer.byteLength(text), hashes: { sha256: sha256(text) } },
  ]);
  return { ...header('targets', version, now), targets: Object.fromEntries(targets) } as Signed;
}

/** Snapshot and timestamp list versions only, as Sigstore's do. */
export function makeListing(
  type: 'snapshot' | 'timestamp',
  listed: number,
  version: number,
  now: Date,
): Signed {
  const name = type === 'snapshot' ? 'targets.json' : 'snapshot.json';
  return { ...header(type, version, now), meta: { [name]: { version: listed } } } as Signed;
}

/** The file: the document with a signature of each of these keys. */
export function signMetadata(signed: Signed, keyids: readonly string[], keys: TufKeys): string {
  const bytes = Buffer.from(canonicalize(signed));
  const signatures = keyids.map((keyid) => ({
    keyid,
    sig: sign('sha256', bytes, createPrivateKey(keys[keyid] ?? '')).toString('hex'),
  }));
  return `${JSON.stringify({ signatures, signed } satisfies Metadata, null, 1)}\n`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long each is good for; those of Sigstore's repository, roughly. */
export const LIFETIMES_MS = {
  root: 365 * DAY_MS,
  targets: 180 * DAY_MS,
  snapshot: 21 * DAY_MS,
  timestamp: 7 * DAY_MS,
} as const satisfies Record<Signed['_type'], number>;

function header(type: Signed['_type'], version: number, now: Date) {
  const expires = new Date(now.getTime() + LIFETIMES_MS[type]).toISOString().replace(/\.\d+/, '');
  return { _type: type, spec_version: '1.0', version, expires };
}

function publicPart(pem: string) {
  const spki = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' }) as string;
  return { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: spki } };
}
