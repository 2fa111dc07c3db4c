/** Services that misbehave while git wants a signature: passing faults are survived, others named; never half a signature. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import {
  CERTIFICATE,
  expectGood,
  FETCH,
  GIT_CALL,
  logInWhile,
  PAYLOAD,
  signWhile,
  UPLOAD,
} from './misbehaving.ts';
import { expectRefused } from './signature.ts';
import { makeWorld, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world?.close());

describe('what comes back wrong makes signing fail with the reason', () => {
  const wrong: readonly (readonly [Fault, RegExp])[] = [
    [{ service: 'fulcio', kind: 'wrongSct' }, /that Fulcio issued was refused: .*SCT/],
    [{ service: 'fulcio', kind: 'expiredCertificate' }, /is not valid now/],
    [
      { service: 'fulcio', kind: 'otherIdentity' },
      /names "somebody\.else@example\.org"[\s\S]*login was as "person-\d+@example\.com"/,
    ],
    [{ service: 'fulcio', kind: 'otherKey' }, /is for another key/],
    [{ service: 'fulcio', kind: 'clockSkew', skewSeconds: 3600 }, /clock is 60 minutes behind/],
    [{ service: 'fulcio', kind: 'clockSkew', skewSeconds: -3600 }, /clock is 60 minutes ahead of/],
    [
      { service: 'rekor', kind: 'wrongSet' },
      /log's answer is not right: .*(signed entry timestamp|SET|promise)/i,
    ],
    [{ service: 'rekor', kind: 'wrongProof' }, /log's answer is not right: .*(proof|root hash)/],
    [
      { service: 'rekor', kind: 'staleCheckpoint' },
      /log's answer is not right: .*(checkpoint|size|index|root)/,
    ],
    [{ service: 'rekor', kind: 'otherKeyCheckpoint' }, /log's answer is not right: .*checkpoint/],
    [{ service: 'rekor', kind: 'otherBody' }, /recorded something else than was sent/],
    [
      { service: 'rekor', kind: 'clockSkew', skewSeconds: 3600 },
      /log's answer is not right: its clock says \d{4}-.*when the certificate was not valid/,
    ],
  ];
  it.each(wrong)('%o', async (fault, reason) => {
    const signing = await signWhile(world, [fault]);
    expectRefused(signing.ended, 5, reason);
    expect(signing.ended.stderr).toMatch(/FAILURE sign/);
    expect(signing.asked(CERTIFICATE)).toBe(1);
    expect(signing.asked(UPLOAD)).toBe(fault.service === 'rekor' ? 1 : 0);
  });

  it('through git: no commit, and nothing of the bad certificate is kept', async () => {
    const env = { SIGSTORE_ID_TOKEN: await world.idToken('through-git@example.com') };
    await world.setFaults([{ service: 'fulcio', kind: 'wrongSct' }]);
    const commit = ['commit', '-q', '--allow-empty', '-m', 'x'];
    expect((await world.git(commit, { env, mayFail: true })).code).toBe(128);
    expect((await world.git(['rev-parse', '-q', '--verify', 'HEAD'], { mayFail: true })).code).toBe(1);
    const before = (await world.requestCounts())[CERTIFICATE] ?? 0;
    await world.git(commit, { env });
    await world.git(['verify-commit', 'HEAD']);
    expect((await world.requestCounts())[CERTIFICATE]).toBe(before + 1);
  });
});

const SERVICES = [
  ['fulcio', CERTIFICATE, 'signet.fulcio'],
  ['rekor', UPLOAD, 'signet.rekor'],
] as const;

describe.each(SERVICES)('%s', (service, request, setting) => {
  const passing: readonly (readonly [string, Omit<Fault, 'service'>])[] = [
    ['two 503', { kind: 'status', status: 503, times: 2 }],
    ['two 500', { kind: 'status', status: 500, times: 2 }],
    ['two 429 that ask for patience', { kind: 'status', status: 429, retryAfterSeconds: 1, times: 2 }],
    ['two dropped connections', { kind: 'drop', times: 2 }],
  ];
  it.each(passing)('survives %s', async (_, fault) => {
    const signing = await signWhile(world, [{ service, ...fault }]);
    await expectGood(world, signing);
    expect(signing.asked(request)).toBe(3);
    expect(signing.logged).toBe(1);
  });

  it('survives a late answer', async () => {
    const signing = await signWhile(world, [{ service, kind: 'latency', latencyMs: 1_500 }]);
    await expectGood(world, signing);
    expect(signing.asked(request)).toBe(1);
  });

  // What else may come instead of an answer: test/faults.
  const lasting: readonly (readonly [string, Omit<Fault, 'service'>, RegExp, number])[] = [
    ['503 for ever', { kind: 'status', status: 503, times: 99 }, /answered 503.*gave up after 4 attempts/, 4],
    [
      '429 for a minute',
      { kind: 'status', status: 429, retryAfterSeconds: 60, times: 99 },
      /answered 429/,
      1,
    ],
    ['dropping for ever', { kind: 'drop', times: 99 }, /closed the connection.*gave up after 4 attempts/, 4],
    ['HTML', { kind: 'html', times: 99 }, /something that is not JSON \(.?text\/html/, 1],
  ];
  it.each(lasting)('gives up on %s', async (_, fault, reason, requests) => {
    const { ended, asked, logged } = await signWhile(world, [{ service, ...fault }]);
    expectRefused(ended, 5, reason);
    expect(asked(request)).toBe(requests);
    expect(logged).toBe(0);
    expect(ended.ms).toBeLessThan(12_000);
  });

  it('that is not there: exit 5, and the setting to look at', async () => {
    const env = { [`SIGNET_${service.toUpperCase()}_URL`]: `http://127.0.0.1:${await closedPort()}` };
    const { ended } = await signWhile(world, [], env);
    expectRefused(ended, 5, /refused the connection/);
    expect(ended.stderr).toContain(setting);
  });

  it('at an address that is none: exit 2 before anything is asked', async () => {
    const { ended, asked } = await signWhile(world, [], {
      [`SIGNET_${service.toUpperCase()}_URL`]: 'http://fulcio.example',
    });
    expectRefused(ended, 2, /plain http/);
    expect(asked(request)).toBe(0);
  });
});

describe('plain http beyond this machine', () => {
  it('is warned of each time where it is allowed, with a cached credential too', async () => {
    const allow = {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'signet.insecureHTTP',
      GIT_CONFIG_VALUE_0: 'true',
    };
    const SIGSTORE_ID_TOKEN = await world.idToken('warned@example.com');
    // A host that nobody has: what counts is that it is named before anything is sent.
    const env = { ...allow, SIGSTORE_ID_TOKEN, SIGNET_REKOR_URL: 'http://rekor.invalid' };
    for (const _ of [1, 2]) {
      const ended = await world.signet(GIT_CALL, { input: PAYLOAD, env, mayFail: true });
      expectRefused(ended, 5, /Warning: signet\.rekor is plain http: .*\n[\s\S]*FAILURE sign/);
    }
  });
});

describe('an answer that gets lost after the log has taken the entry', () => {
  it.each(['drop', 'cut', 'status', 'html'] as const)(
    '%s: the entry is fetched, not made twice',
    async (kind) => {
      const signing = await signWhile(world, [{ service: 'rekor', kind, match: UPLOAD, afterwards: true }]);
      if (kind === 'html') {
        expectRefused(signing.ended, 5, /not JSON/);
        expect(signing.asked(UPLOAD)).toBe(1);
        return;
      }
      await expectGood(world, signing);
      expect(signing.logged).toBe(1);
      expect([signing.asked(UPLOAD), signing.asked(FETCH)]).toEqual([2, 1]);
    },
  );

  it('and one that is fetched wrong is not taken', async () => {
    const lost: Fault = { service: 'rekor', kind: 'drop', match: UPLOAD, afterwards: true };
    for (const kind of ['wrongSet', 'otherBody', 'wrongProof'] as const) {
      const signing = await signWhile(world, [
        lost,
        { service: 'rekor', kind, match: 'GET /api/v1/log/entries/' },
      ]);
      expectRefused(signing.ended, 5, /log's answer is not right/);
      expect([signing.asked(UPLOAD), signing.asked(FETCH)]).toEqual([2, 1]);
    }
  });
});

describe('the identity provider', () => {
  const DISCOVERY = 'GET /oidc/.well-known/openid-configuration';
  const logInDuring = async (faults: readonly Fault[], env: NodeJS.ProcessEnv = {}) => {
    await world.forgetCredentials();
    return logInWhile(world, faults, env);
  };

  it.each([
    ['two 503', { kind: 'status', status: 503, times: 2 }],
    ['two dropped connections', { kind: 'drop', times: 2 }],
    ['two cut answers', { kind: 'cut', times: 2 }],
  ] as const)('survives %s', async (_, fault) => {
    const signing = await logInDuring([{ service: 'oidc', match: DISCOVERY, ...fault }]);
    await expectGood(world, signing);
    expect(signing.asked(DISCOVERY)).toBe(3);
  });

  it.each([
    ['503 for ever', { kind: 'status', status: 503, times: 99 }, /503/],
    ['HTML', { kind: 'html', times: 99 }, /JSON/],
  ] as const)('gives up on %s, before a browser opens', async (_, fault, reason) => {
    const { ended } = await logInDuring([{ service: 'oidc', match: DISCOVERY, ...fault }]);
    expectRefused(ended, 5, reason);
    expect(ended.ms).toBeLessThan(10_000);
  });

  it('gives up where the code cannot be redeemed, and says so', async () => {
    const { ended } = await logInDuring([
      { service: 'oidc', kind: 'status', status: 400, match: 'POST /oidc/token', times: 9 },
    ]);
    expect([4, 5]).toContain(ended.code);
    expectRefused(ended, ended.code ?? 0, /400|refused/);
  });

  it('that is not there: exit 5, and the setting to look at', async () => {
    const issuer = `http://127.0.0.1:${await closedPort()}`;
    const { ended } = await logInDuring([], { SIGNET_OIDC_ISSUER: issuer });
    expectRefused(ended, 5, /signet\.issuer/);
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 1;
}
