// git's calls against `node -e 0`: interleaved rounds, medians, peak memory. --rounds N (default 25).
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '25' } } });
const rounds = Number(values.rounds);
const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'bin/git-signet.cjs');
const folder = mkdtempSync(join(tmpdir(), 'signet-bench-'));
const state = join(folder, 'sandbox');
const repo = join(folder, 'repo');
const env = {
  PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  BROWSER: 'none',
};

const gitsign = (process.env.PATH ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'gitsign'))
  .find((path) => existsSync(path));

try {
  prepare();
  const { payload, signature } = splitHead();
  printCalls(payload, signature);
  printGitLog();
  printMemory(payload, signature);
} finally {
  spawnSync(process.execPath, [program, 'logout'], { cwd: repo, env });
  spawnSync(process.execPath, [program, 'sandbox', 'stop', '--state', state], { env });
  rmSync(folder, { recursive: true, force: true });
}

/** A repository with 100 signed commits, all by one credential. */
function prepare() {
  mkdirSync(join(folder, 'bin'));
  symlinkSync(program, join(folder, 'bin/git-signet'));
  git('init', '-q', repo);
  signet('sandbox', 'start', '--state', state);
  const config = JSON.parse(signet('sandbox', 'env', '--state', state, '--json'));
  for (const [key, value] of Object.entries({
    ...config,
    'user.name': 'Alice',
    'user.email': 'alice@example.com',
  })) {
    git('config', key, value);
  }
  env.SIGSTORE_ID_TOKEN = idToken(JSON.parse(signet('sandbox', 'status', '--state', state, '--json')).url);
  for (let i = 0; i < 100; i += 1) git('commit', '-q', '-S', '--allow-empty', '-m', `commit ${i}`);
}

function printCalls(payload, signature) {
  const verify = verifyBy(program, signature);
  const withRoot = {
    ...env,
    SIGNET_NO_GIT_CONFIG: '1',
    SIGNET_TRUSTED_ROOT: join(state, 'trusted_root.json'),
  };
  const real = realSignature();
  const gitsignEnv = { ...env, ...gitsignRoot() };
  const byGitsign = [gitsign, '--status-fd=1', '--verify', signature, '-'];
  const shipped = { ...env, SIGNET_NO_GIT_CONFIG: '1' };
  const pinned = { ...env, GIT_DIR: join(pinPolicy(), '.git') };
  // What was judged before is remembered, but in CI: there everything is verified each time.
  const anew = (environment) => ({ ...environment, CI: 'true' });
  const verifying = (name, command, environment, input) => ({
    [`verify, ${name}`]: () => timed(command, environment, input),
    [`verify anew, ${name}`]: () => timed(command, anew(environment), input),
  });
  const times = measure({
    'node -e 0': () => timed([process.execPath, '-e', '0'], env),
    ...(real && {
      ...verifying('shipped root, no git config', verifyBy(program, real.signature), shipped, real.payload),
      ...verifying(
        'shipped root, with git config',
        verifyBy(program, real.signature),
        real.env,
        real.payload,
      ),
    }),
    ...verifying('own root, no git config', verify, withRoot, payload),
    ...verifying('own root, with git config', verify, env, payload),
    ...verifying('pinned policy, with git config', verify, pinned, payload),
    ...(gitsign && { 'gitsign verify, the same': () => timed(byGitsign, gitsignEnv, payload) }),
    'sign, credential cached': () =>
      timed([process.execPath, program, '--status-fd=2', '-bsau', 'x'], env, payload),
  });
  const base = times['node -e 0'];
  console.log(
    `node ${process.version}, ${rounds} interleaved rounds, medians; node -e 0 took ${base.toFixed(1)} ms\n`,
  );
  for (const [name, ms] of Object.entries(times))
    console.log(`${name.padEnd(40)} ${(ms / base).toFixed(2)} ×`);
}

function verifyBy(file, signature) {
  return [process.execPath, file, '--status-fd=1', '--verify', signature, '-'];
}

/** The same repository, where a policy that names the signer was trusted. */
function pinPolicy() {
  const copy = join(folder, 'pinned');
  cpSync(repo, copy, { recursive: true });
  const at = { cwd: copy, env, encoding: 'utf8' };
  execFileSync(process.execPath, [program, 'policy', 'init'], at);
  execFileSync('git', ['add', '.signet.toml'], at);
  execFileSync('git', ['commit', '-q', '-S', '-m', 'policy'], at);
  const [head, branch] = [
    ['rev-parse', 'HEAD'],
    ['symbolic-ref', 'HEAD'],
  ].map((args) => execFileSync('git', args, at).trim());
  execFileSync(process.execPath, [program, 'policy', 'trust', head, '--ref', branch, '--yes'], at);
  const said = execFileSync('git', ['log', '-1', '--format=%G?', 'HEAD~1'], at).trim();
  if (said !== 'G') throw new Error(`the policy does not name the signer: ${said}`);
  return copy;
}

