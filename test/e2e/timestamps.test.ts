/** Commits and tags with a timestamp, logged in either Rekor, through real git. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { CERTIFICATE, GIT_CALL, PAYLOAD, signWhile, UPLOAD } from './misbehaving.ts';
import { expectRefused, expectVerifies } from './signature.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
let env: NodeJS.ProcessEnv;
/** What each way of signing needs besides the usual settings. */
let modes: Readonly<Record<'v1' | 'v2', NodeJS.ProcessEnv>>;
let sha256Repo: string;

const STAMP = 'POST /tsa/api/v1/timestamp';
const UPLOAD_V2 = 'POST /rekor2/api/v2/log/entries';
const NOTE = {
  v1: 'gitsign does not verify this signature: it has a timestamp.',
  v2: 'gitsign does not verify this signature: it is logged in Rekor v2 and has a timestamp.',
};

beforeAll(async () => {
  world = await makeWorld();
  sha256Repo = await world.makeRepo('sha256', 'sha256');
  env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
  const v1 = { SIGNET_TIMESTAMP_SERVER_URL: `${world.sandboxUrl}/tsa/api/v1/timestamp` };
  const v2 = { ...v1, SIGNET_REKOR_URL: `${world.sandboxUrl}/rekor2`, SIGNET_REKOR_VERSION: '2' };
  modes = { v1, v2 };
});
beforeEach(() => world.setFaults([]));
afterAll(() => world?.close());

const asked = async (request: string) => (await world.requestCounts())[request] ?? 0;

describe.each(['v1', 'v2'] as const)('Rekor %s and a timestamp', (mode) => {
  const signing = () => ({ ...env, ...modes[mode] });

  it('a commit and a tag are good to git', async () => {
    const before = [await asked(UPLOAD), await asked(UPLOAD_V2), await asked(STAMP)];
    await world.git(['commit', '-q', '--allow-empty', '-m', 'stamped'], { env: signing() });
    await world.git(['tag', '-s', '-m', 'stamped', `stamped-${mode}`], { env: signing() });
    const after = [await asked(UPLOAD), await asked(UPLOAD_V2), await asked(STAMP)];
    const more = after.map((count, i) => count - (before[i] ?? 0));
    expect(more).toEqual(mode === 'v1' ? [2, 0, 2] : [0, 2, 2]);
    // Verified without any of the settings that it was made with.
    const { stderr } = await world.git(['verify-commit', 'HEAD']);
    expect(stderr).toContain('Good signature by alice@example.com');
    expect((await world.git(['verify-tag', `stamped-${mode}`])).stderr).toContain('Good signature by');
    const format = '--format=%G? %GS';
    expect((await world.git(['log', '-1', format])).stdout).toMatch(/^U alice@example\.com \(/);
    const { stdout } = await world.git(['cat-file', 'commit', 'HEAD']);
    const changed = stdout.replace(/\nstamped\n/, '\nstomped\n');
    const forged = await world.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: changed });
    const verdict = await world.git(['verify-commit', forged.stdout.trim()], { mayFail: true });
    expect({ code: verdict.code, text: verdict.stderr }).toEqual({
      code: 1,
      text: expect.stringContaining('BAD signature'),
    });
  });

  it('so is one in a SHA-256 repository', async () => {
    const options = { env: signing(), cwd: sha256Repo };
    await world.git(['commit', '-q', '--allow-empty', '-m', 'stamped'], options);
    await world.git(['verify-commit', 'HEAD'], { cwd: sha256Repo });
  });

  it('says each time that gitsign will not verify it, on stderr and on the terminal', async () => {
    for (const _ of [1, 2]) {
      const ended = await world.signet(GIT_CALL, { input: PAYLOAD, env: signing() });
      expect(ended.stderr.split('\n')).toEqual([
        '[GNUPG:] BEGIN_SIGNING',
        `git-signet: Note: ${NOTE[mode]}`,
        expect.stringMatching(/^\[GNUPG:\] SIG_CREATED D 19 8 00 \d+ [0-9A-F]{40}$/),
        '',
      ]);
      await expectVerifies(world, ended.stdout, PAYLOAD);
    }
    const commit = world.beginOnTerminal('git', ['commit', '-q', '--allow-empty', '-m', 'told'], {
      env: signing(),
    });
    const { code } = await commit.ended;
    expect({ code, screen: commit.screen().trim() }).toEqual({
      code: 0,
      screen: `git-signet: Note: ${NOTE[mode]}`,
    });
  });
});

