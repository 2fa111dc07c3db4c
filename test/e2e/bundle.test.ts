/** Signatures as Sigstore bundles: made by the program, verified by Sigstore's own client and openssl, and tampered with. */
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseBundle } from '../../src/adapters/bundle.ts';
import { bundleJudge } from '../../src/app/judgeBundle.ts';
import { isSound } from '../../src/core/facts.ts';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import type { ObjectFormat, ObjectKind } from '../../src/core/verdict.ts';
import { isSignetError } from '../../src/errors.ts';
import type { RawObject } from '../../src/ports.ts';
import { makeHistory } from '../online/onlineSigner.ts';
import { repositoryAt } from '../online/repository.ts';
import { requestSigner } from '../sandbox/clients.ts';
import { drop, flip, type Json, push, set, valueAt } from './bundleEdits.ts';
import { ALL, DER, ENTRY, STAMP, TAMPERINGS } from './bundleTamperings.ts';
import { makeWorld, type World } from './world.ts';

/** An object in one of the repositories. */
interface Place {
  readonly cwd: string;
  readonly rev: string;
}

let world: World;
let rootText: string;
let trust: Trust;
let places: Readonly<Record<string, Place>>;
const out = (name: string) => join(world.folder, name);

beforeAll(async () => {
  world = await makeWorld({ hold: false });
  const { repo, sandboxUrl } = world;
  rootText = readFileSync((await world.git(['config', 'signet.trustedRoot'])).stdout.trim(), 'utf8');
  trust = parseTrustedRoot(Buffer.from(rootText));
  const token = await world.idToken('alice@example.com');
  const env = { SIGSTORE_ID_TOKEN: token };
  const tsa = { ...env, SIGNET_TIMESTAMP_SERVER_URL: `${sandboxUrl}/tsa/api/v1/timestamp` };
  const v2 = { ...tsa, SIGNET_REKOR_URL: `${sandboxUrl}/rekor2`, SIGNET_REKOR_VERSION: '2' };
  const commit = async (branch: string, more: NodeJS.ProcessEnv, cwd = repo): Promise<void> => {
    await world.git(['commit', '-q', '--allow-empty', '-m', branch], { env: more, cwd });
    await world.git(['branch', branch], { cwd });
  };
  // So that every proof has a hash.
  await commit('first', env);
  await commit('plain', env);
  await commit('second', env);
  await commit('stamped', tsa);
  await commit('first-v2', v2);
  await commit('v2', v2);
  await world.git(['tag', '-s', '-m', 'tagged', 'tagged', 'plain'], { env });
  const sha256 = await world.makeRepo('sha256', 'sha256');
  await commit('plain', env, sha256);
  const online = async (name: string, format: ObjectFormat): Promise<string> => {
    const path = await world.makeRepo(name, format);
    const alice = await requestSigner({ fulcioUrl: sandboxUrl, mintIdToken: () => token });
    await makeHistory(repositoryAt(path, world.env), { rekorUrl: sandboxUrl }, alice, [true, true, false]);
    return path;
  };
  const [first, other] = [await online('online', 'sha1'), await online('online256', 'sha256')];
  places = {
    'Rekor v1': { cwd: repo, rev: 'plain' },
    'Rekor v1 and a timestamp': { cwd: repo, rev: 'stamped' },
    'Rekor v2 and a timestamp': { cwd: repo, rev: 'v2' },
    'a tag': { cwd: repo, rev: 'tagged' },
    'SHA-256': { cwd: sha256, rev: 'plain' },
    'online mode': { cwd: first, rev: 'main~1' },
    'online mode, SHA-256': { cwd: other, rev: 'main~1' },
  };
  for (const [name, { cwd, rev }] of Object.entries(places)) {
    made.set(name, await world.signet(['bundle', rev, '--output', out(name)], { cwd }));
  }
}, 120_000);
afterAll(() => world?.close());

const made = new Map<string, Awaited<ReturnType<World['signet']>>>();
const FORMS = [
  'Rekor v1',
  'Rekor v1 and a timestamp',
  'Rekor v2 and a timestamp',
  'a tag',
  'SHA-256',
  'online mode',
  'online mode, SHA-256',
];
const ONLINE = FORMS.filter((name) => name.startsWith('online'));

const bundleOf = (name: string): Json => JSON.parse(readFileSync(out(`${name}.sigstore.json`), 'utf8'));
const artifactOf = (name: string): Buffer => readFileSync(out(`${name}.artifact`));

function askSigstore(json: Json, artifact: Buffer, timestampThreshold: number): string {
  const material = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(rootText)));
  const verifier = new Verifier(material, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold });
  const { identity } = verifier.verify(toSignedEntity(bundleFromJSON(json), artifact));
  return identity?.subjectAlternativeName ?? 'nobody';
}

