/** Proving whole histories against the sandbox's log, with notes in real repositories. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readObjects } from '../../src/adapters/git/catFile.ts';
import { NOTES_REF } from '../../src/adapters/git/notesFormat.ts';
import { notesSource } from '../../src/adapters/git/notesRead.ts';
import { saveNotes } from '../../src/adapters/git/notesWrite.ts';
import { openRawGit } from '../../src/adapters/git/openRawGit.ts';
import { logSource } from '../../src/adapters/rekorSearch.ts';
import { type ProvePorts, type ProveResult, proveObjects } from '../../src/app/prove.ts';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { requestSigner, type Signer } from '../sandbox/clients.ts';
import { UNHURRIED } from '../services/clients.ts';
import { commitPayload, logOnline, makeHistory, signOnline, tagPayload } from './onlineSigner.ts';
import { makeRepository, type Repository } from './repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-prove-'));
let sandbox: RunningSandbox;
let trust: Trust;
let alice: Signer;

beforeAll(async () => {
  sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  trust = parseTrustedRoot(readFileSync(sandbox.trustedRootPath), { proven: false });
  alice = await requestSigner(sandbox);
});
afterEach(() => sandbox.setFaults([]));
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

interface Options {
  readonly parallel?: number;
  readonly signal?: AbortSignal;
  readonly changes?: Partial<ProvePorts>;
}

/** Proves these objects, whatever their order, as the command does. */
async function prove(
  repository: Repository,
  oids: readonly string[],
  options: Options = {},
): Promise<ProveResult> {
  const { parallel = 4, signal = AbortSignal.timeout(60_000), changes = {} } = options;
  const notes = notesSource(repository.env);
  const ports: ProvePorts = {
    trust,
    notes,
    log: logSource(sandbox.rekorUrl, { patience: UNHURRIED, intervalMs: 0 }),
    save: (found) => saveNotes(found, repository.env),
    ...changes,
  };
  const objects = readObjects(
    openRawGit(repository.env),
    oids.map((oid) => ({ oid })),
  );
  try {
    return await proveObjects(objects, ports, { parallel }, signal);
  } finally {
    notes.close();
  }
}

const searches = (): number => sandbox.requestCounts()['POST /api/v1/index/retrieve'] ?? 0;
const noted = (repository: Repository): readonly string[] =>
  repository
    .git('ls-tree', '-r', '--name-only', NOTES_REF)
    .trim()
    .split('\n')
    .map((path) => path.replaceAll('/', ''));

describe.each(['sha1', 'sha256'] as const)('in a %s repository', (format) => {
  test('commits and tags are proven, what is not logged is not, and a second run asks only for that', async () => {
    const repository = makeRepository(format);
    const commits = await makeHistory(repository, sandbox, alice, [true, false, true, true]);
    const tag = signOnline(alice, 'tag', format, tagPayload(commits[0] ?? '', 'v1'));
    await logOnline(sandbox, alice, tag);
    const oids = [...commits, repository.store('tag', tag.raw)];
    const first = await prove(repository, oids);
    expect(first.counts).toMatchObject({ proven: 4, stored: 0, unproven: 1 });
    expect(first.unproven).toEqual([
      { oid: commits[1], kind: 'commit', outcome: 'unproven', reason: 'the log has no entry of it' },
    ]);
    expect(noted(repository).toSorted()).toEqual(oids.filter((oid) => oid !== commits[1]).toSorted());
    const before = searches();
    const second = await prove(repository, oids);
    expect(second.counts).toMatchObject({ proven: 0, stored: 4, unproven: 1 });
    // By hash, then by certificate.
    expect(searches() - before).toBe(2);
  });
});

