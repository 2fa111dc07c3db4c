import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { FulcioSigner, MessageSignatureBundleBuilder, RekorWitness, TSAWitness } from '@sigstore/sign';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leafHash, nodeHash } from '../../src/core/merkle.ts';
import { openCheckpoint } from '../../src/core/note.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { TileLog } from '../../src/sandbox/tileLog.ts';
import { sharedPath } from '../shared.ts';
import { type EntryV2, post, proposedEntryV2, requestSigner } from './clients.ts';
import { ownSandbox, startAgain } from './own.ts';

const { folder, sandbox } = await ownSandbox();

const upload = (where: RunningSandbox, body: unknown) => post(`${where.rekorV2Url}/api/v2/log/entries`, body);
const read = async (where: RunningSandbox, path: string) => fetch(`${where.rekorV2Url}/api/v2/${path}`);

interface Exchange {
  readonly name: string;
  readonly request: { readonly method: string; readonly body: { json?: unknown; text?: string } | null };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: { readonly json: EntryV2 };
    readonly raw: string;
  };
  readonly files?: Readonly<Record<string, string>>;
}

const path = sharedPath('recordings/rekor-v2.json');
const recorded: Exchange[] = path === undefined ? [] : JSON.parse(readFileSync(path, 'utf8'));

