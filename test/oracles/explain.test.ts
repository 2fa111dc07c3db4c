/** What `verify --explain` says to run, run: for each kind of proof, and for what fails. Everything is in test/vectors. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redo } from '../../src/app/redo/redo.ts';
import { type Evidence, NO_EVIDENCE } from '../../src/core/evidence.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import type { CheckName, ObjectKind, Verdict } from '../../src/core/verdict.ts';
import { verifyObject } from '../../src/core/verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-explain-'));
const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
beforeAll(() => run('git', ['init', '-q', '.']));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => readFileSync(resolve('test/vectors', name));
const trust = parseTrustedRoot(read('attacks/trusted_root.json'));

function run(program: string, args: readonly string[], input = ''): number | null {
  return spawnSync(program, args, { cwd: folder, env, input, stdio: ['pipe', 'ignore', 'ignore'] }).status;
}

/** Puts an object into the repository as it is, and gives its verdict with what is said to do it again. */
function explained(raw: Buffer, kind: ObjectKind, evidence: Evidence) {
  const bytes = Buffer.concat([Buffer.from(`${kind} ${raw.length}\0`), raw]);
  const oid = createHash('sha1').update(bytes).digest('hex');
  const place = join(folder, '.git/objects', oid.slice(0, 2));
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, oid.slice(2)), deflateSync(bytes));
  const verdict: Verdict = verifyObject(raw, kind, 'sha1', trust, NO_POLICY, evidence);
  return { verdict, sections: redo({ oid, kind, objectFormat: 'sha1', raw }, verdict, trust, evidence) };
}

type Explained = ReturnType<typeof explained>;

/** The sections up to this check: they share one shell. */
function follow({ sections }: Explained, last?: CheckName): number | null {
  const until = last === undefined ? sections.length : sections.findIndex(({ check }) => check === last) + 1;
  expect(until).toBeGreaterThan(0);
  const commands = sections.slice(0, until).flatMap((section) => section.commands);
  return run('sh', ['-e'], `trap 'rm -rf "$d"' EXIT\n${commands.join('\n')}\n`);
}

const ENTRY: Evidence = { entries: [read('seeds/online.entry')] };
const ALWAYS = ['payload', 'signature', 'certificate', 'sct'];

describe.each<[string, string, Evidence, readonly string[]]>([
  ['Rekor v1', 'plain.commit', NO_EVIDENCE, ['logEntry']],
  ['a tag', 'plain.tag', NO_EVIDENCE, ['logEntry']],
  ['Rekor v1 and a timestamp', 'stamped.commit', NO_EVIDENCE, ['logEntry', 'timestamp']],
  ['Rekor v2 and a timestamp', 'rekor_v2.commit', NO_EVIDENCE, ['logEntry', 'timestamp']],
  ['online mode, by a note', 'online.unproven', ENTRY, ['logEntry']],
])('%s', (_what, name, evidence, more) => {
  const kind = name.endsWith('.tag') ? 'tag' : 'commit';
  const raw = read(`seeds/${name}`);

  test('can be followed to the end', () => {
    const good = explained(raw, kind, evidence);
    expect(good.verdict.status).toBe('good');
    expect(good.sections.map(({ check }) => check)).toEqual([...ALWAYS, ...more]);
    expect(follow(good)).toBe(0);
  });

  test('stops at the signature where what was signed has changed', () => {
    const bad = explained(Buffer.concat([raw.subarray(0, 12), flipped(raw.subarray(12))]), kind, evidence);
    expect(bad.verdict.status).toBe('bad');
    expect(bad.verdict.checks.signature.result).toBe('failed');
    expect(follow(bad, 'signature')).not.toBe(0);
  });
});

/** Another first digit: of a tree's or a tagged object's name. */
function flipped(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = copy[0] === 0x61 ? 0x62 : 0x61;
  return copy;
}

test('without its entry, online mode can be followed up to there, and no entry is shown', () => {
  const unproven = explained(read('seeds/online.unproven'), 'commit', NO_EVIDENCE);
  expect(unproven.verdict.status).toBe('unproven');
  expect(unproven.sections.map(({ check }) => check)).toEqual(ALWAYS);
  expect(follow(unproven)).toBe(0);
});

test('of an entry that fails nothing is shown, and what is right can be followed', () => {
  const bad = explained(read('attacks/log_entry_of_another_signature_bad/object'), 'commit', NO_EVIDENCE);
  expect(bad.verdict.checks.logEntry.result).toBe('failed');
  expect(bad.sections.map(({ check }) => check)).toEqual(ALWAYS);
  expect(follow(bad)).toBe(0);
});
