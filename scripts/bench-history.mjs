// Whole histories: `git-signet verify` over 200 commits, on one core and on all, against `git log --format=%G?`; over
// 5,000; and its memory over 100,000. How it compares with bare node:crypto, bench-throughput measures. Build first.
// By hand:
//
//   env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS node scripts/bench-history.mjs [--rounds 5] [--large 100000]
//
// Processes take turns, and what counts is the shortest time: two cores that others use as well are no measure of two
// threads. Both sides remember nothing (as in CI), or both all of it. The 200 commits are real ones whose entry is
// embedded; each comes as often as it must to make 200.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deflateSync, gunzipSync } from 'node:zlib';

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
const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
const repo = join(folder, 'repo');
const env = {
  PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
};

const ONE_CORE = existsSync('/usr/bin/taskset') ? ['taskset', '-c', '0'] : [];
const VERIFY = [process.execPath, program, 'verify', '--stdin', '--offline'];
const LOG = ['git', 'log', '--no-walk=unsorted', '--stdin', '--format=%G?'];

try {
  if (existsSync(corpus)) run();
  else console.log('skipped: the shared corpora are absent');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run() {
  const objects = readObjects();
  makeRepo(objects);
  compareProcesses(objects);
  compareCores(objects);
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

/** 200 commits by `git log --format=%G?`, by the program on one core and on all. */
function compareProcesses(objects) {
  const input = take(objects, 200);
  const anew = { CI: 'true' };
  const [log, one, all, start] = shortest(rounds, [
    () => timeProcess(LOG, input, anew),
    () => timeProcess([...ONE_CORE, ...VERIFY, '--no-cache'], input, anew),
    () => timeProcess([...VERIFY, '--no-cache'], input, anew),
    () => timeProcess([...VERIFY, '--no-cache'], '', anew),
  ]);
  console.log(`200 commits, as processes (×: how often faster than git log), nothing remembered`);
  const line = (name, ms, log) =>
    console.log(`${name.padEnd(40)} ${ms.toFixed(0).padStart(6)} ms  ${(log / ms).toFixed(1)} ×`);
  line('git log --format=%G?', log, log);
  line('git-signet verify, one core', one, log);
  line(`git-signet verify, ${availableParallelism()} cores`, all, log);
  line('git-signet verify of nothing', start, log);
  timeProcess(LOG, input);
  timeProcess(VERIFY, input);
  const [logAgain, again] = shortest(rounds, [
    () => timeProcess(LOG, input),
    () => timeProcess([...ONE_CORE, ...VERIFY], input),
  ]);
  console.log('the same, all of it remembered');
  line('git log --format=%G?', logAgain, logAgain);
  line('git-signet verify, one core', again, logAgain);
}

/** 5,000 commits on one core and on all. */
function compareCores(objects) {
  const input = take(objects, 5000);
  const [one, all] = shortest(rounds, [
    () => timeProcess([...ONE_CORE, ...VERIFY, '--no-cache'], input),
    () => timeProcess([...VERIFY, '--no-cache'], input),
  ]);
  console.log(`\n5,000 commits with ${objects.length} leafs: all cores ${(one / all).toFixed(2)} × one core`);
}

/** So many names, each as often as it must come, a line each. */
function take(objects, count) {
  return Array.from({ length: count }, (_, place) => `${objects[place % objects.length].id}\n`).join('');
}

/** The shortest time of each, taken in turns. */
function shortest(count, runs) {
  const times = Array.from({ length: count }, () => runs.map((run) => run()));
  return runs.map((_, place) => Math.min(...times.map((turn) => turn[place])));
}

function timeProcess([command, ...args], input, more = {}) {
  return timed(() => {
    const { status, stderr } = spawnSync(command, args, {
      cwd: repo,
      env: { ...env, ...more },
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
  writeFileSync(file, take(objects, count));
  const command = `"${time}" -f %M "${process.execPath}" "${program}" verify --stdin --offline --no-cache < "${file}" > /dev/null`;
  const started = performance.now();
  const { stderr } = spawnSync('sh', ['-c', command], { cwd: repo, env, encoding: 'utf8' });
  const seconds = (performance.now() - started) / 1000;
  const kib = Number(stderr.trim().split('\n').at(-1));
  console.log(
    `\n${count} commits: ${(kib / 1024).toFixed(0)} MiB at most, ${(count / seconds).toFixed(0)} commits/s`,
  );
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}
