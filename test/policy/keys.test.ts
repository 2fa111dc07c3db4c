/** SSH and OpenPGP signatures by keys of a policy, made by git itself. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../src/adapters/findProgram.ts';
import { openKeyJudge } from '../../src/adapters/keySignatures.ts';
import { openPgpIssuer } from '../../src/core/policy/openPgpIssuer.ts';
import type { PolicyFile } from '../../src/core/policyFile.ts';
import { policyOf } from './files.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
let folder = '';
let env: NodeJS.ProcessEnv = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signet-keys-'));
  env = { PATH: process.env['PATH'], HOME: folder, GNUPGHOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  git('init', '-q', '.');
  git('config', 'user.name', 'Alice');
  git('config', 'user.email', 'alice@example.com');
});
afterAll(() => {
  if (has('gpgconf')) execFileSync('gpgconf', ['--kill', 'all'], { env, stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
});

const has = (name: string) => findProgram(name, process.env) !== undefined;
const git = (...args: readonly string[]) =>
  execFileSync('git', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
const signedBy = (...settings: readonly string[]) => {
  git(...settings.flatMap((setting) => ['-c', setting]), 'commit', '-q', '-S', '--allow-empty', '-m', 'work');
  return git('cat-file', 'commit', 'HEAD');
};

async function judge(raw: Buffer, policy: PolicyFile, files: Readonly<Record<string, Uint8Array>> = {}) {
  const keys = openKeyJudge({ policy, file: async (path) => files[path], env, clock: () => NOW });
  try {
    return await keys.judge({ raw, kind: 'commit', objectFormat: 'sha1' });
  } finally {
    keys.close();
  }
}

const tamper = (raw: Buffer) => Buffer.from(raw.toString('latin1').replace('\nwork\n', '\nwerk\n'), 'latin1');

describe.runIf(has('ssh-keygen'))('an SSH signature (needs ssh-keygen)', () => {
  const keyOf = (name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    return readFileSync(join(folder, `${name}.pub`), 'utf8').trim();
  };
  const policyWith = (key: string) => policyOf(`version = 1\n[signers]\nalice = { ssh = "${key}" }\n`);

  test('is by the key of the policy, over these bytes', async () => {
    const [alice, bob] = [keyOf('alice'), keyOf('bob')];
    const raw = signedBy('gpg.format=ssh', `user.signingKey=${join(folder, 'alice')}`);
    const [type, base64] = alice.split(' ');
    const key = `${type} ${base64}`;
    expect(await judge(raw, policyWith(alice))).toEqual({ facts: { type: 'ssh', key, at: NOW } });
    expect(await judge(raw, policyWith(bob))).toEqual({ reason: 'other-format' });
    expect(await judge(tamper(raw), policyWith(alice))).toEqual({ reason: 'signature-failed' });
  });

  test('for something else than git is none', async () => {
    const alice = keyOf('carol');
    const raw = signedBy('gpg.format=ssh', `user.signingKey=${join(folder, 'carol')}`);
    const { payload } = (await import('../../src/core/gitObject.ts')).splitObject(raw, 'commit', 'sha1');
    const file = join(folder, 'payload');
    writeFileSync(file, payload);
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'file', '-f', join(folder, 'carol'), file], {
      stdio: 'ignore',
    });
    const folded = readFileSync(`${file}.sig`, 'utf8').trimEnd().replaceAll('\n', '\n ');
    const other = raw
      .toString('latin1')
      .replace(/gpgsig [\s\S]*?-----END SSH SIGNATURE-----/, `gpgsig ${folded}`);
    expect(await judge(Buffer.from(other, 'latin1'), policyWith(alice))).toEqual({
      reason: 'signature-failed',
    });
    expect(await judge(raw, policyWith(alice))).toHaveProperty('facts');
  });
});

describe.runIf(has('gpg'))('an OpenPGP signature (needs gpg)', () => {
  const makeKey = (name: string): string => {
    execFileSync(
      'gpg',
      ['--batch', '--quiet', '--passphrase', '', '--quick-gen-key', name, 'ed25519', 'sign', 'never'],
      { env, stdio: 'ignore' },
    );
    const listed = execFileSync('gpg', ['--batch', '--with-colons', '--list-keys', name], {
      env,
      encoding: 'utf8',
    });
    return /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '';
  };
  const exported = (name: string) => execFileSync('gpg', ['--batch', '--armor', '--export', name], { env });
  const policyWith = (fingerprint: string) =>
    policyOf(
      `version = 1\n[signers]\nalice = { openpgp = { fingerprint = "${fingerprint}", file = "a.asc" } }\n`,
    );

  test('is by the fingerprint of the policy, whatever the file holds', async () => {
    const [alice, bob] = [makeKey('alice@example.com'), makeKey('bob@example.com')];
    const raw = signedBy('gpg.format=openpgp', `user.signingKey=${alice}`);
    const file = { 'a.asc': exported('alice@example.com') };
    const facts = { type: 'openpgp', fingerprint: alice, at: NOW };
    expect(await judge(raw, policyWith(alice), file)).toEqual({ facts });
    expect(await judge(raw, policyWith(bob), file)).toEqual({ reason: 'other-format' });
    expect(await judge(raw, policyWith(alice), { 'a.asc': exported('bob@example.com') })).toEqual({
      reason: 'other-format',
    });
    expect(await judge(raw, policyWith(alice))).toEqual({ reason: 'other-format' });
    expect(await judge(tamper(raw), policyWith(alice), file)).toEqual({ reason: 'signature-failed' });
    const end = '-----END PGP SIGNATURE-----\n';
    const trailing = raw.toString('latin1').replace(end, `${end} more\n`);
    expect(await judge(Buffer.from(trailing, 'latin1'), policyWith(alice), file)).toEqual({
      reason: 'other-format',
    });
  }, 60_000);
});

test('an unsigned commit is nothing for keys', async () => {
  git('commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'work');
  const policy = policyOf('version = 1\n[signers]\na = { email = "a@b.c", issuer = "github" }\n');
  expect(await judge(git('cat-file', 'commit', 'HEAD'), policy)).toBeUndefined();
});

test.each([
  ['SSH', '\n'],
  ['PGP', 'a:\n'],
])("an armor (%s) of millions of lines is nobody's signature, and ends no run", async (name, line) => {
  const armor = (lines: number) =>
    `-----BEGIN ${name} SIGNATURE-----\n${line.repeat(lines)}\nAAAA\n-----END ${name} SIGNATURE-----\n`;
  const keys = openKeyJudge({
    policy: policyOf('version = 1\n[signers]\nalice = { email = "a@b", issuer = "github" }\n'),
    file: async () => undefined,
    env,
    clock: () => NOW,
  });
  const judgeTag = (lines: number) => {
    const text = `object ${'1'.repeat(40)}\ntype commit\ntag v1\ntagger A <a@b> 1 +0000\n\nx\n${armor(lines)}`;
    return keys.judge({ raw: Buffer.from(text), kind: 'tag', objectFormat: 'sha1' });
  };
  try {
    expect(await judgeTag(10)).toBeUndefined();
    expect(await judgeTag(6_000_000)).toEqual({ reason: 'other-format' });
    expect(openPgpIssuer(Buffer.from(armor(6_000_000)))).toBeUndefined();
  } finally {
    keys.close();
  }
});
