import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { FulcioSigner, MessageSignatureBundleBuilder, RekorWitness } from '@sigstore/sign';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import {
  certificateRequest,
  chainOf,
  entryOf,
  post,
  proposedEntry,
  requestSigner,
  type Signer,
  upload,
} from './clients.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-faults-'));
let sandbox: RunningSandbox;
let signer: Signer;

beforeAll(async () => {
  sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  signer = await requestSigner(sandbox);
  await upload(sandbox, signer, 'the first');
  await upload(sandbox, signer, 'the second');
});

afterEach(() => sandbox.setFaults([]));

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

const info = () => fetch(`${sandbox.rekorUrl}/api/v1/log`);
const discovery = () => fetch(`${sandbox.issuer}/.well-known/openid-configuration`);
const configuration = () => fetch(`${sandbox.fulcioUrl}/api/v2/configuration`);
const stamp = () =>
  post(sandbox.timestampUrl, {
    artifactHash: Buffer.alloc(32).toString('base64'),
    hashAlgorithm: 'sha256',
  });
const SERVICES = [
  ['oidc', discovery],
  ['fulcio', configuration],
  ['rekor', info],
  ['rekorV2', () => fetch(`${sandbox.rekorV2Url}/api/v2/checkpoint`)],
  ['tsa', stamp],
  ['tuf', () => fetch(`${sandbox.tufUrl}/timestamp.json`)],
] as const;

describe.each(SERVICES)('%s', (service, ask) => {
  const misbehave = (fault: Omit<Fault, 'service'>) => sandbox.setFaults([{ service, ...fault }]);
  const isWell = async () => {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).not.toContain('html');
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(2);
  };

  test('is late', async () => {
    misbehave({ kind: 'latency', latencyMs: 150 });
    const started = performance.now();
    await isWell();
    expect(performance.now() - started).toBeGreaterThan(140);
  });

  test('answers with a status as often as said', async () => {
    misbehave({ kind: 'status', status: 429, retryAfterSeconds: 7, times: 2 });
    for (let i = 0; i < 2; i++) {
      const response = await ask();
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('7');
    }
    await isWell();
  });

  test('drops the connection', async () => {
    misbehave({ kind: 'drop' });
    await expect(ask()).rejects.toThrow();
    await isWell();
  });

  test('cuts the body', async () => {
    misbehave({ kind: 'cut' });
    const response = await ask();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    await isWell();
  });

  test('hangs', async () => {
    const { url } = await ask();
    misbehave({ kind: 'hang' });
    await expect(fetch(url, { signal: AbortSignal.timeout(200) })).rejects.toThrow('timeout');
    await isWell();
  });

  test('never ends, and can be broken off', async () => {
    misbehave({ kind: 'endless' });
    const response = await ask();
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += (chunk as Uint8Array).length;
      if (length > 4 << 20) break;
    }
    expect(length).toBeGreaterThan(4 << 20);
    await isWell();
  });

  test('talks HTML', async () => {
    misbehave({ kind: 'html' });
    const response = await ask();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    await isWell();
  });

  test('has a wrong clock', async () => {
    misbehave({ kind: 'clockSkew', skewSeconds: -3600 });
    const skewed = Date.parse((await ask()).headers.get('date') ?? '');
    expect(Math.abs(Date.now() - 3_600_000 - skewed)).toBeLessThan(5000);
    const right = Date.parse((await ask()).headers.get('date') ?? '');
    expect(Math.abs(Date.now() - right)).toBeLessThan(5000);
  });
});

describe('Fulcio', () => {
  async function certificateWith(fault?: Omit<Fault, 'service'>) {
    sandbox.setFaults(fault === undefined ? [] : [{ service: 'fulcio', ...fault }]);
    const request = certificateRequest(sandbox.mintIdToken(signer.email), signer.email);
    const [leaf = ''] = await chainOf(await post(`${sandbox.fulcioUrl}/api/v2/signingCert`, request));
    const certificate = new X509Certificate(leaf);
    return {
      certificate,
      ownKey: certificate.publicKey.equals(
        createPublicKey(String(request.publicKeyRequest.publicKey.content)),
      ),
    };
  }

  test('gives what was asked for, without fault', async () => {
    const { certificate, ownKey } = await certificateWith();
    expect(ownKey).toBe(true);
    expect(certificate.subjectAltName).toBe('email:alice@example.com');
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  });

  test('gives another identity, another key, an expired or a skewed certificate', async () => {
    expect((await certificateWith({ kind: 'otherIdentity' })).certificate.subjectAltName).toBe(
      'email:somebody.else@example.org',
    );
    expect((await certificateWith({ kind: 'otherKey' })).ownKey).toBe(false);
    expect(
      Date.parse((await certificateWith({ kind: 'expiredCertificate' })).certificate.validTo),
    ).toBeLessThan(Date.now());
    const skewed = await certificateWith({ kind: 'clockSkew', skewSeconds: 3600 });
    expect(Date.parse(skewed.certificate.validFrom)).toBeGreaterThan(Date.now());
  });
});

