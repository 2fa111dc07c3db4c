/** Both clients and the judgement of what they bring, against the embedded Sigstore, well and badly behaved. */
import { createHash, createPublicKey, sign, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fulcio } from '../../src/adapters/fulcio.ts';
import { rekorV1 } from '../../src/adapters/rekor.ts';
import { requestCredential } from '../../src/app/requestCredential.ts';
import type { Patience } from '../../src/core/limits.ts';
import { encodeHashedRekord, openLogEntry } from '../../src/core/rekorEntry.ts';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import type { Credential, IdToken, ProposedEntry } from '../../src/ports.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { errorOf } from './clients.ts';

/** The sandbox shares two cores with other tests. */
const PATIENCE: Patience = { attemptMs: 2_000, totalMs: 5_000, retries: 3, backoffMs: 10 };

const folder = mkdtempSync(join(tmpdir(), 'signet-services-'));
let sandbox: RunningSandbox;
let trust: Trust;

beforeAll(async () => {
  sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  trust = parseTrustedRoot(readFileSync(sandbox.trustedRootPath));
});

beforeEach(() => sandbox.setFaults([]));

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

function tokenFor(email: string, raw = sandbox.mintIdToken(email)): IdToken {
  const claims = JSON.parse(Buffer.from(raw.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return {
    raw,
    issuer: claims.iss,
    principal: email,
    email,
    subject: claims.sub,
    expiresAt: new Date(claims.exp * 1000),
    source: 'test',
  };
}

function newCredential(idToken = tokenFor('alice@example.com'), localOffsetMs = 0): Promise<Credential> {
  return requestCredential({
    ca: fulcio(sandbox.fulcioUrl, { patience: PATIENCE }),
    idToken,
    trust,
    clock: () => new Date(Date.now() + localOffsetMs),
    signal: AbortSignal.timeout(20_000),
  });
}

function proposedBy(credential: Credential, artifact: string): ProposedEntry {
  return {
    digest: createHash('sha256').update(artifact).digest(),
    signature: sign('sha256', Buffer.from(artifact), credential.privateKey),
    certificate: credential.certificate,
  };
}

const upload = (entry: ProposedEntry) =>
  rekorV1(sandbox.rekorUrl, { patience: PATIENCE }).upload(entry, AbortSignal.timeout(20_000));

const bodyOf = ({ digest, signature, certificate }: ProposedEntry) =>
  encodeHashedRekord(digest, signature, certificate);

describe('a credential', () => {
  test('is a fresh key, its certificate, and whom it names', async () => {
    const [one, two] = [await newCredential(), await newCredential()];
    expect(one.identity).toEqual({
      subject: { type: 'email', value: 'alice@example.com' },
      issuer: sandbox.issuer,
    });
    expect(new X509Certificate(one.certificate).checkPrivateKey(one.privateKey)).toBe(true);
    expect(createPublicKey(one.privateKey).equals(createPublicKey(two.privateKey))).toBe(false);
    expect(one.notAfter.getTime() - one.notBefore.getTime()).toBe(600_000);
    expect(inspect(one, { depth: 9, showHidden: true })).not.toMatch(/PRIVATE|\bd:/);
  });

  test.each<[Fault['kind'], RegExp]>([
    ['otherKey', /is for another key than the one that was sent/],
    [
      'otherIdentity',
      /names "somebody\.else@example\.org" \(email\), but the login was as "alice@example\.com"/,
    ],
    ['wrongSct', /was refused: .*SCT/],
    ['expiredCertificate', /is not valid now: it is from /],
  ])('is refused: %s', async (kind, message) => {
    sandbox.setFaults([{ service: 'fulcio', kind }]);
    expect(await errorOf(newCredential())).toMatchObject({
      code: 'service-answer',
      exitCode: 5,
      message: expect.stringMatching(message),
    });
    expect((await newCredential()).identity.subject.value).toBe('alice@example.com');
  });

  test('of another Sigstore is refused', async () => {
    const other = await startSandbox({ stateDir: join(folder, 'other') });
    try {
      trust = parseTrustedRoot(readFileSync(other.trustedRootPath));
      expect(await errorOf(newCredential())).toMatchObject({
        code: 'service-answer',
        message: expect.stringContaining('was refused: '),
        hint: expect.stringContaining('signet.trustedRoot'),
      });
    } finally {
      trust = parseTrustedRoot(readFileSync(sandbox.trustedRootPath));
      await other.stop();
    }
  });

  test.each([240, -240])('is taken with clocks %d s apart', async (skewSeconds) => {
    sandbox.setFaults([{ service: 'fulcio', kind: 'clockSkew', skewSeconds }]);
    expect((await newCredential()).identity.subject.value).toBe('alice@example.com');
    expect((await newCredential(undefined, skewSeconds * 1000)).identity.subject.value).toBe(
      'alice@example.com',
    );
  });

  test.each([
    [400, 'behind'],
    [-400, 'ahead of'],
  ])('is refused with clocks %d s apart', async (skewSeconds, way) => {
    const error = {
      code: 'clock-skew',
      message: expect.stringContaining(`clock is 7 minutes ${way} the certificate authority's`),
    };
    sandbox.setFaults([{ service: 'fulcio', kind: 'clockSkew', skewSeconds }]);
    expect(await errorOf(newCredential())).toMatchObject(error);
    expect(await errorOf(newCredential(undefined, -skewSeconds * 1000))).toMatchObject(error);
  });

  test('is not given for a token that has expired or is changed', async () => {
    const expired = tokenFor(
      'alice@example.com',
      sandbox.mintIdToken('alice@example.com', { expired: true }),
    );
    const changed = { ...tokenFor('alice@example.com'), principal: 'bob@example.com' };
    for (const token of [expired, changed]) {
      const error = await errorOf(newCredential(token));
      expect(error).toMatchObject({
        code: 'service-refused',
        message: expect.stringContaining('answered 400'),
      });
      expect(inspect(error, { depth: 9 })).not.toContain(token.raw.split('.')[2]);
    }
  });

  test.each<[string, readonly Fault[]]>([
    ['503 twice', [{ service: 'fulcio', kind: 'status', status: 503, times: 2 }]],
    ['a drop', [{ service: 'fulcio', kind: 'drop' }]],
    ['a cut answer', [{ service: 'fulcio', kind: 'cut' }]],
    ['429', [{ service: 'fulcio', kind: 'status', status: 429, retryAfterSeconds: 1 }]],
  ])('survives %s', async (_what, faults) => {
    sandbox.setFaults(faults);
    expect((await newCredential()).identity.subject.value).toBe('alice@example.com');
  });
});

describe('an entry', () => {
  test("is the log's, proven", async () => {
    const entry = proposedBy(await newCredential(), 'one');
    const answer = await upload(entry);
    expect(Buffer.from(answer.body)).toEqual(Buffer.from(bodyOf(entry)));
    const { signedAt } = openLogEntry(answer, bodyOf(entry), trust);
    expect(Math.abs(signedAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test.each<[string, readonly Fault[]]>([
    ['a drop before', [{ service: 'rekor', kind: 'drop' }]],
    ['a drop after it was logged', [{ service: 'rekor', kind: 'drop', afterwards: true, match: 'POST' }]],
    [
      'a 500 after it was logged',
      [{ service: 'rekor', kind: 'status', status: 500, afterwards: true, match: 'POST' }],
    ],
    ['silence after it was logged', [{ service: 'rekor', kind: 'hang', afterwards: true, match: 'POST' }]],
  ])('survives %s', async (what, faults) => {
    const entry = proposedBy(await newCredential(), what);
    sandbox.setFaults(faults);
    const answer = await upload(entry);
    openLogEntry(answer, bodyOf(entry), trust);
    // Once more is the same entry again, not a second one.
    expect((await upload(entry)).logIndex).toBe(answer.logIndex);
  });

  test.each<Fault['kind']>(['wrongSet', 'wrongProof', 'otherKeyCheckpoint', 'otherBody'])(
    '%s is handed over as it came, for the core to refuse',
    async (kind) => {
      const entry = proposedBy(await newCredential(), kind);
      sandbox.setFaults([{ service: 'rekor', kind }]);
      const answer = await upload(entry);
      expect(() => openLogEntry(answer, bodyOf(entry), trust)).toThrow();
    },
  );
});
