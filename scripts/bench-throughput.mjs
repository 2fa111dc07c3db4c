// How much of bare node:crypto's rate the core reaches on real signatures, one thread:
//
//   env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS node scripts/bench-throughput.mjs [rounds]
//
// Bare: per object the same five verifications (four P-256, one P-384) over the same bytes, and one import of
// the leaf's key, from DER as it stands in the certificate, and for comparison in the fastest way (JWK). All
// sides take turns; nothing is kept between objects but CA and log keys.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const require = createRequire(import.meta.url);
const crypto = require('node:crypto');
const root = fileURLToPath(new URL('..', import.meta.url));
const corpus = join(root, '..', 'shared', 'corpus');
const rounds = Number(process.argv[2] ?? 8);

if (existsSync(corpus)) run();
else console.log('skipped: the shared corpora are absent');

function run() {
  const { verifyObject, parseTrustedRoot } = loadCore();
  const objects = readObjects();
  const trust = parseTrustedRoot(readFileSync(join(corpus, 'trusted_root.json')));
  const verify = ({ raw, kind }) => {
    const { status, reason } = verifyObject(raw, kind, 'sha1', trust, { kind: 'none' });
    if (status !== 'good') throw new Error(`${status}: ${reason}`);
  };
  objects.forEach(verify); // looks at the authorities' own certificates, once
  const works = objects.map((object) => recordWork(() => verify(object)));
  const ours = [];
  const bare = [];
  const barest = [];
  for (let i = 0; i < rounds + 2; i++) {
    let [core, fromDer, fromJwk] = [0, 0, 0];
    // Object by object in turns, so that other load on the machine hits both sides alike.
    for (const [place, object] of objects.entries()) {
      core += timed(() => verify(object));
      fromDer += timed(() => doWork(works[place], works[place].der));
      fromJwk += timed(() => doWork(works[place], works[place].jwk));
    }
    ours.push(core);
    bare.push(fromDer);
    barest.push(fromJwk);
  }
  const rateOf = (times) => (1000 * objects.length) / median(times.slice(2));
  console.log(`${objects.length} objects, ${rounds} rounds, medians`);
  const percent = (times) => ((100 * rateOf(ours)) / rateOf(times)).toFixed(1);
  console.log(`core               ${rateOf(ours).toFixed(0)} objects/s`);
  console.log(`node:crypto        ${rateOf(bare).toFixed(0)} objects/s, ratio ${percent(bare)} %`);
  console.log(`node:crypto (JWK)  ${rateOf(barest).toFixed(0)} objects/s, ratio ${percent(barest)} %`);
}

/** The core as it is shipped: bundled and minified. */
function loadCore() {
  const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
  const outfile = join(folder, 'core.cjs');
  const contents =
    "export { verifyObject } from './src/core/verify.ts'; export { parseTrustedRoot } from './src/core/trustedRoot.ts';";
  try {
    const stdin = { contents, resolveDir: root, loader: 'ts' };
    buildSync({ stdin, bundle: true, minify: true, platform: 'node', format: 'cjs', outfile });
    return require(outfile);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readObjects() {
  return gunzipSync(readFileSync(join(corpus, 'signatures.jsonl.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ expected }) => expected === 'valid-offline')
    .map(({ raw_base64: raw, kind }) => ({ raw: Buffer.from(raw, 'base64'), kind }));
}

/** What one verification asks of node:crypto, keys aside: the bundle looks its functions up at each call. */
function recordWork(verifyOne) {
  const { verify } = crypto;
  const calls = [];
  crypto.verify = (algorithm, data, key, signature) => {
    calls.push({ algorithm, data: Buffer.from(data), key, signature: Buffer.from(signature) });
    return verify(algorithm, data, key, signature);
  };
  verifyOne();
  crypto.verify = verify;
  const curves = calls.map(({ key }) => key.asymmetricKeyDetails.namedCurve);
  if (curves.filter((curve) => curve === 'prime256v1').length !== 4 || curves.length !== 5) {
    throw new Error(`expected four P-256 and one P-384 verification, saw ${curves}`);
  }
  // The leaf's key is the one that verified the signature, which is looked at first.
  const leaf = calls[0].key;
  return {
    calls,
    leaf,
    der: { key: leaf.export({ format: 'der', type: 'spki' }), format: 'der', type: 'spki' },
    jwk: { key: leaf.export({ format: 'jwk' }), format: 'jwk' },
  };
}

function doWork({ calls, leaf }, importOptions) {
  const leafKey = crypto.createPublicKey(importOptions);
  for (const { algorithm, data, key, signature } of calls) {
    if (!crypto.verify(algorithm, data, key === leaf ? leafKey : key, signature))
      throw new Error('wrong signature');
  }
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
