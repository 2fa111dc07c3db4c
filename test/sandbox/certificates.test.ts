import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueLeaf } from '../../src/sandbox/certificateAuthority.ts';
import { toPem } from '../../src/sandbox/certificates.ts';
import { loadInstance } from '../../src/sandbox/instance.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { sharedPath } from '../shared.ts';
import { certificateRequest, chainOf, post } from './clients.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-certificates-'));
const stateDir = join(folder, 'state');
const EMAIL = 'alice@example.com';
let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ stateDir });
});

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

const ask = (request: unknown) => post(`${sandbox.fulcioUrl}/api/v2/signingCert`, request);

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Tags and lengths of nesting, object identifiers and flags: what a profile is made of. */
function profileOf(pem: string): string[] {
  return openssl('asn1parse', '-in', write('profile.pem', pem))
    .split('\n')
    .flatMap((line) => /d=(\d+) .*(?:cons|prim): ?(\S.*?)\s*(?::(.*))?$/.exec(line) ?? [])
    .filter((_, i) => i % 4 !== 0)
    .map((part) => part ?? '')
    .filter(
      (part) =>
        /^\d+$|^[A-Z]|^cont|^id-|^prime|^ecdsa|^X509v3|^1\.3|^CT/.test(part) && !/^[0-9A-F]{40}$/.test(part),
    );
}

describe('a certificate', () => {
  test('verifies with openssl, and its chain says that it is a toy', async () => {
    const [leaf = '', intermediate = '', root = ''] = await chainOf(
      await ask(certificateRequest(sandbox.mintIdToken(EMAIL), EMAIL)),
    );
    const files = [
      write('leaf.pem', leaf),
      write('intermediate.pem', intermediate),
      write('root.pem', root),
    ] as const;
    const verify = (...args: string[]) =>
      openssl('verify', '-CAfile', files[2], '-untrusted', files[1], ...args);
    expect(verify(files[0])).toContain('OK');
    // Of a leaf the strict check wants a key identifier, which Fulcio leaves out.
    expect(verify('-x509_strict', files[1])).toContain('OK');
    const other = new X509Certificate(leaf).raw;
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
    const broken = write('broken.pem', toPem(other));
    expect(() => verify(broken)).toThrow();
    const names = [intermediate, root].map((pem) => new X509Certificate(pem).subject);
    expect(names).toEqual([
      'O=git-signet sandbox\nCN=git-signet sandbox intermediate',
      'O=git-signet sandbox\nCN=git-signet sandbox root',
    ]);
  });

  test('lasts ten minutes from now on', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const [leaf = ''] = await chainOf(await ask(certificateRequest(sandbox.mintIdToken(EMAIL), EMAIL)));
    const { validFrom, validTo } = new X509Certificate(leaf);
    expect(Date.parse(validFrom)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(validFrom)).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(600_000);
  });

  test.skipIf(sharedPath('recordings/fulcio.json') === undefined)(
    'has the profile of the recorded one',
    async () => {
      const recordings = JSON.parse(readFileSync(sharedPath('recordings/fulcio.json') ?? '', 'utf8')) as {
        name: string;
        response: { body: { json: { signedCertificateEmbeddedSct: { chain: { certificates: string[] } } } } };
      }[];
      const recorded = recordings.find(({ name }) => name === 'signing certificate');
      const theirs = recorded?.response.body.json.signedCertificateEmbeddedSct.chain.certificates ?? [];
      const ours = await chainOf(await ask(certificateRequest(sandbox.mintIdToken(EMAIL), EMAIL)));
      expect(profileOf(ours[0] ?? '').length).toBeGreaterThan(50);
      for (const [i, pem] of ours.entries()) expect(profileOf(pem)).toEqual(profileOf(theirs[i] ?? ''));
    },
  );
});

describe('keys', () => {
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
  const cases: [string, () => { publicKey: KeyObject; privateKey: KeyObject }, string | null, number][] = [
    ['P-256', () => ec('P-256'), 'sha256', 200],
    ['P-256 with SHA-384', () => ec('P-256'), 'sha384', 400],
    ['P-384', () => ec('P-384'), 'sha384', 200],
    ['P-384 with SHA-256', () => ec('P-384'), 'sha256', 400],
    ['P-521', () => ec('P-521'), 'sha512', 200],
    ['secp256k1', () => ec('secp256k1'), 'sha256', 400],
    ['Ed25519', () => generateKeyPairSync('ed25519'), null, 200],
    ['RSA 2048', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), 'sha256', 200],
    ['RSA 1024', () => generateKeyPairSync('rsa', { modulusLength: 1024 }), 'sha256', 400],
  ];
  test.each(cases)('%s', async (_name, make, digest, status) => {
    const response = await ask(certificateRequest(sandbox.mintIdToken(EMAIL), EMAIL, make(), digest));
    expect(response.status).toBe(status);
  });
});

