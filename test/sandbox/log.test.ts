import { createHash, createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MerkleTree } from '../../src/sandbox/merkleTree.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import {
  type EntryAnswer,
  entryOf,
  post,
  proposedEntry,
  requestSigner,
  type Signer,
  upload,
} from './clients.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-log-'));
const SIZE = 9;
const entries: { id: string; entry: EntryAnswer }[] = [];
const checkpoints: string[] = [];
let sandbox: RunningSandbox;
let signer: Signer;
let leaves: Uint8Array[];

beforeAll(async () => {
  sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  signer = await requestSigner(sandbox);
  for (let i = 0; i < SIZE; i++) {
    entries.push(await upload(sandbox, signer, `entry ${i}`));
    checkpoints.push((await get<{ signedTreeHead: string }>('/api/v1/log')).signedTreeHead);
  }
  leaves = entries.map(({ entry }) => sha256(Buffer.of(0), Buffer.from(entry.body, 'base64')));
});

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(sandbox.rekorUrl + path)).json()) as T;
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

const node = (left: Uint8Array, right: Uint8Array) => sha256(Buffer.of(1), left, right);

/** MTH as RFC 6962 section 2.1 writes it, over all leaves each time. */
function rootOf(list: readonly Uint8Array[]): Uint8Array {
  const [only] = list;
  if (only === undefined) return sha256();
  if (list.length === 1) return only;
  let split = 1;
  while (split * 2 < list.length) split *= 2;
  return node(rootOf(list.slice(0, split)), rootOf(list.slice(split)));
}

