/** `git-signet trust` with the sandbox's TUF repository: a private Sigstore by two settings. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { hasPty } from './process.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let mirror: string;
let root: string;
let repo: string;

/** Of a repository that knows nothing but the mirror. */
const here = (options: object = {}) => ({ cwd: repo, ...options });

beforeAll(async () => {
  world = await makeWorld();
  mirror = `${world.sandboxUrl}/tuf`;
  root = join(world.folder, 'sandbox', 'root.json');
  repo = join(world.folder, 'private');
  await world.git(['init', '-q', '-b', 'main', repo]);
  for (const [key, value] of [
    ['user.name', 'Alice'],
    ['user.email', 'alice@example.com'],
    ['gpg.format', 'x509'],
    ['gpg.x509.program', 'git-signet'],
  ] as const)
    await world.git(['config', key, value], here());
}, 120_000);

afterAll(async () => {
  await world?.close();
});

/** What the world keeps of the mirror. */
function folder(): string {
  const all = join(world.home, '.local/share/git-signet/tuf');
  const [name = ''] = readdirSync(all).filter((entry) => entry.startsWith('127.0.0.1'));
  return join(all, name);
}

interface State {
  readonly trustedRoot: string;
  readonly refreshedAt: string;
}
const state = (): State => JSON.parse(readFileSync(join(folder(), 'state.json'), 'utf8'));

async function publish(files: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(`${world.sandboxUrl}/sandbox/tuf`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ publish: files }),
  });
  expect(answer.ok).toBe(true);
}

let variants = 0;

/** The same trusted root as another file. */
async function publishVariant(): Promise<void> {
  const text = readFileSync(join(world.folder, 'sandbox/trusted_root.json'), 'utf8');
  await publish({ 'trusted_root.json': text + ' '.repeat(++variants) });
}

/** Work of processes that were killed. */
const unfinished = (): readonly string[] => readdirSync(folder()).filter((name) => name.startsWith('.new-'));

describe('a root', () => {
  test('has to be given for a private mirror', async () => {
    const { code, stderr } = await world.signet(
      ['trust', 'init', '--mirror', mirror],
      here({ mayFail: true }),
    );
    expect(code).toBe(2);
    expect(stderr).toContain('means nothing without the root');
  });

  test('by URL needs its digest where nobody can be asked', async () => {
    const args = ['trust', 'init', '--mirror', mirror, '--root', `${mirror}/1.root.json`];
    const refused = await world.signet(args, here({ mayFail: true }));
    expect(refused.code).toBe(2);
    const digest = /--root-sha256 ([\da-f]{64})/.exec(refused.stderr)?.[1] ?? '';
    const wrong = await world.signet([...args, '--root-sha256', '0'.repeat(64)], here({ mayFail: true }));
    expect(wrong.code).toBe(2);
    expect(existsSync(join(world.home, '.local/share/git-signet/tuf'))).toBe(false);
    expect((await world.signet([...args, '--root-sha256', digest], here())).stdout).toContain(
      'Not used here yet',
    );
    rmSync(folder(), { recursive: true });
  });

  test.runIf(hasPty)('by URL is shown on a terminal, and believed after yes only', async () => {
    for (const [answer, code] of [
      ['no', 2],
      ['yes', 0],
    ] as const) {
      const args = ['trust', 'init', '--mirror', mirror, '--root', `${mirror}/1.root.json`];
      const running = world.beginOnTerminal('signet', args, here({ mayFail: true }));
      while (!running.screen().includes('Type yes')) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(running.screen()).toMatch(/SHA-256 {2}[\da-f]{64}/);
      running.type(`${answer}\n`);
      expect((await running.ended).code).toBe(code);
    }
    rmSync(folder(), { recursive: true });
  });

  test('in a file is enough, and one setting makes the mirror count', async () => {
    const { stdout } = await world.signet(
      ['trust', 'init', '--mirror', mirror, '--root', root, '--local'],
      here(),
    );
    expect(stdout).toContain(`git config --local signet.trustMirror ${mirror}`);
    const shown = await world.signet(['trust', 'show'], here());
    expect(shown.stdout).toContain(`by TUF from ${mirror}`);
    expect(shown.stdout).toContain('[sandbox]');
    const { parts, source } = JSON.parse(
      (await world.signet(['trust', 'show', '--format', 'json'], here())).stdout,
    );
    expect(source.roles.map(({ role }: { role: string }) => role)).toEqual([
      'root',
      'timestamp',
      'snapshot',
      'targets',
    ]);
    expect(parts.length).toBeGreaterThan(3);
  });
});

