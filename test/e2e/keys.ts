/** Keys of people and of a forge, and how git signs with them. Needs ssh-keygen and gpg. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../src/adapters/findProgram.ts';
import type { World } from './world.ts';

export const hasKeyPrograms = ['ssh-keygen', 'gpg', 'gpgconf'].every(
  (name) => findProgram(name, process.env) !== undefined,
);

/** What git is told to sign with a key: `-c` options, and where gpg finds it. */
export interface Key {
  readonly options: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface SshKey extends Key {
  /** Line of a policy or of allowed signers, without comment. */
  readonly line: string;
}

export interface PgpKey extends Key {
  readonly fingerprint: string;
  /** Armored, as it stands in a file of the repository. */
  readonly publicKey: string;
}

export function makeSshKey({ folder }: World, name: string): SshKey {
  const path = join(folder, `key-${name}`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  const [type, base64] = readFileSync(`${path}.pub`, 'utf8').split(' ');
  return {
    line: `${type} ${base64}`,
    options: ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${path}`],
    env: {},
  };
}

export function makePgpKey(world: World, name: string): PgpKey {
  const env = gpgEnvironment(world);
  const run = (...args: string[]) =>
    execFileSync('gpg', ['--batch', '--quiet', ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  mkdirSync(join(world.folder, 'gpg'), { recursive: true, mode: 0o700 });
  run('--passphrase', '', '--quick-gen-key', name, 'ed25519', 'sign', 'never');
  const [, fingerprint = ''] = /^fpr:+([0-9A-F]{40}):/m.exec(run('--with-colons', '--list-keys', name)) ?? [];
  return {
    fingerprint,
    publicKey: run('--armor', '--export', fingerprint),
    options: ['-c', 'gpg.format=openpgp', '-c', `user.signingKey=${fingerprint}`],
    env: { GNUPGHOME: join(world.folder, 'gpg') },
  };
}

/** Ends the agent that gpg has started for the keys of this world. */
export function closeKeys(world: World | undefined): void {
  if (world === undefined) return;
  execFileSync('gpgconf', ['--kill', 'all'], { env: gpgEnvironment(world), stdio: 'ignore' });
}

function gpgEnvironment({ env, folder }: World): NodeJS.ProcessEnv {
  return { ...env, GNUPGHOME: join(folder, 'gpg') };
}
