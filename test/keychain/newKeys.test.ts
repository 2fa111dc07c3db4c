/**
 * In Node 20 garbage collection takes the lock of a key once more that was just made. Where it happens while the key is
 * given out as a JWK, the process waits for itself for ever: no new key is given out so.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(ROOT, 'node_modules/.new-keys-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** Each is done so often that collections fall into it, most with one key until the first one has. */
test.each([
  [
    'asked to be certified',
    `import { requestCredential } from './src/app/requestCredential.ts';
    const ca = { requestSigningCertificate: async () => { throw new Error('not now'); } };
    for (let i = 0; i < 1_000; i++) await requestCredential({ ca, idToken: { principal: 'a' } }).catch(() => {});`,
  ],
  [
    'remembered',
    `import { encodeCachedCredential } from './src/app/credentialCache.ts';
    import { generateKeyPairSync } from 'node:crypto';
    const now = new Date();
    const identity = { subject: { type: 'email', value: 'a' }, issuer: 'b' };
    const rest = { identity, notBefore: now, notAfter: now, certificate: new Uint8Array(9) };
    for (let i = 0; i < 200; i++) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const cached = { credential: { ...rest, privateKey }, login: { issuer: 'b', principal: 'a' }, trustDigest: 'c' };
      for (let j = 0; j < 100; j++) encodeCachedCredential(cached);
    }`,
  ],
  [
    'certified by the sandbox',
    `import { keyIdentifier } from './src/sandbox/certificates.ts';
    import { generateKeyPairSync } from 'node:crypto';
    for (let i = 0; i < 150; i++) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
      for (let j = 0; j < 100; j++) keyIdentifier(publicKey);
    }`,
  ],
])('a new key can be %s while garbage is collected', async (_, contents) => {
  const outfile = join(folder, 'program.mjs');
  await build({
    stdin: { contents, resolveDir: ROOT },
    absWorkingDir: ROOT,
    bundle: true,
    outfile,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const argv = ['--gc-global', '--max-semi-space-size=1', outfile];
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 25_000 });
  expect([status, stderr]).toEqual([0, '']);
});
