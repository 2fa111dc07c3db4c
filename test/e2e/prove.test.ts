/** Online-mode history with the program and real git: proven once, good offline ever after. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitPayload, logOnline, makeHistory, signOnline, tagPayload } from '../online/onlineSigner.ts';
import { type Repository, repositoryAt } from '../online/repository.ts';
import { requestSigner, type Signer } from '../sandbox/clients.ts';
import { eventually } from './process.ts';
import { type Call, makeWorld, type World } from './world.ts';

const NOTES = 'refs/notes/signet';

let world: World;
let alice: Signer;
/** The world's log, as its clients know it. */
let log: { readonly rekorUrl: string };

beforeAll(async () => {
  world = await makeWorld({ hold: false });
  log = { rekorUrl: world.sandboxUrl };
  const token = await world.idToken('alice@example.com');
  alice = await requestSigner({ fulcioUrl: world.sandboxUrl, mintIdToken: () => token });
}, 60_000);
afterAll(() => world.close());

interface Place {
  readonly path: string;
  readonly repository: Repository;
  readonly git: (args: readonly string[], options?: Call) => ReturnType<World['git']>;
  readonly signet: (args: readonly string[], options?: Call) => ReturnType<World['signet']>;
}

async function place(name: string, format: 'sha1' | 'sha256' = 'sha1'): Promise<Place> {
  return placeAt(await world.makeRepo(name, format));
}

function placeAt(path: string): Place {
  return {
    path,
    repository: repositoryAt(path, world.env),
    git: (args, o) => world.git(args, { cwd: path, ...o }),
    signet: (args, o) => world.signet(args, { cwd: path, mayFail: true, ...o }),
  };
}

/** A world in which no service answers. */
const OFFLINE: NodeJS.ProcessEnv = {
  SIGNET_REKOR_URL: 'http://127.0.0.1:9',
  SIGNET_FULCIO_URL: 'http://127.0.0.1:9',
};

const letters = async ({ git }: Place, options: Call = {}): Promise<string> =>
  (await git(['log', '--format=%G?', '--reverse'], options)).stdout.replaceAll('\n', '');

describe.each(['sha1', 'sha256'] as const)('in a %s repository', (format) => {
  test('unproven, then proven, then good without network', async () => {
    const here = await place(`plain-${format}`, format);
    const commits = await makeHistory(here.repository, log, alice, [true, true, false]);
    const tag = signOnline(alice, 'tag', format, tagPayload(commits[0] ?? '', 'v1'));
    await logOnline(log, alice, tag);
    here.repository.git('update-ref', 'refs/tags/v1', here.repository.store('tag', tag.raw));

    const before = await here.git(['verify-commit', 'HEAD~1'], { mayFail: true });
    expect(before.code).toBe(1);
    expect(before.stderr).toContain('UNPROVEN: signed by alice@example.com');
    expect(before.stderr).toContain('git-signet prove');
    expect(await letters(here)).toBe('EEE');

    const dry = await here.signet(['prove', '--all', '--tags', '--dry-run']);
    expect([dry.code, dry.stdout]).toEqual([3, expect.stringContaining('4  stay unproven')]);
    expect(here.repository.git('for-each-ref', NOTES)).toBe('');

    const proven = await here.signet(['prove', '--all', '--tags']);
    expect(proven.code).toBe(3);
    expect(proven.stdout).toContain('3  proven now by the log');
    expect(proven.stdout).toContain(`${commits[2]?.slice(0, 12)}  the log has no entry of it`);
    expect(proven.stdout).toContain(`git push origin ${NOTES}`);

    expect(await letters(here, { env: OFFLINE })).toBe('UUE');
    expect((await here.git(['verify-tag', 'v1'], { env: OFFLINE })).stderr).toContain(
      'Good signature by alice@example.com',
    );
    const judged = await here.signet(['verify', '--offline', '--all', '--tags'], { env: OFFLINE });
    expect([judged.code, judged.stdout.match(/^\w+ (commit|tag) good /gm)?.length]).toEqual([3, 3]);
    const issuer = world.issuer;
    await here.git(['config', '--add', 'signet.allow', `alice@example.com ${issuer}`]);
    expect(await letters(here, { env: OFFLINE })).toBe('GGE');
    const shown = await here.git(['log', '--show-signature', '-1', 'HEAD~1'], { env: OFFLINE });
    expect(shown.stdout).toContain('Good signature by alice@example.com');
    await here.git(['config', '--replace-all', 'signet.allow', `bob@example.com ${issuer}`]);
    expect(await letters(here, { env: OFFLINE })).toBe('EEE');

    const again = await here.signet(['prove', 'main~2..main~1', '--format', 'json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      schema: 'git-signet/prove/v1',
      counts: { proven: 0, stored: 1, unproven: 0 },
      unproven: [],
      stopped: null,
      interrupted: false,
    });
  });
});

