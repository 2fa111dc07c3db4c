// Whole histories: `git-signet verify` over 200 commits against bare node:crypto doing the same signature checks and
// key imports, on one thread and on all cores; against `git log --format=%G?`; and its memory over 100,000 commits.
// Build first. By hand:
//
//   env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS node scripts/bench-history.mjs [--rounds 5] [--large 100000]
//
// In process, ours and bare take turns, and processor time counts. Processes are timed in turns too, and what counts is
// the shortest time: two cores that others use as well are no measure of two threads. The 200 commits are real ones
// whose entry is embedded; each comes as often as it must to make 200.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deflateSync, gunzipSync } from 'node:zlib';
import { doWork, loadCore, recordWork } from './lib/bareCrypto.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    large: { type: 'string', default: '100000' },
    program: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const corpus = join(root, '..', 'shared', 'corpus');
const program = values.program ?? join(root, 'bin', 'git-signet.cjs');
const rounds = Number(values.rounds);
const WARM_UP = 8;
const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
const repo = join(folder, 'repo');
const env = {
  PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
};

try {
  if (existsSync(corpus)) run();
  else console.log('skipped: the shared corpora are absent');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run() {
  const objects = readObjects();
  makeRepo(objects);
  compareWithBare(objects);
  compareProcesses(objects);
  measureMemory(objects, Number(values.large));
}

function readObjects() {
  return gunzipSync(readFileSync(join(corpus, 'signatures.jsonl.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ expected, kind }) => expected === 'valid-offline' && kind === 'commit')
    .map(({ id, kind, raw_base64: raw }) => ({ id, kind, raw: Buffer.from(raw, 'base64') }));
}

/** The objects as loose ones; git would refuse some as new, and their parents are not there. */
function makeRepo(objects) {
  execFileSync('git', ['init', '-q', repo], { env });
  for (const { id, kind, raw } of objects) {
    const place = join(repo, '.git/objects', id.slice(0, 2));
    mkdirSync(place, { recursive: true });
    writeFileSync(
      join(place, id.slice(2)),
      deflateSync(Buffer.concat([Buffer.from(`${kind} ${raw.length}\0`), raw])),
    );
  }
  execFileSync('git', ['config', 'gpg.x509.program', program], { cwd: repo, env });
}

/** The judging loop of the program, bundled as it is, over objects in memory; bare does what it asks of node:crypto. */
function compareWithBare(objects) {
  const { createVerifier, parseTrustedRoot } = loadCore();
  const trust = parseTrustedRoot(readFileSync(join(corpus, 'trusted_root.json')));
  // The first few signatures of a process are verified with keys that are not kept.
  for (const { raw } of objects.slice(0, 3)) createVerifier(trust).examineObject(raw, 'commit', 'sha1');
  const works = objects.map((object) =>
    recordWork(() => createVerifier(trust).examineObject(object.raw, 'commit', 'sha1')),
  );
  const ours = [];
  const bare = [];
  for (let round = 0; round < rounds + WARM_UP; round++) {
    const verifier = createVerifier(trust); // each leaf is new in each round
    ours.push(
      processorTime(() => {
        for (const { raw } of objects) verifier.examineObject(raw, 'commit', 'sha1');
      }),
    );
    bare.push(
      processorTime(() => {
        for (const work of works) doWork(work);
      }),
    );
  }
  const rate = (times) => (1000 * objects.length) / median(times.slice(WARM_UP));
  console.log(`${objects.length} commits, each with a leaf of its own, ${rounds} rounds, medians`);
  console.log(`one thread, in process   ${rate(ours).toFixed(0)} commits/s`);
  console.log(
    `bare node:crypto         ${rate(bare).toFixed(0)} commits/s, ratio ${(rate(ours) / rate(bare)).toFixed(2)}`,
  );
}

/** 200 commits by `git log --format=%G?`, by the program on one core and on all. */
function compareProcesses(objects) {
  const chosen = Array.from({ length: 200 }, (_, place) => objects[place % objects.length].id);
  const input = chosen.map((id) => `${id}\n`).join('');
  const verify = ['verify', '--stdin', '--offline', '--no-cache'];
  const one = existsSync('/usr/bin/taskset') ? ['taskset', '-c', '0'] : [];
  const times = { log: [], one: [], all: [], start: [] };
  for (let round = 0; round < rounds; round++) {
    times.one.push(timeProcess([...one, process.execPath, program, ...verify], input));
    times.all.push(timeProcess([process.execPath, program, ...verify], input));
    times.start.push(timeProcess([process.execPath, program, ...verify], ''));
    if (round < 2)
      times.log.push(timeProcess(['git', 'log', '--no-walk=unsorted', '--stdin', '--format=%G?'], input));
  }
  const log = Math.min(...times.log);
  const line = (name, ms) =>
    console.log(`${name.padEnd(40)} ${ms.toFixed(0).padStart(6)} ms  ${(log / ms).toFixed(1)} ×`);
  console.log(`\n200 commits, as processes (×: how often faster than git log)`);
  line('git log --format=%G?', log);
  line('git-signet verify, one core', Math.min(...times.one));
  line(`git-signet verify, ${availableParallelism()} cores`, Math.min(...times.all));
  line('git-signet verify of nothing', Math.min(...times.start));
  const many = objects.flatMap(({ id }) => id);
  const large = Array.from({ length: 5000 }, (_, place) => many[place % many.length]).join('\n');
  const [single, both] = [[], []];
  for (let round = 0; round < 3; round++) {
    single.push(timeProcess([...one, process.execPath, program, ...verify], `${large}\n`));
    both.push(timeProcess([process.execPath, program, ...verify], `${large}\n`));
  }
  console.log(
    `5,000 commits with ${objects.length} leafs: all cores ${(Math.min(...single) / Math.min(...both)).toFixed(2)} × one core`,
  );
}

function timeProcess([command, ...args], input) {
  return timed(() => {
    const { status, stderr } = spawnSync(command, args, {
      cwd: repo,
      env,
      input,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  });
}

/** Peak of the resident memory, by GNU time, over many commits in one run. */
function measureMemory(objects, count) {
  const time = '/usr/bin/time';
  if (!existsSync(time) || count === 0) return console.log('\nmemory: not measured (GNU time is needed)');
  const file = join(folder, 'many');
  const oids = Array.from({ length: count }, (_, place) => objects[place % objects.length].id);
  writeFileSync(file, `${oids.join('\n')}\n`);
  const command = `"${time}" -f %M "${process.execPath}" "${program}" verify --stdin --offline --no-cache < "${file}" > /dev/null`;
  const started = performance.now();
  const { stderr } = spawnSync('sh', ['-c', command], { cwd: repo, env, encoding: 'utf8' });
  const seconds = (performance.now() - started) / 1000;
  const kib = Number(stderr.trim().split('\n').at(-1));
  console.log(
    `\n${count} commits: ${(kib / 1024).toFixed(0)} MiB at most, ${(count / seconds).toFixed(0)} commits/s`,
  );
}

/** Milliseconds, of all threads of this process. */
function processorTime(work) {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