describe.each(FORMS)('%s', (name) => {
  const isOnline = ONLINE.includes(name);

  test('says what was written and how to verify it', () => {
    const { stdout } = made.get(name) ?? { stdout: '' };
    expect(stdout).toContain(`Wrote ${out(name)}.sigstore.json and ${out(name)}.artifact, of `);
    expect(stdout).toMatch(/^Signed \d{4}-\d\d-\d\d [\d:]{8} UTC by alice@example\.com \(/m);
    const quoted = name.includes(' ') ? `'${out(name)}.artifact'` : `${out(name)}.artifact`;
    expect(stdout).toContain(
      ` --certificate-identity "alice@example.com" --certificate-oidc-issuer "${world.issuer}" ${quoted}\n`,
    );
  });

  test("Sigstore's client verifies it, and nothing else with it", () => {
    const [json, artifact] = [bundleOf(name), artifactOf(name)];
    const times = name === 'Rekor v1 and a timestamp' ? 2 : 1;
    expect(askSigstore(json, artifact, times)).toBe('alice@example.com');
    expect(() => askSigstore(json, Buffer.concat([artifact, Buffer.from('\n')]), times)).toThrow();
    expect(() => askSigstore(json, artifact, times + 1)).toThrow();
  });

  test('openssl verifies artifact, signature and certificate', () => {
    const [certificate = '', signature = ''] = DER.map((path) => String(valueAt(bundleOf(name), path)));
    writeFileSync(out('leaf.der'), Buffer.from(certificate, 'base64'));
    writeFileSync(out('signature'), Buffer.from(signature, 'base64'));
    const quiet: ExecFileSyncOptions = { cwd: world.folder, stdio: ['ignore', 'pipe', 'pipe'] };
    execFileSync(
      'openssl',
      ['x509', '-inform', 'DER', '-in', 'leaf.der', '-pubkey', '-noout', '-out', 'key.pem'],
      quiet,
    );
    const verify = (artifact: string) =>
      String(
        execFileSync(
          'openssl',
          ['dgst', '-sha256', '-verify', 'key.pem', '-signature', 'signature', artifact],
          quiet,
        ),
      ).trim();
    expect(verify(`${name}.artifact`)).toBe('Verified OK');
    writeFileSync(out('changed'), Buffer.concat([artifactOf(name), Buffer.from('\n')]));
    expect(() => verify('changed')).toThrow();
  });

  test('we verify it, as `verify` does', async () => {
    const { cwd, rev } = places[name] ?? { cwd: '', rev: '' };
    const files = [`${out(name)}.sigstore.json`, `${out(name)}.artifact`];
    const { code, stdout } = await world.signet(['bundle', 'verify', ...files, rev], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('Good signature by alice@example.com')]);
    const json = await world.signet(['bundle', 'verify', ...files, rev, '--format', 'json'], { cwd });
    const log = { source: isOnline ? 'evidence' : 'embedded' };
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'git-signet/verify/v1',
      objects: [{ verdict: 'good', reason: 'no-policy', log }],
    });
    const flags = ['--certificate-oidc-issuer', world.issuer, '--certificate-identity'];
    const asked = async (who: string) =>
      (await world.signet(['bundle', 'verify', ...files, rev, ...flags, who], { cwd, mayFail: true })).code;
    expect([await asked('alice@example.com'), await asked('bob@example.com')]).toEqual([0, 1]);
    const other = await world.signet(['bundle', 'verify', ...files, 'second'], {
      cwd: world.repo,
      mayFail: true,
    });
    expect([other.code, other.stdout]).toEqual([
      1,
      expect.stringContaining('BAD by this bundle: the artifact is not what was signed for this object.'),
    ]);
  });
});

const objects = new Map<string, RawObject>();

async function objectOf(name: string): Promise<RawObject> {
  const known = objects.get(name);
  if (known !== undefined) return known;
  const { cwd, rev } = places[name] ?? { cwd: '', rev: '' };
  const oid = (await world.git(['rev-parse', rev], { cwd })).stdout.trim();
  const kind = (await world.git(['cat-file', '-t', rev], { cwd })).stdout.trim() as ObjectKind;
  const { stdoutBytes: raw } = await world.git(['cat-file', kind, rev], { cwd });
  const object = { oid, kind, objectFormat: oid.length === 64 ? 'sha256' : 'sha1', raw } as const;
  objects.set(name, object);
  return object;
}