describe('with the mirror as the only setting', () => {
  const settings = async () => (await world.signet(['config', '--json'], here())).stdout;

  test('services come from its signing config', async () => {
    const { settings: all } = JSON.parse(await settings());
    const fulcio = all.find(({ key }: { key: string }) => key === 'signet.fulcio');
    expect(fulcio).toMatchObject({ value: world.sandboxUrl, source: 'mirror' });
  });

  test('signing and verifying work', async () => {
    const env = { SIGNET_ID_TOKEN: await world.idToken('alice@example.com') };
    await world.git(['commit', '-q', '-S', '--allow-empty', '-m', 'one'], here({ env }));
    const { stdout } = await world.git(['log', '-1', '--format=%G? %GS'], here());
    expect(stdout).toBe(`U alice@example.com (${world.issuer}) [sandbox]\n`);
  });

  test('git asks the mirror nothing', async () => {
    const asked = async () =>
      Object.entries(await world.requestCounts()).filter(([name]) => name.includes('/tuf'));
    const before = await asked();
    await world.git(['verify-commit', 'HEAD'], here());
    expect(await asked()).toEqual(before);
  });

  test('a variable of gitsign in the environment of a hook replaces, and the verdict says so', async () => {
    const key = join(world.folder, 'other.pub');
    const { generateKeyPairSync } = await import('node:crypto');
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
    const env = { SIGSTORE_REKOR_PUBLIC_KEY: key };
    const { code, stderr } = await world.git(['verify-commit', 'HEAD'], here({ env, mayFail: true }));
    expect(code).toBe(1);
    expect(stderr).toContain(`Log keys from SIGSTORE_REKOR_PUBLIC_KEY (${key})`);
    expect(stderr).toContain('[sandbox]');
    expect((await world.git(['verify-commit', 'HEAD'], here())).code).toBe(0);
  });

  test('git goes on after expiry; verify and status say it', async () => {
    const path = join(folder(), 'state.json');
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(before), expiresAt: '2026-11-01T00:00:00.000Z' }));
    await world.setFaults([{ service: 'tuf', kind: 'status', status: 503, times: 20 }]);
    try {
      expect((await world.git(['verify-commit', 'HEAD'], here())).code).toBe(0);
      expect((await world.signet(['status'], here())).stdout).toContain('ended on 2026-11-01');
      for (const args of [['verify'], ['verify', '--offline']]) {
        const { code, stderr } = await world.signet(args, here({ mayFail: true }));
        expect(code).toBe(6);
        expect(stderr).toContain('ended on 2026-11-01');
      }
      expect((await world.signet(['trust', 'update'], here({ mayFail: true }))).code).toBe(5);
    } finally {
      await world.setFaults([]);
      writeFileSync(path, before);
    }
    expect((await world.signet(['verify'], here())).code).toBe(0);
  });
});

test('a login brings what is new for the next time, and no login waits for it', async () => {
  const path = join(folder(), 'state.json');
  const old = { ...state(), refreshedAt: new Date(Date.now() - 25 * 3_600_000).toISOString() };
  writeFileSync(path, JSON.stringify(old));
  await publishVariant();
  await world.setFaults([{ service: 'tuf', kind: 'hang' }]);
  const login = () =>
    world.loggingInAs('alice@example.com', () =>
      world.signet(['login', '--hold'], here({ env: { BROWSER: world.browser } })),
    );
  await login();
  expect(state()).toEqual(old);
  await world.signet(['logout'], here());
  // Where the login took its time, the failure was noted, and nobody would try again within the hour.
  rmSync(join(folder(), 'failure.json'), { force: true });
  // As long as a person takes at the least.
  await world.setFaults([{ service: 'oidc', kind: 'latency', latencyMs: 1500, times: 4 }]);
  await login();
  await world.setFaults([]);
  expect(state().trustedRoot).not.toBe(old.trustedRoot);
  await world.git(['commit', '-q', '-S', '--allow-empty', '-m', 'two'], {
    ...here({ env: { SIGNET_ID_TOKEN: await world.idToken('alice@example.com') } }),
  });
  expect((await world.git(['verify-commit', 'HEAD'], here())).code).toBe(0);
});

