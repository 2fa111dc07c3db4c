/**
 * gitsign and real Sigstore services: each verifies what the other signed. Runs where a `gitsign` is on PATH and
 * SIGNET_TEST_STACK names a folder that holds
 *   env.sh             for bash: sets GITSIGN_FULCIO_URL, GITSIGN_REKOR_URL, GITSIGN_OIDC_ISSUER and what gitsign
 *                      needs to trust them, and defines `tok`, which prints an ID token of alice@example.com
 *   trusted_root.json  the services' trust material
 * SIGNET_FULCIO_URL, SIGNET_REKOR_URL and SIGNET_OIDC_ISSUER win where they are set. Rekor v2 and the timestamp authority
 * are at SIGNET_TEST_REKOR_V2_URL and SIGNET_TEST_TIMESTAMP_SERVER_URL, or at ports 3003 and 3004 of this machine.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../src/adapters/findProgram.ts';
import { run } from '../run.ts';
import { makeWorld, type World } from './world.ts';

const stack = process.env['SIGNET_TEST_STACK'];
const gitsign = findProgram('gitsign', process.env);
const runnable = stack !== undefined && gitsign !== undefined;
const EMAIL = 'alice@example.com';
const REKOR_V2 = process.env['SIGNET_TEST_REKOR_V2_URL'] ?? 'http://127.0.0.1:3003';
const TSA = process.env['SIGNET_TEST_TIMESTAMP_SERVER_URL'] ?? 'http://127.0.0.1:3004/api/v1/timestamp';

if (runnable) describe('gitsign', verifyEachOther);
else it.skip('gitsign and the real services (no gitsign on PATH, or no SIGNET_TEST_STACK)', () => {});

function verifyEachOther(): void {
  let world: World;
  let issuer: string;
  /** For git with either program: what gitsign needs, and a token. */
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    world = await makeWorld();
    const script = `. "${stack}/env.sh" && export SIGSTORE_ID_TOKEN=$(tok) && env -0`;
    const { stdout } = await run('bash', ['-c', script], { env: { PATH: process.env['PATH'] } });
    const given = Object.fromEntries(
      stdout.split('\0').map((line) => line.split(/=(.*)/s).slice(0, 2)),
    ) as NodeJS.ProcessEnv;
    const named = Object.entries(given).filter(([name]) => /^(SIGSTORE|GITSIGN)_/.test(name));
    env = { ...Object.fromEntries(named), GITSIGN_REKOR_MODE: 'offline' };
    expect(env['SIGSTORE_ID_TOKEN']).toMatch(/^ey/);
    const at = (ours: string, theirs: string) => process.env[ours] ?? env[theirs] ?? '';
    issuer = at('SIGNET_OIDC_ISSUER', 'GITSIGN_OIDC_ISSUER');
    const settings = {
      'signet.fulcio': at('SIGNET_FULCIO_URL', 'GITSIGN_FULCIO_URL'),
      'signet.rekor': at('SIGNET_REKOR_URL', 'GITSIGN_REKOR_URL'),
      'signet.issuer': issuer,
      'signet.trustedRoot': join(stack ?? '', 'trusted_root.json'),
    };
    for (const [key, value] of Object.entries(settings)) await world.git(['config', key, value]);
    await world.git(['commit', '-q', '--allow-empty', '--no-gpg-sign', '-m', 'base']);
  });
  afterAll(() => world?.close());

  const git = (args: readonly string[], mayFail = false) => world.git(args, { env, mayFail });
  const byGitsign = ['-c', `gpg.x509.program=${gitsign}`];
  const judge = (command: string, rev: string, email = EMAIL) => {
    const identity = [`--certificate-identity=${email}`, `--certificate-oidc-issuer=${issuer}`];
    return world.begin(gitsign ?? '', [command, ...identity, rev], { env }).ended;
  };
  /** The same object with one word changed; its id. */
  const forge = async (type: 'commit' | 'tag', rev: string) => {
    const input = (await git(['cat-file', type, rev])).stdout.replace('word', 'sword');
    return (await world.git(['hash-object', '-t', type, '-w', '--stdin'], { input })).stdout.trim();
  };
  const seen = async (rev: string) => (await git(['log', '-1', '--format=%G? %GS', rev])).stdout.trim();

  it('verifies our commit, and not a changed one, nor somebody else’s', async () => {
    await git(['commit', '-q', '-S', '--allow-empty', '-m', 'a word']);
    expect(await seen('HEAD')).toBe(`U ${EMAIL} (${issuer})`);
    const good = await judge('verify', 'HEAD');
    expect({ code: good.code, text: good.stdout + good.stderr }).toEqual({
      code: 0,
      text: expect.stringMatching(
        /Validated Git signature: true\nValidated Rekor entry: true\nValidated Certificate claims: true/,
      ),
    });
    expect((await judge('verify', 'HEAD', 'bob@example.com')).code).not.toBe(0);
    expect((await judge('verify', await forge('commit', 'HEAD'))).code).not.toBe(0);
    expect((await git([...byGitsign, 'verify-commit', 'HEAD'])).stderr).toContain(
      `Good signature from [${EMAIL}]`,
    );
  });

  it('verifies our tag, and not a changed one', async () => {
    await git(['tag', '-s', '-m', 'a word', 'ours']);
    const good = await judge('verify-tag', 'ours');
    expect({ code: good.code, text: good.stdout + good.stderr }).toMatchObject({ code: 0 });
    await git(['update-ref', 'refs/tags/forged', await forge('tag', 'ours')]);
    expect((await judge('verify-tag', 'forged')).code).not.toBe(0);
    expect((await git([...byGitsign, 'verify-tag', 'ours'])).stderr).toContain(
      `Good signature from [${EMAIL}]`,
    );
  });

  it('verifies our push certificate on the receiving side', async () => {
    const bare = join(world.folder, 'server.git');
    const log = join(world.folder, 'certificate-status');
    await git(['init', '-q', '--bare', bare]);
    const settings = { 'gpg.x509.program': gitsign ?? '', 'receive.certNonceSeed': 'seed' };
    for (const [key, value] of Object.entries(settings)) await git(['-C', bare, 'config', key, value]);
    const hook = `#!/bin/sh\necho "$GIT_PUSH_CERT_STATUS $GIT_PUSH_CERT_NONCE_STATUS $GIT_PUSH_CERT_KEY" > '${log}'\n`;
    writeFileSync(join(bare, 'hooks/pre-receive'), hook, { mode: 0o755 });
    await git(['push', '-q', '--signed', `file://${bare}`, 'HEAD:refs/heads/pushed']);
    expect(readFileSync(log, 'utf8')).toMatch(/^[GU] OK [0-9a-f]{40}\n$/);
  });

  it('’s offline commit and tag are good to us, and not when changed', async () => {
    await git([...byGitsign, 'commit', '-q', '-S', '--allow-empty', '-m', 'a word']);
    await git([...byGitsign, 'tag', '-s', '-m', 'a word', 'theirs']);
    expect((await judge('verify', 'HEAD')).code).toBe(0);
    expect(await seen('HEAD')).toBe(`U ${EMAIL} (${issuer})`);
    expect((await git(['verify-commit', 'HEAD'])).stderr).toContain(`Good signature by ${EMAIL}`);
    expect((await git(['verify-tag', 'theirs'])).stderr).toContain(`Good signature by ${EMAIL}`);
    const allowed = ['-c', `signet.allow=${EMAIL} ${issuer}`];
    expect((await git([...allowed, 'log', '-1', '--format=%G?'])).stdout.trim()).toBe('G');
    for (const [type, rev] of [
      ['commit', 'HEAD'],
      ['tag', 'theirs'],
    ] as const) {
      const refused = await git([`verify-${type}`, await forge(type, rev)], true);
      expect({ code: refused.code, text: refused.stderr }).toEqual({
        code: 1,
        text: expect.stringMatching(/BAD signature/),
      });
    }
  });

  const stamped = { v1: ['-c', `signet.timestampServerURL=${TSA}`], v2: [] as string[] };
  stamped.v2 = [...stamped.v1, '-c', `signet.rekor=${REKOR_V2}`, '-c', 'signet.rekorVersion=2'];
  it.each(['v1', 'v2'] as const)(
    'does not verify our commit and tag with Rekor %s and a timestamp, which are good to us',
    async (mode) => {
      const ours = stamped[mode];
      await git([...ours, 'commit', '-q', '-S', '--allow-empty', '-m', 'a word']);
      await git([...ours, 'tag', '-s', '-m', 'a word', `stamped-${mode}`]);
      expect(await seen('HEAD')).toBe(`U ${EMAIL} (${issuer})`);
      expect((await git(['verify-tag', `stamped-${mode}`])).stderr).toContain(`Good signature by ${EMAIL}`);
      const forged = await git(['verify-commit', await forge('commit', 'HEAD')], true);
      expect({ code: forged.code, text: forged.stderr }).toMatchObject({
        code: 1,
        text: expect.stringContaining('BAD signature'),
      });
      expect((await judge('verify', 'HEAD')).code).not.toBe(0);
      expect((await git([...byGitsign, 'verify-commit', 'HEAD'], true)).code).not.toBe(0);
    },
  );

  it('’s commit with a timestamp is good to us, in Rekor v2 only with one', async () => {
    const sign = async (more: NodeJS.ProcessEnv) => {
      const options = { env: { ...env, ...more } };
      await world.git([...byGitsign, 'commit', '-q', '-S', '--allow-empty', '-m', 'a word'], options);
      return seen('HEAD');
    };
    const tsa = { GITSIGN_TIMESTAMP_SERVER_URL: TSA };
    const v2 = { GITSIGN_REKOR_VERSION: '2', GITSIGN_REKOR_URL: REKOR_V2 };
    const good = `U ${EMAIL} (${issuer})`;
    expect(await sign(tsa)).toBe(good);
    expect(await sign({ ...tsa, ...v2 })).toBe(good);
    expect(await sign(v2)).toMatch(/^E/);
    expect((await git(['verify-commit', 'HEAD'], true)).stderr).toMatch(/UNPROVEN/);
  });

  it('’s online commit is not good to us without its log entry, nor called bad', async () => {
    const online = { env: { ...env, GITSIGN_REKOR_MODE: 'online' } };
    await world.git([...byGitsign, 'commit', '-q', '-S', '--allow-empty', '-m', 'a word'], online);
    expect(await seen('HEAD')).toMatch(/^E/);
    expect((await git(['verify-commit', 'HEAD'], true)).stderr).toMatch(/UNPROVEN/);
  });
}
