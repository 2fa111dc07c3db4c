/** `git-signet sandbox mint` with real git: what a policy says of somebody made up. */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, processesAbout } from './process.ts';
import { makeWorld, type World } from './world.ts';

const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';
const RELEASE = ['--san', `uri:${WORKFLOW}`, '--issuer', 'github-actions'];
const CLAIMS = ['--ext', '12=https://github.com/acme/app', '--ext', '17=5678'];

let world: World;
let state: readonly string[];
beforeAll(async () => {
  world = await makeWorld({ hold: false });
  state = ['--state', join(world.folder, 'sandbox')];
}, 60_000);
afterAll(() => world?.close());

const mint = (...args: string[]) => world.signet(['sandbox', 'mint', ...state, ...args], { mayFail: true });
const mintAndCommit = async (...args: string[]) => {
  expect(await mint(...args, '--', 'git', 'commit', '-q', '--allow-empty', '-m', 'minted')).toMatchObject({
    code: 0,
    stderr: '',
  });
  const { stdout } = await world.signet(['verify', 'HEAD', '--format', 'json'], { mayFail: true });
  return JSON.parse(stdout).objects[0];
};

it("lets a policy be tried with a release workflow's certificate", async () => {
  const { signer, verdict } = await mintAndCommit(...RELEASE, ...CLAIMS);
  expect([verdict, signer.subject]).toEqual(['good', { type: 'uri', value: WORKFLOW }]);
  const policy = join(world.folder, 'policy.toml');
  writeFileSync(
    policy,
    `version = 1
instance = ["${signer.instance}"]
[signers]
alice = { email = "alice@example.com", issuer = "github" }
bot = { workflow = "acme/app/.github/workflows/release.yml@refs/heads/main", claims = { source-repository-owner-identifier = "5678" }, valid-until = "2026-06-30T00:00:00Z" }
`,
  );
  await world.git(['config', 'signet.policy', policy]);
  const before = ['--time', '2026-06-29T23:59:59Z'];
  const reasonOf = async (...args: string[]) => (await mintAndCommit(...args)).reason;
  const other = RELEASE.map((word) => word.replace('main', 'topic'));
  expect(await reasonOf(...RELEASE, ...CLAIMS, ...before)).toBe('allowed');
  expect(await reasonOf(...RELEASE, ...CLAIMS, '--time', '2026-06-30T00:00:00Z')).toBe('expired');
  expect(await reasonOf(...other, ...CLAIMS, ...before)).toBe('identity-not-listed');
  expect(await reasonOf(...RELEASE, '--ext', '17=1', ...CLAIMS.slice(0, 2), ...before)).toBe(
    'claim-mismatch',
  );
  await world.git(['config', '--unset', 'signet.policy']);
}, 60_000);

it('signs tags, with Rekor v2 and a timestamp of that day', async () => {
  const user = ['--san', 'username:alice', '--issuer', 'https://login.example.com'];
  const when = ['--rekor-version', '2', '--time', '2024-02-29T12:00:00Z'];
  const { code } = await mint(...user, ...when, '--', 'git', 'tag', '-s', '-m', 'Version 1', 'v1');
  expect(code).toBe(0);
  const { stdout } = await world.git(['verify-tag', '--raw', 'v1'], { mayFail: true });
  expect(stdout).toBe('');
  const { stdout: text } = await world.signet(['verify', 'v1']);
  expect(text).toContain('Good signature by !alice (https://login.example.com) [sandbox]');
  expect(text).toContain('Signed 2024-02-29 12:00:00 UTC');
});

