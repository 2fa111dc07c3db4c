/** What git's verifying call remembers: it is faster by it, and otherwise the same. */
import { createHmac } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, type World } from './world.ts';

let world: World;
let oid: string;
let cache: string;

beforeAll(async () => {
  world = await makeWorld();
  await world.git(['commit', '-q', '--allow-empty', '--no-gpg-sign', '-m', 'base']);
  const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
  await world.git(['commit', '-q', '-S', '--allow-empty', '-m', 'first'], { env });
  oid = (await world.git(['rev-parse', 'HEAD'])).stdout.trim();
  cache = join(world.home, '.cache/git-signet/facts');
});
beforeEach(() => rmSync(cache, { recursive: true, force: true }));
afterAll(() => world?.close());

/** All that git shows of the commit, and how it ends. */
async function look(object = oid, env: NodeJS.ProcessEnv = {}, settings: readonly string[] = []) {
  const { code, stdout, stderr } = await world.git([...settings, 'verify-commit', '--raw', object], {
    env,
    mayFail: true,
  });
  return { code, text: stdout + stderr };
}

/** Files of records; one file holds those of several objects where their keys begin alike. */
function files(): readonly string[] {
  if (!existsSync(cache)) return [];
  const all = readdirSync(cache, { recursive: true, withFileTypes: true });
  return all.filter((one) => one.isFile() && one.name !== 'key').map((one) => join(one.parentPath, one.name));
}

/** How many there are: `length (2) || key (32) || HMAC (32) || facts`, one behind the other. */
function countRecords(): number {
  let count = 0;
  for (const bytes of files().map((file) => readFileSync(file)))
    for (let at = 0; at < bytes.length; at += 66 + bytes.readUInt16BE(at)) count += 1;
  return count;
}

/** Puts other words of the same length into the record, as somebody without the key would, or with it. */
function rewrite(from: string, to: string, hasKey: boolean): void {
  const [file = ''] = files();
  const bytes = Buffer.from(readFileSync(file, 'latin1').replaceAll(from, to), 'latin1');
  const mac = createHmac('sha256', readFileSync(join(cache, 'key')));
  mac.update(bytes.subarray(2, 34)).update(bytes.subarray(66));
  if (hasKey) mac.digest().copy(bytes, 34);
  writeFileSync(file, bytes);
}

describe('a signature that was judged before', () => {
  it('is shown as the first time, and from what is remembered', async () => {
    const first = await look();
    expect(first).toMatchObject({ code: 0, text: expect.stringContaining('GOODSIG') });
    expect(countRecords()).toBe(1);
    expect(await look()).toEqual(first);
    rewrite('alice@example.com', 'alise@example.com', true);
    expect((await look()).text).toContain('alise@example.com');
  });

  it('is judged anew where the record is not ours', async () => {
    const first = await look();
    rewrite('alice@example.com', 'alise@example.com', false);
    expect(await look()).toEqual(first);
  });

  it('is decided on anew each time', async () => {
    await look();
    const bob = ['-c', `signet.allow=bob@example.com ${world.issuer}`];
    const alice = ['-c', `signet.allow=alice@example.com ${world.issuer}`];
    expect(await look(oid, {}, bob)).toMatchObject({ code: 1, text: expect.stringContaining('TRUST_NEVER') });
    expect(await look(oid, {}, alice)).toMatchObject({
      code: 0,
      text: expect.stringContaining('TRUST_FULLY'),
    });
    expect(await look(oid, {}, ['-c', 'signet.requirePolicy=true'])).toMatchObject({ code: 1 });
  });

  it('is judged as well where the disk is full, and nothing half is left', async () => {
    const first = await look();
    rmSync(cache, { recursive: true, force: true });
    const full = join(world.folder, 'on-a-full-disk');
    writeFileSync(full, `#!/bin/sh\ntrap '' XFSZ\nulimit -f 0\nexec git-signet "$@"\n`, { mode: 0o755 });
    expect(await look(oid, {}, ['-c', `gpg.x509.program=${full}`])).toEqual(first);
    expect(readdirSync(cache)).toEqual([]);
  });

  it('is unknown under another trusted root', async () => {
    await look();
    const root = join(world.folder, 'other_root.json');
    const own = (await world.git(['config', 'signet.trustedRoot'])).stdout.trim();
    writeFileSync(root, `${readFileSync(own, 'utf8')} `);
    await look(oid, { SIGNET_TRUSTED_ROOT: root });
    expect(countRecords()).toBe(2);
    // The shipped one does not know the sandbox: nothing that is remembered makes it good there.
    const shipped = await look(oid, {}, ['-c', 'signet.trustedRoot=']);
    expect(shipped.text).not.toContain('GOODSIG');
  });

  it('is bad with another payload', async () => {
    await look();
    const raw = (await world.git(['cat-file', 'commit', oid])).stdout.replace('\nfirst', '\nother');
    const changed = await world.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: raw });
    expect((await look(changed.stdout.trim())).text).toContain('BADSIG');
    expect(countRecords()).toBe(1);
  });
});

describe('nothing is remembered', () => {
  it('in CI, where strangers share folders', async () => {
    expect(await look(oid, { CI: 'true' })).toMatchObject({ code: 0 });
    expect(existsSync(cache)).toBe(false);
  });

  it('in a folder that is open to others', async () => {
    await look();
    chmodSync(cache, 0o755);
    const [file = ''] = files();
    const before = readFileSync(file);
    rewrite('alice@example.com', 'alise@example.com', true);
    expect((await look()).text).toContain('alice@example.com');
    expect(readFileSync(file)).not.toEqual(before);
  });

  it('where there is no place for it', async () => {
    writeFileSync(join(world.folder, 'file'), '');
    const env = { XDG_CACHE_HOME: join(world.folder, 'file') };
    expect(await look(oid, env)).toMatchObject({ code: 0, text: expect.stringContaining('GOODSIG') });
  });
});
