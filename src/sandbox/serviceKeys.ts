/**
 * Keys of the services that the first sandboxes did not have. They lie in a file of their own, so that a
 * folder from then gets them at its next start and keeps all that it is.
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64 } from '../core/bytes.ts';
import { SignetError } from '../errors.ts';
import { type Authority, authorityOf, keyPemOf } from './certificates.ts';
import { endOf, type Instance } from './instance.ts';
import { issueTimestampCertificates, type TimestampSigner } from './timestampToken.ts';
import { writeWhole } from './writeWhole.ts';

/** Rekor v2 logs sign with Ed25519 as a rule; the specification allows ECDSA. */
export type LogKeyType = 'ed25519' | 'P-256';

export interface ServiceKeys {
  readonly rekorV2: Authority;
  readonly timestamp: TimestampSigner;
}

/** Where the entries of the Rekor v2 log are kept. */
export const REKOR_V2_FILE = 'rekor-v2.jsonl';

const FILE = 'services.json';

/**
 * The keys of a folder, made where it has none. Only for the process that holds the port. Throws `config`
 * where the file is damaged, or gone while what it signed is still there.
 */
export function openServiceKeys(stateDir: string, instance: Instance, logKey: LogKeyType): ServiceKeys {
  const path = join(stateDir, FILE);
  try {
    if (existsSync(path)) return parse(readFileSync(path, 'utf8'));
    if (existsSync(join(stateDir, REKOR_V2_FILE))) throw new Error('its log is there, its keys are not');
  } catch (cause) {
    throw new SignetError(
      'config',
      `The sandbox's file ${path} cannot be read.`,
      'Restore it, or remove the folder to begin a new sandbox.',
      cause,
    );
  }
  const stored = create(instance, logKey);
  writeWhole(path, JSON.stringify(stored, null, 1));
  return parse(JSON.stringify(stored));
}

interface Stored {
  readonly version: 1;
  readonly keys: Readonly<Record<'rekorV2' | 'timestamp', string>>;
  readonly timestampCertificates: readonly string[];
}

function create(instance: Instance, logKey: LogKeyType): Stored {
  const timestamp = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const log =
    logKey === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificates = issueTimestampCertificates(timestamp.publicKey, instance.validFrom, endOf(instance));
  return {
    version: 1,
    keys: { rekorV2: keyPemOf(log.privateKey), timestamp: keyPemOf(timestamp.privateKey) },
    timestampCertificates: certificates.map(toBase64),
  };
}

function parse(text: string): ServiceKeys {
  const stored = JSON.parse(text) as Stored;
  if (stored.version !== 1) throw new Error('written by another version');
  const authority = (name: keyof Stored['keys']) => authorityOf(createPrivateKey(stored.keys[name]));
  return {
    rekorV2: authority('rekorV2'),
    timestamp: {
      ...authority('timestamp'),
      certificates: stored.timestampCertificates.map((base64) => Buffer.from(base64, 'base64')),
    },
  };
}
