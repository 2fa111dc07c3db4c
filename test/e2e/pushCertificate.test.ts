import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWorld, type World } from './world.ts';

const NOBODY = '0'.repeat(40);

let world: World;
let bare: string;
let seen: string;
let commit: string;
let tree: string;

beforeAll(async () => {
  world = await makeWorld();
  bare = join(world.folder, 'server.git');
  seen = join(world.folder, 'hook-saw');
  await world.git(['init', '-q', '--bare', bare]);
  const settings = (await world.git(['config', '--local', '--get-regexp', '^(signet|gpg)\\.'])).stdout.trim();
  for (const line of settings.split('\n')) {
    const at = line.indexOf(' ');
    await world.git(['-C', bare, 'config', line.slice(0, at), line.slice(at + 1)]);
  }
  await world.git(['-C', bare, 'config', 'receive.certNonceSeed', 'seed']);
  const hook = `#!/bin/sh\necho "$GIT_PUSH_CERT_STATUS $GIT_PUSH_CERT_NONCE_STATUS" > '${seen}'\n`;
  writeFileSync(join(bare, 'hooks/pre-receive'), hook, { mode: 0o755 });
  tree = (await world.git(['-C', bare, 'hash-object', '-t', 'tree', '-w', '--stdin'])).stdout.trim();
  const person = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  commit = (await world.git(['-C', bare, ...person, 'commit-tree', '-m', 'x', tree])).stdout.trim();
});
afterAll(() => world?.close());

/** What begins like something else is read as a push certificate all the same: git looks at the rest only. */
const PAYLOADS: readonly (readonly [string, (nonce: string) => string])[] = [
  ['a real certificate', () => 'certificate version 0.1\npusher x 1 +0000\n'],
  ['a commit', () => `tree ${tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n`],
  ['any text', () => 'hello\n'],
];

it.each(PAYLOADS)('%s as push certificate is never good to a hook without a policy', async (_, head) => {
  expect(await push(head)).not.toMatch(/^[GU]/);
});

it.each([
  ['a tag with a nonce', () => `object ${commit}\ntype commit\ntag x\ntagger A <a@b> 1 +0000\nnonce 1\n`],
  ['another version', () => 'certificate version 0.2\npusher x 1 +0000\nnonce 1\n'],
])('%s is not even signed', async (_, head) => {
  const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
  const input = `${head()}\n${NOBODY} ${commit} refs/heads/main\n`;
  const refused = await world.signet(['--status-fd=2', '-bsau', 'x'], { input, env, mayFail: true });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/not as git writes it/);
});

it('is good where a policy names the signer, and only then', async () => {
  const [, head = () => ''] = PAYLOADS[0] ?? [];
  await world.git(['-C', bare, 'config', 'signet.allow', `alice@example.com ${world.issuer}`]);
  expect(await push(head)).toBe('G OK\n');
  await world.git(['-C', bare, 'config', 'signet.allow', `bob@example.com ${world.issuer}`]);
  expect(await push(head)).toBe('E OK\n');
  await world.git(['-C', bare, 'config', '--unset-all', 'signet.allow']);
});

/** Speaks git's protocol to receive-pack with a signed payload of this head, and gives what the hook saw. */
async function push(head: (nonce: string) => string): Promise<string> {
  rmSync(seen, { force: true });
  await world.git(['-C', bare, 'update-ref', '-d', 'refs/heads/main'], { mayFail: true });
  const server = spawn('git', ['receive-pack', bare], { env: world.env, stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = once(server, 'close');
  const nonce = /push-cert=(\S+)/.exec(await readAdvertisement(server))?.[1] ?? '';
  const payload = `${head(nonce)}nonce ${nonce}\n\n${NOBODY} ${commit} refs/heads/main\n`;
  const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
  const { stdout } = await world.signet(['--status-fd=2', '-bsau', 'x'], { input: payload, env });
  server.stdin.write(packet('push-cert\0 report-status object-format=sha1\n'));
  for (const line of `${payload}${stdout}`.match(/.*\n/g) ?? []) server.stdin.write(packet(line));
  server.stdin.write(`${packet('push-cert-end\n')}0000`);
  server.stdin.end(emptyPack());
  await closed;
  return existsSync(seen) ? readFileSync(seen, 'utf8') : 'no hook ran';
}

function packet(text: string): string {
  return `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, '0')}${text}`;
}

/** The commit is on the server already, so the pack has no object: `PACK`, version 2, none, SHA-1. */
function emptyPack(): Buffer {
  return Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex');
}

/** Everything up to the flush packet. */
async function readAdvertisement(server: ChildProcessByStdio<Writable, Readable, null>): Promise<string> {
  let text = '';
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    text += (chunk as Buffer).toString('latin1');
    if (text.endsWith('0000')) break;
  }
  server.stdout.resume();
  return text;
}
