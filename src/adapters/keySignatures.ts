/**
 * Signatures by the SSH and OpenPGP keys of a policy, judged by the programs that git uses for them: in a folder of their
 * own, with the policy's keys and no others, without anybody's keyring, settings or network.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitObject } from '../core/gitObject.ts';
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
      if (!isOneBlock(signature)) return OTHER;
      const signed = { payload, signature, folder: place(), env: source.env };
      if (format === 'ssh' && sshKeys.length > 0) {
        const key = verifySsh(signed, sshKeys);
        return key === undefined ? OTHER : { facts: { type: 'ssh', key, at: source.clock() } };
      }
      if (format === 'pgp' && pgpKeys.length > 0) {
        ring ??= importKeys(pgpKeys, source, place());
        const fingerprint = verifyOpenPgp(signed, await ring);
        return fingerprint === undefined
          ? OTHER
          : { facts: { type: 'openpgp', fingerprint, at: source.clock() } };
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

const OTHER: Signed = { reason: 'other-format' };

interface SignedBytes {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The key, of those given, that signed; as git does it (gpg-interface.c, verify_ssh_signed_buffer), for the namespace `git`. */
function verifySsh(
  { payload, signature, folder, env }: SignedBytes,
  keys: readonly string[],
): string | undefined {
  const allowed = join(folder, 'allowed_signers');
  const file = join(folder, 'signature');
  writeFileSync(allowed, keys.map((key, place) => `key${place} namespaces="git" ${key}\n`).join(''), PRIVATE);
  writeFileSync(file, signature, PRIVATE);
  const found = run('ssh-keygen', ['-Y', 'find-principals', '-f', allowed, '-s', file], { env, folder });
  const [, place] = /^key(\d+)\n/.exec(found ?? '') ?? [];
  if (place === undefined) return undefined;
  const check = ['-Y', 'verify', '-n', 'git', '-f', allowed, '-I', `key${place}`, '-s', file];
  return run('ssh-keygen', check, { env, folder, input: payload }) === undefined
    ? undefined
    : keys[Number(place)];
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

/** GnuPG doc/DETAILS: the last field of VALIDSIG is the fingerprint of the primary key. */
function verifyOpenPgp(
  { payload, signature, folder, env }: SignedBytes,
  ring: Keyring | undefined,
): string | undefined {
  const file = join(folder, 'signature');
  writeFileSync(file, signature, PRIVATE);
  const args = [...gpgOptions(folder), '--status-fd=1', '--verify', file, '-'];
  const said = run('gpg', args, { env, folder, input: payload });
  if (said === undefined || ring === undefined) return undefined;
  const words = said.split('\n').map((line) => line.replace('[GNUPG:] ', '').split(' '));
  const results = words.filter(([word = '']) => /^(GOOD|BAD|ERR|EXP|EXPKEY|REVKEY)SIG$/.test(word));
  const valid = words.filter(([word]) => word === 'VALIDSIG');
  const isOne = results.length === 1 && results[0]?.[0] === 'GOODSIG' && valid.length === 1;
  const fingerprint = valid[0]?.at(-1) ?? '';
  return isOne && ring.has(fingerprint) ? fingerprint : undefined;
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

/** Standard output of a program that ended well; undefined for any other end, and where it is not there. */
function run(name: string, args: readonly string[], { env, folder, input }: Run): string | undefined {
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
  return status === 0 ? stdout.toString('utf8') : undefined;
}
