/** Services that misbehave while git wants a signature: passing faults are survived, others named; never half a signature. */
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { Ended } from './process.ts';
import { commitPayload, expectRefused, expectSigned, expectVerifies } from './signature.ts';
import { makeWorld, type World } from './world.ts';

let world: World;
const slowWorlds: World[] = [];

beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => Promise.all([world, ...slowWorlds].map((each) => each?.close())));

/** A sandbox of one's own, so that waiting tests can wait side by side. */
async function ownWorld(): Promise<World> {
  const own = await makeWorld();
  slowWorlds.push(own);
  return own;
}

const PAYLOAD = commitPayload('hello\n');
const GIT_CALL = ['--status-fd=2', '-bsau', 'key'];
const CERTIFICATE = 'POST /api/v2/signingCert';
const UPLOAD = 'POST /api/v1/log/entries';
const FETCH = 'GET /api/v1/log/entries/{id}';

interface Signing {
  readonly ended: Ended;
  /** How often the sandbox was asked for what, meanwhile. */
  readonly asked: (request: string) => number;
  /** How many entries the log has more. */
  readonly logged: number;
}

let people = 0;

/** Signs as somebody who has no credential yet, while the sandbox misbehaves. */
async function signDuring(
  faults: readonly Fault[],
  place = world,
  env: NodeJS.ProcessEnv = {},
): Promise<Signing> {
  people += 1;
  const SIGSTORE_ID_TOKEN = await place.idToken(`person-${people}@example.com`);
  const [before, sizeBefore] = [await place.requestCounts(), await treeSize(place)];
  await place.setFaults(faults);
  const ended = await place.signet(GIT_CALL, {
    input: PAYLOAD,
    env: { SIGSTORE_ID_TOKEN, ...env },
    mayFail: true,
  });
  await place.setFaults([]);
  const [after, sizeAfter] = [await place.requestCounts(), await treeSize(place)];
  const asked = (request: string) => (after[request] ?? 0) - (before[request] ?? 0);
  return { ended, asked, logged: sizeAfter - sizeBefore };
}

async function treeSize(place: World): Promise<number> {
  const answer = await fetch(`${place.sandboxUrl}/api/v1/log`);
  return ((await answer.json()) as { treeSize: number }).treeSize;
}

async function expectGood({ ended }: Signing, place = world): Promise<void> {
  expectSigned(ended);
  await expectVerifies(place, ended.stdout, PAYLOAD);
}

