/** What a signing call must leave behind, asserted in one place. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Ended } from './process.ts';
import type { World } from './world.ts';

const ARMOR =
  /^-----BEGIN SIGNED MESSAGE-----\n(?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/=]{1,64}\n-----END SIGNED MESSAGE-----\n$/;

/** `[GNUPG:] SIG_CREATED D 19 8 00 SECONDS FINGERPRINT`: ECDSA, SHA-256. */
export const SIG_CREATED = /^\[GNUPG:\] SIG_CREATED D 19 8 00 (\d{10}) [0-9A-F]{40}$/;

let files = 0;

/** The call succeeded: nothing but the armor on stdout, nothing but the two lines on stderr where they were asked for. */
export function expectSigned(
  { code, stdout, stderr }: Ended,
  status: 'status' | 'no status' = 'status',
): void {
  expect(stderr.split('\n')).toEqual(
    status === 'status' ? ['[GNUPG:] BEGIN_SIGNING', expect.stringMatching(SIG_CREATED), ''] : [''],
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(ARMOR);
}

/** The call failed with this exit code, its reason on stderr, and nothing on stdout. */
export function expectRefused({ code, stdout, stderr }: Ended, exitCode: number, reason: RegExp): void {
  expect({ code, stdout, stderr }).toEqual({
    code: exitCode,
    stdout: '',
    stderr: expect.stringMatching(reason),
  });
  expect(stderr).not.toMatch(/SIG_CREATED/);
}

/** Verifies as git does: a file for the signature, the payload on stdin. */
export function verifyLikeGit(
  world: World,
  armor: string | Uint8Array,
  payload: string | Uint8Array,
): Promise<Ended> {
  const args = ['--status-fd=1', '--verify', writeTemporary(world, armor), '-'];
  return world.signet(args, { input: payload, mayFail: true });
}

/** A good signature and no policy: the five lines of the table, exit 0. */
export async function expectVerifies(
  world: World,
  armor: string,
  payload: string | Uint8Array,
): Promise<void> {
  const { code, stdout } = await verifyLikeGit(world, armor, payload);
  expect({ code, lines: stdout.split('\n').map((line) => line.split(' ')[1]) }).toEqual({
    code: 0,
    lines: ['NEWSIG', 'GOODSIG', 'VALIDSIG', 'TRUST_UNDEFINED', undefined],
  });
}

export function writeTemporary(world: World, content: string | Uint8Array): string {
  files += 1;
  const path = join(world.folder, `file-${files}`);
  writeFileSync(path, content);
  return path;
}

/** A commit's bytes without signature, as git hands them over. */
export function commitPayload(message: string | Uint8Array, email = 'alice@example.com'): Buffer {
  const header = `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <${email}> 1 +0000\ncommitter A <${email}> 1 +0000\n\n`;
  return Buffer.concat([Buffer.from(header), Buffer.from(message)]);
}

/** Stores payload and armor as git would (gitformat-signature), byte for byte; the new commit's id. */
export async function storeCommit(world: World, payload: Buffer, armor: string): Promise<string> {
  const end = payload.indexOf('\n\n') + 1;
  const header = `gpgsig ${armor.trimEnd().replaceAll('\n', '\n ')}\n`;
  const input = Buffer.concat([payload.subarray(0, end), Buffer.from(header), payload.subarray(end)]);
  return (await world.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input })).stdout.trim();
}