/** The sigstore client signs while a service misbehaves; what does the verifier say? */
async function verdict(fault?: Fault): Promise<string> {
  sandbox.setFaults(fault === undefined ? [] : [fault]);
  const fulcio = new FulcioSigner({
    fulcioBaseURL: sandbox.fulcioUrl,
    identityProvider: { getToken: async () => sandbox.mintIdToken('alice@example.com') },
    retry: false,
  });
  const witness = new RekorWitness({ rekorBaseURL: sandbox.rekorUrl, retry: false });
  const data = Buffer.from('data');
  const bundle = await new MessageSignatureBundleBuilder({ signer: fulcio, witnesses: [witness] }).create({
    data,
  });
  const trust = toTrustMaterial(
    TrustedRoot.fromJSON(JSON.parse(readFileSync(sandbox.trustedRootPath, 'utf8'))),
  );
  try {
    new Verifier(trust).verify(toSignedEntity(bundle, data));
    return 'good';
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
}

describe('an independent verifier notices', () => {
  test('nothing without fault', async () => {
    expect(await verdict()).toBe('good');
  });

  test.each([
    [{ service: 'fulcio', kind: 'wrongSct' }, 'SCT'],
    [{ service: 'fulcio', kind: 'expiredCertificate' }, 'certificate'],
    [{ service: 'rekor', kind: 'wrongSet' }, 'inclusion promise'],
    [{ service: 'rekor', kind: 'wrongProof' }, 'inclusion proof|root hash'],
    [{ service: 'rekor', kind: 'staleCheckpoint' }, 'root hash|inclusion|invalid index'],
    [{ service: 'rekor', kind: 'otherKeyCheckpoint' }, 'checkpoint signature'],
    [{ service: 'rekor', kind: 'otherBody' }, 'hash|entry|body|mismatch'],
  ] as const)('%o', async (fault, message) => {
    const said = await verdict(fault);
    expect(said).not.toBe('good');
    expect(said).toMatch(new RegExp(message));
    expect(await verdict()).toBe('good');
  });
});

describe('Rekor', () => {
  test('carries out what it then does not answer: a retry finds the entry there', async () => {
    for (const kind of ['drop', 'cut', 'status', 'html'] as const) {
      sandbox.setFaults([{ service: 'rekor', kind, afterwards: true }]);
      const entry = proposedEntry(signer, `lost by ${kind}`);
      const url = `${sandbox.rekorUrl}/api/v1/log/entries`;
      const lost = await post(url, entry)
        .then((response) => response.json())
        .catch(() => 'lost');
      expect(lost).toBe('lost');
      const again = await post(url, entry);
      expect(again.status).toBe(409);
      const found = await fetch(new URL(again.headers.get('location') ?? '', sandbox.rekorUrl));
      expect((await entryOf(found)).entry.verification.inclusionProof.logIndex).toBeGreaterThan(0);
    }
  });

  test('logs what it says, also when that is something else', async () => {
    sandbox.setFaults([{ service: 'rekor', kind: 'otherBody' }]);
    const entry = proposedEntry(signer, 'mine');
    const { entry: logged } = await entryOf(await post(`${sandbox.rekorUrl}/api/v1/log/entries`, entry));
    const body = JSON.parse(Buffer.from(logged.body, 'base64').toString()) as typeof entry;
    expect(body.spec.signature).toEqual(entry.spec.signature);
    expect(body.spec.data.hash.value).not.toBe(entry.spec.data.hash.value);
    const key = createPublicKey(await (await fetch(`${sandbox.rekorUrl}/api/v1/log/publicKey`)).text());
    const { verification, ...promised } = logged;
    const set = Buffer.from(verification.signedEntryTimestamp, 'base64');
    expect(verify('sha256', Buffer.from(JSON.stringify(promised)), key, set)).toBe(true);
  });
});

describe('what is asked of it over HTTP', () => {
  test('faults are set, shown and used up', async () => {
    const url = `${sandbox.url}/sandbox/faults`;
    const faults = [
      { service: 'rekor', kind: 'status', status: 500, times: 2, match: 'POST /api/v1/index' },
      { service: 'oidc', kind: 'drop' },
    ];
    expect(await (await post(url, { faults })).json()).toEqual([faults[0], { ...faults[1], times: 1 }]);
    expect((await info()).status).toBe(200);
    expect((await post(`${sandbox.rekorUrl}/api/v1/index/retrieve`, {})).status).toBe(500);
    expect(await (await fetch(url)).json()).toEqual([
      { ...faults[0], times: 1 },
      { ...faults[1], times: 1 },
    ]);
    expect(await (await post(url, { faults: [] })).json()).toEqual([]);
  });

  test.each([
    'nothing',
    [{ service: 'smtp', kind: 'drop' }],
    [{ service: 'oidc', kind: 'wrongSet' }],
    [{ service: 'rekor', kind: 'drop', tims: 2 }],
    [{ service: 'rekor', kind: 'latency', latencyMs: 'long' }],
  ])('a fault that makes no sense is refused: %j', async (faults) => {
    expect((await post(`${sandbox.url}/sandbox/faults`, { faults })).status).toBe(400);
    expect((await post(`${sandbox.url}/sandbox/faults`, { faults: [] })).status).toBe(200);
  });

  test('requests are counted, failed ones too, by place and not by id', async () => {
    const counts = async () =>
      (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as Record<string, number>;
    const before = (await counts())['GET /api/v1/log/entries/{id}'] ?? 0;
    sandbox.setFaults([{ service: 'rekor', kind: 'status' }]);
    for (const digit of ['0', '1']) await fetch(`${sandbox.rekorUrl}/api/v1/log/entries/${digit.repeat(64)}`);
    const after = await counts();
    expect(after['GET /api/v1/log/entries/{id}']).toBe(before + 2);
    expect(sandbox.requestCounts()).toEqual(after);
  });
});
