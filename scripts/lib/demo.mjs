// The story that ./scripts/demo tells: a person logs in, signs, verifies, and a forgery is refused. Everything is
// real but the certificate authority, which is the sandbox; the person is a headless Chromium.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { styleText } from 'node:util';
import { findChromium } from './chromium.mjs';

const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'bin/git-signet.cjs');
const pictures = join(root, 'demo-output');
const folder = mkdtempSync(join(tmpdir(), 'signet-demo-'));
const state = join(folder, 'sandbox');
const repo = join(folder, 'hello');
const visits = join(folder, 'visits');
const coloured = process.stdout.isTTY && !process.env.NO_COLOR;

mkdirSync(join(folder, 'bin'));
mkdirSync(pictures, { recursive: true });
symlinkSync(program, join(folder, 'bin/git-signet'));
const env = {
  PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
  HOME: folder,
  XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '',
  DBUS_SESSION_BUS_ADDRESS: process.env.DBUS_SESSION_BUS_ADDRESS ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  // A pager would wait for a key at each page, and complain of a terminal that is not named here.
  GIT_PAGER: 'cat',
  LANG: 'C.UTF-8',
  BROWSER: join(import.meta.dirname, 'loginBrowser.mjs'),
  SIGNET_DEMO_SCREENSHOTS: pictures,
  SIGNET_DEMO_VISITS: visits,
  SIGNET_DEMO_EMAIL: 'alice@example.com',
};

// What the story starts outlives its commands. It ends with this process, however that ends: then its pipe is closed.
const tidying = spawn(
  'sh',
  [
    '-c',
    'read -r _; cd "$1" && git-signet logout; git-signet sandbox stop --state "$2"; rm -rf "$3"',
    'sh',
    repo,
    state,
    folder,
  ],
  { cwd: folder, detached: true, env, stdio: ['pipe', 'ignore', 'ignore'] },
);

process.exitCode = 1;
try {
  tellStory();
  process.exitCode = 0;
} finally {
  tidying.stdin.end();
  await once(tidying, 'exit');
}

function tellStory() {
  if (findChromium() === undefined) throw new Error('The demo needs Chromium: apt-get install chromium');
  chapter('A Sigstore of our own, on this machine');
  show('git-signet', 'sandbox', 'start', '--state', state);

  chapter('A repository that signs with a login instead of a key');
  show('git', 'init', '-q', '-b', 'main', repo);
  quiet('git', 'config', 'user.name', 'Alice');
  quiet('git', 'config', 'user.email', 'alice@example.com');
  showScript(quiet('git-signet', 'sandbox', 'env', '--state', state));
  keepSomewhere();

  chapter('Sign a commit: a browser opens, somebody types alice@example.com');
  show('git', 'commit', '-q', '--allow-empty', '-m', 'The first signed commit');
  note(`pictures of the browser: ${join('demo-output', 'login.png')}, ${join('demo-output', 'done.png')}`);

  chapter('Sign a tag: the login is remembered, nobody is asked again');
  show('git', 'tag', '-s', '-m', 'Version 1', 'v1');

  chapter('Anybody can verify it, without the network');
  show('git', 'log', '--show-signature', '-1');
  show('git', 'log', '-1', '--format=%G? %GS');
  show('git', 'verify-commit', 'HEAD');
  note('U: the signature is sound, but nobody has said yet that Alice may sign here');

  chapter('Say who may sign, and the same commit is trusted');
  show(
    'git',
    'config',
    '--add',
    'signet.allow',
    `alice@example.com ${quiet('git', 'config', 'signet.issuer').trim()}`,
  );
  show('git', 'log', '-1', '--format=%G? %GS');
  show('git', 'verify-tag', 'v1');

  chapter('Change one word of the signed commit, and it is refused');
  const forged = quiet('git', 'cat-file', 'commit', 'HEAD').replace('first signed', 'first forged');
  const id = quiet('git', 'hash-object', '-t', 'commit', '-w', '--stdin', { input: forged }).trim();
  showRefusal('git', 'verify-commit', id);

  chapter('Rebase 20 commits: each is signed anew, with the one login');
  for (let i = 1; i <= 20; i += 1)
    quiet('git', 'commit', '-q', '--allow-empty', '--no-gpg-sign', '-m', `Commit ${i}`);
  quiet('git', 'commit', '-q', '--amend', '--allow-empty', '--no-gpg-sign', '-m', 'Commit 20');
  show('git', 'rebase', '-q', '--force-rebase', '--keep-empty', 'v1');
  const letters = lines('git', 'log', '--format=%G?', 'v1..HEAD');
  note(
    `${letters.filter((letter) => letter === 'G').length} of ${letters.length} rebased commits are good; logins so far: ${countVisits()}`,
  );
  if (letters.length !== 20 || letters.some((letter) => letter !== 'G'))
    throw new Error('not every commit is good');
  if (countVisits() !== 1) throw new Error('there was more than one login');

  chapter('Done. All of it is removed again, but for the pictures.');
}

/** Without a keychain (most containers) the credential is held by a process for its ten minutes. */
function keepSomewhere() {
  const status = JSON.parse(quiet('git-signet', 'status', '--json'));
  if (status.store !== null) return note(`the credential will be kept in: ${status.store}`);
  note('there is no keychain here, so a process holds the credential in memory');
  show('git-signet', 'login', '--hold');
}

function chapter(title) {
  console.log(`\n${paint(['bold', 'cyan'], `── ${title}`)}`);
}

function note(text) {
  console.log(paint('dim', `  ${text}`));
}

function show(...command) {
  say(command);
  return run(command, { stdio: ['ignore', 'inherit', 'inherit'] }, 0);
}

/** Lines for a shell, quotes and all: `sandbox env` is meant to be piped into one. */
function showScript(script) {
  for (const line of script.trim().split('\n')) prompt(line);
  run(['sh', '-e'], { input: script, stdio: ['pipe', 'inherit', 'inherit'] }, 0);
}

function showRefusal(...command) {
  say(command);
  const status = run(command, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status.code === 0) throw new Error('the forgery was accepted');
  console.log(paint('green', `  refused, exit ${status.code}`));
}

function say(command) {
  const words = command.map((word) => (/^[\w./:@%?=,-]+$/.test(word) ? word : `'${word}'`));
  prompt(words.join(' '));
}

function prompt(line) {
  console.log(paint('bold', `$ ${line.replaceAll(folder, '~')}`));
}

function quiet(...command) {
  const options = typeof command.at(-1) === 'object' ? command.pop() : {};
  return run(command, options, 0).stdout;
}

function lines(...command) {
  return quiet(...command)
    .trim()
    .split('\n');
}

function run([name, ...args], options, expected) {
  const cwd = existsSync(repo) ? repo : folder;
  const result = spawnSync(name, args, { cwd, env, encoding: 'utf8', timeout: 120_000, ...options });
  if (expected !== undefined && result.status !== expected) {
    throw new Error(
      `${name} ${args.join(' ')} ended with ${result.status ?? result.signal}\n${result.stderr ?? ''}`,
    );
  }
  return { code: result.status, stdout: result.stdout };
}

function countVisits() {
  return existsSync(visits) ? readFileSync(visits, 'utf8').trim().split('\n').length : 0;
}

function paint(style, text) {
  return coloured ? styleText(style, text) : text;
}