test('nobody is asked for what carries its proof, is bad, or is signed by others', async () => {
  const repository = makeRepository();
  const good = signOnline(alice, 'commit', 'sha1', commitPayload(repository, undefined, 'one'));
  const bad = Buffer.from(good.raw.toString('latin1').replace('\n\none', '\n\ntwo'), 'latin1');
  const unsigned = commitPayload(repository, undefined, 'unsigned');
  const oids = [
    repository.store('commit', bad),
    repository.store('commit', unsigned),
    repository.store('blob', 'a blob'),
    'f'.repeat(40),
  ];
  const before = searches();
  const result = await prove(repository, oids);
  expect(result.counts).toMatchObject({ bad: 1, other: 3, unproven: 0 });
  expect(result.unproven).toMatchObject([
    { outcome: 'bad', reason: 'the payload is not the one that was signed' },
  ]);
  expect(searches()).toBe(before);
});

test('a dry run asks nobody and stores nothing', async () => {
  const repository = makeRepository();
  const oids = await makeHistory(repository, sandbox, alice, [true, true]);
  const before = searches();
  const result = await prove(repository, oids, { changes: { log: undefined } });
  expect(result.counts).toMatchObject({ unproven: 2 });
  expect(searches()).toBe(before);
  expect(repository.git('for-each-ref', NOTES_REF)).toBe('');
});

test('notes of strangers prove nothing, and what they hide is found again', async () => {
  const repository = makeRepository();
  const [oid = '', other = ''] = await makeHistory(repository, sandbox, alice, [true, true]);
  await prove(repository, [oid]);
  const right = repository.git('notes', '--ref=signet', 'show', oid);
  const rubbish = [
    'entry-v1 AAAA',
    right.trim().replace(/.{20}$/, 'A'.repeat(20)),
    'entry-v9 later',
    right.trim(),
  ];
  const git = (text: string, object: string): void => {
    const blob = repository.store('blob', text);
    repository.git(
      '-c',
      'user.name=M',
      '-c',
      'user.email=m@x',
      'notes',
      '--ref=signet',
      'add',
      '-f',
      '-C',
      blob,
      object,
    );
  };
  // The proof of one commit under another, broken ones, and the right one among them.
  git(`${right}entry-v1 AAAA\n`, other);
  git(`${rubbish.join('\n')}\n`, oid);
  const result = await prove(repository, [oid, other]);
  expect(result.counts).toMatchObject({ stored: 1, proven: 1 });
  expect(repository.git('notes', '--ref=signet', 'show', oid)).toContain('entry-v9 later');
  // Whatever nobody can read any more is written anew.
  git(`${'x'.repeat(300 << 10)}\n`, oid);
  expect((await prove(repository, [oid])).counts).toMatchObject({ proven: 1 });
  expect(repository.git('notes', '--ref=signet', 'show', oid)).toMatch(/^entry-v1 [\w+/=]+\n$/);
});

test('two hundred commits: what was found before an interruption is kept, and the next run goes on', async () => {
  const repository = makeRepository();
  const oids = await makeHistory(
    repository,
    sandbox,
    alice,
    Array.from({ length: 200 }, () => true),
  );
  const controller = new AbortController();
  let finds = 0;
  const log = logSource(sandbox.rekorUrl, { patience: UNHURRIED, intervalMs: 0 });
  const counting: ProvePorts['log'] = {
    name: log.name,
    find: (query, signal) => {
      finds += 1;
      if (finds === 80) controller.abort();
      return log.find(query, signal);
    },
  };
  const first = await prove(repository, oids, { signal: controller.signal, changes: { log: counting } });
  expect(first).toMatchObject({ interrupted: true, stopped: undefined });
  expect(first.counts.proven).toBeGreaterThan(70);
  expect(first.counts.proven).toBeLessThan(80);
  expect(noted(repository)).toHaveLength(first.counts.proven);
  const second = await prove(repository, oids);
  expect(second.counts).toMatchObject({
    stored: first.counts.proven,
    proven: 200 - first.counts.proven,
    unproven: 0,
  });
  expect(noted(repository)).toHaveLength(200);
  // In one commit each and one in between: not one for each object.
  expect(Number(repository.git('rev-list', '--count', NOTES_REF))).toBeLessThan(6);
}, 120_000);