describe('an authority that the trusted root does not hold', () => {
  let bare: NodeJS.ProcessEnv;
  let chain: NodeJS.ProcessEnv;
  beforeAll(async () => {
    const path = (await world.git(['config', 'signet.trustedRoot'])).stdout.trim();
    const root = JSON.parse(readFileSync(path, 'utf8'));
    const rootFile = join(world.folder, 'no-tsa.json');
    writeFileSync(rootFile, JSON.stringify({ ...root, timestampAuthorities: [] }));
    const chainFile = join(world.folder, 'tsa-chain.pem');
    writeFileSync(
      chainFile,
      await (await fetch(`${world.sandboxUrl}/tsa/api/v1/timestamp/certchain`)).text(),
    );
    bare = { SIGNET_TRUSTED_ROOT: rootFile };
    chain = { ...bare, SIGNET_TIMESTAMP_CERT_CHAIN: chainFile };
  });

  it('is refused before anybody logs in', async () => {
    const { ended, asked: askedFor } = await signWhile(world, [], { ...modes.v1, ...bare });
    expectRefused(ended, 2, /no timestamp authority is trusted[\s\S]*signet\.timestampCertChain/);
    expect(askedFor(CERTIFICATE)).toBe(0);
  });

  it.each(['v1', 'v2'] as const)('signs and verifies by signet.timestampCertChain (%s)', async (mode) => {
    const signing = { ...env, ...modes[mode], ...chain };
    await world.git(['commit', '-q', '--allow-empty', '-m', 'stamped'], { env: signing });
    const verify = async (more: NodeJS.ProcessEnv) => {
      const { code, stderr } = await world.git(['verify-commit', 'HEAD'], { env: more, mayFail: true });
      return { code, stderr };
    };
    expect(await verify(chain)).toEqual({ code: 0, stderr: expect.stringContaining('Good signature by') });
    expect(await verify(bare)).toEqual({
      code: 1,
      stderr: expect.stringContaining('the timestamp is not of an authority in the trusted root'),
    });
  });
});

describe('what goes wrong leaves nothing on stdout', () => {
  it.each<['v1' | 'v2', Fault, RegExp]>([
    ['v1', { service: 'tsa', kind: 'wrongNonce' }, /TSA's answer bears another nonce/],
    ['v1', { service: 'tsa', kind: 'wrongImprint' }, /The timestamp is not right: /],
    ['v1', { service: 'tsa', kind: 'otherAuthority' }, /The timestamp is not right: /],
    ['v1', { service: 'tsa', kind: 'clockSkew', skewSeconds: 3600 }, /The timestamp is not right: its clock/],
    ['v1', { service: 'tsa', kind: 'rejection' }, /TSA at http.* refused with PKIStatus 2/],
    ['v1', { service: 'tsa', kind: 'html' }, /TSA at http.* not application\/timestamp-reply/],
    ['v1', { service: 'tsa', kind: 'status', status: 503, times: 9 }, /answered 503.*gave up after 4/],
    ['v2', { service: 'rekorV2', kind: 'wrongProof' }, /log's answer is not right/],
    ['v2', { service: 'rekorV2', kind: 'otherBody' }, /it recorded something else than was sent/],
    ['v2', { service: 'rekorV2', kind: 'status', status: 405 }, /answered 405[\s\S]*newer shard/],
    ['v2', { service: 'rekorV2', kind: 'html' }, /Rekor v2 at http.* not JSON/],
  ])('%s: %o', async (mode, fault, reason) => {
    const { ended } = await signWhile(world, [fault], modes[mode]);
    expectRefused(ended, 5, reason);
    expect(ended.stderr).toMatch(/FAILURE sign/);
    expect(ended.stderr).not.toContain('Note:');
  });

  it('a TSA that is not there: exit 5, and the setting to look at', async () => {
    const nowhere = { SIGNET_TIMESTAMP_SERVER_URL: 'http://127.0.0.1:9/timestamp' };
    const { ended } = await signWhile(world, [], nowhere);
    expectRefused(ended, 5, /TSA at http:\/\/127\.0\.0\.1:9 refused the connection/);
    expect(ended.stderr).toContain('signet.timestampServerURL');
  });
});

describe('settings that cannot work are refused before anybody logs in', () => {
  it.each<[string, () => NodeJS.ProcessEnv, RegExp]>([
    [
      'Rekor v2 without a time',
      () => ({ ...modes.v2, SIGNET_TIMESTAMP_SERVER_URL: '' }),
      /A Rekor v2 log gives no time[\s\S]*signet\.timestampServerURL/,
    ],
    [
      'Rekor v2 at the public v1 log',
      () => ({ ...modes.v2, SIGNET_REKOR_URL: 'https://rekor.sigstore.dev' }),
      /is a log of version 1[\s\S]*signet\.rekor to a shard/,
    ],
    ['version 3', () => ({ SIGNET_REKOR_VERSION: '3' }), /signet\.rekorVersion \("3"\) is neither 1 nor 2/],
    [
      'an address that is none',
      () => ({ SIGNET_TIMESTAMP_SERVER_URL: 'timestamp.example.com' }),
      /signet\.timestampServerURL .* is no http or https URL/,
    ],
  ])('%s', async (_, more, reason) => {
    const { ended, asked: askedFor } = await signWhile(world, [], more());
    expectRefused(ended, 2, reason);
    expect([askedFor(CERTIFICATE), askedFor(STAMP)]).toEqual([0, 0]);
  });

  it('git-signet config shows them', async () => {
    const { stdout } = await world.signet(['config', '--json'], { env: modes.v2 });
    const { settings } = JSON.parse(stdout) as { settings: { key: string; value: string }[] };
    const shown = (name: string) => settings.find(({ key }) => key === name)?.value;
    expect(shown('signet.rekorVersion')).toBe('2');
    expect(shown('signet.timestampServerURL')).toBe(modes.v2['SIGNET_TIMESTAMP_SERVER_URL']);
  });
});
