/** Signing before all witnesses of the embedded Sigstore, well and badly behaved; the results also as others see them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial } from '@sigstore/verify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fulcio } from '../../src/adapters/fulcio.ts';
import { parseIdToken } from '../../src/adapters/oidc/idToken.ts';
import { rekorV1 } from '../../src/adapters/rekor.ts';
import { rekorV2 } from '../../src/adapters/rekorV2.ts';
import { timestampAuthority } from '../../src/adapters/timestampAuthority.ts';
import { openWitnesses } from '../../src/adapters/witnesses.ts';
import { requestCredential } from '../../src/app/requestCredential.ts';
import { type Signature, signPayload } from '../../src/app/sign.ts';
import { parseArmor } from '../../src/core/armor.ts';
import { parseCms } from '../../src/core/cms.ts';
import { encodedOf, parseDer } from '../../src/core/der.ts';
import type { Patience } from '../../src/core/limits.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import { verifySignature } from '../../src/core/verify.ts';
import { parseCertificate } from '../../src/core/x509.ts';
import type { Credential } from '../../src/ports.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { askSigstore } from '../oracles/others.ts';
import { errorOf, UNHURRIED } from './clients.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-witnesses-'));
let sandbox: RunningSandbox;
let trust: Trust;
let credential: Credential;

/** For an answer that never comes; what follows it comes late where the sandbox shares two cores with other tests. */
const PATIENCE_WITH_ONE_LOST: Patience = { ...UNHURRIED, attemptMs: 2_000 };
const PAYLOAD = Buffer.from(
  'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\nx\n',
);

beforeAll(async () => {
  sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  trust = parseTrustedRoot(readFileSync(sandbox.trustedRootPath));
  const clock = () => new Date();
  const idToken = parseIdToken(sandbox.mintIdToken('alice@example.com'), 'test');
  const signal = AbortSignal.timeout(20_000);
  credential = await requestCredential({ ca: fulcio(sandbox.fulcioUrl), idToken, trust, clock, signal });
});

beforeEach(() => sandbox.setFaults([]));

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

type Mode = 'v1' | 'v1 and TSA' | 'v2 and TSA' | 'v2';

function sign(
  mode: Mode,
  faults: readonly Fault[] = [],
  { trusting = trust, patience = UNHURRIED, signal = AbortSignal.timeout(30_000) } = {},
): Promise<Signature> {
  sandbox.setFaults(faults);
  const options = { patience };
  const log = mode.startsWith('v1')
    ? rekorV1(sandbox.rekorUrl, options)
    : rekorV2(sandbox.rekorV2Url, options);
  const timestamps = mode.endsWith('TSA') ? timestampAuthority(sandbox.timestampUrl, options) : undefined;
  const ports = { log, timestamps, trust: trusting, clock: () => new Date() };
  return signPayload(PAYLOAD, credential, ports, signal);
}

const verdictOf = ({ armored }: Signature) =>
  verifySignature(PAYLOAD, Buffer.from(armored), trust, NO_POLICY);

const asked = (request: string): number => sandbox.requestCounts()[request] ?? 0;
const STAMP = 'POST /tsa/api/v1/timestamp';
const UPLOAD_V2 = 'POST /rekor2/api/v2/log/entries';

describe.each<[Mode, readonly string[]]>([
  ['v1', ['log']],
  ['v1 and TSA', ['log', 'timestamp']],
  ['v2 and TSA', ['timestamp']],
])('%s', (mode, sources) => {
  test('is good, with all its times', async () => {
    const signature = await sign(mode);
    const verdict = verdictOf(signature);
    expect(verdict).toMatchObject({ status: 'good', reason: '' });
    if (verdict.status !== 'good') return;
    expect(verdict.times.map(({ source }) => source)).toEqual(sources);
    expect(Math.abs(verdict.signedAt.getTime() - Date.now())).toBeLessThan(20_000);
    expect(verdict.proof.logUrl).toBe(mode.startsWith('v1') ? sandbox.rekorUrl : sandbox.rekorV2Url);
    expect(verdict.checks.timestamp.result).toBe(mode === 'v1' ? 'skipped' : 'passed');
  });

  test('is good to @sigstore/verify', async () => {
    const { armored } = await sign(mode);
    const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(sandbox.trustedRootPath, 'utf8')));
    const der = Buffer.from(parseArmor(Buffer.from(armored)));
    expect(askSigstore(PAYLOAD, der, toTrustMaterial(root))).toBe('accepts');
  });

  test('is bad over another payload', async () => {
    const { armored } = await sign(mode);
    const other = Buffer.from(PAYLOAD.toString().replace('\nx\n', '\ny\n'));
    expect(verifySignature(other, Buffer.from(armored), trust, NO_POLICY).status).toBe('bad');
  });
});

