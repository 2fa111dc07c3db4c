import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesOf } from '../../src/sandbox/addresses.ts';
import { gitConfigOf } from '../../src/sandbox/gitConfig.ts';
import { startDetached, statusOf, stopDetached } from '../../src/sandbox/lifecycle.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { run } from '../run.ts';
import { entryOf, post, requestSigner, upload, uploadV2 } from './clients.ts';
import { startAgain } from './own.ts';
import { buildServeProgram, end, type ServeProgram, serve } from './serving.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
let program: ServeProgram;

beforeAll(async () => {
  program = await buildServeProgram();
});

afterAll(() => {
  program.remove();
  rmSync(folder, { recursive: true });
});

describe('the folder', () => {
  test('is for its owner only, and so is what is in it', async () => {
    const stateDir = join(folder, 'private');
    const sandbox = await startSandbox({ stateDir });
    await upload(sandbox, await requestSigner(sandbox), 'one');
    await sandbox.stop();
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    expect(readdirSync(stateDir).sort()).toEqual([
      'instance.json',
      'rekor-v1.jsonl',
      'rekor-v2.jsonl',
      'root.json',
      'services.json',
      'trusted_root.json',
      'tuf.json',
    ]);
    for (const name of readdirSync(stateDir)) expect(statSync(join(stateDir, name)).mode & 0o777).toBe(0o600);
  });

  test('with something else in it is left alone', async () => {
    const stateDir = join(folder, 'taken');
    mkdirSync(stateDir, { mode: 0o755 });
    writeFileSync(join(stateDir, 'notes.txt'), 'mine');
    await expect(startSandbox({ stateDir })).rejects.toMatchObject({ code: 'config' });
    expect(readdirSync(stateDir)).toEqual(['notes.txt']);
    expect(statSync(stateDir).mode & 0o777).toBe(0o755);
  });

  test('keeps port, keys, log and trust through a restart', async () => {
    const stateDir = join(folder, 'restart');
    const first = await startSandbox({ stateDir });
    const signer = await requestSigner(first);
    const before = await Promise.all(['one', 'two', 'three'].map((data) => upload(first, signer, data)));
    const trustedRoot = readFileSync(first.trustedRootPath, 'utf8');
    const token = first.mintIdToken('alice@example.com');
    await first.stop();
    const second = await startAgain(stateDir);
    try {
      expect(second.url).toBe(first.url);
      expect(second.issuer).toBe(first.issuer);
      expect(readFileSync(second.trustedRootPath, 'utf8')).toBe(trustedRoot);
      for (const { id, entry } of before) {
        const again = await entryOf(await fetch(`${second.rekorUrl}/api/v1/log/entries/${id}`));
        expect(again.entry).toMatchObject({ body: entry.body, logIndex: entry.logIndex, logID: entry.logID });
      }
      const found = await post(`${second.rekorUrl}/api/v1/index/retrieve`, { email: 'alice@example.com' });
      expect(await found.json()).toHaveLength(3);
      const used = await post(`${second.fulcioUrl}/api/v2/signingCert`, {
        credentials: { oidcIdentityToken: token },
      });
      expect(await used.text()).toContain('public key');
    } finally {
      await second.stop();
    }
  });

  test('of a sandbox that had Fulcio and Rekor v1 only gets the rest, and stays who it is', async () => {
    const stateDir = join(folder, 'upgraded');
    const first = await startSandbox({ stateDir });
    const { id } = await upload(first, await requestSigner(first), 'one');
    const before = JSON.parse(readFileSync(first.trustedRootPath, 'utf8'));
    const instance = readFileSync(join(stateDir, 'instance.json'), 'utf8');
    await first.stop();
    for (const name of ['rekor-v2.jsonl', 'root.json', 'services.json', 'tuf.json'])
      rmSync(join(stateDir, name));
    const second = await startAgain(stateDir);
    const after = JSON.parse(readFileSync(second.trustedRootPath, 'utf8'));
    try {
      expect(second.url).toBe(first.url);
      expect(readFileSync(join(stateDir, 'instance.json'), 'utf8')).toBe(instance);
      expect(after.certificateAuthorities).toEqual(before.certificateAuthorities);
      expect(after.ctlogs).toEqual(before.ctlogs);
      expect(after.tlogs[0]).toEqual(before.tlogs[0]);
      expect(after.tlogs[1].logId).not.toEqual(before.tlogs[1].logId);
      expect((await fetch(`${second.rekorUrl}/api/v1/log/entries/${id}`)).status).toBe(200);
      expect((await fetch(`${second.rekorV2Url}/api/v2/checkpoint`)).status).toBe(200);
    } finally {
      await second.stop();
    }
    const third = await startAgain(stateDir);
    expect(JSON.parse(readFileSync(third.trustedRootPath, 'utf8'))).toEqual(after);
    await third.stop();
  });

  test('does not make new keys for a log that it has', async () => {
    const stateDir = join(folder, 'keyless');
    await (await startSandbox({ stateDir })).stop();
    rmSync(join(stateDir, 'services.json'));
    await expect(startSandbox({ stateDir })).rejects.toMatchObject({ code: 'config' });
    expect(existsSync(join(stateDir, 'services.json'))).toBe(false);
  });

  test('has one port for ever and one process at a time', async () => {
    const stateDir = join(folder, 'once');
    const running = await startSandbox({ stateDir });
    await expect(startSandbox({ stateDir })).rejects.toMatchObject({ code: 'config' });
    expect((await fetch(`${running.url}/sandbox/health`)).status).toBe(200);
    await running.stop();
    await expect(startSandbox({ stateDir, port: 1 })).rejects.toMatchObject({ code: 'config' });
    await (await startAgain(stateDir)).stop();
  });

  test('with a damaged file is not overwritten', async () => {
    const stateDir = join(folder, 'damaged');
    await (await startSandbox({ stateDir })).stop();
    writeFileSync(join(stateDir, 'instance.json'), '{');
    await expect(startSandbox({ stateDir })).rejects.toMatchObject({ code: 'config' });
    expect(readFileSync(join(stateDir, 'instance.json'), 'utf8')).toBe('{');
  });
});