describe('an update', () => {
  test.each([
    'rollback',
    'expired',
    'mixAndMatch',
    'wrongKey',
    'truncated',
    'wrongTarget',
    'endless',
    'html',
    'drop',
    'hang',
  ])('against %s stops with exit 5 and changes nothing', async (kind) => {
    const before = state();
    // Something new to ask for.
    await publishVariant();
    await world.setFaults([{ service: 'tuf', kind, times: 20 } as Fault]);
    const { code, stderr, ms } = await world.signet(['trust', 'update'], here({ mayFail: true }));
    await world.setFaults([]);
    expect([code, stderr]).toEqual([5, expect.stringContaining('TUF repository at')]);
    expect(state()).toEqual(before);
    expect(ms).toBeLessThan(25_000);
  });

  test('brings what is new', async () => {
    const before = state();
    await publishVariant();
    await world.signet(['trust', 'update'], here());
    expect(state().trustedRoot).not.toBe(before.trustedRoot);
    expect((await world.git(['verify-commit', 'HEAD'], here())).code).toBe(0);
  });

  test('by ten processes at once leaves one cache that all can use', async () => {
    rmSync(folder(), { recursive: true });
    const init = ['trust', 'init', '--mirror', mirror, '--root', root];
    const all = await Promise.all(Array.from({ length: 10 }, () => world.signet(init, here())));
    expect(all.map(({ code }) => code)).toEqual(Array(10).fill(0));
    expect(unfinished()).toEqual([]);
    expect((await world.git(['verify-commit', 'HEAD'], here())).code).toBe(0);
    const locks = readdirSync(join(world.folder, 'git-signet/run')).filter((name) => name.startsWith('tuf-'));
    expect(locks).toEqual([]);
  });

  test('killed at any moment leaves a cache that works', async () => {
    for (let ms = 40; ms < 600; ms += 80) {
      const running = world.begin('signet', ['trust', 'update'], here({ mayFail: true }));
      setTimeout(() => running.child.kill('SIGKILL'), ms);
      await running.ended;
      expect((await world.git(['verify-commit', 'HEAD'], here())).code).toBe(0);
    }
    await world.signet(['trust', 'update'], here());
  });

  test('on a disk that is full says so, and leaves what was there', async () => {
    const before = state();
    const left = unfinished();
    await publishVariant();
    // As near as a person without rights comes to it: no file may become larger than 1 kB.
    const program = `trap '' XFSZ; ulimit -f 1; exec git-signet trust update`;
    const { code, stderr } = await world.begin('bash', ['-c', program], here({ mayFail: true })).ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot be kept in \/.*: files may not become that large/);
    expect(state()).toEqual(before);
    expect(unfinished()).toEqual(left);
    expect((await world.git(['verify-commit', 'HEAD'], here())).code).toBe(0);
    await world.signet(['trust', 'update'], here());
  });

  test.each([
    ['root', 2],
    ['targets', 6],
  ])(
    'on a disk that has no room for the first %s says so, and not that the mirror lies',
    async (_, blocks) => {
      const start = (limit: string) =>
        world.begin(
          'bash',
          ['-c', `trap '' XFSZ; ${limit} exec git-signet "$@"`, 'bash', ...args],
          here({ env }),
        ).ended;
      const args = ['trust', 'init', '--mirror', mirror, '--root', root];
      const env = { TUF_ROOT: join(world.folder, `small-${blocks}`) };
      const { code, stderr } = await start(`ulimit -f ${blocks};`);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringMatching(/cannot be kept in \/.*: files may/),
      });
      expect((await start('')).code).toBe(0);
    },
  );

  test('where nothing can be kept says so', async () => {
    const env = { TUF_ROOT: '/proc/signet' };
    const args = ['trust', 'init', '--mirror', mirror, '--root', root];
    const { code, stderr } = await world.signet(args, here({ env, mayFail: true }));
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be kept in /proc/signet');
  });

  test('of the public mirror keeps away from ours', async () => {
    expect(dirname(folder())).toContain(world.home);
    const env = { SIGNET_TRUST_MIRROR: 'https://tuf.example.com' };
    const { code, stderr } = await world.signet(['trust', 'update'], here({ env, mayFail: true }));
    expect(code).toBe(2);
    expect(stderr).toContain('Nothing was ever fetched from https://tuf.example.com');
  });
});
