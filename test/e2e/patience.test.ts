/** Services that never answer, or as late as is just borne: how long git has to wait for its signature then. */
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CERTIFICATE, expectGood, logInWhile, signWhile, UPLOAD } from './misbehaving.ts';
import { expectRefused } from './signature.ts';
import { makeWorld, type World, type WorldOptions } from './world.ts';

const worlds: World[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.close())));

/** A sandbox of one's own, so that all can wait side by side. */
async function ownWorld(options?: WorldOptions): Promise<World> {
  const world = await makeWorld(options);
  worlds.push(world);
  return world;
}

const UPLOAD_V2 = 'POST /rekor2/api/v2/log/entries';
const stampedBy = ({ sandboxUrl }: World) => ({
  SIGNET_TIMESTAMP_SERVER_URL: `${sandboxUrl}/tsa/api/v1/timestamp`,
});
const loggedInV2 = (world: World) => ({
  ...stampedBy(world),
  SIGNET_REKOR_URL: `${world.sandboxUrl}/rekor2`,
  SIGNET_REKOR_VERSION: '2',
});

describe.concurrent('who never answers', () => {
  it('Fulcio: given up in time', async () => {
    const { ended, asked } = await signWhile(await ownWorld(), [
      { service: 'fulcio', kind: 'hang', times: 99 },
    ]);
    expectRefused(ended, 5, /Fulcio .*did not answer within.*gave up after 2 attempts/);
    expect(asked(CERTIFICATE)).toBe(2);
    expect(ended.ms).toBeLessThan(13_000);
  }, 60_000);

  it('Rekor: given up in time', async () => {
    const { ended, asked } = await signWhile(await ownWorld(), [
      { service: 'rekor', kind: 'hang', times: 99 },
    ]);
    expectRefused(ended, 5, /Rekor .*did not answer within.*gave up after 2 attempts/);
    expect(asked(UPLOAD)).toBe(2);
    expect(ended.ms).toBeLessThan(15_000);
  }, 60_000);

  it('Rekor, once, after it took the entry: fetched', async () => {
    const own = await ownWorld();
    const signing = await signWhile(own, [
      { service: 'rekor', kind: 'hang', match: UPLOAD, afterwards: true },
    ]);
    await expectGood(own, signing);
    expect(signing.logged).toBe(1);
  }, 60_000);

  it('a TSA: given up as soon as the log would be', async () => {
    const own = await ownWorld();
    const hanging = [{ service: 'tsa', kind: 'hang', times: 99 }] as const;
    const { ended } = await signWhile(own, hanging, stampedBy(own));
    expectRefused(ended, 5, /TSA .*did not answer within.*gave up after \d attempts/);
    expect(ended.ms).toBeLessThan(15_000);
  }, 60_000);

  it('Rekor v2: given up in 26 s', async () => {
    const own = await ownWorld();
    const hanging = [{ service: 'rekorV2', kind: 'hang', times: 99 }] as const;
    const { ended, asked } = await signWhile(own, hanging, loggedInV2(own));
    expectRefused(ended, 5, /Rekor v2 .*did not answer within.*gave up after 2 attempts/);
    expect(asked(UPLOAD_V2)).toBe(2);
    expect(ended.ms).toBeGreaterThan(25_000);
    expect(ended.ms).toBeLessThan(32_000);
  }, 60_000);

  it('Rekor v2, which keeps the first entry to itself: the second signature gets what is left of the 26 s', async () => {
    const own = await ownWorld();
    const about = { service: 'rekorV2', match: UPLOAD_V2 } as const;
    const { ended, asked } = await signWhile(
      own,
      [
        { ...about, kind: 'hang', afterwards: true },
        { ...about, kind: 'latency', latencyMs: 1 },
        { ...about, kind: 'hang', times: 99 },
      ],
      loggedInV2(own),
    );
    expectRefused(ended, 5, /has this signature, but did not give its proof in time/);
    expect(asked(UPLOAD_V2)).toBe(3);
    expect(ended.ms).toBeLessThan(32_000);
  }, 60_000);

  it('Rekor v2 for 15 s only: waited for', async () => {
    const own = await ownWorld();
    const late = [{ service: 'rekorV2', kind: 'latency', latencyMs: 15_000 }] as const;
    const { ended, asked } = await signWhile(own, late, loggedInV2(own));
    expect({ code: ended.code, asked: asked(UPLOAD_V2) }).toEqual({ code: 0, asked: 1 });
  }, 60_000);

  it('Fulcio, to four who sign at once with a token: nobody waits for the others in turn', async () => {
    const own = await ownWorld();
    await own.setFaults([{ service: 'fulcio', kind: 'hang', times: 99 }]);
    const env = { SIGSTORE_ID_TOKEN: await own.idToken('alice@example.com') };
    const input = `tree ${'1'.repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n`;
    const call = () => own.signet(['--status-fd=2', '-bsau', 'x'], { input, env, mayFail: true });
    for (const ended of await Promise.all([call(), call(), call(), call()])) {
      expectRefused(ended, 5, /Fulcio/);
      expect(ended.ms).toBeLessThan(25_000);
    }
  }, 60_000);

  it('everybody, as slowly as is just borne: within 30 s', async () => {
    const own = await ownWorld({ hold: false });
    const path = join(own.folder, 'silent-bus');
    const sockets: Socket[] = [];
    const bus = createServer((socket) => sockets.push(socket.on('error', () => {})));
    await new Promise<void>((ready) => bus.listen(path, ready));
    const late = { service: 'oidc', kind: 'latency', latencyMs: 1_800 } as const;
    try {
      const { ended } = await logInWhile(
        own,
        [
          { ...late, match: 'GET /oidc/.well-known/' },
          { ...late, match: 'POST /oidc/token' },
          { ...late, match: 'GET /oidc/jwks' },
          { service: 'fulcio', kind: 'hang' },
          { service: 'fulcio', kind: 'latency', latencyMs: 3_000 },
          { service: 'rekor', kind: 'hang', match: UPLOAD, times: 99 },
        ],
        { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` },
      );
      expectRefused(ended, 5, /Rekor .*did not answer/);
      expect(ended.ms).toBeLessThan(30_000);
      expect(ended.ms).toBeGreaterThan(15_000);
      expect(sockets.length).toBeGreaterThan(0);
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => bus.close(closed));
    }
  }, 60_000);
});