describe('the log', () => {
  test('keeps every acknowledged entry through kill -9', async () => {
    const stateDir = join(folder, 'killed');
    const child = await serve(program, stateDir);
    const state = await statusOf(stateDir);
    if (state === undefined) throw new Error('no state');
    const sandbox = { rekorUrl: state.url };
    const token = await (await post(`${state.issuer}/sandbox/token`, { email: 'alice@example.com' })).json();
    const signer = await requestSigner({
      ...(await connect(state.url)),
      mintIdToken: () => (token as { id_token: string }).id_token,
    });
    const acknowledged: string[] = [];
    const acknowledgedV2: string[] = [];
    const killed = delayUntil(() => acknowledgedV2.length >= 5).then(() => end(child, 'SIGKILL'));
    const bodies = Array.from({ length: 1000 }, (_, i) => `entry ${i}`);
    for (const body of bodies) {
      const answer = await upload(sandbox, signer, body).catch(() => undefined);
      if (answer === undefined) break;
      acknowledged.push(answer.id);
      const second = await uploadV2(state, signer, body).catch(() => undefined);
      if (second === undefined) break;
      acknowledgedV2.push(second.canonicalizedBody);
    }
    await killed;
    expect(acknowledgedV2.length).toBeGreaterThanOrEqual(5);
    const again = await startAgain(stateDir);
    try {
      for (const id of acknowledged) {
        expect((await fetch(`${again.rekorUrl}/api/v1/log/entries/${id}`)).status).toBe(200);
      }
      const place = `tile/entries/000.p/${acknowledgedV2.length}`;
      const bundle = await (await fetch(`${again.rekorV2Url}/api/v2/${place}`)).text();
      const missing = acknowledgedV2.filter(
        (body) => !bundle.includes(Buffer.from(body, 'base64').toString()),
      );
      expect(missing).toEqual([]);
    } finally {
      await again.stop();
    }
  });

  test('cuts off a torn last line and nothing else', async () => {
    const stateDir = join(folder, 'torn');
    const first = await startSandbox({ stateDir });
    const signer = await requestSigner(first);
    const { id } = await upload(first, signer, 'whole');
    await first.stop();
    const path = join(stateDir, 'rekor-v1.jsonl');
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, whole.slice(0, 100));
    const second = await startAgain(stateDir);
    expect(readFileSync(path, 'utf8')).toBe(whole);
    expect((await fetch(`${second.rekorUrl}/api/v1/log/entries/${id}`)).status).toBe(200);
    expect((await upload(second, signer, 'next')).entry.logIndex).toBe(1);
    await second.stop();
    writeFileSync(path, whole.slice(1));
    await expect(startSandbox({ stateDir })).rejects.toMatchObject({ code: 'config' });
  });
});

