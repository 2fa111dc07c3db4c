/** Which trusted root counts, by settings and variables; and what PEM files replace of it. */
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../src/adapters/settings.ts';
import { parseTrustChoice } from '../../src/adapters/trust/choice.ts';
import { type LoadedTrust, openTrust } from '../../src/adapters/trust/loadTrust.ts';
import { toWishes } from '../../src/adapters/trust/wishes.ts';
import { newHome, SHIPPED, trustedRoot } from './mirror.ts';
import { newKey } from './repository.ts';

const { env, home } = newHome();

function settings(variables: NodeJS.ProcessEnv, git: Readonly<Record<string, string>> = {}): Settings {
  const values = Object.entries(git).map(([key, value]) => [key.toLowerCase(), [value]] as const);
  return { env: { HOME: home, ...variables }, git: new Map(values) };
}

function open(variables: NodeJS.ProcessEnv, git?: Readonly<Record<string, string>>): Promise<LoadedTrust> {
  const given = settings(variables, git);
  return openTrust(parseTrustChoice(given), given.env);
}

describe('without anything set', () => {
  test('nothing but the shipped root counts', async () => {
    const choice = parseTrustChoice(settings({}));
    expect(choice).toEqual({ file: undefined, others: [] });
    expect((await openTrust(choice, env)).logs.map(({ baseUrl }) => baseUrl)).toContain(
      'https://rekor.sigstore.dev',
    );
  });
});

describe('settings', () => {
  test.each([
    [
      'signet.trustMirror',
      { 'signet.trustMirror': 'https://tuf.example.com/' },
      {},
      'https://tuf.example.com',
    ],
    [
      'its variable, which is stronger',
      { 'signet.trustMirror': 'https://a' },
      { SIGNET_TRUST_MIRROR: 'https://b' },
      'https://b',
    ],
    ['TUF_MIRROR, which is for trust init only', {}, { TUF_MIRROR: 'https://c' }, undefined],
  ])('%s', (_, git, variables, mirror) => {
    expect(toWishes(parseTrustChoice(settings(variables, git))).mirror).toBe(mirror);
  });

  test.each([
    ['GITSIGN_FULCIO_ROOT', 'SIGSTORE_FULCIO_ROOT'],
    ['SIGSTORE_FULCIO_ROOT', 'SIGSTORE_ROOT_FILE'],
    ['GITSIGN_TIMESTAMP_CERT_CHAIN', 'SIGSTORE_TIMESTAMP_CERT_CHAIN'],
    ['SIGSTORE_TIMESTAMP_CERT_CHAIN', 'SIGSTORE_TSA_CERTIFICATE_FILE'],
  ])('%s is stronger than %s', (strong, weak) => {
    const { replacements } = toWishes(parseTrustChoice(settings({ [strong]: '/strong', [weak]: '/weak' })));
    expect(replacements).toMatchObject([{ source: strong, path: '/strong' }]);
  });

  test('gitsign.fulcioRoot is weaker than the variables', () => {
    const git = { 'gitsign.fulcioRoot': '/git' };
    const sources = (given: Settings) =>
      toWishes(parseTrustChoice(given)).replacements.map(({ path }) => path);
    expect(sources(settings({ SIGSTORE_ROOT_FILE: '/env' }, git))).toEqual(['/env']);
    expect(sources(settings({}, git))).toEqual(['/git']);
  });

  test.each([
    'SIGSTORE_ROOT_FILE',
    'SIGSTORE_REKOR_PUBLIC_KEY',
    'SIGSTORE_CT_LOG_PUBLIC_KEY_FILE',
    'SIGSTORE_TSA_CERTIFICATE_FILE',
    'SIGNET_TIMESTAMP_CERT_CHAIN',
  ])('a relative path in %s is refused: it would be read from the tree that is judged', async (name) => {
    await expect(open({ [name]: 'roots.pem' })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(name),
    });
  });

  test('a mirror that nobody set up is refused, never the shipped root instead', async () => {
    await expect(open({ SIGNET_TRUST_MIRROR: 'https://tuf.example.com' })).rejects.toMatchObject({
      code: 'no-trust',
    });
  });
});

function pem(label: string, base64: string): string {
  return `-----BEGIN ${label}-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END ${label}-----\n`;
}

