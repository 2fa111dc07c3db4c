/** A person logs in because git wants a signature. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../scripts/lib/chromium.mjs';
import { parseInstance } from '../../src/adapters/instance.ts';
import { holdStore } from '../../src/adapters/keychain/holdClient.ts';
import { credentialKey } from '../../src/app/credentialCache.ts';
import { visit } from '../login/person.ts';
import { fillLoginForm } from '../login/sandboxLogin.ts';
import { eventually, hasPty, type OnTerminal } from './process.ts';
import { commitPayload, expectRefused, writeTemporary } from './signature.ts';
import { type Call, makeWorld, passWelcome, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await makeWorld();
});
beforeEach(() => world.forgetCredentials());
afterAll(() => world?.close());

const GIT_CALL = ['--status-fd=2', '-bsau', 'key'];
const COMMIT = ['commit', '-q', '--allow-empty', '-m', 'a message'];
const HELPS = /git-signet login[\s\S]*SIGSTORE_ID_TOKEN/;

const signer = async (rev = 'HEAD') => (await world.git(['log', '-1', '--format=%GS', rev])).stdout.trim();
const named = (email: string) => `${email} (${world.issuer}) [sandbox]`;
const locks = () =>
  readdirSync(join(world.folder, 'git-signet/run')).filter((name) => name.includes('.lock'));

const chromium = findChromium();
describe.skipIf(!chromium)(`with a real browser${chromium ? '' : ' (no Chromium)'}`, () => {
  it('the certificate is for whom was typed, and git’s output is its own', async () => {
    const pictures = join(world.folder, 'pictures');
    mkdirSync(pictures);
    const env = {
      BROWSER: resolve(import.meta.dirname, '../../scripts/lib/loginBrowser.mjs'),
      CHROMIUM_PATH: chromium,
      SIGNET_DEMO_EMAIL: 'typed.by.hand@example.com',
      SIGNET_DEMO_SCREENSHOTS: pictures,
    };
    const { stdout, stderr } = await world.git(COMMIT, { env });
    expect(stdout + stderr).toBe('');
    expect(await signer()).toBe(named('typed.by.hand@example.com'));
    await world.git(['verify-commit', 'HEAD']);
    // Each is made first, and then written.
    const isPicture = (name: string) =>
      existsSync(join(pictures, name)) &&
      readFileSync(join(pictures, name)).subarray(1, 4).toString() === 'PNG';
    await eventually('the pictures are there', () => ['login.png', 'done.png'].every(isPicture));
  });

  it('the pages say what becomes of the address, and as whom one is logged in', async () => {
    const home = join(world.folder, 'another-home');
    const running = world.begin('git', COMMIT, { env: { BROWSER: world.browser, HOME: home } });
    const browser = await launchChromium(chromium ?? '');
    try {
      const page = await browser.newPage();
      await page.goto(await world.openedUrl());
      expect(await page.innerText('main')).toMatch(/sandbox on this machine[\s\S]*nothing becomes public/);
      await page.getByRole('link', { name: /continue/i }).click();
      await page.getByLabel(/e-?mail/i).fill('carol@example.com');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/auth\/callback/);
      const text = await page.innerText('main');
      expect(text).toMatch(/You are logged in[\s\S]*carol@example\.com[\s\S]*You may close this page/);
      expect(await page.content()).not.toContain(new URL(page.url()).searchParams.get('code'));
    } finally {
      await browser.close();
    }
    expect(await running.ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await signer()).toBe(named('carol@example.com'));
  });
});

/** A person is waited for three minutes. */
const NOT_WAITED_MS = 10_000;

describe('where nobody can be asked', () => {
  it.each([
    ['BROWSER=none', { BROWSER: 'none', DISPLAY: ':0' }],
    ['CI with a display', { BROWSER: '', CI: '1', DISPLAY: ':0' }],
    ['no display', { BROWSER: '' }],
  ])('%s: exit 4 at once, and what helps', async (_, env) => {
    const ended = await world.signet(GIT_CALL, { input: commitPayload('x\n'), env, mayFail: true });
    expectRefused(ended, 4, HELPS);
    expect(ended.ms).toBeLessThan(NOT_WAITED_MS);
    expect(locks()).toEqual([]);
    const before = (await world.git(['rev-parse', '--verify', '-q', 'HEAD'], { mayFail: true })).stdout;
    const commit = await world.git(COMMIT, { env, mayFail: true });
    expect(commit.code).toBe(128);
    expect(commit.ms).toBeLessThan(NOT_WAITED_MS);
    expect((await world.git(['rev-parse', '--verify', '-q', 'HEAD'], { mayFail: true })).stdout).toBe(before);
  });
});