/** The same four entries in the same order make the same tree, whoever keeps it. */
describe.skipIf(recorded.length === 0)('what the real log answered', () => {
  let ours: RunningSandbox;
  beforeAll(async () => {
    ours = await startSandbox({ stateDir: join(folder, 'recorded') });
  });
  afterAll(() => ours.stop());

  const exchanges = recorded.filter(({ response }) => response !== undefined);
  test.each(exchanges.map((exchange) => [exchange.name, exchange] as const))(
    '%s',
    async (_name, exchange) => {
      const { request, response } = exchange;
      // As it was sent, with blanks: the refusal of an unknown field counts the characters before it.
      const sent = JSON.stringify(request.body?.json)?.replaceAll('":', '": ').replaceAll(',"', ', "');
      const body = request.body === null ? null : (request.body.text ?? sent ?? null);
      const answer = await fetch(`${ours.rekorV2Url}/api/v2/log/entries`, {
        method: request.method,
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(answer.status).toBe(response.status);
      for (const [name, value] of Object.entries(response.headers))
        expect(answer.headers.get(name)).toBe(value);
      const text = await answer.text();
      if (response.status >= 400) return expect(text).toBe(response.raw);
      // Key, and with it id and signature, are ours; so is the name.
      const unsigned = (raw: string) =>
        raw
          .replace(/"keyId":"[^"]+"/, '')
          .replace(/(?<="envelope":")[^\\]+/, '')
          .replace(/— \S+ \S+\\n/, '');
      return expect(unsigned(text)).toBe(unsigned(response.raw));
    },
  );

  test('tiles and bundles, partial ones too', async () => {
    const { files = {} } = recorded.find(({ files }) => files !== undefined) ?? {};
    const names = Object.keys(files).filter((name) => name.startsWith('tile/'));
    expect(names.length).toBe(8);
    for (const name of names) {
      const bytes = Buffer.from(await (await read(ours, name)).arrayBuffer());
      expect(bytes.toString('base64')).toBe(files[name]);
    }
    const checkpoint = Buffer.from(files['checkpoint'] ?? '', 'base64').toString();
    const [, size, root] = (await (await read(ours, 'checkpoint')).text()).split('\n');
    expect([size, root]).toEqual(checkpoint.split('\n').slice(1, 3));
    for (const missing of [
      'tile/0/000',
      'tile/0/000.p/5',
      'tile/0/000.p/0',
      'tile/1/000',
      'tile/0/1',
      'tile/x',
    ])
      expect((await read(ours, missing)).status).toBe(404);
  });
});

describe('its checkpoints', () => {
  const logOf = (where: RunningSandbox) => {
    const log = parseTrustedRoot(readFileSync(where.trustedRootPath)).logs[1];
    if (log === undefined) throw new Error('no such log');
    return log;
  };

  test.each(['ed25519', 'P-256'] as const)('%s: the id is that of origin and key', async (rekorV2Key) => {
    const other = await startSandbox({ stateDir: join(folder, rekorV2Key), rekorV2Key, witnesses: 2 });
    try {
      const answer = await upload(other, proposedEntryV2(await requestSigner(other), 'one'));
      const entry = (await answer.json()) as EntryV2;
      const note = entry.inclusionProof.checkpoint.envelope;
      const log = logOf(other);
      expect(log.baseUrl).toBe(other.rekorV2Url);
      expect(openCheckpoint(note, log)).toMatchObject({ origin: '127.0.0.1', treeSize: 1n });
      const { spki } = log.key();
      const bound = Buffer.concat([Buffer.from('127.0.0.1\n\x01'), spki.subarray(-32)]);
      const id = createHash('sha256').update(rekorV2Key === 'ed25519' ? bound : spki);
      expect(entry.logId.keyId).toBe(id.digest('base64'));
      const lines = note.split('\n\n')[1]?.trim().split('\n') ?? [];
      expect(lines.map((line) => line.split(' ')[1])).toEqual([
        '127.0.0.1',
        'witness0.127.0.0.1',
        'witness1.127.0.0.1',
      ]);
      expect(Buffer.from(lines[1]?.split(' ')[2] ?? '', 'base64').length).toBe(4 + 8 + 64);
      expect(() => openCheckpoint(note.replace('\n1\n', '\n2\n'), log)).toThrow('wrong signature');
    } finally {
      await other.stop();
    }
  });

  test('are signed over the text alone', async () => {
    const note = await (await read(sandbox, 'checkpoint')).text();
    const [text = '', line = ''] = note.split('\n\n');
    const signature = Buffer.from(line.trim().split(' ')[2] ?? '', 'base64').subarray(4);
    const key = createPublicKey({ key: Buffer.from(logOf(sandbox).key().spki), format: 'der', type: 'spki' });
    expect(verify(null, Buffer.from(`${text}\n`), key, signature)).toBe(true);
  });
});

test('full tiles: level 1 hashes those of level 0', () => {
  const log = new TileLog(folder, generateKeyPairSync('ed25519'), 0);
  try {
    const bodies = Array.from({ length: 600 }, (_, i) => Buffer.from(`entry ${i}`));
    for (const body of bodies) log.append({ body, integratedTime: 0 });
    const first = log.tile(0, 0, 256);
    expect(Buffer.from(first?.subarray(32, 64) ?? [])).toEqual(Buffer.from(leafHash(Buffer.from('entry 1'))));
    let row = bodies.slice(256, 512).map(leafHash);
    while (row.length > 1)
      row = row.flatMap((hash, i) => (i % 2 === 0 ? [nodeHash(hash, row[i + 1] ?? hash)] : []));
    expect(Buffer.from(log.tile(1, 0, 2)?.subarray(32) ?? [])).toEqual(Buffer.from(row[0] ?? []));
    expect(log.tile(1, 0, 3)).toBeUndefined();
    expect(log.tile(0, 2, 256)).toBeUndefined();
    expect(log.entryBundle(2, 600 - 512)?.length).toBe((600 - 512) * (2 + 'entry 512'.length));
  } finally {
    log.close();
  }
});

/** The sigstore client signs with Rekor v2 and a timestamp; its verifier demands both. */
async function verdict(): Promise<string> {
  const data = Buffer.from('what is signed\n');
  const signer = new FulcioSigner({
    fulcioBaseURL: sandbox.fulcioUrl,
    identityProvider: { getToken: async () => sandbox.mintIdToken('alice@example.com') },
    retry: false,
  });
  const witnesses = [
    new RekorWitness({ rekorBaseURL: sandbox.rekorV2Url, majorApiVersion: 2, retry: false }),
    new TSAWitness({ tsaBaseURL: sandbox.timestampUrl, retry: false }),
  ];
  const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(sandbox.trustedRootPath, 'utf8')));
  try {
    const bundle = await new MessageSignatureBundleBuilder({ signer, witnesses }).create({ data });
    const options = { tlogThreshold: 1, tsaThreshold: 1 };
    const { identity } = new Verifier(toTrustMaterial(root), options).verify(toSignedEntity(bundle, data));
    return identity?.subjectAlternativeName ?? 'nobody';
  } catch (error) {
    return error instanceof Error ? `refused: ${error.message}` : 'unknown';
  }
}

describe('the sigstore client', () => {
  test('logs, stamps and verifies', async () => {
    expect(await verdict()).toBe('alice@example.com');
    expect(await verdict()).toBe('alice@example.com');
  });

  test.each(['wrongProof', 'staleCheckpoint', 'otherKeyCheckpoint', 'otherBody', 'noEntry'] as const)(
    'notices %s',
    async (kind) => {
      sandbox.setFaults([{ service: 'rekorV2', kind }]);
      expect(await verdict()).toMatch(/^refused/);
      expect(await verdict()).toBe('alice@example.com');
    },
  );
});

describe('what it acknowledged', () => {
  test('is there after a restart, and found again after a lost answer', async () => {
    const stateDir = join(folder, 'restart');
    const first = await startSandbox({ stateDir });
    const signer = await requestSigner(first);
    const entry = (await (await upload(first, proposedEntryV2(signer, 'one'))).json()) as EntryV2;
    first.setFaults([{ service: 'rekorV2', kind: 'drop', afterwards: true }]);
    const lost = proposedEntryV2(signer, 'two');
    await expect(upload(first, lost)).rejects.toThrow();
    const again = await upload(first, lost);
    expect([again.status, again.headers.get('x-log-index')]).toEqual([409, '1']);
    const bundle = await (await read(first, 'tile/entries/000.p/2')).text();
    await first.stop();
    const second = await startAgain(stateDir);
    try {
      expect(await (await read(second, 'tile/entries/000.p/2')).text()).toBe(bundle);
      const third = (await (await upload(second, proposedEntryV2(signer, 'three'))).json()) as EntryV2;
      expect(third.logIndex).toBe('2');
      expect(third.logId).toEqual(entry.logId);
    } finally {
      await second.stop();
    }
  });
});
