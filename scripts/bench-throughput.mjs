// How much of bare node:crypto's rate the core reaches on real signatures, one thread:
//
//   env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS node scripts/bench-throughput.mjs [rounds]
//
// Bare: per object the same five verifications (four P-256, one P-384) over the same bytes, and one import of
// the leaf's key, from DER as it stands in the certificate, and for comparison in the fastest way (JWK). All
// sides take turns; nothing is kept between objects but CA and log keys. What counts is the processor time of the whole
// process, garbage collection and compiling with it: other load on the machine does not enter. The rate of the first
// rounds, while V8 still compiles, is printed apart.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { doWork, loadCore, recordWork } from './lib/bareCrypto.mjs';

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
    const verdict = verifyObject(raw, kind, 'sha1', trust, { kind: 'none' });
    if (verdict.status !== 'good') throw new Error(`${verdict.status}: ${verdict.reason}`);
    return verdict;
  };
  objects.forEach(verify); // looks at the authorities' own certificates, once
  const works = objects.map((object) => recordWork(() => verify(object)));
  works.forEach(checkCurves);
  const ours = [];
  const bare = [];
  const barest = [];
  for (let i = 0; i < WARM_UP + rounds; i++) {
    ours.push(timed(() => objects.forEach(verify)));
    bare.push(timed(() => doAll(works, ({ spki }) => spki)));
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

function readObjects() {
  return gunzipSync(readFileSync(join(corpus, 'signatures.jsonl.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ expected }) => expected === 'valid-offline')
    .map(({ raw_base64: raw, kind }) => ({ raw: Buffer.from(raw, 'base64'), kind }));
}

function doAll(works, formOf) {
  for (const work of works) doWork(work, formOf(work));
}

/** What is compared is what was said: four P-256 verifications and one of P-384. */
function checkCurves({ calls }) {
  const curves = calls.map(({ key }) => key.asymmetricKeyDetails.namedCurve);
  if (curves.filter((curve) => curve === 'prime256v1').length !== 4 || curves.length !== 5) {
    throw new Error(`expected four P-256 and one P-384 verification, saw ${curves}`);
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