describe('what comes back wrong makes signing fail with the reason', () => {
  const wrong: readonly (readonly [Fault, RegExp])[] = [
    [{ service: 'fulcio', kind: 'wrongSct' }, /certificate authority was refused: .*SCT/],
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
      /log’s answer is not right: .*(signed entry timestamp|SET|promise)/i,
    ],
    [{ service: 'rekor', kind: 'wrongProof' }, /log’s answer is not right: .*(proof|root hash)/],
    [
      { service: 'rekor', kind: 'staleCheckpoint' },
      /log’s answer is not right: .*(checkpoint|size|index|root)/,
    ],
    [{ service: 'rekor', kind: 'otherKeyCheckpoint' }, /log’s answer is not right: .*checkpoint/],
    [{ service: 'rekor', kind: 'otherBody' }, /recorded something else than was sent/],
    [
      { service: 'rekor', kind: 'clockSkew', skewSeconds: 3600 },
      /log’s answer is not right: its clock says \d{4}-.*when the certificate was not valid/,
    ],
  ];
  it.each(wrong)('%o', async (fault, reason) => {
    const signing = await signDuring([fault]);
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
    const signing = await signDuring([{ service, ...fault }]);
    await expectGood(signing);
    expect(signing.asked(request)).toBe(3);
    expect(signing.logged).toBe(1);
  });

  it('survives a late answer', async () => {
    const signing = await signDuring([{ service, kind: 'latency', latencyMs: 1_500 }]);
    await expectGood(signing);
    expect(signing.asked(request)).toBe(1);
  });

  const lasting: readonly (readonly [string, Omit<Fault, 'service'>, RegExp, number])[] = [
    ['503 for ever', { kind: 'status', status: 503, times: 99 }, /answered 503.*gave up after 4 attempts/, 4],
    ['429 for ever', { kind: 'status', status: 429, times: 99 }, /answered 429.*gave up after 4 attempts/, 4],
    [
      '429 for a minute',
      { kind: 'status', status: 429, retryAfterSeconds: 60, times: 99 },
      /answered 429/,
      1,
    ],
    ['dropping for ever', { kind: 'drop', times: 99 }, /closed the connection.*gave up after 4 attempts/, 4],
    ['400', { kind: 'status', status: 400, times: 99 }, /answered 400/, 1],
    ['404', { kind: 'status', status: 404, times: 99 }, /answered 404/, 1],
    ['413', { kind: 'status', status: 413, times: 99 }, /answered 413/, 1],
    ['HTML', { kind: 'html', times: 99 }, /something that is not JSON \(.?text\/html/, 1],
    ['a redirect', { kind: 'status', status: 302, times: 99 }, /redirect \(302\)/, 1],
  ];
  it.each(lasting)('gives up on %s', async (_, fault, reason, requests) => {
    const { ended, asked, logged } = await signDuring([{ service, ...fault }]);
    expectRefused(ended, 5, reason);
    expect(asked(request)).toBe(requests);
    expect(logged).toBe(0);
    expect(ended.ms).toBeLessThan(12_000);
  });

  it('that is not there: exit 5, and the setting to look at', async () => {
    const env = { [`SIGNET_${service.toUpperCase()}_URL`]: `http://127.0.0.1:${await closedPort()}` };
    const { ended } = await signDuring([], world, env);
    expectRefused(ended, 5, /refused the connection/);
    expect(ended.stderr).toContain(setting);
  });

  it('at an address that is none: exit 2 before anything is asked', async () => {
    const { ended, asked } = await signDuring([], world, {
      [`SIGNET_${service.toUpperCase()}_URL`]: 'http://fulcio.example',
    });
    expectRefused(ended, 2, /plain http/);
    expect(asked(request)).toBe(0);
  });
});

describe('an answer that gets lost after the log has taken the entry', () => {
  it.each(['drop', 'cut', 'status', 'html'] as const)(
    '%s: the entry is fetched, not made twice',
    async (kind) => {
      const signing = await signDuring([{ service: 'rekor', kind, match: UPLOAD, afterwards: true }]);
      if (kind === 'html') {
        expectRefused(signing.ended, 5, /not JSON/);
        expect(signing.asked(UPLOAD)).toBe(1);
        return;
      }
      await expectGood(signing);
      expect(signing.logged).toBe(1);
      expect([signing.asked(UPLOAD), signing.asked(FETCH)]).toEqual([2, 1]);
    },
  );

  it('and one that is fetched wrong is not taken', async () => {
    const lost: Fault = { service: 'rekor', kind: 'drop', match: UPLOAD, afterwards: true };
    for (const kind of ['wrongSet', 'otherBody', 'wrongProof'] as const) {
      const signing = await signDuring([lost, { service: 'rekor', kind, match: 'GET /api/v1/log/entries/' }]);
      expectRefused(signing.ended, 5, /log’s answer is not right/);
      expect([signing.asked(UPLOAD), signing.asked(FETCH)]).toEqual([2, 1]);
    }
  });
});