describe('a login that is broken off', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s leaves nothing', async (signal) => {
    const options = { input: commitPayload('x\n'), env: { BROWSER: world.browser } };
    const { child, ended } = world.begin('signet', GIT_CALL, options);
    const url = await passWelcome(await world.openedUrl());
    expect(locks()).toHaveLength(1);
    child.kill(signal);
    const outcome = await ended;
    expectRefused(outcome, 4, /FAILURE sign[\s\S]*The login was cancelled/);
    await expect(visit(new URL(url).searchParams.get('redirect_uri') ?? '')).rejects.toThrow('ECONNREFUSED');
    expect(locks()).toEqual([]);
  });

  it('by the end of git alone leaves nothing', async () => {
    const running = world.begin('git', COMMIT, { env: { BROWSER: world.browser } });
    const url = await passWelcome(await world.openedUrl());
    expect(locks()).toHaveLength(1);
    running.child.kill('SIGKILL');
    await running.ended;
    await eventually('the lock is gone', () => locks().length === 0);
    await expect(visit(new URL(url).searchParams.get('redirect_uri') ?? '')).rejects.toThrow('ECONNREFUSED');
  });

  it('leaves the next one free to log in', async () => {
    const env = { BROWSER: world.browser };
    const first = world.begin('git', COMMIT, { env });
    await world.openedUrl();
    const waiting = world.begin('git', COMMIT, { env });
    if (first.child.pid !== undefined) process.kill(-first.child.pid, 'SIGTERM');
    await visit(await fillLoginForm(await passWelcome(await world.openedUrl()), 'dave@example.com'));
    expect((await first.ended).code).not.toBe(0);
    expect((await waiting.ended).code).toBe(0);
    expect(await signer()).toBe(named('dave@example.com'));
  });
});

