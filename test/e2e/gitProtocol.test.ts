import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeArmor, parseArmor } from '../../src/core/armor.ts';
import { parseCms } from '../../src/core/cms.ts';
import { encodeCms } from '../../src/core/cmsEncode.ts';
import { splitObject } from '../../src/core/gitObject.ts';
import { makeWorld, type World } from './world.ts';

/** What git makes of one object: `%G?|%GS|%GK|%GF|%GT`, and whether its commands accept it. */
interface Seen {
  readonly letter: string;
  readonly signer: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly trust: string;
  readonly verifyCommit: number | null;
  readonly merge: 'accepted' | 'refused';
  readonly text: string;
}

let world: World;
let good: string;
let tampered: string;
let unlogged: string;
let garbage: string;

beforeAll(async () => {
  world = await makeWorld();
  await world.git(['commit', '-q', '--allow-empty', '--no-gpg-sign', '-m', 'base']);
  const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
  await world.git(['commit', '-q', '-S', '--allow-empty', '-m', 'first'], { env });
  good = (await world.git(['rev-parse', 'HEAD'])).stdout.trim();
  const raw = (await world.git(['cat-file', 'commit', good])).stdout;
  tampered = await store(raw.replace('\nfirst', '\nforged'));
  unlogged = await store(withArmor(raw, withoutLogEntry(raw)));
  garbage = await store(
    withArmor(raw, '-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n'),
  );
});
afterAll(() => world?.close());

const NAME = () => `alice@example.com (${world.issuer}) [sandbox]`;

describe('every outcome, as real git reads it', () => {
  it('good without a policy: U, exit 0, merge refuses', async () => {
    const seen = await look(good);
    expect(seen).toMatchObject({ letter: 'U', trust: 'undefined', verifyCommit: 0, merge: 'refused' });
    expect(seen.signer).toBe(NAME());
    expect(seen.key).toMatch(/^[0-9A-F]{40}$/);
    expect(seen.fingerprint).toBe(seen.key);
    expect(seen.text).toMatch(/Good signature by alice@example.com/);
    expect(seen.text).toMatch(/git config --add signet.allow/);
    expect(seen.text).toMatch(/entry \d+ of the log/);
  });

  it('good and named by signet.allow: G, trust fully, merge accepts', async () => {
    const seen = await look(good, { 'signet.allow': `alice@example.com ${world.issuer}` });
    expect(seen).toMatchObject({
      letter: 'G',
      trust: 'fully',
      verifyCommit: 0,
      merge: 'accepted',
      signer: NAME(),
    });
  });

  it('sound but not named: E, exit 1, merge refuses', async () => {
    const seen = await look(good, { 'signet.allow': 'bob@example.com github' });
    expect(seen).toMatchObject({
      letter: 'E',
      trust: 'never',
      verifyCommit: 1,
      merge: 'refused',
      signer: '',
    });
    expect(seen.text).toMatch(/NOT ALLOWED: the signature by alice@example.com/);
  });

  it('the right address from another issuer is somebody else', async () => {
    const seen = await look(good, { 'signet.allow': 'alice@example.com github' });
    expect(seen).toMatchObject({ letter: 'E', verifyCommit: 1, merge: 'refused' });
    expect(seen.text).toMatch(/another issuer/);
  });

  it('not named, with signet.untrustedAs=goodsig: U, trust never, exit 1', async () => {
    const settings = { 'signet.allow': 'bob@example.com github', 'signet.untrustedAs': 'goodsig' };
    expect(await look(good, settings)).toMatchObject({
      letter: 'U',
      trust: 'never',
      verifyCommit: 1,
      merge: 'refused',
      signer: NAME(),
    });
  });

  it('signet.requirePolicy without a policy: E, exit 1 of git', async () => {
    const seen = await look(good, { 'signet.requirePolicy': 'true' });
    expect(seen).toMatchObject({ letter: 'E', trust: 'undefined', verifyCommit: 1, merge: 'refused' });
  });

  it('tampered: B', async () => {
    const seen = await look(tampered);
    expect(seen).toMatchObject({ letter: 'B', trust: 'undefined', verifyCommit: 1, merge: 'refused' });
    expect(seen.text).toMatch(/BAD signature/);
  });

  it('no log entry: unproven, E', async () => {
    const seen = await look(unlogged);
    expect(seen).toMatchObject({ letter: 'E', trust: 'undefined', verifyCommit: 1, merge: 'refused' });
    expect(seen.text).toMatch(/UNPROVEN/);
  });

  it('no CMS at all: E', async () => {
    expect(await look(garbage)).toMatchObject({
      letter: 'E',
      trust: 'undefined',
      verifyCommit: 1,
      merge: 'refused',
    });
  });

  it('an authority that the trusted root does not know: not good, E', async () => {
    const seen = await look(good, { 'signet.trustedRoot': '' });
    expect(seen).toMatchObject({ letter: 'E', trust: 'undefined', verifyCommit: 1, merge: 'refused' });
  });

  it('no usable trusted root: E, with the reason', async () => {
    const seen = await look(good, { 'signet.trustedRoot': '/nonexistent/root.json' });
    expect(seen).toMatchObject({ letter: 'E', trust: 'undefined', verifyCommit: 1, merge: 'refused' });
    expect(seen.text).toMatch(/trusted root .* cannot be used/);
  });

  it('a trusted root named by a relative path could lie in the judged tree: E', async () => {
    const seen = await look(good, { 'signet.trustedRoot': 'root.json' });
    expect(seen).toMatchObject({ letter: 'E', verifyCommit: 1, merge: 'refused' });
    expect(seen.text).toMatch(/relative path/);
  });

  it('a broken signet.allow: E, never G', async () => {
    const seen = await look(good, { 'signet.allow': 'alice' });
    expect(seen).toMatchObject({ letter: 'E', verifyCommit: 1, merge: 'refused' });
  });
});