describe('the identity provider', () => {
  const DISCOVERY = 'GET /oidc/.well-known/openid-configuration';
  /** Logs in with the browser that only notes the address; no answer comes where the provider fails before it. */
  const logInDuring = async (faults: readonly Fault[], env: NodeJS.ProcessEnv = {}) => {
    await world.forgetCredentials();
    const before = await world.requestCounts();
    await world.setFaults(faults);
    let ended: Ended | undefined;
    await world.loggingInAs('alice@example.com', async () => {
      const options = { input: PAYLOAD, env: { BROWSER: world.browser, ...env }, mayFail: true };
      ended = await world.signet(GIT_CALL, options);
    });
    await world.setFaults([]);
    const after = await world.requestCounts();
    if (ended === undefined) throw new Error('it did not end');
    return { ended, asked: (request: string) => (after[request] ?? 0) - (before[request] ?? 0) };
  };

  it.each([
    ['two 503', { kind: 'status', status: 503, times: 2 }],
    ['two dropped connections', { kind: 'drop', times: 2 }],
    ['two cut answers', { kind: 'cut', times: 2 }],
  ] as const)('survives %s', async (_, fault) => {
    const { ended, asked } = await logInDuring([{ service: 'oidc', match: DISCOVERY, ...fault }]);
    expectSigned(ended);
    await expectVerifies(world, ended.stdout, PAYLOAD);
    expect(asked(DISCOVERY)).toBe(3);
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

describe.concurrent('who never answers', () => {
  it('Fulcio: given up in time', async () => {
    const { ended, asked } = await signDuring(
      [{ service: 'fulcio', kind: 'hang', times: 99 }],
      await ownWorld(),
    );
    expectRefused(ended, 5, /Fulcio .*did not answer within.*gave up after 2 attempts/);
    expect(asked(CERTIFICATE)).toBe(2);
    expect(ended.ms).toBeLessThan(13_000);
  }, 60_000);

  it('Rekor: given up in time', async () => {
    const { ended, asked } = await signDuring(
      [{ service: 'rekor', kind: 'hang', times: 99 }],
      await ownWorld(),
    );
    expectRefused(ended, 5, /Rekor .*did not answer within.*gave up after 2 attempts/);
    expect(asked(UPLOAD)).toBe(2);
    expect(ended.ms).toBeLessThan(15_000);
  }, 60_000);

  it('Rekor, once, after it took the entry: fetched', async () => {
    const own = await ownWorld();
    const signing = await signDuring(
      [{ service: 'rekor', kind: 'hang', match: UPLOAD, afterwards: true }],
      own,
    );
    await expectGood(signing, own);
    expect(signing.logged).toBe(1);
  }, 60_000);

  it('everybody, as slowly as is just borne: within 30 s', async () => {
    const own = await makeWorld({ hold: false });
    slowWorlds.push(own);
    const path = join(own.folder, 'silent-bus');
    const sockets: Socket[] = [];
    const bus = createServer((socket) => sockets.push(socket.on('error', () => {})));
    await new Promise<void>((ready) => bus.listen(path, ready));
    await own.setFaults([
      { service: 'oidc', kind: 'latency', latencyMs: 1_800, times: 1, match: 'GET /oidc/.well-known/' },
      { service: 'oidc', kind: 'latency', latencyMs: 1_800, times: 1, match: 'POST /oidc/token' },
      { service: 'oidc', kind: 'latency', latencyMs: 1_800, times: 1, match: 'GET /oidc/jwks' },
      { service: 'fulcio', kind: 'hang', times: 1 },
      { service: 'fulcio', kind: 'latency', latencyMs: 3_000, times: 1 },
      { service: 'rekor', kind: 'hang', times: 99 },
    ]);
    let ended: Ended | undefined;
    try {
      await own.loggingInAs('alice@example.com', async () => {
        const env = { BROWSER: own.browser, DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` };
        ended = await own.signet(GIT_CALL, { input: PAYLOAD, env, mayFail: true });
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => bus.close(closed));
    }
    if (ended === undefined) throw new Error('it did not end');
    expectRefused(ended, 5, /Rekor .*did not answer/);
    expect(ended.ms).toBeLessThan(30_000);
    expect(ended.ms).toBeGreaterThan(15_000);
  }, 60_000);
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 1;
}