test('two runs at once lose nothing', async () => {
  const repository = makeRepository();
  const oids = await makeHistory(
    repository,
    sandbox,
    alice,
    Array.from({ length: 20 }, () => true),
  );
  const [one, two] = await Promise.all([prove(repository, oids), prove(repository, oids.toReversed())]);
  expect(one.counts.proven + one.counts.stored).toBe(20);
  expect(two.counts.proven + two.counts.stored).toBe(20);
  expect(noted(repository)).toHaveLength(20);
  expect((await prove(repository, oids)).counts).toMatchObject({ stored: 20 });
});

describe('a log in trouble', () => {
  const TOO_OFTEN = 1_000;

  test.each([
    ['429', { service: 'rekor', kind: 'status', status: 429 }],
    ['503', { service: 'rekor', kind: 'status', status: 503 }],
    ['dropped connections', { service: 'rekor', kind: 'drop' }],
    ['HTML', { service: 'rekor', kind: 'html' }],
  ] as const)('%s: now and then is waited out', async (_, fault) => {
    const repository = makeRepository();
    const oids = await makeHistory(repository, sandbox, alice, [true, true, true]);
    sandbox.setFaults([{ ...fault, times: 1 }]);
    const result = await prove(repository, oids);
    const isRetried = fault.kind !== 'html';
    expect(result.counts).toMatchObject(isRetried ? { proven: 3 } : { proven: 2, unproven: 1 });
    expect(result.stopped).toBeUndefined();
  });

  test.each([
    ['429', { service: 'rekor', kind: 'status', status: 429 }, 'service-refused'],
    ['503', { service: 'rekor', kind: 'status', status: 503 }, 'service-refused'],
    ['501', { service: 'rekor', kind: 'status', status: 501 }, 'service-refused'],
    ['dropped connections', { service: 'rekor', kind: 'drop' }, 'service-unreachable'],
    ['HTML', { service: 'rekor', kind: 'html' }, 'service-answer'],
  ] as const)('%s for ever: it is left alone soon, with what was found before', async (_, fault, code) => {
    const repository = makeRepository();
    const oids = await makeHistory(
      repository,
      sandbox,
      alice,
      Array.from({ length: 12 }, () => true),
    );
    const [first = ''] = oids;
    let finds = 0;
    const log = logSource(sandbox.rekorUrl, { patience: UNHURRIED, intervalMs: 0 });
    const failing: ProvePorts['log'] = {
      name: log.name,
      find: async (query, signal) => {
        finds += 1;
        if (finds === 2) sandbox.setFaults([{ ...fault, times: TOO_OFTEN }]);
        return log.find(query, signal);
      },
    };
    const result = await prove(repository, oids, { parallel: 1, changes: { log: failing } });
    expect(result.stopped).toMatchObject({ code, exitCode: 5 });
    expect(result.counts.proven).toBe(1);
    expect(finds).toBeLessThan(6);
    expect(noted(repository)).toEqual([first]);
  });

  test('an answer over other bytes is not believed', async () => {
    const repository = makeRepository();
    const oids = await makeHistory(repository, sandbox, alice, [true]);
    for (const kind of ['wrongSet', 'wrongProof', 'staleCheckpoint', 'otherKeyCheckpoint'] as const) {
      sandbox.setFaults([{ service: 'rekor', kind, times: TOO_OFTEN }]);
      const result = await prove(repository, oids);
      expect([kind, result.counts.proven]).toEqual([kind, 0]);
      expect(result.unproven[0]?.reason).toMatch(/do not prove it|of the log|Rekor/);
    }
    sandbox.setFaults([]);
    expect((await prove(repository, oids)).counts).toMatchObject({ proven: 1 });
  });
});
