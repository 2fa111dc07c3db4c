/** Exchanges with a service through our own clients: a TUF repository, the search of a log. Slow, so of few cases. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logSource } from '../../../src/adapters/rekorSearch.ts';
import { updateTrust } from '../../../src/adapters/tuf/update.ts';
import { toHex } from '../../../src/core/bytes.ts';
import { onlineQuery } from '../../../src/core/evidence.ts';
import { splitObject } from '../../../src/core/gitObject.ts';
import { leafHash } from '../../../src/core/merkle.ts';
import { NO_POLICY } from '../../../src/core/policy.ts';
import { type LogEntry, parseEntry } from '../../../src/core/rekorEntry.ts';
import { verifyObject } from '../../../src/core/verify.ts';
import { sha256 } from '../../trust/repository.ts';
import { proves } from '../essence.ts';
import { seedFile, toyTrust } from '../seeds.ts';
import { originOf, type Served, serve } from '../serving.ts';
import { BrokenPromise, orRefusedLater, type Target } from '../target.ts';

/** One attempt, in which a busy machine gets by. */
const ONCE = { attemptMs: 5000, totalMs: 20_000, retries: 0, backoffMs: 1 };

/** Made once and kept: what is mangled must be the same in each process. */
const repository = new Map(
  Object.entries(JSON.parse(seedFile('tuf.repository').toString()) as Readonly<Record<string, string>>).map(
    ([path, text]) => [path, Buffer.from(text)],
  ),
);
const firstRoot = repository.get('1.root.json') ?? Buffer.alloc(0);
const [, target = firstRoot] = [...repository].find(([path]) => path.startsWith('targets/')) ?? [];

/** Path, line feed, content: one file of the repository in the place of the right one. */
async function updateFrom(input: Buffer): Promise<void> {
  const end = input.indexOf(0x0a);
  const path = input.toString('latin1', 0, Math.max(end, 0));
  const changed = [...repository, [path, input.subarray(end + 1)] as const];
  serve(new Map(changed.map(([name, bytes]) => [`/${name}`, binary(bytes)])));
  const home = mkdtempSync(join(tmpdir(), 'signet-fuzz-'));
  const folder = join(home, 'git-signet/tuf/mirror');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const state = await orRefusedLater(async () =>
      updateTrust({
        mirror: await originOf(),
        folder,
        env: { HOME: home, XDG_RUNTIME_DIR: home },
        initialRoot: { digest: sha256(firstRoot), bytes: firstRoot },
        patience: ONCE,
        signal: AbortSignal.timeout(20_000),
      }),
    );
    if (state !== undefined && state.trustedRoot !== sha256(target))
      throw new BrokenPromise('another trusted root');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function binary(bytes: Uint8Array): Served {
  return { type: 'application/octet-stream', body: () => bytes };
}

const unproven = seedFile('online.unproven');
const entry = seedFile('online.entry');

/** As Rekor v1 answers: by its entry id. */
function toAnswer({ body, ...given }: LogEntry): Readonly<Record<string, unknown>> {
  const { inclusionProof: proof } = given;
  const verification = {
    signedEntryTimestamp: Buffer.from(given.signedEntryTimestamp).toString('base64'),
    inclusionProof: {
      checkpoint: proof.checkpoint,
      hashes: proof.hashes.map(toHex),
      logIndex: Number(proof.logIndex),
      rootHash: toHex(proof.rootHash),
      treeSize: Number(proof.treeSize),
    },
  };
  return {
    [`2f96a18045953b12${toHex(leafHash(body))}`]: {
      body: Buffer.from(body).toString('base64'),
      integratedTime: Number(given.integratedTime),
      logID: toHex(given.logId),
      logIndex: Number(given.logIndex),
      verification,
    },
  };
}

const { body = new Uint8Array(0), ...rest } = parseEntry(entry);
const answer = toAnswer({ ...rest, body });
const found = [JSON.stringify(Object.keys(answer)), JSON.stringify([answer])].join('\0');
const { payload, signature = new Uint8Array(0) } = splitObject(unproven, 'commit', 'sha1');
const query = onlineQuery(payload, signature);
const OID = '1'.repeat(40);

/** `ids\0entries`: what the index says to each question, and what the log does. */
async function searchIn(input: Buffer): Promise<void> {
  const [ids = '', entries = ''] = input.toString('latin1').split('\0');
  const json = (text: string): Served => ({
    type: 'application/json',
    body: () => Buffer.from(text, 'latin1'),
  });
  serve(
    new Map([
      ['/api/v1/index/retrieve', json(ids)],
      ['/api/v1/log/entries/retrieve', json(entries)],
    ]),
  );
  if (query === undefined) throw new Error('nothing to look for');
  const log = logSource(await originOf(), { patience: ONCE, intervalMs: 0 });
  const evidence = await orRefusedLater(() => log.find({ ...query, oid: OID }, AbortSignal.timeout(20_000)));
  if (evidence === undefined || evidence.entries.length === 0) return;
  const { status } = verifyObject(unproven, 'commit', 'sha1', toyTrust, NO_POLICY, evidence);
  if (!['good', 'unproven'].includes(status)) throw new BrokenPromise(`what was found made it ${status}`);
  if (status === 'good' && !evidence.entries.some((one) => proves(one, entry)))
    throw new BrokenPromise('proven by another entry');
}

export const EXCHANGES: readonly Target[] = [
  {
    name: 'tuf',
    seeds: () => [...repository].map(([path, bytes]) => Buffer.concat([Buffer.from(`${path}\n`), bytes])),
    run: updateFrom,
    share: 0.03,
  },
  { name: 'rekorSearch', seeds: () => [Buffer.from(found)], run: searchIn, share: 0.1 },
];