describe('tokens', () => {
  test.each([
    ['good', {}, 200],
    ['expired', { expired: true }, 400],
    ['for somebody else', { audience: 'another' }, 400],
    ['of another issuer', { issuer: 'http://127.0.0.1:1/oidc' }, 400],
    ['with an address nobody verified', { emailVerified: false }, 400],
    ['without address', { withoutEmail: true }, 400],
    ['short', { lifetimeSeconds: 30 }, 200],
  ] as const)('%s', async (_name, overrides, status) => {
    const minted = await post(`${sandbox.issuer}/sandbox/token`, { email: EMAIL, ...overrides });
    const { id_token: token } = (await minted.json()) as { id_token: string };
    const response = await ask(certificateRequest(token, EMAIL));
    expect(response.status).toBe(status);
    if (status === 400)
      expect(await response.text()).toContain('There was an error processing the identity token');
  });

  test('of another sandbox, of another algorithm, or changed', async () => {
    const other = await startSandbox({ stateDir: join(folder, 'other') });
    await other.stop();
    const [head = '', payload = '', signature = ''] = sandbox.mintIdToken(EMAIL).split('.');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = encode({ ...claims, email: 'mallory@example.com' });
    const foreign = createPrivateKey(
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
    );
    const resigned = sign('sha256', Buffer.from(`${head}.${payload}`), foreign).toString('base64url');
    for (const [token, email] of [
      [other.mintIdToken(EMAIL), EMAIL],
      [`${head}.${forged}.${signature}`, 'mallory@example.com'],
      [`${head}.${payload}.${resigned}`, EMAIL],
      [`${encode({ alg: 'none' })}.${payload}.`, EMAIL],
    ] as const) {
      expect((await ask(certificateRequest(token, email))).status).toBe(400);
    }
    expect((await ask(certificateRequest(`${head}.${payload}.${signature}`, EMAIL))).status).toBe(200);
  });

  test('may come in the Authorization header', async () => {
    const { publicKeyRequest } = certificateRequest('', EMAIL);
    const authorization = `Bearer ${sandbox.mintIdToken(EMAIL)}`;
    const url = `${sandbox.fulcioUrl}/api/v2/signingCert`;
    expect((await post(url, { publicKeyRequest }, { authorization })).status).toBe(200);
  });
});

describe('issued by hand', () => {
  test.each([
    [
      { type: 'uri', value: 'https://github.com/o/r/.github/workflows/w.yml@refs/heads/main' },
      'URI:https://github.com/',
    ],
    [{ type: 'username', value: 'alice!example.com' }, 'othername: 1.3.6.1.4.1.57264.1.7::alice!example.com'],
    [{ type: 'email', value: EMAIL }, `email:${EMAIL}`],
  ] as const)('for %o', (subject, shown) => {
    const instance = loadInstance(stateDir);
    if (instance === undefined) throw new Error('no instance');
    const notBefore = new Date('2051-02-03T04:05:06Z');
    const leaf = issueLeaf(instance, {
      publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
      subject,
      extensions: new Map([
        [8, 'https://token.actions.githubusercontent.com'],
        [13, 'a'.repeat(40)],
      ]),
      notBefore,
      notAfter: new Date(notBefore.getTime() + 1000),
      sctAt: undefined,
    });
    const text = openssl('x509', '-noout', '-text', '-in', write('minted.pem', toPem(leaf)));
    expect(text).toContain('Not Before: Feb  3 04:05:06 2051 GMT');
    expect(text).toContain('1.3.6.1.4.1.57264.1.13');
    expect(text).not.toContain('SCT');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`Subject Alternative Name: critical ${shown}`);
    expect(
      new X509Certificate(leaf).verify(
        new X509Certificate(Buffer.from(instance.certificates[0] ?? [])).publicKey,
      ),
    ).toBe(true);
  });
});
