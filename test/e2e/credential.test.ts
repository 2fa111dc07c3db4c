/** Where the credential is kept between two signatures, and what happens where it cannot be kept. */
import { cpSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { holdStore } from '../../src/adapters/keychain/holdClient.ts';
import { hasPrograms } from '../keychain/harness.ts';
import { visit } from '../login/person.ts';
import { fillLoginForm } from '../login/sandboxLogin.ts';
import { run } from '../run.ts';
import { eventually, hasPty, processesAbout } from './process.ts';
import { makeWorld, passWelcome, type World } from './world.ts';

let world: World;
const repos: string[] = [];

beforeAll(async () => {
  world = await makeWorld({ hold: false });
  const names = Array.from({ length: 10 }, (_, i) => `repo-${i}`);
  repos.push(...(await Promise.all(names.map((name) => world.makeRepo(name)))));
});
afterEach(() => world.signet(['logout']));
afterAll(() => world?.close());

const CERTIFICATE = 'POST /api/v2/signingCert';
const COMMIT = ['commit', '-q', '--allow-empty', '-m', 'a message'];

const certificates = async () => (await world.requestCounts())[CERTIFICATE] ?? 0;
const logIn = async (email: string) =>
  visit(await fillLoginForm(await passWelcome(await world.openedUrl()), email));
const statusOf = async (env: NodeJS.ProcessEnv = {}) =>
  JSON.parse((await world.signet(['status', '--json'], { env })).stdout) as Record<string, unknown>;
const signers = (cwds: readonly string[]) =>
  Promise.all(
    cwds.map(async (cwd) => (await world.git(['log', '-1', '--format=%G?%GS'], { cwd })).stdout.trim()),
  );

/** Ten commits at the same moment in ten repositories: one person logs in once. */
async function tenAtOnce(commitAll: () => Promise<unknown>): Promise<void> {
  const before = await certificates();
  expect(await world.loggingInAs('alice@example.com', commitAll)).toBe(1);
  expect(await certificates()).toBe(before + 1);
  expect(await signers(repos)).toEqual(repos.map(() => `Ualice@example.com (${world.issuer}) [sandbox]`));
}

const commitIn = (env: NodeJS.ProcessEnv) => () =>
  Promise.all(repos.map((cwd) => world.git(COMMIT, { cwd, env: { BROWSER: world.browser, ...env } })));

describe('a process that holds it', () => {
  const hold = async () => {
    const running = world.begin('signet', ['login', '--hold'], { env: { BROWSER: world.browser } });
    await logIn('alice@example.com');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  /** The process runs, and the person is not logged in yet. */
  const holdForOther = async () =>
    world.signet(['login', '--hold'], { env: { SIGSTORE_ID_TOKEN: await world.idToken('x@example.com') } });
  const agents = () => processesAbout(world.folder).filter(({ argv }) => argv.endsWith(' hold-agent'));

  it('login --hold, status, logout: what they say, and what they leave', async () => {
    expect(await hold()).toMatch(
      /^Signing as alice@example\.com \[sandbox\]\nIssuer {5}http:\S+\nTime left {2}\d+ min \d+ s\nKept in {4}git-signet login --hold \(memory\)\n$/,
    );
    const socket = lstatSync(join(world.folder, 'git-signet/run/hold.sock'));
    expect(socket.isSocket() && (socket.mode & 0o077) === 0).toBe(true);
    expect(await statusOf()).toEqual({
      loggedIn: true,
      subject: { type: 'email', value: 'alice@example.com' },
      issuer: world.issuer,
      validUntil: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      store: 'git-signet login --hold (memory)',
      fulcio: world.sandboxUrl,
      sandbox: true,
    });
    if (process.platform === 'linux') {
      expect(agents()).toHaveLength(1);
      // What the process may know: where its folder is, and nothing more.
      expect(agents()[0]?.environment).not.toMatch(/BROWSER|GIT_/);
    }
    const again = await world.signet(['login', '--hold']);
    expect(again.stdout).toMatch(/^Signing as alice/);
    expect((await world.signet(['logout'])).stdout).toMatch(/^Logged out/);
    expect((await statusOf())['loggedIn']).toBe(false);
    await eventually('the process has ended', () => agents().length === 0);
    expect(existsSync(join(world.folder, 'git-signet/run/hold.sock'))).toBe(false);
  });

  it('ten commits at once cause one login', async () => {
    await holdForOther();
    await tenAtOnce(commitIn({}));
    expect(await statusOf()).toMatchObject({ loggedIn: true, store: 'git-signet login --hold (memory)' });
    const before = await certificates();
    await commitIn({})();
    expect(await certificates()).toBe(before);
    // A token of somebody else makes an item of its own, once for all ten too.
    const env = { SIGSTORE_ID_TOKEN: await world.idToken('bob@example.com') };
    await commitIn(env)();
    expect(await certificates()).toBe(before + 1);
    expect(new Set(await signers(repos))).toEqual(new Set([`Ubob@example.com (${world.issuer}) [sandbox]`]));
  });

  it('one whose login was killed is not waited for longer than some seconds', async () => {
    await holdForOther();
    const env = { BROWSER: world.browser };
    const killed = world.begin('git', COMMIT, { env });
    await world.openedUrl();
    if (killed.child.pid !== undefined) process.kill(-killed.child.pid, 'SIGKILL');
    await killed.ended;
    const startedAt = performance.now();
    expect(await world.loggingInAs('alice@example.com', () => world.git(COMMIT, { env }))).toBe(1);
    // Where it is not found dead, for 200 seconds.
    expect(performance.now() - startedAt).toBeLessThan(25_000);
    expect(locks()).toEqual([]);
  });

  it('full: login says that it kept nothing, and a signature why it will ask again', async () => {
    await holdForOther();
    const store = await holdStore(world.env);
    const fill = async (key: string) => store?.set(key, Buffer.from('x'), new Date(Date.now() + 600_000));
    for (let i = 1; i < 64; i += 1) await fill(`other ${i}`);
    await expect(fill('one too many')).rejects.toThrow('not kept it');
    const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
    const login = () => world.signet(['login'], { env, mayFail: true });
    const kept = 'git-signet login --hold (memory)';
    const refused = `git-signet: You are logged in, but that could not be kept in: ${kept}.`;
    expect(await login()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(refused) });
    const commit = async () => {
      if (!hasPty) return '';
      const running = world.beginOnTerminal('git', COMMIT, { env: { BROWSER: world.browser } });
      await logIn('alice@example.com');
      expect((await running.ended).code).toBe(0);
      return running.screen();
    };
    const word = `It could not be kept in: ${kept}.`;
    if (hasPty) expect(await commit()).toContain(word);
    for (const i of [1, 2]) await store?.delete(`other ${i}`);
    expect(await login()).toMatchObject({ code: 0, stderr: '' });
    expect(await commit()).not.toContain(word);
    expect(await statusOf()).toMatchObject({ loggedIn: hasPty });
  });

  it('killed with what it held: the next signature logs in again', async () => {
    await hold();
    for (const { pid } of agents()) process.kill(pid, 'SIGKILL');
    await eventually('it has ended', () => agents().length === 0);
    expect((await statusOf())['loggedIn']).toBe(false);
    const task = () => world.git(COMMIT, { env: { BROWSER: world.browser } });
    expect(await world.loggingInAs('alice@example.com', task)).toBe(1);
  });
});

describe('the kernel keyring', async () => {
  const usable =
    process.platform === 'linux' &&
    (await run('keyctl', ['session', '-', 'true']).catch(() => undefined))?.code === 0;
  it.skipIf(!usable)('ten commits at once cause one login, and logout forgets it', async () => {
    expect((await statusOf())['store']).toBe('kernel keyring');
    await tenAtOnce(commitIn({}));
    expect(await statusOf()).toMatchObject({ loggedIn: true, store: 'kernel keyring' });
    await world.git(COMMIT);
    await world.signet(['logout']);
    expect((await statusOf())['loggedIn']).toBe(false);
    expect((await world.git(COMMIT, { mayFail: true })).code).toBe(128);
  });

  it.skipIf(!usable)('logout forgets what was got with an ID token at hand too', async () => {
    const env = { SIGSTORE_ID_TOKEN: await world.idToken('job@example.com') };
    await world.signet(['login'], { env });
    await world.signet(['logout'], { env: { SIGSTORE_ID_TOKEN: 'no token' } });
    expect(await statusOf(env)).toMatchObject({ loggedIn: true, subject: { value: 'job@example.com' } });
    await world.signet(['logout'], { env });
    expect((await statusOf(env))['loggedIn']).toBe(false);
  });
});

describe('the Secret Service', () => {
  const usable = process.platform === 'linux' && hasPrograms('dbus-run-session', 'gnome-keyring-daemon');
  it.skipIf(!usable)('ten commits at once cause one login, and logout forgets it', async () => {
    const script = `
      printf pw | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
      daemon=$!
      trap 'kill $daemon' EXIT
      store() { git-signet status --json | grep -o '"store": .*'; }
      for i in $(seq 50); do [ "$(store)" = '"store": "Secret Service",' ] && break; sleep 0.1; done
      for repo in ${repos.map((path) => `'${path}'`).join(' ')}; do
        git -C "$repo" ${COMMIT.slice(0, -1).join(' ')} message & jobs="$jobs $!"
      done
      wait $jobs
      git-signet status
      git-signet logout
      git-signet status`;
    let output = '';
    await tenAtOnce(async () => {
      const env = { BROWSER: world.browser };
      const { ended } = world.begin('dbus-run-session', ['--', 'bash', '-c', script], { env });
      output = (await ended).stdout;
    });
    expect(output).toMatch(
      /^Signing as alice@example\.com[\s\S]*Kept in {4}Secret Service\nLogged out[\s\S]*\nNot logged in[^\n]*\nCredentials are kept in: Secret Service\n$/,
    );
  });
});

describe('no keychain at all', () => {
  let without: string;
  beforeAll(() => {
    // The program without its native module: what is left is what a machine without any keychain has.
    const root = resolve(import.meta.dirname, '../..');
    for (const name of ['bin', 'dist'])
      cpSync(join(root, name), join(world.folder, 'bare', name), { recursive: true });
    without = join(world.folder, 'bare/bin/git-signet.cjs');
  });
  const commit = () => ['-c', `gpg.x509.program=${without}`, ...COMMIT];

  it('each commit works, with a login of its own', async () => {
    const before = await certificates();
    for (const _ of [1, 2]) {
      const task = () => world.git(commit(), { env: { BROWSER: world.browser } });
      expect(await world.loggingInAs('alice@example.com', task)).toBe(1);
    }
    expect(await certificates()).toBe(before + 2);
    expect(await signers([world.repo])).toEqual([`Ualice@example.com (${world.issuer}) [sandbox]`]);
  });

  // Without terminal nobody can read it, so the test before this one has not used it up.
  it.skipIf(!hasPty)('what can be done about it is said once', async () => {
    const screens: string[] = [];
    for (const _ of [1, 2]) {
      const running = world.beginOnTerminal('git', commit(), { env: { BROWSER: world.browser } });
      await logIn('alice@example.com');
      expect((await running.ended).code).toBe(0);
      screens.push(running.screen());
    }
    expect(screens[0]).toMatch(
      /No keychain can be used here[\s\S]*login --hold[\s\S]*keyctl[\s\S]*gnome-keyring/,
    );
    expect(screens[1]).not.toMatch(/No keychain/);
  });

  it('status says so, login refuses and names --hold, and no key is on disk', async () => {
    const bare = (args: readonly string[]) => world.begin(process.execPath, [without, ...args]).ended;
    expect((await bare(['status'])).stdout).toMatch(/Not logged in[\s\S]*kept in: nowhere/);
    const login = await bare(['login']);
    expect({ code: login.code, stdout: login.stdout }).toEqual({ code: 2, stdout: '' });
    expect(login.stderr).toMatch(/no keychain[\s\S]*git-signet login --hold/);
    expect((await bare(['logout'])).code).toBe(0);
    const state = join(world.folder, 'git-signet/run');
    for (const name of readdirSync(state)) expect(lstatSync(join(state, name)).size).toBeLessThan(200);
  });
});

describe.skipIf(process.platform !== 'linux')('a D-Bus socket that accepts and never answers', () => {
  it('costs some time once and then nothing', async () => {
    const path = join(world.folder, 'silent-bus');
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => {})));
    await new Promise<void>((ready) => server.listen(path, ready));
    try {
      const SIGSTORE_ID_TOKEN = await world.idToken('alice@example.com');
      const env = { SIGSTORE_ID_TOKEN, DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` };
      const first = await world.git(COMMIT, { env });
      // Without a bound, until all of it is killed after a minute.
      expect(first.ms).toBeLessThan(10_000);
      expect(sockets).toHaveLength(1);
      await world.git(COMMIT, { env });
      expect(sockets).toHaveLength(1);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    }
  });
});

const locks = () =>
  readdirSync(join(world.folder, 'git-signet/run')).filter((name) => name.includes('.lock'));
