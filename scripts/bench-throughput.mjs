// How much of bare node:crypto's rate the core reaches on real signatures, one thread:
//
//   env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS node scripts/bench-throughput.mjs [rounds] [processes]
//
// Bare: per object the same five verifications (four P-256, one P-384) over the same bytes, and one import of
// the leaf's key, from DER as it stands in the certificate, and for comparison in the fastest way (JWK). Nothing is kept
// between objects but CA and log keys. Each side has processes of its own, which take turns: in one process the sides
// would compile and cache for each other. What counts is the time that the one thread ran, garbage collection in it too,
// so that other load on the machine does not enter; where the system does not tell it, the time by the clock. The first
// rounds, while V8 still compiles, are printed apart.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { doWork, loadCore, recordWork } from './lib/bareCrypto.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const corpus = join(root, '..', 'shared', 'corpus');
const rounds = Number(process.argv[2] ?? 8);
const processes = Number(process.argv[3] ?? 7);
const side = process.argv[4];
const THREAD_TIMES = `/proc/self/task/${process.pid}/schedstat`;
const SIDES = { core: 'core', spki: 'node:crypto', jwk: 'node:crypto (JWK)' };

if (!existsSync(corpus)) console.log('skipped: the shared corpora are absent');
else if (side === undefined) compare();
else console.log(JSON.stringify(measure(side)));

function compare() {
  const times = { core: [], spki: [], jwk: [] };
  let count = 0;
  for (let turn = 0; turn < processes; turn++) {
    for (const name of Object.keys(SIDES)) {
      const args = [fileURLToPath(import.meta.url), String(rounds), String(processes), name];
      const result = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
      times[name].push(result.times);
      count = result.count;
    }
  }
  const print = (title, from) => {
    const timeOf = (name) => median(times[name].map((all) => sum(all.slice(from, from + rounds)) / rounds));
    console.log(`${count} objects, ${title}, medians of ${processes} processes`);
    for (const [name, text] of Object.entries(SIDES)) {
      const rate = ((1000 * count) / timeOf(name)).toFixed(0);
      const ratio = name === 'core' ? '' : `, ratio ${((100 * timeOf(name)) / timeOf('core')).toFixed(1)} %`;
      console.log(`${text.padEnd(18)} ${rate} objects/s${ratio}`);
    }
  };
  print(`first ${rounds} rounds`, 0);
  print(`${rounds} rounds after them`, rounds);
}

/** Milliseconds of each round. */
function measure(side) {
  const { verifyObject, parseTrustedRoot } = loadCore();
  const objects = readObjects();
  const trust = parseTrustedRoot(readFileSync(join(corpus, 'trusted_root.json')));
  const verify = ({ raw, kind }) => {
    const verdict = verifyObject(raw, kind, 'sha1', trust, { kind: 'none' });
    if (verdict.status !== 'good') throw new Error(`${verdict.status}: ${verdict.reason}`);
    return verdict;
  };
  objects.slice(0, 10).forEach(verify); // looks at the authorities' own certificates, once
  const works = side === 'core' ? [] : objects.map((object) => recordWork(() => verify(object)));
  works.forEach(checkCurves);
  const work = side === 'core' ? () => objects.forEach(verify) : () => doAll(works, side);
  const times = Array.from({ length: 2 * rounds }, () => timed(work));
  return { count: objects.length, times };
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

function doAll(works, form) {
  for (const work of works) doWork(work, work[form]);
}

/** What is compared is what was said: four P-256 verifications and one of P-384. */
function checkCurves({ calls }) {
  const curves = calls.map(({ key }) => key.asymmetricKeyDetails.namedCurve);
  if (curves.filter((curve) => curve === 'prime256v1').length !== 4 || curves.length !== 5) {
    throw new Error(`expected four P-256 and one P-384 verification, saw ${curves}`);
  }
}

function timed(work) {
  const start = now();
  work();
  return now() - start;
}

/** Milliseconds that this thread has run. */
function now() {
  if (!existsSync(THREAD_TIMES)) return performance.now();
  return Number(readFileSync(THREAD_TIMES, 'latin1').split(' ')[0]) / 1e6;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