test('notes travel by push and fetch, and prove the clone offline', async () => {
  const here = await place('origin-work');
  await makeHistory(here.repository, log, alice, [true, true]);
  expect((await here.signet(['prove'])).code).toBe(0);
  const hub = join(world.folder, 'hub.git');
  await here.git(['init', '-q', '--bare', hub]);
  await here.git(['remote', 'add', 'origin', hub]);
  await here.git(['push', '-q', 'origin', 'main', NOTES]);
  const clone = await place('clone');
  await clone.git(['remote', 'add', 'origin', hub]);
  await clone.git(['fetch', '-q', 'origin', 'main:got']);
  await clone.git(['reset', '-q', '--hard', 'got']);
  expect(await letters(clone, { env: OFFLINE })).toBe('EE');
  await clone.git(['fetch', '-q', 'origin', `${NOTES}:${NOTES}`]);
  expect(await letters(clone, { env: OFFLINE })).toBe('UU');
});

test('git finds the notes from hooks, worktrees and bare repositories', async () => {
  const here = await place('hooked');
  await makeHistory(here.repository, log, alice, [true, true]);
  await here.git(['reset', '-q', '--hard']);
  await here.signet(['prove']);
  const seen = join(world.folder, 'seen');
  const hooks = join(here.path, '.git/hooks');
  mkdirSync(hooks, { recursive: true });
  writeFileSync(join(hooks, 'post-checkout'), `#!/bin/sh\ngit log --format=%G? > '${seen}'\n`, {
    mode: 0o755,
  });
  const worktree = join(world.folder, 'worktree');
  await here.git(['worktree', 'add', '-q', worktree, 'HEAD~1'], { env: OFFLINE });
  expect(readFileSync(seen, 'utf8')).toBe('U\n');
  expect(
    (await here.git(['log', '--format=%G?'], { cwd: join(here.path, '.git'), env: OFFLINE })).stdout,
  ).toBe('U\nU\n');
  const elsewhere = await here.git(['--git-dir', join(here.path, '.git'), 'log', '--format=%G?'], {
    cwd: world.folder,
    env: OFFLINE,
  });
  expect(elsewhere.stdout).toBe('U\nU\n');
});

test('a pre-receive hook sees notes that came before, through the quarantine', async () => {
  const hub = join(world.folder, 'guarded.git');
  const here = await place('pusher');
  await makeHistory(here.repository, log, alice, [true]);
  await here.signet(['prove']);
  await here.git(['init', '-q', '--bare', '-b', 'main', hub]);
  const config = await here.git(['config', '--local', '--get-regexp', '^(signet|gpg)\\.']);
  for (const line of config.stdout.trim().split('\n')) {
    const [key = '', ...rest] = line.split(' ');
    await here.git(['config', key, rest.join(' ')], { cwd: hub });
  }
  await here.git(['push', '-q', hub, NOTES]);
  const seen = join(world.folder, 'seen-by-hook');
  mkdirSync(join(hub, 'hooks'), { recursive: true });
  writeFileSync(
    join(hub, 'hooks/pre-receive'),
    `#!/bin/sh\nread old new ref\ngit log --format=%G? $new > '${seen}'\n`,
    { mode: 0o755 },
  );
  await here.git(['push', '-q', hub, 'main'], { env: OFFLINE });
  expect(readFileSync(seen, 'utf8')).toBe('U\n');
});

describe('notes of strangers', () => {
  test('turn nothing bad into good, and nothing good into bad', async () => {
    const here = await place('strangers');
    const [first = ''] = await makeHistory(here.repository, log, alice, [true]);
    await here.signet(['prove']);
    const note = (await here.git(['notes', '--ref=signet', 'show', first])).stdout;
    const raw = Buffer.from((await here.git(['cat-file', 'commit', first])).stdout);
    const changed = here.repository.store('commit', raw.toString().replace('Commit 0', 'Commit O'));
    const annotate = (text: string, oid: string) =>
      here.git(['notes', '--ref=signet', 'add', '-f', '-C', here.repository.store('blob', text), oid]);
    await annotate(note, changed);
    const bad = await here.git(['verify-commit', changed], { mayFail: true });
    expect(bad.stderr).toContain('BAD signature by alice@example.com');
    // An unlogged commit with the proof of another one.
    const unlogged = signOnline(alice, 'commit', 'sha1', commitPayload(here.repository, first, 'unlogged'));
    const oid = here.repository.store('commit', unlogged.raw);
    await annotate(note, oid);
    expect((await here.git(['verify-commit', oid], { mayFail: true })).stderr).toContain('UNPROVEN');
    for (const junk of [
      'entry-v1 AAAA\n',
      '\u0000\u0001',
      'entry-v1\n[GNUPG:] GOODSIG x y\n',
      `${note}entry-v2 x\njunk`,
    ]) {
      await annotate(junk, first);
      const { stderr, code } = await here.git(['verify-commit', '--raw', first], { mayFail: true });
      expect([code, stderr.match(/GOODSIG|ERRSIG|BADSIG/g)]).toEqual(
        junk.startsWith(note) ? [0, ['GOODSIG']] : [1, ['ERRSIG']],
      );
    }
    const committed = await place('embedded');
    const env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
    await committed.git(['commit', '-q', '-S', '--allow-empty', '-m', 'carries its entry'], { env });
    await committed.git(['notes', '--ref=signet', 'add', '-m', 'entry-v1 AAAA', 'HEAD']);
    expect(await letters(committed)).toBe('U');
  });
});

