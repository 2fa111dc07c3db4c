import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getTrustedRoot } from '@sigstore/tuf';
import { Updater } from 'tuf-js';
import { describe, expect, test } from 'vitest';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { post } from './clients.ts';
import { ownSandbox, startAgain } from './own.ts';

const { folder, sandbox } = await ownSandbox();

let caches = 0;

/** A cache that trusts the root that lies in the folder of the sandbox. */
function newCache(rootPath = sandbox.tufRootPath): string {
  const cache = join(folder, `cache-${caches++}`);
  mkdirSync(join(cache, 'targets'), { recursive: true });
  cpSync(rootPath, join(cache, 'root.json'));
  return cache;
}

/** Another process each time: nothing is kept but the cache. */
async function update(cache: string, name = 'trusted_root.json', url = sandbox.tufUrl): Promise<string> {
  const updater = new Updater({
    metadataDir: cache,
    metadataBaseUrl: url,
    targetDir: join(cache, 'targets'),
    targetBaseUrl: `${url}/targets`,
    config: { fetchRetry: 0, fetchTimeout: 5000 },
  });
  const target = await updater.getTargetInfo(name);
  if (target === undefined) throw new Error(`no target ${name}`);
  return readFileSync(await updater.downloadTarget(target), 'utf8');
}

const versionIn = (cache: string, file: string) =>
  JSON.parse(readFileSync(join(cache, file), 'utf8')).signed.version as number;

describe('a TUF client', () => {
  test('gets the trusted root and both signing configurations', async () => {
    const cache = newCache();
    const trustedRoot = await update(cache);
    expect(trustedRoot).toBe(readFileSync(sandbox.trustedRootPath, 'utf8'));
    const trust = parseTrustedRoot(Buffer.from(trustedRoot));
    expect([trust.logs.length, trust.timestampAuthorities.length]).toEqual([2, 1]);
    const urls = async (name: string) => {
      const { rekorTlogUrls, tsaUrls } = JSON.parse(await update(cache, name));
      return [...rekorTlogUrls, ...tsaUrls].map((each) => [each.majorApiVersion, each.url]);
    };
    const tsa = [1, sandbox.timestampUrl];
    expect(await urls('signing_config.v0.2.json')).toEqual([[1, sandbox.rekorUrl], tsa]);
    expect(await urls('signing_config_rekor_v2.v0.2.json')).toEqual([
      [2, sandbox.rekorV2Url],
      [1, sandbox.rekorUrl],
      tsa,
    ]);
  });

  test('of sigstore gets the trusted root', async () => {
    const cachePath = join(folder, 'sigstore');
    const options = { mirrorURL: sandbox.tufUrl, rootPath: sandbox.tufRootPath, cachePath };
    const trust = await getTrustedRoot({ ...options, retry: { retries: 0 }, timeout: 5000 });
    expect(trust.tlogs.map(({ baseUrl }) => baseUrl)).toEqual([sandbox.rekorUrl, sandbox.rekorV2Url]);
  });

  test('follows new roots from the first on, and new targets', async () => {
    const cache = newCache();
    await update(cache);
    sandbox.tuf.rotateRoot();
    expect((await post(`${sandbox.url}/sandbox/tuf`, { rotateRoot: true })).status).toBe(200);
    const publish = { 'trusted_root.json': '{"another": "text"}', 'more.txt': 'more' };
    expect((await post(`${sandbox.url}/sandbox/tuf`, { publish })).status).toBe(200);
    expect(await update(cache)).toBe(publish['trusted_root.json']);
    expect(await update(cache, 'more.txt')).toBe('more');
    expect(versionIn(cache, 'root.json')).toBe(versionIn(newCache(), 'root.json'));
    expect(versionIn(cache, 'root.json')).toBeGreaterThan(2);
    sandbox.tuf.publish({ 'trusted_root.json': readFileSync(sandbox.trustedRootPath, 'utf8') });
    for (const refused of [{}, { publish: { a: 1 } }, { rotateRoot: 1 }, { publish: {}, rotateRoot: true }])
      expect((await post(`${sandbox.url}/sandbox/tuf`, refused)).status).toBe(400);
  });

  test('trusts no other sandbox', async () => {
    const other = await startSandbox({ stateDir: join(folder, 'other') });
    try {
      await expect(update(newCache(), 'trusted_root.json', other.tufUrl)).rejects.toThrow();
      await update(newCache(other.tufRootPath), 'trusted_root.json', other.tufUrl);
    } finally {
      await other.stop();
    }
  });
});

