import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64, toHex } from '../core/bytes.ts';
import { SignetError } from '../errors.ts';
import {
  type AuthorityChain,
  CODE_SIGNING,
  INTERMEDIATE_NAME,
  logIdOf,
  ROOT_NAME,
} from './certificateAuthority.ts';
import { type Authority, authorityOf, createAuthorityCertificates, keyPemOf } from './certificates.ts';
import { writeWhole } from './writeWhole.ts';

/** What a sandbox is, for ever: its address, since identities carry it, its log's number and its keys. */
export interface Instance extends AuthorityChain {
  readonly port: number;
  /** Base of Fulcio and Rekor alike, without slash at the end. */
  readonly url: string;
  readonly issuer: string;
  readonly createdAt: Date;
  /** From when its keys count as trusted. Long before its creation, so that signatures of earlier times can be made. */
  readonly validFrom: Date;
  /** The number of the log's tree, positive, below 2^63. */
  readonly treeId: bigint;
  readonly rekor: Authority;
  /** RSA: signs ID tokens. */
  readonly identityProvider: Authority;
  /** Signs the login page's cookies. */
  readonly cookieSecret: string;
}

/** Everything listens here and nowhere else. */
export const LOOPBACK = '127.0.0.1';

/** The whole instance is one file, so that it is there completely or not at all. */
const FILE = 'instance.json';

/** Makes the folder, or checks that it is a sandbox's or empty; only its owner may look into it. */
export function prepareFolder(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  if (!existsSync(join(stateDir, FILE)) && readdirSync(stateDir).some((name) => !isOurs(name))) {
    throw new SignetError(
      'config',
      `The folder ${stateDir} holds something else than a sandbox.`,
      'Name an empty folder or one that does not exist yet.',
    );
  }
  chmodSync(stateDir, 0o700);
}

/** The instance of a folder, or undefined while it has none. Throws `config` where its file is damaged. */
export function loadInstance(stateDir: string): Instance | undefined {
  const path = join(stateDir, FILE);
  if (!existsSync(path)) return undefined;
  try {
    return parseInstance(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new SignetError(
      'config',
      `The sandbox's file ${path} cannot be read.`,
      'Remove the folder to begin a new sandbox; signatures of the old one will no longer verify.',
      cause,
    );
  }
}

/**
 * Makes keys and certificates for an instance at this port. Of two processes that do so at the same time one
 * wins, the other is refused.
 */
export function createInstance(stateDir: string, port: number, now: Date): Instance {
  const keys = {
    root: newKey('P-384'),
    intermediate: newKey('P-384'),
    ctLog: newKey('P-256'),
    rekor: newKey('P-256'),
    identityProvider: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  };
  const validFrom = new Date(now.getTime() - LIFETIME_MS);
  const certificates = createAuthorityCertificates(authorityOf(keys.root), authorityOf(keys.intermediate), {
    rootName: ROOT_NAME,
    intermediateName: INTERMEDIATE_NAME,
    purpose: CODE_SIGNING,
    notBefore: validFrom,
    notAfter: new Date(now.getTime() + LIFETIME_MS),
  });
  const stored: Stored = {
    version: 1,
    port,
    createdAt: now.toISOString(),
    validFrom: validFrom.toISOString(),
    treeId: (randomBytes(8).readBigUInt64BE() >> 1n || 1n).toString(),
    cookieSecret: randomBytes(32).toString('base64url'),
    certificates: certificates.map(toBase64),
    keys: {
      intermediate: keyPemOf(keys.intermediate),
      root: keyPemOf(keys.root),
      ctLog: keyPemOf(keys.ctLog),
      rekor: keyPemOf(keys.rekor),
      identityProvider: keyPemOf(keys.identityProvider),
    },
  };
  const text = JSON.stringify(stored, null, 1);
  writeOnce(stateDir, text);
  return parseInstance(text);
}

/** When its authorities end. */
export function endOf({ createdAt }: Instance): Date {
  return new Date(createdAt.getTime() + LIFETIME_MS);
}

/** What a running sandbox says of itself: the id of its log belongs to its folder alone. */
export function idOf(instance: Instance): { readonly sandbox: string; readonly logId: string } {
  const logId = toHex(logIdOf(instance.rekor.publicKey));
  return { sandbox: 'git-signet', logId };
}

interface Stored {
  readonly version: 1;
  readonly port: number;
  readonly createdAt: string;
  readonly validFrom: string;
  readonly treeId: string;
  readonly cookieSecret: string;
  readonly certificates: readonly string[];
  readonly keys: Readonly<Record<'root' | 'intermediate' | 'ctLog' | 'rekor' | 'identityProvider', string>>;
}

/** Of every authority of the sandbox, from its creation on, and before. */
const LIFETIME_MS = 10 * 365 * 24 * 60 * 60 * 1000;

function isOurs(name: string): boolean {
  return name.startsWith(FILE) || name === 'server.log';
}

function parseInstance(text: string): Instance {
  const stored = JSON.parse(text) as Stored;
  if (stored.version !== 1) throw new Error('written by another version');
  const authority = (name: keyof Stored['keys']) => authorityOf(createPrivateKey(stored.keys[name]));
  const url = `http://${LOOPBACK}:${stored.port}`;
  return {
    port: stored.port,
    url,
    issuer: `${url}/oidc`,
    createdAt: new Date(stored.createdAt),
    validFrom: new Date(stored.validFrom),
    treeId: BigInt(stored.treeId),
    cookieSecret: stored.cookieSecret,
    certificates: stored.certificates.map((base64) => Buffer.from(base64, 'base64')),
    intermediate: authority('intermediate'),
    ctLog: authority('ctLog'),
    rekor: authority('rekor'),
    identityProvider: authority('identityProvider'),
  };
}

function newKey(namedCurve: string): KeyObject {
  return generateKeyPairSync('ec', { namedCurve }).privateKey;
}

/** A link fails where the name is taken, which a rename does not. */
function writeOnce(stateDir: string, text: string): void {
  const temporary = join(stateDir, `${FILE}.${process.pid}.${randomBytes(4).toString('hex')}`);
  writeWhole(temporary, text);
  try {
    linkSync(temporary, join(stateDir, FILE));
  } catch (cause) {
    throw new SignetError(
      'config',
      `Another process is starting a sandbox in ${stateDir}.`,
      'Use that one.',
      cause,
    );
  } finally {
    rmSync(temporary, { force: true });
  }
}
