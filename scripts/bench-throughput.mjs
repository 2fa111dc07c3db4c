// How much of bare node:crypto's rate the core reaches on real signatures, one thread:
//
//   env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS node scripts/bench-throughput.mjs [rounds]
//
// Bare: per object the same five verifications (four P-256, one P-384) over the same bytes, and one import of
// the leaf's key, from DER as it stands in the certificate, and for comparison in the fastest way (JWK). All
// sides take turns; nothing is kept between objects but CA and log keys. What counts is the processor time of the whole
// process, garbage collection and compiling with it: other load on the machine does not enter. The rate of the first
// rounds, while V8 still compiles, is printed apart.
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
const WARM_UP = 8;

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
  for (let i = 0; i < WARM_UP + rounds; i++) {
    ours.push(timed(() => objects.forEach(verify)));
    bare.push(timed(() => doAll(works, ({ der }) => der)));
    barest.push(timed(() => doAll(works, ({ jwk }) => jwk)));
  }
  const print = (title, from, to) => {
    const rateOf = (times) => (1000 * objects.length) / median(times.slice(from, to));
    const percent = (times) => ((100 * rateOf(ours)) / rateOf(times)).toFixed(1);
    console.log(`${objects.length} objects, ${title}, medians of processor time`);
    console.log(`core               ${rateOf(ours).toFixed(0)} objects/s`);
    console.log(`node:crypto        ${rateOf(bare).toFixed(0)} objects/s, ratio ${percent(bare)} %`);
    console.log(`node:crypto (JWK)  ${rateOf(barest).toFixed(0)} objects/s, ratio ${percent(barest)} %`);
  };
  print('first rounds', 0, WARM_UP);
  print(`${rounds} rounds after them`, WARM_UP, WARM_UP + rounds);
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

function doAll(works, importOptionsOf) {
  for (const work of works) doWork(work, importOptionsOf(work));
}

function doWork({ calls, leaf }, importOptions) {
  const leafKey = crypto.createPublicKey(importOptions);
  for (const { algorithm, data, key, signature } of calls) {
    if (!crypto.verify(algorithm, data, key === leaf ? leafKey : key, signature))
      throw new Error('wrong signature');
  }
}

/** Milliseconds of processor time, of all threads of this process. */
function timed(work) {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