describe('tags and push certificates', () => {
  it('verifies a tag and refuses one that was changed', async () => {
    const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
    await world.git(['tag', '-s', '-m', 'one', 'v1', good], { env });
    expect((await world.git(['verify-tag', 'v1'])).stderr).toMatch(/Good signature by alice/);
    const raw = (await world.git(['cat-file', 'tag', 'v1'])).stdout.replace('\none\n', '\ntwo\n');
    const id = (await world.git(['hash-object', '-t', 'tag', '-w', '--stdin'], { input: raw })).stdout.trim();
    const refused = await world.git(['verify-tag', id], { mayFail: true });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/BAD signature/);
  });

  it('refuses to sign a tag whose message lacks its final newline, before any login', async () => {
    writeFileSync(join(world.folder, 'message'), 'no newline');
    const tag = ['tag', '-s', '--cleanup=verbatim', '-F', join(world.folder, 'message'), 'v2'];
    const refused = await world.git(tag, { mayFail: true });
    expect(refused.code).not.toBe(0);
    expect((await world.git(['tag', '-l', 'v2'])).stdout).toBe('');
    const input = `object ${good}\ntype commit\ntag v2\ntagger A <a@example.com> 1 +0000\n\nno newline`;
    const direct = await world.signet(['--status-fd=2', '-bsau', 'key'], { input, mayFail: true });
    expect(direct).toMatchObject({ code: 2, stdout: '' });
    expect(direct.stderr).toMatch(/does not end in a newline/);
    expect(direct.stderr).not.toMatch(/SIG_CREATED/);
  });

  it('a push certificate is E for the receiving hook without a policy, G with one', async () => {
    const bare = join(world.folder, 'server.git');
    await world.git(['init', '-q', '--bare', bare]);
    const config = (await world.git(['config', '--local', '--get-regexp', '^(signet|gpg)\\.'])).stdout
      .trim()
      .split('\n');
    for (const line of config) {
      const [key = '', ...value] = line.split(' ');
      await world.git(['-C', bare, 'config', '--add', key, value.join(' ')]);
    }
    await world.git(['-C', bare, 'config', 'receive.certNonceSeed', 'seed']);
    const log = join(world.folder, 'cert-status');
    writeFileSync(
      join(bare, 'hooks/pre-receive'),
      `#!/bin/sh\necho "$GIT_PUSH_CERT_STATUS $GIT_PUSH_CERT_NONCE_STATUS" >> '${log}'\n`,
      { mode: 0o755 },
    );
    const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
    await world.git(['push', '--signed', `file://${bare}`, `${good}:refs/heads/one`], { env });
    await world.git(['-C', bare, 'config', '--add', 'signet.allow', `alice@example.com ${world.issuer}`]);
    await world.git(['push', '--signed', `file://${bare}`, `${good}:refs/heads/two`], { env });
    expect(readFileSync(log, 'utf8')).toBe('E OK\nG OK\n');
  });
});

async function look(commit: string, settings: Record<string, string> = {}): Promise<Seen> {
  const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const format = '--format=%G?|%GS|%GK|%GF|%GT';
  const [letter = '', signer = '', key = '', fingerprint = '', trust = ''] = (
    await world.git([...options, 'log', '-1', format, commit])
  ).stdout
    .trim()
    .split('|');
  const verify = await world.git([...options, 'verify-commit', commit], { mayFail: true });
  await world.git(['checkout', '-q', '--detach', `${good}^`]);
  const merge = await world.git([...options, 'merge', '--verify-signatures', '--ff-only', commit], {
    mayFail: true,
  });
  return {
    letter,
    signer,
    key,
    fingerprint,
    trust,
    verifyCommit: verify.code,
    merge: merge.code === 0 ? 'accepted' : 'refused',
    text: verify.stderr,
  };
}

async function store(raw: string): Promise<string> {
  return (await world.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: raw })).stdout.trim();
}

/** The commit with another signature in the place of its own. */
function withArmor(raw: string, armor: string): string {
  return raw.replace(
    /\ngpgsig (?:.*\n )*.*-----END SIGNED MESSAGE-----/,
    () => `\ngpgsig ${armor.trimEnd().replaceAll('\n', '\n ')}`,
  );
}

/** The same signature with its unsigned attributes left out: nothing about the rest is wrong. */
function withoutLogEntry(raw: string): string {
  const { signature } = splitObject(Buffer.from(raw), 'commit', 'sha1');
  if (signature === undefined) throw new Error('the commit is not signed');
  const cms = parseCms(parseArmor(signature));
  const [leaf] = cms.certificates;
  if (leaf === undefined) throw new Error('no certificate');
  const certificate = leaf.source.subarray(leaf.start, leaf.end);
  return encodeArmor(
    encodeCms({ signedAttrs: cms.artifact, certificate, signature: cms.signature, logEntry: undefined }),
  );
}