describe('an attack is noticed', () => {
  const attacks: readonly (readonly [Omit<Fault, 'service'>, RegExp])[] = [
    [{ kind: 'expired' }, /expired/],
    [{ kind: 'rollback' }, /version/i],
    [{ kind: 'mixAndMatch' }, /version/i],
    [{ kind: 'wrongKey' }, /signed|signature/i],
    [{ kind: 'truncated' }, /JSON|parse/i],
    [{ kind: 'wrongTarget' }, /hash/i],
    [{ kind: 'endless' }, /length/i],
    [{ kind: 'endless', match: 'GET /tuf/targets/' }, /length/i],
    [{ kind: 'cut', match: 'GET /tuf/timestamp.json' }, /./],
    [{ kind: 'status', match: 'GET /tuf/timestamp.json' }, /503|download/i],
    [{ kind: 'wrongKey', match: 'GET /tuf/SNAPSHOT' }, /signed|signature/i],
    [{ kind: 'expired', match: 'GET /tuf/TARGETS' }, /expired/],
    [{ kind: 'mixAndMatch', match: 'GET /tuf/TARGETS' }, /version/i],
    [{ kind: 'wrongKey', match: 'GET /tuf/ROOT' }, /signed|signature/i],
    [{ kind: 'rollback', match: 'GET /tuf/ROOT' }, /version/i],
    [{ kind: 'expired', match: 'GET /tuf/ROOT' }, /expired/],
  ];

  test.each(attacks)('%j', async (fault, words) => {
    const cache = newCache();
    await update(cache);
    const before = versionIn(cache, 'timestamp.json');
    sandbox.tuf.publish({ 'trusted_root.json': `{"version": ${before}}` });
    const next = versionIn(cache, 'root.json') + 1;
    if (fault.match?.endsWith('ROOT')) sandbox.tuf.rotateRoot();
    const { metadataVersion } = current();
    const match = fault.match
      ?.replace('SNAPSHOT', `${metadataVersion}.snapshot.json`)
      .replace('TARGETS', `${metadataVersion}.targets.json`)
      .replace('ROOT', `${next}.root.json`);
    sandbox.setFaults([{ service: 'tuf', ...fault, ...(match === undefined ? {} : { match }) }]);
    await expect(update(cache)).rejects.toThrow(words);
    expect(await (await fetch(`${sandbox.url}/sandbox/faults`)).json()).toEqual([]);
    // An expired root is one that the client goes on from.
    if (fault.kind === 'expired') sandbox.tuf.rotateRoot();
    expect(await update(cache)).toBe(`{"version": ${before}}`);
    expect(versionIn(cache, 'timestamp.json')).toBeGreaterThan(before);
  });

  const current = () =>
    JSON.parse(readFileSync(join(folder, 'state/tuf.json'), 'utf8')) as { metadataVersion: number };
});

describe('the repository', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const expiryOf = async (url: string, name: string) =>
    Date.parse(JSON.parse(await (await fetch(`${url}/${name}`)).text()).signed.expires);

  test('stays itself through a restart, for its owner only', async () => {
    const stateDir = join(folder, 'restart');
    const first = await startSandbox({ stateDir });
    first.tuf.rotateRoot();
    const root = readFileSync(first.tufRootPath, 'utf8');
    const timestamp = await (await fetch(`${first.tufUrl}/timestamp.json`)).text();
    await first.stop();
    const second = await startAgain(stateDir);
    try {
      expect(readFileSync(second.tufRootPath, 'utf8')).toBe(root);
      expect(await (await fetch(`${second.tufUrl}/2.root.json`)).text()).toBe(root);
      expect(await (await fetch(`${second.tufUrl}/timestamp.json`)).text()).toBe(timestamp);
      expect((await fetch(`${second.tufUrl}/3.root.json`)).status).toBe(404);
      expect((await fetch(`${second.tufUrl}/targets/trusted_root.json`)).status).toBe(404);
      expect((await fetch(`${second.tufUrl}/tuf.json`)).status).toBe(404);
      for (const name of ['tuf.json', 'root.json', 'services.json'])
        expect(statSync(join(stateDir, name)).mode & 0o777).toBe(0o600);
    } finally {
      await second.stop();
    }
    writeFileSync(join(stateDir, 'tuf.json'), '{');
    await expect(startSandbox({ stateDir })).rejects.toMatchObject({ code: 'config' });
  });

  test('signs anew what is about to expire, while it runs', async () => {
    let now = new Date('2030-01-01T00:00:00Z');
    const stateDir = join(folder, 'renewed');
    const aged = await startSandbox({ stateDir, clock: () => now });
    try {
      const expiry = await expiryOf(aged.tufUrl, 'timestamp.json');
      expect(expiry).toBe(now.getTime() + 7 * DAY_MS);
      now = new Date(now.getTime() + 3 * DAY_MS);
      expect(await expiryOf(aged.tufUrl, 'timestamp.json')).toBe(expiry);
      now = new Date(now.getTime() + DAY_MS);
      expect(await expiryOf(aged.tufUrl, 'timestamp.json')).toBe(expiry + 4 * DAY_MS);
      expect((await fetch(`${aged.tufUrl}/2.root.json`)).status).toBe(404);
      now = new Date(now.getTime() + 200 * DAY_MS);
      expect(await expiryOf(aged.tufUrl, '2.root.json')).toBe(now.getTime() + 365 * DAY_MS);
      expect(existsSync(aged.tufRootPath)).toBe(true);
    } finally {
      await aged.stop();
    }
  });
});