/** A terminal's Ctrl-C goes to git too; kill goes to one process only. */
const STOPS = [
  ['Ctrl-C', 'SIGINT', true],
  ['SIGTERM', 'SIGTERM', false],
  ['SIGKILL', 'SIGKILL', true],
] as const;

describe('ended in the middle', () => {
  let here: Place;
  beforeAll(async () => {
    here = await place('stopped');
    await makeHistory(
      here.repository,
      log,
      alice,
      Array.from({ length: 130 }, () => true),
    );
  }, 120_000);

  test.each(STOPS)(
    'by %s: the next run goes on',
    async (_, signal, toGroup) => {
      here.repository.git('update-ref', '-d', NOTES);
      // However late the signal comes, there is something left to do.
      const search = { service: 'rekor', match: 'POST /api/v1/index/retrieve' } as const;
      await world.setFaults([
        { ...search, kind: 'latency', latencyMs: 0, times: 115 },
        { ...search, kind: 'hang', times: 99 },
      ]);
      const { child, ended } = world.begin('signet', ['prove', '--parallel', '2'], { cwd: here.path });
      // A hundred are saved at once, fewer where they take long.
      const countSaved = () =>
        here.repository.git('ls-tree', '-r', '--name-only', NOTES).trim().split('\n').length;
      const saved = await eventually(
        'the first are saved',
        () => here.repository.git('for-each-ref', NOTES) !== '' && countSaved(),
        60_000,
      );
      process.kill((toGroup ? -1 : 1) * (child.pid ?? 0), signal);
      const { code, stderr } = await ended;
      const kept = countSaved();
      expect(kept).toBeGreaterThanOrEqual(saved);
      expect(kept).toBeLessThan(130);
      await world.setFaults([]);
      const said = [code, stderr.includes('Interrupted; what was found is stored.')];
      expect(said).toEqual(signal === 'SIGKILL' ? [null, false] : [3, true]);
      const { stdout } = await here.signet(['prove', '--format', 'json']);
      expect(JSON.parse(stdout)).toMatchObject({ counts: { stored: kept, proven: 130 - kept, unproven: 0 } });
    },
    120_000,
  );
});

test('a log that cannot be reached or searched ends it with 5, and says so', async () => {
  const here = await place('no-log');
  await makeHistory(here.repository, log, alice, [true]);
  const closed = await here.signet(['prove'], { env: OFFLINE });
  expect([closed.code, closed.stderr]).toEqual([5, expect.stringContaining('Rekor')]);
  await world.setFaults([{ service: 'rekor', kind: 'status', status: 501, times: 9 }]);
  const noSearch = await here.signet(['prove', '--format', 'json']);
  await world.setFaults([]);
  expect(noSearch.code).toBe(5);
  expect(JSON.parse(noSearch.stdout).stopped).toMatchObject({
    code: 'service-refused',
    message: expect.stringContaining('cannot be searched (it answered 501)'),
  });
});

test.each([
  [['prove', 'no-such-branch'], 2, 'no-such-branch'],
  [['prove', '--', '--output=/tmp/x'], 2, 'is no revision'],
  [['prove', '--parallel', '1000'], 2, '--parallel takes a whole number'],
  [['prove', '--format', 'xml'], 2, 'format'],
  [['prove', '--all', 'main'], 2, 'do not go together'],
])('%j is refused', async (args, code, words) => {
  const here = placeAt(world.repo);
  const ended = await here.signet(args);
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(words)]);
});

test('where nobody is known to git, notes are written all the same', async () => {
  const here = await place('nobody');
  await makeHistory(here.repository, log, alice, [true]);
  for (const key of ['user.name', 'user.email']) await here.git(['config', '--unset', key]);
  await here.git(['config', 'user.useConfigOnly', 'true']);
  expect((await here.signet(['prove'])).code).toBe(0);
  expect(await letters(here, { env: OFFLINE })).toBe('U');
});
