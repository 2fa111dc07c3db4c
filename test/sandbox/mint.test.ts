/** What is in a minted certificate, and who mints. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadTrust } from '../../src/adapters/trust/loadTrust.ts';
import { parseCertificate } from '../../src/core/certificate.ts';
import type { Trust } from '../../src/core/trustedRoot.ts';
import { endOf, type Instance, loadInstance } from '../../src/sandbox/instance.ts';
import { type MintRequest, mint, openMinted } from '../../src/sandbox/mint.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';

const folders = ['one', 'other'].map((name) => mkdtempSync(join(tmpdir(), `signet-mint-${name}-`)));
const ISSUER = 'https://token.actions.githubusercontent.com';
/** The authority begins ten years before it is made: no date that is written here would always be within. */
const AT = new Date(Math.floor(Date.now() / 1000) * 1000 - 1000 * 24 * 60 * 60 * 1000);
const URI = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

let sandboxes: readonly RunningSandbox[];
let instance: Instance;
let trust: Trust;
let otherTrust: Trust;
beforeAll(async () => {
  sandboxes = await Promise.all(folders.map((stateDir) => startSandbox({ stateDir })));
  const [own, other] = sandboxes.map(({ trustedRootPath }) => loadTrust(trustedRootPath)) as [Trust, Trust];
  instance = loadInstance(folders[0] ?? '') as Instance;
  [trust, otherTrust] = [own, other];
});
afterAll(async () => {
  for (const sandbox of sandboxes ?? []) await sandbox.stop();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const minted = (request: Partial<MintRequest> = {}) =>
  mint(instance, trust, {
    subject: { type: 'uri', value: URI },
    issuer: ISSUER,
    extensions: new Map(),
    at: AT,
    ...request,
  });
const extensionsOf = (certificate: Uint8Array) =>
  [...parseCertificate(certificate).extensions].flatMap(([oid, { value }]) =>
    oid.startsWith('1.3.6.1.4.1.57264.1.') ? [[Number(oid.split('.').at(-1)), Buffer.from(value)]] : [],
  );

describe('a minted certificate', () => {
  test.each([
    ['email', 'bob@example.com'],
    ['uri', URI],
    ['username', 'böb'],
  ] as const)('names the %s', (type, value) => {
    const { signer, chain, privateKey } = minted({ subject: { type, value } });
    expect(signer.identity).toEqual({ subject: { type, value }, issuer: ISSUER });
    const leaf = new X509Certificate(chain[0] ?? new Uint8Array());
    expect(leaf.checkPrivateKey(privateKey)).toBe(true);
    expect(leaf.issuer).toBe('O=git-signet sandbox\nCN=git-signet sandbox intermediate');
    expect(chain).toHaveLength(3);
  });

  test('has extensions up to 6 as they are, later ones as UTF8String, in order', () => {
    const { chain, signer } = minted({
      extensions: new Map([
        [11, 'https://github.com/acme/app'],
        [6, 'refs/heads/mäin'],
        [2, 'push'],
      ]),
    });
    const utf8 = (text: string) => Buffer.concat([Buffer.from([12, text.length]), Buffer.from(text)]);
    expect(extensionsOf(chain[0] ?? new Uint8Array())).toEqual([
      [1, Buffer.from(ISSUER)],
      [2, Buffer.from('push')],
      [6, Buffer.from('refs/heads/mäin')],
      [8, utf8(ISSUER)],
      [11, utf8('https://github.com/acme/app')],
    ]);
    expect(signer.claims.get(11)).toBe('https://github.com/acme/app');
  });

  test('lasts ten minutes from its time on, within those of the authority', () => {
    const { notBefore, notAfter } = minted();
    expect([notBefore, notAfter]).toEqual([AT, new Date(AT.getTime() + 600_000)]);
    const [from, last] = [instance.validFrom.getTime(), endOf(instance).getTime() - 600_000];
    const second = (ms: number) => new Date(Math.floor(ms / 1000) * 1000);
    for (const at of [second(from + 1000), second(last)]) expect(minted({ at }).notBefore).toEqual(at);
    for (const at of [second(from - 1000), second(last + 1000)])
      expect(() => minted({ at })).toThrow(/authority is valid from/);
  });

  test('is refused where our verifier would not take it', () => {
    const email = (value: string) => ({ subject: { type: 'email', value } as const });
    expect(() => minted(email('böb@example.com'))).toThrow(/not printable ASCII/);
    expect(() => minted(email('bob@example.com'))).not.toThrow();
    const issuer = (text: string) => ({ extensions: new Map([[8, text]]) });
    expect(() => minted(issuer('https://other.example'))).toThrow(/names two issuers/);
    expect(() => minted(issuer(ISSUER))).not.toThrow();
  });

  test("is of its own sandbox, and of no other's or none's", () => {
    const [leaf = new Uint8Array()] = minted().chain;
    expect(openMinted(leaf, trust).identity.issuer).toBe(ISSUER);
    expect(() => openMinted(leaf, otherTrust)).toThrow(/would count for nobody/);
    expect(() => openMinted(leaf, loadTrust(undefined))).toThrow(/only a sandbox mints/);
  });
});

describe('the time in a path', () => {
  const ask = async (path: string) => (await fetch(`${sandboxes[0]?.url}${path}`)).status;
  const seconds = AT.getTime() / 1000;

  test('is for those who witness only, and for times of theirs', async () => {
    expect(await ask(`/at/${seconds}/api/v1/log`)).toBe(200);
    expect(await ask(`/at/${seconds}/tsa/api/v1/timestamp/certchain`)).toBe(200);
    expect(await ask(`/at/${seconds}/rekor2/api/v2/checkpoint`)).toBe(200);
    expect(await ask('/at/1/api/v1/log')).toBe(404);
    for (const path of [
      '/api/v2/configuration',
      '/oidc/.well-known/openid-configuration',
      '/trusted_root.json',
    ]) {
      expect(await ask(path)).toBe(200);
      expect(await ask(`/at/${seconds}${path}`)).toBe(404);
    }
  });

  test('is what the services take for now', async () => {
    const dated = await fetch(`${sandboxes[0]?.url}/at/${seconds}/api/v1/log`);
    expect(Date.parse(dated.headers.get('date') ?? '')).toBe(AT.getTime());
  });
});