/** What we say of an object by a bundle: the same functions as the program's, in this process. */
async function judge(name: string, text: string, artifact: Uint8Array): Promise<string> {
  const object = await objectOf(name);
  try {
    const bundle = parseBundle(Buffer.from(text));
    const [found] = await bundleJudge(bundle, artifact, trust).judge([{ object }]);
    if (found === undefined) throw new Error('nothing was found');
    return isSound(found) ? 'sound' : `${found.status}: ${found.reason}`;
  } catch (error) {
    if (isSignetError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('tampered with', () => {
  test.each(TAMPERINGS)('%s', async (_, forms, edit, expected) => {
    for (const name of forms) {
      const [json, artifact] = [bundleOf(name), artifactOf(name)];
      expect(await judge(name, JSON.stringify(json), artifact), name).toBe('sound');
      edit(json);
      expect(await judge(name, JSON.stringify(json), artifact), name).toMatch(expected);
    }
  });

  test.each([...ALL])('parts of another bundle (%s)', async (name) => {
    const json = bundleOf(name);
    const other = bundleOf('a tag');
    // Of another signer's certificate: those of one repository are by the same.
    const stranger = bundleOf(ONLINE.includes(name) ? 'a tag' : 'online mode');
    for (const [path, from, expected] of [
      [ENTRY, other, /^bad: the log entry in the bundle is of another signature/],
      [ENTRY, stranger, /^bad: the log entry in the bundle is of another signature/],
      [DER[0], stranger, /^bad: the certificate in the bundle is not that/],
    ] as const) {
      const changed = structuredClone(json);
      set(path, valueAt(from, path))(changed);
      expect(await judge(name, JSON.stringify(changed), artifactOf(name)), path).toMatch(expected);
    }
    const theirs = artifactOf('a tag');
    expect(await judge(name, JSON.stringify(json), theirs)).toMatch(/^bad: the digest in the bundle/);
    set('messageSignature.messageDigest.digest', createHash('sha256').update(theirs).digest('base64'))(json);
    expect(await judge(name, JSON.stringify(json), theirs)).toMatch(
      /^bad: the artifact is not what was signed/,
    );
    expect(await judge(name, JSON.stringify(other), theirs)).toMatch(
      /^bad: the artifact is not what was signed/,
    );
  });

  test('of two entries each must be right', async () => {
    const json = bundleOf('Rekor v1');
    push('verificationMaterial.tlogEntries', valueAt(json, ENTRY))(json);
    expect(await judge('Rekor v1', JSON.stringify(json), artifactOf('Rekor v1'))).toBe('sound');
    flip('verificationMaterial.tlogEntries.1.inclusionPromise.signedEntryTimestamp')(json);
    expect(await judge('Rekor v1', JSON.stringify(json), artifactOf('Rekor v1'))).toMatch(/^bad: /);
  });

  test("a timestamp over the name's signature is not read", async () => {
    const json = bundleOf('online mode');
    const stamp = valueAt(
      bundleOf('Rekor v1 and a timestamp'),
      'verificationMaterial.timestampVerificationData',
    );
    set('verificationMaterial.timestampVerificationData', stamp)(json);
    expect(await judge('online mode', JSON.stringify(json), artifactOf('online mode'))).toMatch(
      /^bad: the bundle has a timestamp, and none is read/,
    );
  });

  test('two fields of one name, though their values are the same', async () => {
    const text = JSON.stringify(bundleOf('Rekor v1'));
    const message = JSON.stringify(valueAt(bundleOf('Rekor v1'), 'messageSignature'));
    const twice = text.replace(/\}$/, `,"messageSignature":${message}}`);
    expect(await judge('Rekor v1', text, artifactOf('Rekor v1'))).toBe('sound');
    expect(await judge('Rekor v1', twice, artifactOf('Rekor v1'))).toBe(
      'malformed: The bundle has two fields of the same name.',
    );
  });

  test('a chain of one certificate, a bare token, the other name of version 0.3 and spaces are other ways of saying the same', async () => {
    const name = 'Rekor v1 and a timestamp';
    const json = bundleOf(name);
    const rawBytes = valueAt(json, DER[0]);
    drop('verificationMaterial.certificate')(json);
    set('verificationMaterial.x509CertificateChain', { certificates: [{ rawBytes }] })(json);
    set('mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.3')(json);
    const response = Buffer.from(String(valueAt(json, STAMP)), 'base64');
    set(
      STAMP,
      response.subarray(response.indexOf(Buffer.from('020100', 'hex')) + 3).toString('base64'),
    )(json);
    expect(await judge(name, JSON.stringify(json, null, 4), artifactOf(name))).toBe('sound');
    push('verificationMaterial.x509CertificateChain.certificates', { rawBytes })(json);
    expect(await judge(name, JSON.stringify(json), artifactOf(name))).toMatch(/more than 1 elements/);
  });
});

describe('the program', () => {
  const files = () => readdirSync(world.folder).toSorted();

  test.each(['.sigstore.json', '.artifact'])(
    'replaces a file %s only if it shall, and writes none then',
    async (ending) => {
      const options = { cwd: world.repo, mayFail: true };
      const name = out(`taken${ending}`);
      writeFileSync(`${name}${ending}`, 'mine');
      const before = files();
      const refused = await world.signet(['bundle', 'plain', '--output', name], options);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('exists already')]);
      expect([files(), readFileSync(`${name}${ending}`, 'utf8')]).toEqual([before, 'mine']);
      expect((await world.signet(['bundle', 'plain', '--output', name, '--force'], options)).code).toBe(0);
      expect(readFileSync(`${name}.artifact`)).toEqual(artifactOf('Rekor v1'));
      expect(files()).toHaveLength(before.length + 1);
    },
  );

  test('names the files after the object, in the current folder', async () => {
    await world.signet(['bundle', 'plain']);
    const oid = (await world.git(['rev-parse', 'plain'])).stdout.slice(0, 12);
    for (const ending of ['.sigstore.json', '.artifact'])
      expect(existsSync(join(world.repo, oid + ending))).toBe(true);
  });

  test('online mode: the entry is in the log, and after `prove` in the notes', async () => {
    const { cwd, rev } = places['online mode'] ?? { cwd: '', rev: '' };
    const call = (...more: string[]) => world.signet(['bundle', rev, ...more], { cwd, mayFail: true });
    const offline = await call('--offline', '--output', out('kept'));
    expect([offline.code, offline.stderr]).toEqual([3, expect.stringContaining('Run it without --offline')]);
    expect(existsSync(out('kept.artifact'))).toBe(false);
    await world.signet(['prove'], { cwd, mayFail: true });
    expect((await call('--offline', '--output', out('kept'))).code).toBe(0);
    expect(artifactOf('kept').toString()).toBe((await world.git(['rev-parse', rev], { cwd })).stdout.trim());
    const unlogged = await world.signet(['bundle', 'main'], { cwd, mayFail: true });
    expect([unlogged.code, unlogged.stderr]).toEqual([3, expect.stringContaining('No bundle was written: ')]);
  });

  test('a signer that the policy does not allow is told, and the bundle written', async () => {
    const rule = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'signet.allow' };
    const env = { ...rule, GIT_CONFIG_VALUE_0: `bob@example.com ${world.issuer}` };
    const { code, stdout } = await world.signet(['bundle', 'plain', '--output', out('denied')], { env });
    expect([code, stdout]).toEqual([0, expect.stringContaining('NOT ALLOWED here: ')]);
    const names = [`${out('denied')}.sigstore.json`, `${out('denied')}.artifact`];
    const judged = await world.signet(['bundle', 'verify', ...names, 'plain'], { env, mayFail: true });
    expect([judged.code, judged.stdout]).toEqual([1, expect.stringContaining('NOT ALLOWED: ')]);
  });

  test('no bundle of what is bad or unsigned, of several objects, or of no such file', async () => {
    const { stdout } = await world.git(['cat-file', 'commit', 'plain']);
    const input = stdout.replace(/\nplain\n/, '\nplane\n');
    const bad = (await world.git(['hash-object', '-t', 'commit', '-w', '--stdin'], { input })).stdout.trim();
    await world.git(['commit', '-q', '--allow-empty', '--no-gpg-sign', '-m', 'unsigned']);
    const before = files();
    const [bundle, artifact] = [`${out('Rekor v1')}.sigstore.json`, `${out('Rekor v1')}.artifact`];
    for (const [args, code, words] of [
      [[bad], 1, /^git-signet: No bundle was written: .*\n.*git-signet verify/],
      [['HEAD'], 3, /the commit is not signed/],
      [['plain..HEAD'], 2, /is not one object/],
      [['--', '--force'], 2, /no revision|not one object|Something is missing/],
      [['verify', bundle, artifact, bad], 1, /^$/],
      [['verify', bundle, artifact, 'HEAD'], 3, /^$/],
      [['verify', artifact, artifact], 3, /The bundle is not UTF-8|The bundle is not JSON/],
      [['verify', out('none'), artifact], 2, /cannot be read/],
      [['verify', bundle, artifact, 'plain', '--force'], 2, /force/],
    ] as const) {
      const ended = await world.signet(['bundle', ...args], { mayFail: true });
      expect([args, ended.code, ended.stderr]).toEqual([args, code, expect.stringMatching(words)]);
    }
    expect(files()).toEqual(before);
  });
});
