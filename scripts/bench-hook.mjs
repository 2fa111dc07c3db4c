// The pre-receive hook: a push of one commit against `node -e 0`, and one of 1,000 commits into a repository of 30,000
// against the bare cryptography of the same commits plus `git rev-list | git cat-file --batch`, with and without
// remembered facts; and its memory. Build first. By hand:
//
//   env -u NODE_OPTIONS -u NODE_EXTRA_CA_CERTS node scripts/bench-hook.mjs [--rounds 15] [--large 5] [--commits 1000]
//
// The hook is started as git starts it, with the new objects in a quarantine: loose for one commit, a pack for many. Every
// commit is signed with a certificate of its own, by a sandbox on loopback. All sides take turns; medians of the clock.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { deflateSync } from 'node:zlib';
import { doWork, loadCore, recordWork } from './lib/bareCrypto.mjs';

const require = createRequire(import.meta.url);
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    large: { type: 'string', default: '5' },
    commits: { type: 'string', default: '1000' },
    history: { type: 'string', default: '30000' },
    dist: { type: 'string', default: resolve(import.meta.dirname, '../dist') },
  },
});
const program = join(values.dist, '../bin/git-signet.cjs');
const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
const state = join(folder, 'sandbox');
const server = join(folder, 'server.git');
const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
const READ = 'git rev-list "$1" "^$2" | git cat-file --batch > /dev/null';
const AUTHOR = 'Alice <alice@example.com>';

try {
  if (existsSync(join(values.dist, 'sandbox-sandbox.cjs'))) await run();
  else console.log('skipped: the program is not built, or without its sandbox');
} finally {
  spawnSync(process.execPath, [program, 'sandbox', 'stop', '--state', state], { env });
  rmSync(folder, { recursive: true, force: true });
}

async function run() {
  const sandbox = startSandbox();
  const introduction = makeServer(sandbox);
  const commits = await signCommits(introduction, Number(values.commits), sandbox);
  const [one, many] = [makePush(introduction, commits.slice(0, 1)), makePush(introduction, commits)];
  printOne(one);
  printMany(many, commits, sandbox);
  printMemory(many, commits.length);
}

function startSandbox() {
  signet('sandbox', 'start', '--state', state);
  const { url, issuer } = JSON.parse(signet('sandbox', 'status', '--state', state, '--json'));
  const root = join(state, 'trusted_root.json');
  const { certificateAuthorities } = JSON.parse(readFileSync(root, 'utf8'));
  const authority = certificateAuthorities[0].certChain.certificates.at(-1).rawBytes;
  const instance = createHash('sha256').update(Buffer.from(authority, 'base64')).digest('hex');
  return { url, issuer, root, instance };
}

/** A bare repository with a long unsigned past, the policy on top of it, and the hook. */
function makeServer({ issuer, root, instance }) {
  git('init', '-q', '--bare', '-b', 'main', server);
  const policy = `version = 1\ninstance = ["${instance}"]\n[signers]\nalice = { email = "alice@example.com", issuer = "${issuer}" }\n`;
  const stream = Array.from({ length: Number(values.history) }, (_, n) =>
    importedCommit(n, 'file', `${n}\n`),
  );
  stream.push(importedCommit(stream.length, '.signet.toml', policy));
  execFileSync('git', ['fast-import', '--quiet'], { cwd: server, env, input: stream.join('') });
  git('config', 'signet.trustedRoot', root);
  const introduction = git('rev-parse', 'main').trim();
  signet('hook', 'install', '--introduction', introduction);
  return introduction;
}

function importedCommit(number, path, content) {
  const text = `commit ${number}`;
  return `commit refs/heads/main\ncommitter ${AUTHOR} ${1600000000 + number} +0000\ndata ${text.length}\n${text}\nM 644 inline ${path}\ndata ${content.length}\n${content}\n`;
}

/** One after the other on top of the introduction, each with a blob and a tree; by the library. */
async function signCommits(introduction, count, { url, root }) {
  const { sign, loadTrust } = require(join(values.dist, 'index.cjs'));
  const trust = loadTrust(root);
  const policy = Buffer.from(git('rev-parse', `${introduction}:.signet.toml`).trim(), 'hex');
  const commits = [];
  for (let parent = introduction; commits.length < count; parent = commits.at(-1).id) {
    const blob = toObject('blob', Buffer.from(`signed ${commits.length}\n`));
    const entries = [Buffer.from('100644 .signet.toml\0'), policy, Buffer.from('100644 file\0')];
    const tree = toObject('tree', Buffer.concat([...entries, Buffer.from(blob.id, 'hex')]));
    const person = `${AUTHOR} ${1700000000 + commits.length} +0000`;
    const head = `tree ${tree.id}\nparent ${parent}\nauthor ${person}\ncommitter ${person}\n`;
    const text = `\nsigned ${commits.length}\n`;
    const idToken = commits.length % 500 === 0 ? await requestToken(url) : commits.at(-1).idToken;
    const { armored } = await sign(Buffer.from(head + text), {
      idToken,
      trust,
      fulcioUrl: url,
      rekorUrl: url,
    });
    const header = `gpgsig ${armored.trimEnd().replaceAll('\n', '\n ')}\n`;
    const commit = toObject('commit', Buffer.from(head + header + text));
    commits.push({ ...commit, idToken, objects: [blob, tree, commit] });
  }
  return commits;
}

