import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { FulcioSigner, MessageSignatureBundleBuilder, RekorWitness, TSAWitness } from '@sigstore/sign';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FaultKind } from '../../src/sandbox/faults.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-timestamps-'));
let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  writeFileSync(join(folder, 'data'), 'what is stamped\n');
  const chain = await (await fetch(`${sandbox.timestampUrl}/certchain`)).text();
  const [leaf = '', ...issuers] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
  writeFileSync(join(folder, 'leaf.pem'), leaf);
  writeFileSync(join(folder, 'issuers.pem'), issuers.join(''));
});

afterEach(() => sandbox.setFaults([]));

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** openssl asks, and the answer goes to a file. */
async function stamp(...options: readonly string[]): Promise<Response> {
  openssl('ts', '-query', '-data', 'data', ...options, '-out', 'query');
  const response = await fetch(sandbox.timestampUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query' },
    body: readFileSync(join(folder, 'query')),
  });
  writeFileSync(join(folder, 'reply'), Buffer.from(await response.clone().arrayBuffer()));
  return response;
}

function verify(...more: readonly string[]): string {
  try {
    return openssl(
      'ts',
      '-verify',
      '-queryfile',
      'query',
      '-in',
      'reply',
      '-CAfile',
      'issuers.pem',
      '-no_check_time',
      ...more,
    );
  } catch (error) {
    return String((error as { stderr: string }).stderr);
  }
}

describe('openssl', () => {
  test.each(['sha256', 'sha384', 'sha512'])('asks with %s and accepts the token', async (hash) => {
    const response = await stamp(`-${hash}`, '-cert');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/timestamp-reply');
    expect(verify()).toContain('Verification: OK');
    const text = openssl('ts', '-reply', '-in', 'reply', '-text');
    expect(text).toMatch(/Policy OID: 1\.3\.6\.1\.4\.1\.57264\.2\n/);
    expect(text).toContain('Accuracy: 0x01 seconds');
    expect(text).toMatch(/TSA: DirName:.*git-signet sandbox timestamping/);
    const said = Date.parse(/Time stamp: (.+)/.exec(text)?.[1] ?? '');
    expect(Math.abs(Date.now() - said)).toBeLessThan(10_000);
  });

  test('gets no certificate where it did not ask for one, and no nonce', async () => {
    await stamp('-sha256', '-no_nonce');
    expect(verify()).toMatch(/certificate/i);
    expect(verify('-untrusted', 'leaf.pem')).toContain('Verification: OK');
    expect(openssl('ts', '-reply', '-in', 'reply', '-text')).toContain('Nonce: unspecified');
  });

  test('finds the profile of a timestamp authority', () => {
    const text = openssl('x509', '-in', 'leaf.pem', '-noout', '-text', '-purpose');
    expect(text).toContain('X509v3 Extended Key Usage: critical');
    expect(text).toContain('Time Stamp signing : Yes');
    expect(text).toContain('O = git-signet sandbox');
  });

  test.each([
    ['wrongImprint', /message imprint mismatch/],
    ['wrongNonce', /nonce mismatch/],
    ['otherKey', /signature failure|bad signature/],
    ['otherAuthority', /verify error|signature failure/],
    ['rejection', /bad pkcs7 type|status|response/i],
  ] as const)('notices %s', async (kind: FaultKind, words) => {
    sandbox.setFaults([{ service: 'tsa', kind }]);
    await stamp('-sha256', '-cert');
    expect(verify()).toMatch(words);
    await stamp('-sha256', '-cert');
    expect(verify()).toContain('Verification: OK');
  });

  test('reads another time while the clock is wrong', async () => {
    sandbox.setFaults([{ service: 'tsa', kind: 'clockSkew', skewSeconds: -3600 }]);
    await stamp('-sha256', '-cert');
    const text = openssl('ts', '-reply', '-in', 'reply', '-text');
    const said = Date.parse(/Time stamp: (.+)/.exec(text)?.[1] ?? '');
    expect(Math.abs(Date.now() - 3_600_000 - said)).toBeLessThan(10_000);
    expect(verify()).toContain('Verification: OK');
  });
});

/** The sigstore client asks in JSON; its verifier demands one timestamp of an authority. */
describe('the sigstore client', () => {
  const data = Buffer.from('what is signed\n');

  async function verdict(): Promise<string> {
    const signer = new FulcioSigner({
      fulcioBaseURL: sandbox.fulcioUrl,
      identityProvider: { getToken: async () => sandbox.mintIdToken('alice@example.com') },
      retry: false,
    });
    const witnesses = [
      new RekorWitness({ rekorBaseURL: sandbox.rekorUrl, retry: false }),
      new TSAWitness({ tsaBaseURL: sandbox.timestampUrl, retry: false }),
    ];
    const bundle = await new MessageSignatureBundleBuilder({ signer, witnesses }).create({ data });
    const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(sandbox.trustedRootPath, 'utf8')));
    try {
      new Verifier(toTrustMaterial(root), { tsaThreshold: 1 }).verify(toSignedEntity(bundle, data));
      return 'good';
    } catch (error) {
      return error instanceof Error ? error.message : 'unknown';
    }
  }

  test('has its signature stamped and verifies that', async () => {
    expect(await verdict()).toBe('good');
  });

  test.each(['wrongImprint', 'otherKey', 'otherAuthority'] as const)('notices %s', async (kind) => {
    sandbox.setFaults([{ service: 'tsa', kind }]);
    expect(await verdict()).not.toBe('good');
    expect(await verdict()).toBe('good');
  });
});

test('a nonce of the JSON form may be larger than a number', async () => {
  const digest = createHash('sha256').update('x').digest('base64');
  const ask = async (nonce: string) => {
    const body = `{"artifactHash":"${digest}","hashAlgorithm":"sha256","certificates":true,"nonce":${nonce}}`;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(sandbox.timestampUrl, { method: 'POST', headers, body });
    writeFileSync(join(folder, 'reply'), Buffer.from(await response.arrayBuffer()));
    return openssl('ts', '-reply', '-in', 'reply', '-text');
  };
  expect(await ask('340282366920938463463374607431768211455')).toContain(
    'Nonce: 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF',
  );
  expect(await ask('18')).toContain('Nonce: 0x12');
});