it('leaves a certificate, its key and a signer for git, for their owner only', async () => {
  const out = join(world.folder, "it's minted");
  const { stdout } = await mint(
    '--san',
    'email:bob@example.com',
    '--issuer',
    'google',
    '--out',
    out,
    '--json',
  );
  const { signer, key, sandbox } = JSON.parse(stdout);
  expect(sandbox).toBe(true);
  expect([key, signer].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700]);
  // Whatever else is set: it signs under the sandbox that minted it.
  const env = { SIGNET_REKOR_URL: 'https://rekor.invalid', SIGSTORE_ID_TOKEN: 'none' };
  await world.git(['-c', `gpg.x509.program=${signer}`, 'commit', '-q', '--allow-empty', '-m', 'as Bob'], {
    env,
  });
  const { stderr } = await world.git(['-c', `gpg.x509.program=${signer}`, 'verify-commit', 'HEAD']);
  expect(stderr).toContain('Good signature by bob@example.com (https://accounts.google.com) [sandbox]');
  const { stdout: text } = await mint('--san', 'email:bob@example.com', '--issuer', 'google');
  expect(text).toMatch(/^Minted bob@example\.com \(https:\/\/accounts\.google\.com\) \[sandbox\]\.\n/);
  expect(text).toContain(`git -c gpg.format=x509 -c gpg.x509.program=${world.folder}/sandbox/minted/as-`);
});

it.each([
  ['san', ['--san', 'bob@example.com'], /^git-signet: --san takes a type and a value/],
  ['issuer', ['--issuer', 'nobody'], /^git-signet: --issuer takes a URL/],
  ['ext', ['--ext', '7=x'], /^git-signet: --ext "7=x"/],
  ['ext twice', ['--ext', '9=x', '--ext', '9=x'], /^git-signet: --ext "9=x"/],
  ['time', ['--time', '2026-02-30T00:00:00Z'], /^git-signet: --time takes an instant/],
  [
    'time of nobody',
    ['--time', '1999-01-01T00:00:00Z'],
    /^git-signet: The sandbox's authority is valid from/,
  ],
])('refuses a wrong %s', async (_, wrong, message) => {
  const usual = [
    ['--san', 'email:bob@example.com'],
    ['--issuer', 'google'],
  ].filter(([name]) => name !== wrong[0]);
  expect(await mint(...usual.flat(), ...wrong)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(message),
  });
});

it('mints in a sandbox only', async () => {
  const args = ['--san', 'email:bob@example.com', '--issuer', 'google'];
  const { code, stderr } = await world.signet(['sandbox', 'mint', '--state', world.home, ...args], {
    mayFail: true,
  });
  expect([code, stderr]).toEqual([2, expect.stringContaining('There is no sandbox yet.')]);
});

it.skipIf(process.platform !== 'linux')(
  'sandbox run takes its sandbox along, also where it is killed',
  async () => {
    const own = join(world.folder, 'own');
    const run = (...command: string[]) =>
      world.begin('signet', ['sandbox', 'run', '--state', own, '--', ...command]);
    const served = () => processesAbout(own).filter(({ argv }) => argv.includes('sandbox serve'));
    expect((await run('git', 'commit', '-q', '-S', '--allow-empty', '-m', 'x').ended).code).not.toBe(0);
    expect(served()).toEqual([]);
    const mark = join(own, 'mark');
    const { child, ended } = run('sh', '-c', `: > '${mark}'; exec sleep 60`);
    await eventually('the command runs', () => existsSync(mark));
    expect(served()).toHaveLength(1);
    child.kill('SIGKILL');
    await eventually('the sandbox has ended', () => served().length === 0);
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
  },
);

it.skipIf(process.platform === 'win32')(
  'sandbox run leaves Ctrl-C to its command, and ends after it',
  async () => {
    const own = join(world.folder, 'own');
    const until = async (signal: NodeJS.Signals, toAll: boolean, script: string) => {
      const mark = join(own, signal);
      const wait = `: > '${mark}'; while :; do sleep 0.1; done`;
      const args = ['sandbox', 'run', '--state', own, '--', 'sh', '-c', `${script}; ${wait}`];
      const { child, ended } = world.begin('signet', args);
      await eventually('the command runs', () => existsSync(mark));
      process.kill((child.pid ?? 0) * (toAll ? -1 : 1), signal);
      return (await ended).code;
    };
    // As a terminal sends it, to all; and as whoever ends a job does, to the one process that is known.
    expect(await until('SIGINT', true, 'trap "exit 7" INT')).toBe(7);
    expect(await until('SIGTERM', false, 'trap "exit 8" TERM')).toBe(8);
    expect(await until('SIGHUP', false, ':')).toBe(129);
  },
);