describe('the token', () => {
  test.each<Mode>(['v1 and TSA', 'v2 and TSA'])(
    'of %s is over the signature value, says openssl',
    async (mode) => {
      const cms = parseCms(parseArmor(Buffer.from((await sign(mode)).armored)));
      const [token] = cms.timestampTokens;
      if (token === undefined) throw new Error('no token');
      const file = (name: string, content: string | Uint8Array): string => {
        writeFileSync(join(folder, name), content);
        return join(folder, name);
      };
      const chain = await (await fetch(`${sandbox.timestampUrl}/certchain`)).text();
      const [, ...issuers] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
      const verify = (data: Uint8Array): string => {
        const argv = ['ts', '-verify', '-token_in', '-in', file('token', encodedOf(token))];
        argv.push('-data', file('data', data), '-CAfile', file('issuers', issuers.join('')));
        return execFileSync('openssl', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      };
      expect(verify(cms.signature)).toContain('Verification: OK');
      expect(() => verify(cms.artifact)).toThrow(/message imprint mismatch/);
    },
  );

  test('stands beside the entry in DER order, and is asked for once', async () => {
    const before = asked(STAMP);
    const { armored } = await sign('v2 and TSA');
    const cms = parseCms(parseArmor(Buffer.from(armored)));
    expect([cms.unsignedAttrs.size, cms.timestampTokens.length]).toEqual([1, 1]);
    const attributes = unsignedAttributesOf(parseArmor(Buffer.from(armored)));
    expect(attributes).toHaveLength(2);
    expect(attributes).toEqual(attributes.toSorted(Buffer.compare));
    expect(asked(STAMP)).toBe(before + 1);
  });
});

/** The authority's clock, so many seconds from the start of the certificate. */
function clockAt(seconds: number): Fault {
  const sinceS = (Date.now() - parseCertificate(credential.certificate).notBefore) / 1000;
  return { service: 'tsa', kind: 'clockSkew', skewSeconds: seconds - sinceS };
}

describe("an authority's clock behind the certificate authority's", () => {
  test('by little is waited for', async () => {
    const before = asked(STAMP);
    expect(verdictOf(await sign('v1 and TSA', [clockAt(-2.2), clockAt(-2.2)])).status).toBe('good');
    expect(asked(STAMP)).toBe(before + 2);
  });

  test('by much is refused, and asked for once', async () => {
    const before = asked(STAMP);
    const error = await errorOf(sign('v1 and TSA', [clockAt(-8)]));
    expect(error).toMatchObject({ message: expect.stringMatching(/timestamp is not right: its clock says/) });
    expect(asked(STAMP)).toBe(before + 1);
  });

  test('that stays behind is refused', async () => {
    const before = asked(STAMP);
    const error = await errorOf(sign('v2 and TSA', [clockAt(-2.2), clockAt(-60)]));
    expect(error).toMatchObject({ message: expect.stringMatching(/timestamp is not right: its clock says/) });
    expect(asked(STAMP)).toBe(before + 2);
  });
});

describe('what comes back wrong is never embedded', () => {
  test.each<[Mode, Fault, RegExp]>([
    ['v1 and TSA', { service: 'tsa', kind: 'wrongNonce' }, /TSA's answer bears another nonce/],
    ['v1 and TSA', { service: 'tsa', kind: 'wrongImprint' }, /The timestamp is not right: /],
    ['v1 and TSA', { service: 'tsa', kind: 'otherKey' }, /The timestamp is not right: /],
    ['v1 and TSA', { service: 'tsa', kind: 'otherAuthority' }, /The timestamp is not right: /],
    [
      'v1 and TSA',
      { service: 'tsa', kind: 'clockSkew', skewSeconds: 3600 },
      /The timestamp is not right: its clock says .*, when the certificate was not valid/,
    ],
    [
      'v2 and TSA',
      { service: 'tsa', kind: 'clockSkew', skewSeconds: -3600 },
      /The timestamp is not right: its clock says .*, when the certificate was not valid/,
    ],
    ['v1 and TSA', { service: 'tsa', kind: 'rejection' }, /TSA at .* refused with PKIStatus 2/],
    ['v1 and TSA', { service: 'tsa', kind: 'html' }, /not application\/timestamp-reply/],
    ['v1 and TSA', { service: 'tsa', kind: 'status', status: 400 }, /TSA at .* answered 400/],
    ['v1 and TSA', { service: 'tsa', kind: 'status', times: 9 }, /TSA at .* answered 503.*gave up after 4/],
    ['v1 and TSA', { service: 'tsa', kind: 'drop', times: 9 }, /TSA at .* closed the connection.*gave up/],
    ['v1 and TSA', { service: 'rekor', kind: 'wrongSet' }, /log's answer is not right/],
    ['v2 and TSA', { service: 'rekorV2', kind: 'wrongProof' }, /log's answer is not right/],
    ['v2 and TSA', { service: 'rekorV2', kind: 'staleCheckpoint' }, /log's answer is not right/],
    ['v2 and TSA', { service: 'rekorV2', kind: 'otherKeyCheckpoint' }, /log's answer is not right/],
    ['v2 and TSA', { service: 'rekorV2', kind: 'otherBody' }, /it recorded something else than was sent/],
    ['v2 and TSA', { service: 'rekorV2', kind: 'noEntry' }, /"kindVersion" in Rekor's entry is not/],
    ['v2 and TSA', { service: 'rekorV2', kind: 'status', status: 400 }, /Rekor v2 at .* answered 400/],
    ['v2 and TSA', { service: 'rekorV2', kind: 'html' }, /not JSON/],
  ])('%s: %o', async (mode, fault, message) => {
    const error = await errorOf(sign(mode, [fault]));
    expect(error).toMatchObject({ exitCode: 5, message: expect.stringMatching(message) });
    expect((await sign(mode)).verdict.status).toBe('good');
  });

  test('nor is a token of an authority that nobody trusts', async () => {
    const others = { ...trust, timestampAuthorities: [] };
    expect(await errorOf(sign('v1 and TSA', [], { trusting: others }))).toMatchObject({
      code: 'service-answer',
      message: expect.stringContaining('The timestamp is not right: '),
      hint: expect.stringContaining('signet.timestampCertChain'),
    });
  });

  test('nor an entry of a v2 log that nobody trusts', async () => {
    const others = { ...trust, logs: trust.logs.filter(({ baseUrl }) => baseUrl !== sandbox.rekorV2Url) };
    expect(others.logs.length).toBeLessThan(trust.logs.length);
    expect(await errorOf(sign('v2 and TSA', [], { trusting: others }))).toMatchObject({
      code: 'service-answer',
      message: expect.stringMatching(/log's answer is not right: .*not in the trusted root/),
    });
  });

  test('and a v2 entry without a time is no signature', async () => {
    expect(await errorOf(sign('v2'))).toMatchObject({ code: 'self-check' });
  });
});

describe('what passes is survived', () => {
  test.each<[Mode, Fault]>([
    ['v1 and TSA', { service: 'tsa', kind: 'status', times: 2 }],
    ['v1 and TSA', { service: 'tsa', kind: 'drop', times: 2 }],
    ['v1 and TSA', { service: 'tsa', kind: 'latency', latencyMs: 500 }],
    ['v2 and TSA', { service: 'rekorV2', kind: 'status', times: 2 }],
    ['v2 and TSA', { service: 'rekorV2', kind: 'drop', times: 2 }],
    ['v2 and TSA', { service: 'rekorV2', kind: 'latency', latencyMs: 500 }],
  ])('%s: %o', async (mode, fault) => {
    expect((await sign(mode, [fault])).verdict.status).toBe('good');
  });

  test.each<Fault['kind']>(['drop', 'status', 'hang'])(
    'a v2 answer lost after the entry was made (%s): another signature is made, logged and stamped',
    async (kind) => {
      const before = [asked(UPLOAD_V2), asked(STAMP)] as const;
      const lost: Fault = { service: 'rekorV2', kind, afterwards: true, match: UPLOAD_V2 };
      const patience = kind === 'hang' ? PATIENCE_WITH_ONE_LOST : UNHURRIED;
      const { verdict } = await sign('v2 and TSA', [lost], { patience });
      expect(verdict.status).toBe('good');
      // Lost, 409, and the second signature.
      expect([asked(UPLOAD_V2) - before[0], asked(STAMP) - before[1]]).toEqual([3, 2]);
    },
  );

  test('but only once', async () => {
    const lost: Fault = { service: 'rekorV2', kind: 'drop', afterwards: true, match: UPLOAD_V2 };
    const before = asked(UPLOAD_V2);
    const conflict: Fault = { service: 'rekorV2', kind: 'status', status: 409, match: UPLOAD_V2 };
    expect(await errorOf(sign('v2 and TSA', [lost, conflict, conflict]))).toMatchObject({
      code: 'already-logged',
      exitCode: 5,
    });
    expect(asked(UPLOAD_V2) - before).toBe(3);
  });
});

describe('both witnesses at once', () => {
  test.each<[Mode, string]>([
    ['v1 and TSA', 'POST /api/v1/log/entries'],
    ['v2 and TSA', UPLOAD_V2],
  ])('of %s are asked before either has answered', async (mode, upload) => {
    const silent = (service: Fault['service']): Fault => ({ service, kind: 'hang', times: 9 });
    const requests = [STAMP, upload];
    const before = requests.map(asked);
    const enough = new AbortController();
    const faults = [silent('tsa'), silent('rekor'), silent('rekorV2')];
    const signing = errorOf(sign(mode, faults, { signal: enough.signal }));
    const both = () => requests.every((request, i) => asked(request) > (before[i] ?? 0));
    await expect.poll(both, { timeout: 15_000 }).toBe(true);
    enough.abort();
    await signing;
  });

  test('where one refuses, the other is not waited for', async () => {
    const start = performance.now();
    const error = await errorOf(
      sign('v2 and TSA', [
        { service: 'tsa', kind: 'rejection' },
        { service: 'rekorV2', kind: 'hang', times: 9 },
      ]),
    );
    expect(error).toMatchObject({ message: expect.stringContaining('PKIStatus 2') });
    expect(performance.now() - start).toBeLessThan(UNHURRIED.attemptMs / 2);
  });
});

test('openWitnesses opens what the settings name', async () => {
  const usual = { rekorUrl: sandbox.rekorUrl, rekorVersion: 1, insecureHttp: false } as const;
  expect((await openWitnesses({ ...usual, timestampServerUrl: undefined })).timestamps).toBeUndefined();
  const { log, timestamps } = await openWitnesses({
    rekorUrl: sandbox.rekorV2Url,
    rekorVersion: 2,
    insecureHttp: false,
    timestampServerUrl: sandbox.timestampUrl,
  });
  const ports = { log, timestamps, trust, clock: () => new Date() };
  const { verdict } = await signPayload(PAYLOAD, credential, ports, AbortSignal.timeout(30_000));
  expect(verdict.proof.logUrl).toBe(sandbox.rekorV2Url);
});

/** As they stand: the last element of the signer info. */
function unsignedAttributesOf(der: Uint8Array): readonly Buffer[] {
  const signedData = parseDer(der).children[1]?.children[0];
  const unsigned = signedData?.children.at(-1)?.children[0]?.children.at(-1);
  if (unsigned?.tag !== 0xa1) throw new Error('no unsigned attributes');
  return unsigned.children.map((attribute) => Buffer.from(encodedOf(attribute)));
}