/** RFC 9162 section 2.1.3.2. */
function includes(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      hash = node(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else hash = node(hash, sibling);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 ? hash : undefined;
}

/** RFC 9162 section 2.1.4.2. */
function isConsistent(
  first: number,
  second: number,
  roots: readonly [Uint8Array, Uint8Array],
  proof: readonly Uint8Array[],
): boolean {
  if (first === second) return proof.length === 0 && Buffer.compare(...roots) === 0;
  const path = Number.isInteger(Math.log2(first)) ? [roots[0], ...proof] : [...proof];
  let [fn, sn] = [first - 1, second - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  const start = path.shift();
  if (start === undefined) return false;
  let [fr, sr] = [start, start];
  for (const hash of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [node(hash, fr), node(hash, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else sr = node(sr, hash);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 && Buffer.compare(fr, roots[0]) === 0 && Buffer.compare(sr, roots[1]) === 0;
}

const fromHex = (hashes: readonly string[]) => hashes.map((hex) => Buffer.from(hex, 'hex'));

test('every entry is proven in the tree as it is now', async () => {
  for (const [index, { id }] of entries.entries()) {
    const { entry } = await entryOf(await fetch(`${sandbox.rekorUrl}/api/v1/log/entries?logIndex=${index}`));
    const proof = entry.verification.inclusionProof;
    expect(proof).toMatchObject({
      logIndex: index,
      treeSize: SIZE,
      rootHash: Buffer.from(rootOf(leaves)).toString('hex'),
    });
    const leaf = leaves[index] ?? new Uint8Array();
    expect(id.slice(16)).toBe(Buffer.from(leaf).toString('hex'));
    const root = includes(leaf, index, SIZE, fromHex(proof.hashes));
    expect(root && Buffer.from(root).toString('hex')).toBe(proof.rootHash);
  }
});

test('every size is proven consistent with every later one', async () => {
  for (let second = 1; second <= SIZE; second++) {
    for (let first = 1; first <= second; first++) {
      const { hashes } = await get<{ hashes: string[] }>(
        `/api/v1/log/proof?firstSize=${first}&lastSize=${second}`,
      );
      const roots = [rootOf(leaves.slice(0, first)), rootOf(leaves.slice(0, second))] as const;
      expect(isConsistent(first, second, roots, fromHex(hashes)), `${first} to ${second}`).toBe(true);
      const wrong = [rootOf(leaves.slice(0, first - 1)), roots[1]] as const;
      expect(isConsistent(first, second, wrong, fromHex(hashes))).toBe(false);
    }
  }
});

test('a larger tree proves itself too', () => {
  const tree = new MerkleTree();
  const many = Array.from({ length: 70 }, (_, i) => sha256(Buffer.from(`leaf ${i}`)));
  for (const [i, leaf] of many.entries()) {
    tree.append(leaf);
    expect(Buffer.from(tree.rootHash(i + 1))).toEqual(Buffer.from(rootOf(many.slice(0, i + 1))));
  }
  for (const size of [1, 2, 3, 31, 32, 33, 63, 64, 65, 70]) {
    for (let index = 0; index < size; index++) {
      const root = includes(many[index] ?? new Uint8Array(), index, size, tree.inclusionProof(index, size));
      expect(root).toEqual(rootOf(many.slice(0, size)));
    }
    for (let first = 1; first <= size; first++) {
      const roots = [rootOf(many.slice(0, first)), rootOf(many.slice(0, size))] as const;
      expect(isConsistent(first, size, roots, tree.consistencyProof(first, size))).toBe(true);
    }
  }
});

test('checkpoints and promises are signed by the log', async () => {
  const pem = await (await fetch(`${sandbox.rekorUrl}/api/v1/log/publicKey`)).text();
  const key = createPublicKey(pem);
  const logId = sha256(key.export({ type: 'spki', format: 'der' }));
  const { treeID } = await get<{ treeID: string }>('/api/v1/log');
  const host = new URL(sandbox.url).host;
  for (const [i, note] of checkpoints.entries()) {
    const end = note.lastIndexOf('\n\n') + 1;
    const text = note.slice(0, end);
    expect(text).toBe(
      `${host} - ${treeID}\n${i + 1}\n${Buffer.from(rootOf(leaves.slice(0, i + 1))).toString('base64')}\n`,
    );
    const [, name, base64 = ''] = /^\n— (\S+) (\S+)\n$/.exec(note.slice(end)) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    expect(name).toBe(host);
    expect(bytes.subarray(0, 4)).toEqual(Buffer.from(logId.subarray(0, 4)));
    expect(verify('sha256', Buffer.from(text), key, bytes.subarray(4))).toBe(true);
    expect(verify('sha256', Buffer.from(`${text}x`), key, bytes.subarray(4))).toBe(false);
  }
  for (const { id, entry } of entries) {
    const { body, integratedTime, logID, logIndex } = entry;
    const promised = Buffer.from(JSON.stringify({ body, integratedTime, logID, logIndex }));
    expect(logID).toBe(Buffer.from(logId).toString('hex'));
    expect(BigInt(`0x${id.slice(0, 16)}`)).toBe(BigInt(treeID));
    expect(
      verify('sha256', promised, key, Buffer.from(entry.verification.signedEntryTimestamp, 'base64')),
    ).toBe(true);
  }
});

test('an entry is found by hash, address and certificate, and by both or either', async () => {
  const other = await requestSigner(sandbox, 'dora@example.com');
  const { id } = await upload(sandbox, other, 'by dora');
  const search = async (query: unknown) =>
    (await post(`${sandbox.rekorUrl}/api/v1/index/retrieve`, query)).json();
  const hash = `sha256:${Buffer.from(sha256(Buffer.from('by dora'))).toString('hex')}`;
  const publicKey = { format: 'x509', content: Buffer.from(`${other.chain[0]}\n`).toString('base64') };
  const alice = entries.map((each) => each.id);
  expect(await search({ hash })).toEqual([id]);
  expect(await search({ hash: hash.slice(7).toUpperCase() })).toEqual([id]);
  expect(await search({ publicKey })).toEqual([id]);
  expect(await search({ email: 'dora@example.com' })).toEqual([id]);
  expect(await search({ email: 'alice@example.com' })).toEqual(alice);
  expect(await search({ hash, email: 'alice@example.com' })).toEqual([]);
  expect(await search({ hash, email: 'alice@example.com', operator: 'or' })).toEqual([id, ...alice]);
  expect(await search({ email: 'nobody@example.com' })).toEqual([]);
});

test('many at the same moment each get their own place', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => upload(sandbox, signer, `at once ${i}`)),
  );
  const indexes = answers.map(({ entry }) => entry.logIndex).sort((a, b) => a - b);
  expect(new Set(indexes).size).toBe(20);
  const same = proposedEntry(signer, 'twice at once');
  const both = await Promise.all([1, 2].map(() => post(`${sandbox.rekorUrl}/api/v1/log/entries`, same)));
  expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
});

test('what it does not know or take is refused', async () => {
  const entriesUrl = `${sandbox.rekorUrl}/api/v1/log/entries`;
  const good = proposedEntry(signer, 'good');
  const short = { ...good, spec: { ...good.spec, data: { hash: { algorithm: 'sha256', value: 'ab' } } } };
  for (const [body, status] of [
    [short, 400],
    [{ ...good, apiVersion: '0.0.2' }, 400],
    [{ ...good, spec: {} }, 400],
    [[], 500],
    ['', 500],
    [good, 201],
  ] as const) {
    expect((await post(entriesUrl, body)).status, JSON.stringify(body)).toBe(status);
  }
  expect(
    (await post(`${entriesUrl}/retrieve`, { logIndexes: Array.from({ length: 11 }, () => 0) })).status,
  ).toBe(422);
  expect((await fetch(`${entriesUrl}?logIndex=x`)).status).toBe(422);
  expect((await fetch(entriesUrl)).status).toBe(422);
  expect((await fetch(`${sandbox.rekorUrl}/api/v1/log/proof?firstSize=2&lastSize=1`)).status).toBe(400);
  expect((await fetch(`${sandbox.rekorUrl}/api/v1/log/proof?lastSize=1000`)).status).toBe(400);
  const foreign = `${'0'.repeat(16)}${entries[0]?.id.slice(16)}`;
  expect((await fetch(`${entriesUrl}/${foreign}`)).status).toBe(404);
});