// For the instance, or for the files that come after it.
test.each([1, 5])(
  'a disk with room for %i kB gets no half of a file, and a sandbox when there is more',
  async (blocks) => {
    const stateDir = join(folder, `small-${blocks}`);
    const script = `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`;
    const args = ['-c', script, 'bash', process.execPath, program.path, stateDir];
    expect((await run('bash', args, { timeoutMs: 20_000 })).stderr).toContain('EFBIG');
    expect(readdirSync(stateDir).filter((name) => name.endsWith('.new'))).toEqual([]);
    await (await startSandbox({ stateDir })).stop();
  },
);

describe('in the background', () => {
  const env = { PATH: process.env.PATH };

  test('starts, tells how it is, and stops', async () => {
    const stateDir = join(folder, 'detached');
    expect(await statusOf(stateDir)).toBeUndefined();
    expect(await stopDetached(stateDir)).toBe(false);
    const started = await startDetached(stateDir, { args: [program.path, stateDir], env });
    expect(started.pid).not.toBe(process.pid);
    expect(await startDetached(stateDir, { args: ['/nowhere'], env })).toEqual(started);
    expect(await statusOf(stateDir)).toEqual({ ...started, treeSize: 0 });
    expect(await stopDetached(stateDir)).toBe(true);
    expect(await statusOf(stateDir)).toEqual({
      ...started,
      pid: undefined,
      treeSize: undefined,
      treeSizeV2: undefined,
    });
    const again = await startDetached(stateDir, { args: [program.path, stateDir], env });
    expect(again.url).toBe(started.url);
    expect(await stopDetached(stateDir)).toBe(true);
  });

  test('started twice at once, it is one for both', async () => {
    const stateDir = join(folder, 'at-once');
    await (await startSandbox({ stateDir })).stop();
    const { port } = new URL((await statusOf(stateDir))?.url ?? '');
    // The one that comes too late: it ends, since its port is taken.
    const late = `const ask = () => require('net').connect(${port}, '127.0.0.1', () => process.exit(1))
      .on('error', () => setTimeout(ask, 1)); ask()`;
    const commands = [
      [program.path, stateDir],
      ['-e', late],
    ];
    const starts = commands.map((args) => startDetached(stateDir, { args, env }));
    const [first, second] = await Promise.all(starts);
    expect(second).toEqual(first);
    expect(await stopDetached(stateDir)).toBe(true);
  });

  test.each([
    ['never ends his answer', 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{'],
    ['leaves HTTP', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ])('does not run where somebody else has its port and %s', async (what, answer) => {
    const stateDir = join(folder, what);
    await (await startSandbox({ stateDir })).stop();
    const stranger = createServer((socket) => {
      socket.on('error', () => {}).write(answer);
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const path = join(stateDir, 'instance.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), port }));
    // What waits for the end must not be lost with the garbage.
    setFlagsFromString('--expose-gc');
    const collecting = setInterval(runInNewContext('gc'), 200);
    try {
      expect(await statusOf(stateDir)).toMatchObject({ url: `http://127.0.0.1:${port}`, pid: undefined });
    } finally {
      clearInterval(collecting);
      stranger.close();
    }
  });

  test.each([
    ['what the program said', 'console.error("out of luck"); process.exit(1)', 'out of luck'],
    ['what keeps it from saying anything', 'process.exit(1)', 'the disk is full'],
  ])('says %s where it does not start', async (_, script, said) => {
    const stateDir = join(folder, 'failing');
    const args = ['-e', script];
    await expect(startDetached(stateDir, { args, env })).rejects.toMatchObject({
      code: 'config',
      hint: expect.stringContaining(said),
    });
  });

  test('names the git configuration', async () => {
    const url = 'http://127.0.0.1:1234';
    const state = { url, issuer: `${url}/oidc`, ...addressesOf(url, '/s') };
    const first = [
      ['signet.fulcio', url],
      ['signet.rekor', `${url}/rekor2`],
      ['signet.rekorVersion', '2'],
      ['signet.timestampServerURL', `${url}/tsa/api/v1/timestamp`],
      ['signet.issuer', `${url}/oidc`],
    ];
    expect(gitConfigOf(state, 'git-signet', 2).slice(0, first.length)).toEqual(first);
    expect(gitConfigOf(state, '/usr/bin/git-signet')).toEqual([
      ['signet.fulcio', url],
      ['signet.rekor', url],
      ['signet.rekorVersion', '1'],
      ['signet.timestampServerURL', ''],
      ['signet.issuer', `${url}/oidc`],
      ['signet.clientID', 'sigstore'],
      ['signet.trustedRoot', '/s/trusted_root.json'],
      ['gpg.format', 'x509'],
      ['gpg.x509.program', '/usr/bin/git-signet'],
      ['commit.gpgSign', 'true'],
    ]);
  });
});

describe('who may talk to it', () => {
  test('only loopback, by its own names, and no page of another origin', async () => {
    const sandbox = await startSandbox({ stateDir: join(folder, 'host') });
    try {
      const { port } = new URL(sandbox.url);
      const outside = Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ internal, family }) => !internal && family === 'IPv4');
      for (const { address } of outside) {
        await expect(fetch(`http://${address}:${port}/sandbox/health`)).rejects.toThrow();
      }
      expect((await fetch(`${sandbox.url}/sandbox/health`)).status).toBe(200);
      const asked = await import('node:http').then(
        ({ get }) =>
          new Promise<number | undefined>((resolve) => {
            const request = get(`${sandbox.url}/sandbox/health`, {
              headers: { host: `evil.example:${port}` },
            });
            request.on('response', (response) => resolve(response.resume().statusCode));
          }),
      );
      expect(asked).toBe(404);
      const mint = `${sandbox.issuer}/sandbox/token`;
      const email = { email: 'alice@example.com' };
      expect((await post(mint, email)).status).toBe(200);
      expect((await post(mint, email, { origin: 'https://evil.example' })).status).toBe(403);
      expect((await post(mint, email, { 'content-type': 'text/plain' })).status).toBe(415);
      expect((await post(mint, { email: 'nobody' })).status).toBe(400);
      expect((await post(mint, { ...email, expird: true })).status).toBe(400);
      expect((await post(mint, { ...email, expired: 'yes' })).status).toBe(400);
      expect((await post(mint, { email: 'x'.repeat(1 << 20) })).status).toBe(413);
    } finally {
      await sandbox.stop();
    }
  });

  test('serves its trusted root as it is in the folder', async () => {
    const sandbox = await startSandbox({ stateDir: join(folder, 'root') });
    try {
      const served = await (await fetch(`${sandbox.url}/trusted_root.json`)).text();
      expect(served).toBe(readFileSync(sandbox.trustedRootPath, 'utf8'));
      const { tlogs } = JSON.parse(served) as {
        tlogs: { publicKey: { rawBytes: string }; logId: { keyId: string } }[];
      };
      const spki = Buffer.from(tlogs[0]?.publicKey.rawBytes ?? '', 'base64');
      expect(tlogs[0]?.logId.keyId).toBe(createHash('sha256').update(spki).digest('base64'));
    } finally {
      await sandbox.stop();
    }
    expect(existsSync(sandbox.trustedRootPath)).toBe(true);
  });
});

async function connect(url: string) {
  return { fulcioUrl: url, rekorUrl: url };
}

async function delayUntil(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 2));
}
