/** `git-signet verify` as people and scripts call it, over what the sandbox signed and over the whole corpus. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { hasCorpus, readCorpus } from '../core/corpus.ts';
import { sharedPath } from '../shared.ts';
import { type Ended, start } from './process.ts';
import { cleanEnvironment, makeWorld, PROGRAM, type World } from './world.ts';

let world: World;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  world = await makeWorld();
  env = { SIGSTORE_ID_TOKEN: await world.idToken('alice@example.com') };
  for (const message of ['one', 'two']) await git('commit', '-q', '-S', '--allow-empty', '-m', message);
  await git('tag', '-s', '-m', 'first', 'v1');
  await git('commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'unsigned');
  await git('tag', '--no-sign', '-a', '-m', 'not signed', 'plain');
  await git('tag', '--no-sign', 'light');
});
afterAll(() => world?.close());

async function git(...args: string[]): Promise<string> {
  return (await world.git(args, { env })).stdout.trim();
}

function verify(...args: string[]): Promise<Ended> {
  return world.signet(['verify', ...args], { mayFail: true });
}

interface Row {
  readonly oid: string;
  readonly verdict: string;
  readonly reason: string;
  readonly exitCode: number;
}

function rows({ stdout }: Ended): readonly Row[] {
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row & { record: string });
  expect(lines.at(-1)).toMatchObject({ schema: 'git-signet/verify/v1', record: 'summary' });
  return lines.slice(0, -1);
}

describe('one object', () => {
  it('is shown with all its checks', async () => {
    const { code, stdout } = await verify('HEAD~1');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^commit [0-9a-f]{40}\nGood signature by alice@example.com \(http:.*\) \[sandbox\]\n/,
    );
    for (const check of ['payload', 'signature', 'certificate', 'sct', 'logEntry']) {
      expect(stdout).toMatch(new RegExp(`^ {2}\\+ ${check} `, 'm'));
    }
  });

  it('is HEAD where none is named, and unsigned is no good', async () => {
    const { code, stdout } = await verify();
    expect([code, stdout.split('\n')[1]]).toEqual([3, 'Nothing to judge: the commit is not signed.']);
    expect((await verify('--allow-unsigned')).code).toBe(0);
  });

  it('is a tag by its name, and not if it calls itself otherwise', async () => {
    expect((await verify('v1')).code).toBe(0);
    expect((await world.signet(['verify-tag', 'v1'])).stdout).toContain(
      'Good signature by alice@example.com',
    );
    await git('update-ref', 'refs/tags/v2', await git('rev-parse', 'v1'));
    const renamed = await verify('v2');
    expect(renamed.code).toBe(1);
    expect(renamed.stdout).toContain(
      'BAD tag: the tag calls itself "v1", but the ref that names it is refs/tags/v2.',
    );
    expect(renamed.stdout).not.toContain('Good');
    expect(rows(await verify('v2', '--format', 'jsonl'))).toMatchObject([
      { verdict: 'bad', reason: 'tag-name-mismatch' },
    ]);
    await git('update-ref', '-d', 'refs/tags/v2');
  });

  it('must be an annotated tag for verify-tag', async () => {
    for (const name of ['light', 'HEAD']) {
      const ended = await world.signet(['verify-tag', name], { mayFail: true });
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain('is no annotated tag');
    }
  });

  it('is never taken for an option', async () => {
    for (const args of [['--', '--all'], ['--', '-n1'], ['--output=x']]) {
      expect((await verify(...args)).code).toBe(2);
    }
  });
});

describe('many objects', () => {
  it('come in a line each, with a summary and the worst exit code', async () => {
    const oids = (await git('rev-list', '--all')).split('\n');
    const { code, stdout } = await verify('--all');
    expect(code).toBe(3);
    expect(
      stdout
        .split('\n')
        .slice(0, 3)
        .map((line) => line.split(' ').slice(0, 4).join(' ')),
    ).toEqual([
      `${oids[0]} commit unreadable unsigned`,
      `${oids[1]} commit good no-policy`,
      `${oids[2]} commit good no-policy`,
    ]);
    expect(stdout).toMatch(
      /\n3 judged: 1 unsigned, 2 good\.\nNo policy says who may sign: .* %G\? is U\.\n$/,
    );
    expect((await verify('--all', '--allow-unsigned')).code).toBe(0);
    expect((await verify('HEAD~2..HEAD~1')).code).toBe(0);
    expect((await verify('HEAD..HEAD')).stdout).toBe('Nothing to judge: no object is in there.\n');
  });

  it('include tags where they are asked for', async () => {
    const judged = rows(await verify('--tags', '--format=jsonl'));
    expect(judged).toMatchObject([
      { type: 'tag', ref: 'refs/tags/plain', verdict: 'unreadable', reason: 'unsigned' },
      { type: 'tag', ref: 'refs/tags/v1', tag: 'v1', verdict: 'good' },
    ]);
    expect((await verify('--tags')).stdout).toContain('1 tag is a mere ref');
    expect(rows(await verify('--all', '--tags', '--format=jsonl'))).toHaveLength(5);
  });

  it('are one JSON document', async () => {
    const { stdout } = await verify('--all', '--format=json');
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      schema: 'git-signet/verify/v1',
      context: { policy: { source: 'none' } },
      summary: { objects: 3, counts: { good: 2, unsigned: 1 }, complete: true, exitCode: 3 },
    });
    expect(document.objects[1]).toMatchObject({
      type: 'commit',
      signer: { subject: { type: 'email', value: 'alice@example.com' }, issuer: world.issuer },
      log: { source: 'embedded' },
      checks: { signature: 'passed', identity: 'skipped' },
    });
  });

  it('come by their ids from standard input', async () => {
    const input = `${await git('rev-parse', 'HEAD~1')}\n${await git('rev-parse', 'v1')} refs/tags/v9\n`;
    const ended = await world.signet(['verify', '--stdin', '--format=jsonl'], { input, mayFail: true });
    expect(rows(ended)).toMatchObject([{ verdict: 'good' }, { verdict: 'bad', reason: 'tag-name-mismatch' }]);
    expect(ended.code).toBe(1);
    expect((await world.signet(['verify', '--stdin'], { input: 'HEAD\n', mayFail: true })).code).toBe(2);
  });

  it('of a shallow clone are said to be incomplete', async () => {
    const clone = join(world.folder, 'shallow');
    await world.git(['clone', '-q', '--depth=2', `file://${world.repo}`, clone]);
    const { code, stdout } = await world.signet(['verify', '--all', '--allow-unsigned', '--offline'], {
      cwd: clone,
      env: { SIGNET_TRUSTED_ROOT: join(world.folder, 'sandbox', 'trusted_root.json') },
      mayFail: true,
    });
    expect(code).toBe(3);
    expect(stdout).toContain('INCOMPLETE: some of the history is not here');
  });

  it('cannot be asked for in two ways at once', async () => {
    for (const args of [
      ['HEAD', '--all'],
      ['--all', '--stdin'],
      ['--stdin', '--tags'],
    ]) {
      expect((await verify(...args)).code).toBe(2);
    }
  });
});

describe('who must have signed', () => {
  const issuer = () => ['--certificate-oidc-issuer', world.issuer];

  it("is said by gitsign's flags", async () => {
    const { code, stdout } = await verify('HEAD~1', '--certificate-identity=alice@example.com', ...issuer());
    expect(code).toBe(0);
    expect(stdout).toContain('This is the signer that is demanded.');
    const other = await verify('HEAD~1', '--certificate-identity=bob@example.com', ...issuer());
    expect([other.code, other.stdout.includes('Good')]).toEqual([1, false]);
    expect(
      (
        await verify(
          'HEAD~1',
          '--certificate-identity=alice@example.com',
          '--certificate-oidc-issuer=https://x',
        )
      ).code,
    ).toBe(1);
  });

  it.each([
    ['alice@example\\.com', 0],
    ['(alice|bob)@example\\.com', 0],
    ['.*@example\\.com', 0],
    ['lice@example\\.com', 1],
    ['alice@example', 1],
    ['bob|alice', 1],
    ['ALICE@example\\.com', 1],
    ['(', 2],
    ['\\Aalice.*', 2],
    ['[[:alpha:]]+@example\\.com', 2],
  ])('is matched whole by a pattern: %s gives %i', async (pattern, exitCode) => {
    expect((await verify('HEAD~1', `--certificate-identity-regexp=${pattern}`, ...issuer())).code).toBe(
      exitCode,
    );
  });

  it('must fit the pattern and the name where both are given', async () => {
    const both = ['--certificate-identity=alice@example.com', '--certificate-identity-regexp'];
    expect((await verify('HEAD~1', ...both, 'alice.*', ...issuer())).code).toBe(0);
    expect((await verify('HEAD~1', ...both, 'bob.*', ...issuer())).code).toBe(1);
  });

  it('is both a name and who vouches for it', async () => {
    expect((await verify('HEAD~1', '--certificate-identity=alice@example.com')).stderr).toContain(
      'Neither --certificate-oidc-issuer nor --certificate-oidc-issuer-regexp is given.',
    );
    expect((await verify('HEAD~1', ...issuer())).code).toBe(2);
    expect((await verify('HEAD~1', '--certificate-github-workflow-ref=x')).code).toBe(2);
    expect((await verify('HEAD~1', '--certificate-identity=', ...issuer())).code).toBe(2);
  });

  it('is read from signet.allow without flags, and not with them', async () => {
    await git('config', 'signet.allow', `bob@example.com ${world.issuer}`);
    const denied = await verify('HEAD~1', '--format=jsonl');
    expect([denied.code, rows(denied)]).toMatchObject([
      1,
      [{ verdict: 'untrusted', reason: 'identity-not-listed' }],
    ]);
    expect((await verify('HEAD~1', '--certificate-identity=alice@example.com', ...issuer())).code).toBe(0);
    await git('config', 'signet.allow', `alice@example.com ${world.issuer}`);
    expect(rows(await verify('HEAD~1', '--format=jsonl'))).toMatchObject([
      { verdict: 'good', reason: 'allowed' },
    ]);
    await git('config', '--unset', 'signet.allow');
    await git('config', 'signet.requirePolicy', 'true');
    expect(await verify('HEAD~1')).toMatchObject({ code: 3 });
    await git('config', '--unset', 'signet.requirePolicy');
  });
});

/** What `--explain` says to run, as one script. */
function commandsIn(stdout: string): string {
  return [...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(([, command]) => `${command}\n`).join('');
}

async function runScript(script: string, cwd: string, environment: NodeJS.ProcessEnv): Promise<Ended> {
  const keepsNothing = 'trap \'rm -rf "$d"\' EXIT\n';
  return start('sh', ['-e'], { cwd, env: environment, input: keepsNothing + script }).ended;
}

describe('--explain', () => {
  it('says how to do it again, and that can be done', async () => {
    for (const name of ['HEAD~1', 'v1']) {
      const { code, stdout } = await verify('--explain', name);
      expect(code).toBe(0);
      expect(stdout).toMatch(/root hash +[0-9a-f]{64}\n/);
      const script = commandsIn(stdout);
      expect(script.split('\n').length).toBeGreaterThan(20);
      expect(await runScript(script, world.repo, world.env)).toMatchObject({ code: 0 });
    }
  });

  it('says what fails when anything is otherwise', async () => {
    const script = commandsIn((await verify('--explain', 'HEAD~1')).stdout);
    const other = await git('rev-parse', 'HEAD~2');
    const forgeries = [
      script.replaceAll(await git('rev-parse', 'HEAD~1'), other),
      script.replace(/([0-9a-f]{64}) {2}\$d\/payload/, `${'0'.repeat(64)}  $d/payload`),
      script.replace('-attime ', '-attime 1'),
      ...['sct', 'body', 'promise', 'checkpoint'].map((file) =>
        script.replace(new RegExp(`(?<=echo \\S{20}).(?=\\S* [^\\n]*> "\\$d/${file}")`), (character) =>
          character === 'x' ? 'y' : 'x',
        ),
      ),
    ];
    for (const forgery of forgeries) {
      expect(forgery).not.toBe(script);
      expect((await runScript(forgery, world.repo, world.env)).code).not.toBe(0);
    }
  });

  it('is about one object, for programs too', async () => {
    expect((await verify('--all', '--explain')).code).toBe(2);
    const [row] = rows(await verify('--explain', '--format=jsonl', 'HEAD~1'));
    const sections = (row as unknown as { explanation: { check: string; commands: string[] }[] }).explanation;
    expect(sections.map(({ check }) => check)).toEqual([
      'payload',
      'signature',
      'certificate',
      'sct',
      'logEntry',
    ]);
    expect((await verify('--explain')).stdout).toContain('There is nothing here that could be done again.');
  });
});

describe.runIf(hasCorpus)('the corpus, in a repository', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-corpus-'));
  const surroundings = cleanEnvironment(folder);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const makeRepo = async (name: string, file: string, format: string) => {
    const repo = join(folder, `${name}-${format}`);
    await start('git', ['init', '-q', `--object-format=${format}`, repo], { env: surroundings }).ended;
    const objects = readCorpus(file).filter(({ objectFormat }) => objectFormat === format);
    for (const { id, kind, raw } of objects) {
      const place = join(repo, '.git/objects', id.slice(0, 2));
      mkdirSync(place, { recursive: true });
      const bytes = Buffer.concat([Buffer.from(`${kind} ${raw.length}\0`), raw]);
      writeFileSync(join(place, id.slice(2)), deflateSync(bytes, { level: 1 }));
    }
    return { repo, objects };
  };

  const verdicts = async (name: string, file: string, format: string, root?: string) => {
    const { repo, objects } = await makeRepo(name, file, format);
    const args = [PROGRAM, 'verify', '--stdin', '--offline', '--no-cache', '--format=jsonl'];
    const ended = await start(process.execPath, args, {
      cwd: repo,
      env: { ...surroundings, ...(root !== undefined && { SIGNET_TRUSTED_ROOT: root }) },
      input: objects.map(({ id }) => `${id}\n`).join(''),
    }).ended;
    return { objects, rows: rows(ended) };
  };

  /** What the corpus says, as verdicts; a repository gives back only objects that are what their names stand for. */
  const ALLOWED: Readonly<Record<string, readonly string[]>> = {
    'valid-offline': ['good'],
    'valid-signature-needs-log': ['unproven'],
    invalid: ['bad', 'unreadable'],
    any: ['good', 'unproven', 'bad', 'unreadable'],
  };

  test.each([
    ['signatures', 'corpus/signatures.jsonl.gz', 'sha1', 839, undefined],
    ['tampered', 'corpus/tampered.jsonl.gz', 'sha1', 1176, undefined],
    ['synthetic', 'corpus/synthetic.jsonl.gz', 'sha1', 50, 'corpus/synthetic.trusted_root.json'],
    ['synthetic', 'corpus/synthetic.jsonl.gz', 'sha256', 1, 'corpus/synthetic.trusted_root.json'],
    ['others', 'corpus/other-signatures.jsonl', 'sha1', 30, undefined],
  ])('%s get their verdicts (%s, %s)', async (name, file, format, atLeast, root) => {
    const judged = await verdicts(name, file, format, root && sharedPath(root));
    expect(judged.objects.length).toBeGreaterThanOrEqual(atLeast);
    expect(judged.rows.map(({ oid }) => oid)).toEqual(judged.objects.map(({ id }) => id));
    const surprises = judged.objects.flatMap(({ what, expected }, place) => {
      const verdict = judged.rows[place]?.verdict ?? '';
      return (ALLOWED[expected] ?? ['unreadable']).includes(verdict)
        ? []
        : [`${what} ${expected}: ${verdict}`];
    });
    expect(surprises).toEqual([]);
  });

  test.each([
    ['signatures', 'corpus/signatures.jsonl.gz', 'corpus/trusted_root.json', 'sha1', []],
    // At the last second of the certificate; with a token.
    ['synthetic', 'corpus/synthetic.jsonl.gz', 'corpus/synthetic.trusted_root.json', 'sha1', ['S07', 'S15']],
    ['synthetic', 'corpus/synthetic.jsonl.gz', 'corpus/synthetic.trusted_root.json', 'sha256', []],
    [
      'recorded',
      'recordings/gitsign-objects.jsonl',
      'recordings/trusted_root.json',
      'sha1',
      ['offline tag', 'Rekor v2 and a timestamp token'],
    ],
  ])(
    'explanations of what is good can be followed (%s, %s, %s, %s)',
    async (name, file, root, format, which) => {
      const { repo, objects } = await makeRepo(`explained-${name}`, file, format);
      const environment = { ...surroundings, SIGNET_TRUSTED_ROOT: sharedPath(root) ?? '' };
      const chosen =
        which.length === 0
          ? objects.filter(({ expected }) => expected === 'valid-offline').slice(0, 1)
          : objects.filter(({ what }) => which.includes(what));
      expect(chosen).toHaveLength(Math.max(which.length, 1));
      for (const { id, what } of chosen) {
        const args = [PROGRAM, 'verify', '--offline', '--explain', id];
        const { code, stdout } = await start(process.execPath, args, { cwd: repo, env: environment }).ended;
        expect([what, code]).toEqual([what, 0]);
        const { code: result, stderr } = await runScript(commandsIn(stdout), repo, environment);
        expect([what, result, stderr]).toEqual([what, 0, stderr]);
      }
    },
    120_000,
  );
});