async function requestToken(url) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email: 'alice@example.com' });
  const answer = await fetch(`${url}/oidc/sandbox/token`, { method: 'POST', headers, body });
  return (await answer.json()).id_token;
}

function toObject(kind, raw) {
  const whole = Buffer.concat([Buffer.from(`${kind} ${raw.length}\0`), raw]);
  return { id: createHash('sha1').update(whole).digest('hex'), raw, whole };
}

/** What git hands to the hook: its environment with a quarantine, and its line. */
function makePush(old, commits) {
  const loose = join(folder, `quarantine-${commits.length}`);
  for (const { id, whole } of commits.flatMap(({ objects }) => objects)) {
    mkdirSync(join(loose, id.slice(0, 2)), { recursive: true });
    writeFileSync(join(loose, id.slice(0, 2), id.slice(2)), deflateSync(whole));
  }
  const inside = (quarantine) => ({
    ...env,
    GIT_DIR: '.',
    GIT_QUARANTINE_PATH: quarantine,
    GIT_OBJECT_DIRECTORY: quarantine,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(server, 'objects'),
  });
  const tip = commits.at(-1).id;
  const push = { old, tip, input: `${old} ${tip} refs/heads/main\n` };
  // receive.unpackLimit
  if (commits.length < 100) return { ...push, env: inside(loose) };
  const packed = join(folder, 'quarantine');
  mkdirSync(join(packed, 'pack'), { recursive: true });
  const options = { cwd: server, env: inside(loose), input: `${tip}\n^${old}\n` };
  execFileSync('git', ['pack-objects', '-q', '--revs', join(packed, 'pack/pack')], options);
  return { ...push, env: inside(packed) };
}

function printOne(push) {
  const times = measure(Number(values.rounds), {
    start: () => timed(() => go(process.execPath, ['-e', '0'], env)),
    one: () => {
      forget();
      return timed(() => runHook(push));
    },
  });
  const { start, one } = times;
  console.log(`node ${process.version}; node -e 0 took ${start.toFixed(1)} ms`);
  print('push of one commit', `${(one / start).toFixed(2)} × node -e 0`, `${one.toFixed(0)} ms`);
}

function printMany(push, commits, { root }) {
  const works = recordAll(commits, root);
  const { bare, pipe, cold, warm } = measure(Number(values.large), {
    bare: () =>
      timed(() => {
        for (const work of works) doWork(work);
      }),
    pipe: () => timed(() => go('sh', ['-c', READ, 'sh', push.tip, push.old], push.env)),
    cold: () => {
      forget();
      return timed(() => runHook(push));
    },
    // Right after it, with what it has remembered.
    warm: () => timed(() => runHook(push)),
  });
  const base = bare + pipe;
  const times = (ms) => `${(ms / base).toFixed(2)} × bare`;
  print(`bare cryptography of ${commits.length} commits`, `${bare.toFixed(0)} ms`);
  print('git rev-list | git cat-file --batch', `${pipe.toFixed(0)} ms`);
  print(`push of ${commits.length} commits`, times(cold), `${cold.toFixed(0)} ms`);
  print('the same, facts remembered', times(warm), `${warm.toFixed(0)} ms`);
}

function recordAll(commits, root) {
  const { createVerifier, parseTrustedRoot } = loadCore();
  const trust = parseTrustedRoot(readFileSync(root));
  const examine = ({ raw }) => createVerifier(trust).examineObject(raw, 'commit', 'sha1');
  // The first few signatures of a process are verified with keys that are not kept.
  for (const commit of commits.slice(0, 3)) examine(commit);
  return commits.map((commit) => recordWork(() => examine(commit)));
}

function printMemory(push, count) {
  if (!existsSync('/usr/bin/time')) return print('memory', 'not measured (GNU time is needed)');
  forget();
  const args = ['-f', '%M', 'hooks/pre-receive'];
  const { stderr } = go('/usr/bin/time', args, push.env, push.input);
  print(`memory, push of ${count}`, `${(Number(stderr.trim().split('\n').at(-1)) / 1024).toFixed(0)} MiB`);
}

function runHook({ env: inside, input }) {
  go('hooks/pre-receive', [], inside, input);
}

/** Remembered facts go. */
function forget() {
  rmSync(join(server, 'signet'), { recursive: true, force: true });
}

function go(command, args, environment, input = '') {
  const result = spawnSync(command, args, { cwd: server, env: environment, input, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${command} ended with ${result.status}: ${result.stderr}`);
  return result;
}

function git(...args) {
  return execFileSync('git', args, { cwd: existsSync(server) ? server : folder, env, encoding: 'utf8' });
}

function signet(...args) {
  const cwd = existsSync(server) ? server : folder;
  return execFileSync(process.execPath, [program, ...args], { cwd, env, encoding: 'utf8' });
}

function measure(rounds, tasks) {
  const samples = Object.keys(tasks).map((name) => [name, []]);
  for (let round = 0; round < rounds; round += 1)
    for (const [name, list] of samples) list.push(tasks[name]());
  return Object.fromEntries(samples.map(([name, list]) => [name, median(list)]));
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(list) {
  return [...list].sort((a, b) => a - b)[list.length >> 1];
}

function print(name, value, more = '') {
  console.log(`${name.padEnd(40)} ${value.padStart(18)}  ${more}`);
}
