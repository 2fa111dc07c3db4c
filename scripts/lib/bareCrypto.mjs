// What verifying an object asks of node:crypto, recorded once and done again without the program around it.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const require = createRequire(import.meta.url);
const crypto = require('node:crypto');

/** The core as a bundle of its own, whose calls of node:crypto can be listened to. */
export function loadCore() {
  const folder = mkdtempSync(join(tmpdir(), 'signet-core-'));
  const outfile = join(folder, 'core.cjs');
  const contents =
    "export { createVerifier, verifyObject } from './src/core/verify.ts'; export { parseTrustedRoot } from './src/core/trustedRoot.ts';";
  const stdin = { contents, resolveDir: resolve(import.meta.dirname, '../..'), loader: 'ts' };
  try {
    buildSync({ stdin, bundle: true, minify: true, platform: 'node', format: 'cjs', outfile });
    return require(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What one verification asks: the bundle looks the functions up at each call. */
export function recordWork(examine) {
  const { verify } = crypto;
  const calls = [];
  crypto.verify = (algorithm, data, key, signature) => {
    calls.push({ algorithm, data: Buffer.from(data), key, signature: Buffer.from(signature) });
    return verify(algorithm, data, key, signature);
  };
  const found = examine();
  crypto.verify = verify;
  if ('status' in found && found.status !== 'good') throw new Error(`${found.status}: ${found.reason}`);
  // Of the keys, only the leaf's is imported for each object; it verified the signature, which is looked at first.
  const leaf = calls[0].key;
  const spki = leaf.export({ format: 'der', type: 'spki' });
  return {
    calls,
    leaf,
    spki: { key: spki, format: 'der', type: 'spki' },
    jwk: { key: leaf.export({ format: 'jwk' }), format: 'jwk' },
  };
}

/** The same again; the leaf's key as it stands in the certificate unless another form of it is given. */
export function doWork({ calls, leaf, spki }, form = spki) {
  const leafKey = crypto.createPublicKey(form);
  for (const { algorithm, data, key, signature } of calls) {
    if (!crypto.verify(algorithm, data, key === leaf ? leafKey : key, signature))
      throw new Error('wrong signature');
  }
}