const shipped = JSON.parse(SHIPPED.toString());
const chainOf = (authority: { certChain: { certificates: { rawBytes: string }[] } }): string[] =>
  authority.certChain.certificates.map(({ rawBytes }) => pem('CERTIFICATE', rawBytes));

function put(name: string, text: string): string {
  const path = join(newHome().home, name);
  writeFileSync(path, text);
  return path;
}

describe('PEM files', () => {
  const [first, second] = shipped.certificateAuthorities.map(chainOf);

  test('replace the certificate authorities, all of them and only them', async () => {
    const path = put('fulcio.pem', [...second].reverse().join('some comment\n'));
    const base = await open({});
    const trust = await open({ SIGSTORE_ROOT_FILE: path });
    expect(base.certificateAuthorities).toHaveLength(2);
    expect(trust.certificateAuthorities).toHaveLength(1);
    const chain = trust.certificateAuthorities[0]
      ?.issuers()
      .map(({ certificate }) => Buffer.from(certificate.der));
    expect(chain).toEqual(second.map((text: string) => new X509Certificate(text).raw));
    expect(trust.certificateAuthorities[0]?.issuers().map(({ problem }) => problem())).toEqual([
      undefined,
      undefined,
    ]);
    expect(trust.logs.map(({ logId }) => logId)).toEqual(base.logs.map(({ logId }) => logId));
    expect(trust.digest).not.toBe(base.digest);
    expect(trust.replaced).toEqual([`Certificate authorities from SIGSTORE_ROOT_FILE (${path})`]);
  });

  test('may hold several roots', async () => {
    const path = put('fulcio.pem', [...first, ...second].join(''));
    const { certificateAuthorities } = await open({ GITSIGN_FULCIO_ROOT: path });
    expect(certificateAuthorities.map(({ issuers }) => issuers().length).sort()).toEqual([1, 2]);
  });

  test('replace log keys and CT log keys', async () => {
    const { rawBytes } = shipped.tlogs[0].publicKey;
    const path = put('rekor.pub', pem('PUBLIC KEY', rawBytes));
    const base = await open({});
    const rekor = await open({ SIGSTORE_REKOR_PUBLIC_KEY: path });
    const known = Buffer.from(shipped.tlogs[0].logId.keyId, 'base64').toString('hex');
    expect(rekor.logs.map(({ logId }) => logId)).toEqual([known]);
    expect(rekor.ctLogs).toHaveLength(base.ctLogs.length);
    const ct = await open({ SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: path });
    expect(ct.ctLogs.map(({ logId }) => logId)).toEqual([known]);
    expect(ct.logs).toHaveLength(base.logs.length);
  });

  test('replace timestamp authorities, but for our own setting, which adds one', async () => {
    const path = put('tsa.pem', chainOf(shipped.timestampAuthorities[0]).join(''));
    expect((await open({ SIGSTORE_TSA_CERTIFICATE_FILE: path })).timestampAuthorities).toHaveLength(1);
    expect((await open({}, { 'signet.timestampCertChain': path })).timestampAuthorities).toHaveLength(2);
  });

  test('count for nothing where signet.trustedRoot names a whole root', async () => {
    const root = put('root.json', Buffer.from(trustedRoot(7)).toString());
    const key = put('other.pub', pem('PUBLIC KEY', shipped.tlogs[0].publicKey.rawBytes));
    const trust = await open({ SIGNET_TRUSTED_ROOT: root, SIGSTORE_REKOR_PUBLIC_KEY: key });
    expect(trust.logs).toHaveLength(shipped.tlogs.length);
    expect(trust.replaced).toBeUndefined();
  });

  const aKey = newKey().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test.each([
    ['is not there', undefined, /cannot be read: ENOENT/],
    ['is empty', '', /there is no CERTIFICATE in PEM/],
    ['holds a key', pem('PUBLIC KEY', shipped.tlogs[0].publicKey.rawBytes), /there is no CERTIFICATE/],
    ['holds junk', pem('CERTIFICATE', 'AAAA'), /cannot be used/],
    ['lacks the root', second[0], /the issuer of .* is missing/],
    ['holds a private key', aKey, /no CERTIFICATE/],
  ])('one that %s is an error, not the trusted root instead', async (_, text, say) => {
    const path = text === undefined ? '/nowhere/x.pem' : put('x.pem', text);
    await expect(open({ SIGSTORE_ROOT_FILE: path })).rejects.toMatchObject({
      code: 'no-trust',
      message: expect.stringMatching(say),
    });
  });
});