/** The sandbox's root for gitsign, which then asks no TUF repository. */
function gitsignRoot() {
  const { certificateAuthorities, tlogs, ctlogs } = JSON.parse(
    readFileSync(join(state, 'trusted_root.json'), 'utf8'),
  );
  const pem = (name, label, blocks) => {
    const file = join(folder, name);
    const text = blocks.map((block) => `-----BEGIN ${label}-----\n${block}\n-----END ${label}-----\n`);
    writeFileSync(file, text.join(''));
    return file;
  };
  const chain = certificateAuthorities[0].certChain.certificates.map(({ rawBytes }) => rawBytes);
  return {
    GITSIGN_FULCIO_ROOT: pem('fulcio.pem', 'CERTIFICATE', chain),
    SIGSTORE_REKOR_PUBLIC_KEY: pem('rekor.pem', 'PUBLIC KEY', [tlogs[0].publicKey.rawBytes]),
    SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: pem('ct.pem', 'PUBLIC KEY', [ctlogs[0].publicKey.rawBytes]),
  };
}

/** A commit of the public Sigstore, where the corpus lies beside the checkout: its root is the shipped one. */
function realSignature() {
  const corpus = resolve(root, '../shared/corpus/examples.jsonl');
  if (!existsSync(corpus)) return undefined;
  const [line] = readFileSync(corpus, 'utf8').split('\n');
  const raw = Buffer.from(JSON.parse(line).raw_base64, 'base64').toString('latin1');
  const empty = join(folder, 'empty');
  git('init', '-q', empty);
  return { ...split(raw, 'real'), env: { ...env, GIT_DIR: join(empty, '.git') } };
}

/** The same history, with us and with a program that is `node -e 0`. */
function printGitLog() {
  const idle = join(folder, 'idle');
  writeFileSync(idle, `#!/bin/sh\nexec ${process.execPath} -e 0\n`, { mode: 0o755 });
  const log = (x509, environment = env) =>
    timed(['git', '-c', `gpg.x509.program=${x509}`, 'log', '--show-signature', '-100'], environment);
  const times = measure({
    idle: () => log(idle),
    signet: () => log('git-signet'),
    anew: () => log('git-signet', { ...env, CI: 'true' }),
  });
  const print = (name, ms) =>
    console.log(`${name.padEnd(40)} ${(ms / times.idle).toFixed(2)} × the same with node -e 0`);
  print('git log --show-signature, 100 commits', times.signet);
  print('the same anew', times.anew);
}

function printMemory(payload, signature) {
  const gnuTime = ['/usr/bin/time', '/bin/time'].find((path) => existsSync(path));
  const peak = (args, input) =>
    gnuTime
      ? Number(
          spawnSync(gnuTime, ['-f', '%M', ...args], { cwd: repo, env, input, encoding: 'utf8' })
            .stderr.trim()
            .split('\n')
            .at(-1),
        ) / 1024
      : peakByProc(args, input);
  console.log(
    `${'peak memory of verify'.padEnd(40)} ${peak([process.execPath, program, '--status-fd=1', '--verify', signature, '-'], readFileSync(payload)).toFixed(1)} MiB (node -e 0: ${peak([process.execPath, '-e', '0']).toFixed(1)})`,
  );
}

/** Without GNU time: the process says itself what its peak was when it ends. */
function peakByProc(args, input) {
  const report = join(folder, 'report.cjs');
  writeFileSync(
    report,
    "process.on('exit',()=>require('node:fs').writeSync(2,`\\nPEAK ${process.resourceUsage().maxRSS}\\n`))",
  );
  const { stderr } = spawnSync(args[0], ['-r', report, ...args.slice(1)], {
    cwd: repo,
    env,
    input,
    encoding: 'utf8',
  });
  return Number(/PEAK (\d+)/.exec(stderr)?.[1]) / 1024;
}

function measure(tasks) {
  const samples = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  for (let i = 0; i < rounds; i += 1)
    for (const [name, task] of Object.entries(tasks)) samples[name].push(task());
  return Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, median(list)]));
}

function timed([command, ...args], environment, inputFile) {
  const input = inputFile === undefined ? undefined : readFileSync(inputFile);
  const start = process.hrtime.bigint();
  const result = spawnSync(command, args, {
    cwd: repo,
    env: environment,
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status}: ${result.stderr}`);
  return ms;
}

function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function splitHead() {
  return split(
    execFileSync('git', ['cat-file', 'commit', 'HEAD'], { cwd: repo, env }).toString('latin1'),
    'head',
  );
}

function split(raw, name) {
  const start = raw.indexOf('\ngpgsig ') + 1;
  const end = raw.indexOf('-----END SIGNED MESSAGE-----\n', start) + '-----END SIGNED MESSAGE-----\n'.length;
  const signature = raw.slice(start + 'gpgsig '.length, end).replaceAll('\n ', '\n');
  const paths = { payload: join(folder, `${name}.payload`), signature: join(folder, `${name}.signature`) };
  writeFileSync(paths.payload, raw.slice(0, start) + raw.slice(end), 'latin1');
  writeFileSync(paths.signature, signature, 'latin1');
  return paths;
}

function idToken(url) {
  const body = JSON.stringify({ email: 'alice@example.com' });
  const code = `fetch(${JSON.stringify(`${url}/oidc/sandbox/token`)},{method:'POST',headers:{'content-type':'application/json'},body:${JSON.stringify(body)}}).then(r=>r.json()).then(j=>process.stdout.write(j.id_token))`;
  return execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' });
}

function git(...args) {
  return execFileSync('git', args, { cwd: existsSync(repo) ? repo : folder, env, encoding: 'utf8' });
}

function signet(...args) {
  return execFileSync(process.execPath, [program, ...args], { cwd: repo, env, encoding: 'utf8' });
}
