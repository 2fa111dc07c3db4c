/**
 * Signatures by the SSH and OpenPGP keys of a policy, judged by the programs that git uses for them: in a folder of their
 * own, with the policy's keys and no others, without anybody's keyring, settings or network.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitObject } from '../core/gitObject.ts';
import { MAX_ARMOR_BYTES } from '../core/limits.ts';
import type { Signed } from '../core/policy/mayDo.ts';
import type { PolicyFile, SignerIdentity } from '../core/policyFile.ts';
import type { Clock, RawObject } from '../ports.ts';
import { childEnvironment } from './childEnvironment.ts';
import { findProgram } from './findProgram.ts';

export interface KeySource {
  readonly policy: PolicyFile;
  /** A file of the commit that the policy is read from; undefined where there is none. */
  readonly file: (path: string) => Promise<Uint8Array | undefined>;
  readonly env: NodeJS.ProcessEnv;
  /** Keys have no trusted time. */
  readonly clock: Clock;
}

export interface KeyJudge {
  /** Facts, or why there are none; undefined where the signature is of no format that a key of the policy has. */
  judge(object: Pick<RawObject, 'raw' | 'kind' | 'objectFormat'>): Promise<Signed | undefined>;
  /** Removes the folder. */
  close(): void;
}

export function openKeyJudge(source: KeySource): KeyJudge {
  const identities = source.policy.signers.flatMap((signer) => signer.identities);
  const sshKeys = identities.flatMap((one) => (one.type === 'ssh' ? [one.key] : []));
  const pgpKeys = identities.filter((one) => one.type === 'openpgp');
  let folder: string | undefined;
  let ring: Promise<Keyring | undefined> | undefined;
  const place = (): string => {
    folder ??= mkdtempSync(join(tmpdir(), 'git-signet-keys-'));
    return folder;
  };
  return {
    judge: async ({ raw, kind, objectFormat }) => {
      const { payload, signature, format } = splitObject(raw, kind, objectFormat);
      if (signature === undefined) return undefined;
      if (signature.length > MAX_ARMOR_BYTES || !isOneBlock(signature)) return OTHER;
      const signed = { payload, signature, folder: place(), env: source.env };
      if (format === 'ssh' && sshKeys.length > 0) {
        const key = sshKeyIn(signature);
        if (key === undefined || !sshKeys.includes(key)) return OTHER;
        return verifySsh(signed, key) ?? { facts: { type: 'ssh', key, at: source.clock() } };
      }
      if (format === 'pgp' && pgpKeys.length > 0) {
        ring ??= importKeys(pgpKeys, source, place());
        const found = verifyOpenPgp(signed, await ring);
        return typeof found === 'object'
          ? found
          : { facts: { type: 'openpgp', fingerprint: found, at: source.clock() } };
      }
      return undefined;
    },
    close: () => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One armored block and nothing after it: what both programs pass over would change an object's name. */
function isOneBlock(signature: Uint8Array): boolean {
  const text = Buffer.from(signature.buffer, signature.byteOffset, signature.length).toString('latin1');
  return /^-----BEGIN ([A-Z ]+)-----\n(?:(?!-----)[^\n]*\n)+-----END \1-----\n*$/.test(text);
}

const OTHER: Unsound = { reason: 'other-format' };
const FAILED: Unsound = { reason: 'signature-failed' };
type Unsound = Extract<Signed, { reason: unknown }>;

interface SignedBytes {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The key that a signature says it is by, as a policy writes it (OpenSSH PROTOCOL.sshsig, section 2). */
export function sshKeyIn(signature: Uint8Array): string | undefined {
  const text = Buffer.from(signature.buffer, signature.byteOffset, signature.length).toString('latin1');
  const bytes = Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  if (bytes.length < 14 || bytes.toString('latin1', 0, 6) !== 'SSHSIG') return undefined;
  const key = bytes.subarray(14, 14 + bytes.readUInt32BE(10));
  const type = key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0));
  return /^[\w.@-]+$/.test(type) ? `${type} ${key.toString('base64')}` : undefined;
}

/** Undefined where the key signed this, as git asks it (gpg-interface.c, verify_ssh_signed_buffer), for the namespace `git`. */
function verifySsh({ payload, signature, folder, env }: SignedBytes, key: string): Unsound | undefined {
  const allowed = join(folder, 'allowed_signers');
  const file = join(folder, 'signature');
  writeFileSync(allowed, `key namespaces="git" ${key}\n`, PRIVATE);
  writeFileSync(file, signature, PRIVATE);
  const check = ['-Y', 'verify', '-n', 'git', '-f', allowed, '-I', 'key', '-s', file];
  const ended = run('ssh-keygen', check, { env, folder, input: payload });
  if (ended === undefined) return OTHER;
  return ended.status === 0 ? undefined : FAILED;
}

/** Fingerprints of primary keys that were asked for and found. */
type Keyring = ReadonlySet<string>;

type OpenPgpIdentity = Extract<SignerIdentity, { type: 'openpgp' }>;

/** Each file counts for the fingerprint beside its name only: exchanging the file changes nothing. */
async function importKeys(
  keys: readonly OpenPgpIdentity[],
  { file, env }: KeySource,
  folder: string,
): Promise<Keyring | undefined> {
  // gpg makes one itself where there is none, and may name a daemon in it.
  writeFileSync(join(folder, 'common.conf'), '', PRIVATE);
  for (const { file: path } of keys) {
    const bytes = await file(path);
    if (bytes === undefined || bytes.length > MAX_KEY_BYTES) continue;
    run('gpg', [...gpgOptions(folder), '--import-options', 'import-clean', '--import'], {
      env,
      folder,
      input: bytes,
    });
  }
  return new Set(keys.map(({ fingerprint }) => fingerprint));
}

/** A key with a hundred thousand signatures of strangers on it is none that anybody needs. */
export const MAX_KEY_BYTES = 1 << 20;

/** GnuPG doc/DETAILS: the last field of VALIDSIG is the fingerprint of the primary key. BADSIG is by a key that gpg has. */
function verifyOpenPgp(
  { payload, signature, folder, env }: SignedBytes,
  ring: Keyring | undefined,
): string | Unsound {
  const file = join(folder, 'signature');
  writeFileSync(file, signature, PRIVATE);
  const args = [...gpgOptions(folder), '--status-fd=1', '--verify', file, '-'];
  const ended = run('gpg', args, { env, folder, input: payload });
  if (ended === undefined || ring === undefined) return OTHER;
  const words = ended.stdout.split('\n').map((line) => line.replace('[GNUPG:] ', '').split(' '));
  const results = words.filter(([word = '']) => /^(GOOD|BAD|ERR|EXP|EXPKEY|REVKEY)SIG$/.test(word));
  const valid = words.filter(([word]) => word === 'VALIDSIG');
  const result = results.length === 1 ? results[0]?.[0] : undefined;
  if (result === 'BADSIG') return FAILED;
  const isGood = result === 'GOODSIG' && valid.length === 1 && ended.status === 0;
  const fingerprint = valid[0]?.at(-1) ?? '';
  return isGood && ring.has(fingerprint) ? fingerprint : OTHER;
}

function gpgOptions(folder: string): readonly string[] {
  const quiet = ['--batch', '--no-tty', '--quiet', '--no-options', '--no-autostart', '--disable-dirmngr'];
  return ['--homedir', folder, ...quiet, '--no-auto-key-retrieve', '--trust-model', 'always'];
}

const PRIVATE = { mode: 0o600 } as const;

interface Run {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly input?: Uint8Array;
}

interface RunEnd {
  readonly status: number;
  readonly stdout: string;
}

/** How a program ended by itself; undefined where it did not, and where it is not there. */
function run(name: string, args: readonly string[], { env, folder, input }: Run): RunEnd | undefined {
  const program = findProgram(name, env);
  if (program === undefined) return undefined;
  const { status, stdout } = spawnSync(program, args, {
    env: { ...childEnvironment(env), GNUPGHOME: folder, LC_ALL: 'C' },
    cwd: folder,
    input: input ?? '',
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: 10_000,
    maxBuffer: 1 << 20,
    windowsHide: true,
  });
  return status === null ? undefined : { status, stdout: stdout.toString('utf8') };
}