describe.skipIf(!hasPty)(`on a terminal${hasPty ? '' : ' (no script(1))'}`, () => {
  const url = (running: OnTerminal) =>
    eventually('the address is on the screen', () => /^\s+(http:\S+)\r?\n/m.exec(running.screen())?.[1]);
  const logIn = async (args: readonly string[], email: string, options: Call = {}) => {
    const running = world.beginOnTerminal('git', args, options);
    const address = await url(running);
    await visit(await fillLoginForm(address, email));
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    return running.screen();
  };

  it('shows the address, who signs, and the notice once per instance', async () => {
    const env = { HOME: join(world.folder, 'terminal-home') };
    const first = await logIn(COMMIT, 'alice@example.com', { env });
    expect(first).toMatch(/sandbox on this machine[\s\S]*nothing\s+becomes\s+public/);
    expect(first).toContain(`Signing as alice@example.com (${world.issuer}) [sandbox]`);
    expect(first).not.toContain('Note: the committer');
    expect(await signer()).toBe(named('alice@example.com'));
    await world.forgetCredentials();
    const second = await logIn(COMMIT, 'alice@example.com', { env });
    expect(second).not.toMatch(/public|First login/);
    await world.forgetCredentials();
    const other = ['-c', `signet.rekor=${world.sandboxUrl.replace('127.0.0.1', 'localhost')}`];
    expect(await logIn([...other, ...COMMIT], 'alice@example.com', { env })).toMatch(
      /sandbox's\s+log\s+http:\/\/localhost/,
    );
  });

  it('says when the committer is somebody else', async () => {
    const screen = await logIn(['-c', 'user.email=team@example.com', ...COMMIT], 'erin@example.com');
    expect(screen).toContain(
      'Note: the committer of what is signed is team@example.com, not erin@example.com.',
    );
  });

  it('opens the browser and shows the address too', async () => {
    const running = world.beginOnTerminal('git', COMMIT, { env: { BROWSER: world.browser } });
    const opened = await world.openedUrl();
    expect(await url(running)).toBe(opened);
    await visit(await fillLoginForm(opened, 'alice@example.com'));
    expect(await running.ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(running.screen()).not.toMatch(/existing browser session|GPU process/);
  });

  it('says what is awaited when the log takes long', async () => {
    await world.setFaults([{ service: 'rekor', kind: 'latency', latencyMs: 3_000, times: 1 }]);
    const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
    const slow = world.beginOnTerminal('git', COMMIT, { env });
    expect((await slow.ended).code).toBe(0);
    expect(slow.screen()).toMatch(/git-signet: Waiting for the log http:\S+ \.\.\.\r?\n/);
    await world.setFaults([]);
    const usual = world.beginOnTerminal('git', COMMIT, { env });
    expect((await usual.ended).code).toBe(0);
    expect(usual.screen()).not.toContain('Waiting');
  });

  it.each([
    ['signs with what another login has brought meanwhile', '', /SIG_CREATED/, /^-----BEGIN/],
    ['signs nothing after Ctrl-C, whatever it has brought', '\u0003', /The login was cancelled/, /^$/],
  ])('one that waits %s', async (_, typed, says, gives) => {
    const { instance } = parseInstance({ git: new Map(), env: {} });
    const key = credentialKey({ ...instance, fulcioUrl: world.sandboxUrl, issuer: world.issuer });
    const env = { BROWSER: world.browser };
    await world.loggingInAs('alice@example.com', () => world.git(COMMIT, { env }));
    const store = await holdStore(world.env);
    const credential = (await store?.get(key)) ?? Buffer.alloc(0);
    await store?.delete(key);
    const lock = join(world.folder, `git-signet/run/login-${key.slice(0, 16)}.lock`);
    writeFileSync(lock, 'another');
    const beat = setInterval(() => writeFileSync(lock, `another ${performance.now()}`), 200);
    try {
      const file = writeTemporary(world, commitPayload('x\n'));
      const running = world.beginOnTerminal('signet', [...GIT_CALL, file]);
      await eventually('it waits', () => running.screen().includes('waiting for it'));
      await store?.set(key, credential, new Date(Date.now() + 60_000));
      if (typed === '') {
        clearInterval(beat);
        rmSync(lock);
      }
      running.type(typed);
      const { stdout, stderr } = await running.ended;
      expect(stderr).toMatch(says);
      expect(stdout).toMatch(gives);
    } finally {
      clearInterval(beat);
      rmSync(lock, { force: true });
    }
  });

  it('Ctrl-C ends git and the login', async () => {
    const before = await world.git(['rev-parse', 'HEAD']);
    const running = world.beginOnTerminal('git', COMMIT);
    const address = await url(running);
    running.type('\u0003');
    expect((await running.ended).code).not.toBe(0);
    const redirect = new URL(address).searchParams.get('redirect_uri') ?? '';
    await eventually('nobody listens', () =>
      visit(redirect).then(
        () => false,
        () => true,
      ),
    );
    await eventually('the lock is gone', () => locks().length === 0);
    expect((await world.git(['rev-parse', 'HEAD'])).stdout).toBe(before.stdout);
  });

  it('shows why it failed, also where git says no more than that it did', async () => {
    const env = { SIGSTORE_ID_TOKEN: 'garbage' };
    const running = world.beginOnTerminal('git', COMMIT, { env });
    const { code, stderr } = await running.ended;
    expect(code).toBe(128);
    expect(stderr).toMatch(/gpg failed to sign the data/);
    const told = [running.screen(), stderr].filter((text) => text.includes('SIGSTORE_ID_TOKEN is not a JWT'));
    expect(told).toHaveLength(1);
  });
});

describe('an ID token from the environment', () => {
  it('is used instead of a login, SIGNET_ID_TOKEN first, and wins over another’s credential', async () => {
    const [bob, carol] = [await world.idToken('bob@example.com'), await world.idToken('carol@example.com')];
    const asAlice = () => world.git(COMMIT, { env: { BROWSER: world.browser } });
    expect(await world.loggingInAs('alice@example.com', asAlice)).toBe(1);
    await world.git(COMMIT, { env: { SIGSTORE_ID_TOKEN: bob } });
    expect(await signer()).toBe(named('bob@example.com'));
    await world.git(COMMIT, { env: { SIGNET_ID_TOKEN: carol, SIGSTORE_ID_TOKEN: bob } });
    expect(await signer()).toBe(named('carol@example.com'));
    // Her certificate is still good when her token no longer is.
    const late = await world.idToken('carol@example.com', { expired: true });
    await world.git(COMMIT, { env: { SIGNET_ID_TOKEN: late } });
    expect(await signer()).toBe(named('carol@example.com'));
    expect(await world.loggingInAs('nobody@example.com', asAlice)).toBe(0);
    expect(await signer()).toBe(named('alice@example.com'));
  });

  it('that is not usable: exit 4 with the reason, and no part of it in the words', async () => {
    const expired = await world.idToken('alice@example.com', { expired: true });
    const unverified = await world.idToken('alice@example.com', { emailVerified: false });
    const good = await world.idToken('alice@example.com');
    const cases: readonly (readonly [string, RegExp])[] = [
      [expired, /SIGNET_ID_TOKEN expired at/],
      [unverified, /not verified/],
      ['garbage', /SIGNET_ID_TOKEN is not a JWT/],
      [`${good}.x`, /is not a JWT/],
      ['bm8.bm8.bm8', /does not hold JSON/],
      ['x'.repeat(100_000), /is too long/],
    ];
    await Promise.all(
      cases.map(async ([token, reason]) => {
        const options = { input: commitPayload('x\n'), env: { SIGNET_ID_TOKEN: token }, mayFail: true };
        const ended = await world.signet(GIT_CALL, options);
        expectRefused(ended, 4, reason);
        expect(ended.stderr).not.toContain(token.slice(0, 24).padEnd(24, '.'));
      }),
    );
  });

  it('that Fulcio refuses: its reason, escaped, and no part of the token', async () => {
    const other = await world.idToken('alice@example.com', { audience: 'somebody-else' });
    const options = { input: commitPayload('x\n'), env: { SIGNET_ID_TOKEN: other }, mayFail: true };
    const ended = await world.signet(GIT_CALL, options);
    expectRefused(ended, 5, /Fulcio .*answered 400/);
    for (const part of other.split('.')) expect(ended.stderr).not.toContain(part.slice(0, 24));
  });

  it.skipIf(process.platform !== 'linux')('is in no argument, no file and no child', async () => {
    const token = await world.idToken('frank@example.com');
    const request = 'a-secret-to-ask-for-tokens-with';
    await world.setFaults([
      { service: 'fulcio', kind: 'latency', latencyMs: 700 },
      { service: 'rekor', kind: 'latency', latencyMs: 700 },
    ]);
    const env = { SIGNET_ID_TOKEN: token, ACTIONS_ID_TOKEN_REQUEST_TOKEN: request };
    const { ended } = world.begin('git', COMMIT, { env });
    let over = false;
    const seen: string[] = [];
    const done = ended.then((outcome) => {
      over = true;
      return outcome;
    });
    while (!over) {
      seen.push(...argumentsNow());
      await new Promise((next) => setTimeout(next, 25));
    }
    expect((await done).code).toBe(0);
    expect(seen.filter((argv) => argv.includes('-bsau')).length).toBeGreaterThan(10);
    expect(seen.filter((argv) => argv.includes(token.slice(0, 40)))).toEqual([]);
    const texts = filesBelow(world.folder).map((path) => readFileSync(path, 'latin1'));
    expect(texts.filter((text) => text.includes(world.issuer))).not.toEqual([]);
    for (const part of [...token.split('.').slice(1), request]) {
      expect(texts.filter((text) => text.includes(part))).toEqual([]);
    }
  });

  it('and whoever could ask for one: hidden from the browser', async () => {
    const secrets = { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret-1', CIRCLE_OIDC_TOKEN_V2: 'secret-2' };
    await world.loggingInAs('alice@example.com', () =>
      world.git(COMMIT, { env: { BROWSER: world.browser, ...secrets, HARMLESS: 'harmless' } }),
    );
    const environment = readFileSync(join(world.folder, 'browser-environment'), 'utf8');
    expect(environment).toContain('HARMLESS=harmless');
    expect(environment).not.toMatch(/secret-/);
  });
});

function argumentsNow(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    });
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => existsSync(path));
}
