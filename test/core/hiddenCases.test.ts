/** Attacks that are not in the corpora: mutations of real objects, and forgeries that break one rule each. */
import { describe, expect, test } from 'vitest';
import { NO_POLICY } from '../../src/core/policy.ts';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import type { ObjectKind } from '../../src/core/verdict.ts';
import { verifyObject } from '../../src/core/verify.ts';
import { ENTRY_CASES, SIGNATURE_CASES } from '../vectors/attacks/entryForgeries.ts';
import { ENTRY, HARMLESS, WITHOUT_ENTRY } from '../vectors/attacks/entryMutations.ts';
import { forge, toy } from '../vectors/attacks/forge.ts';
import { type Expected, LEAF_CASES } from '../vectors/attacks/leafForgeries.ts';
import type { Table } from '../vectors/attacks/mutations.ts';
import { ANY_OBJECT, COMMIT_ONLY, TAG_ONLY } from '../vectors/attacks/objectMutations.ts';
import { COMMIT_PAYLOADS, TAG_PAYLOADS } from '../vectors/attacks/payloadForgeries.ts';
import { PROOF } from '../vectors/attacks/proofMutations.ts';
import { SIGNATURE } from '../vectors/attacks/signatureMutations.ts';
import { foldHeader, hasEntry, putTogether, takeApart } from '../vectors/attacks/signedObject.ts';
import { STRUCTURE } from '../vectors/attacks/structureMutations.ts';
import { TRUST_CASES } from '../vectors/attacks/trustForgeries.ts';
import { hasCorpus, readCorpus, readTrust } from './corpus.ts';
import { COMMIT, embed } from './toySigstore.ts';

const trust = parseTrustedRoot(Buffer.from(toy.trustedRoot()));

/** The verdict in the words of the tables, with its reason where it surprises. */
function outcome(expected: Expected, raw: Uint8Array, kind: ObjectKind, under: Trust = trust): string {
  const { status, reason } = verifyObject(raw, kind, 'sha1', under, NO_POLICY);
  const refused = status === 'bad' || status === 'unreadable';
  const said = refused ? 'refused' : status;
  return said === expected ? said : `${status}: ${reason}`;
}

describe('every signature is right, and one rule is broken', () => {
  test.each([...LEAF_CASES, ...SIGNATURE_CASES, ...ENTRY_CASES])('%s: %s', (_, expected, forgery) => {
    expect(outcome(expected, embed(COMMIT, forge(COMMIT, forgery)), 'commit')).toBe(expected);
  });

  const signed = forge(COMMIT);
  test.each(TRUST_CASES)('trust: %s: %s', (_, expected, json) => {
    const under = parseTrustedRoot(Buffer.from(json));
    expect(outcome(expected, embed(COMMIT, signed), 'commit', under)).toBe(expected);
  });

  test.each(COMMIT_PAYLOADS)('commit %s: %s', (_, expected, text) => {
    const payload = Buffer.from(text, 'latin1');
    const end = text.indexOf('\n\n') + 1 || text.length;
    const folded = foldHeader('gpgsig', forge(payload));
    const raw = Buffer.from(text.slice(0, end) + folded + text.slice(end), 'latin1');
    expect(outcome(expected, raw, 'commit')).toBe(expected);
  });

  test.each(TAG_PAYLOADS)('tag %s: %s', (_, expected, text) => {
    const raw = Buffer.from(text + forge(Buffer.from(text, 'latin1')), 'latin1');
    expect(outcome(expected, raw, 'tag')).toBe(expected);
  });
});

describe('large objects get a verdict', () => {
  const text = COMMIT.toString('latin1');
  const signature = foldHeader('gpgsig', forge(COMMIT));
  const end = text.indexOf('\n\n') + 1;
  const withHeader = (header: string) =>
    Buffer.from(text.slice(0, end) + header + signature + text.slice(end), 'latin1');
  const parent = `parent ${'2'.repeat(40)}\n`;

  test.each([
    ['headers', 'x y\n'.repeat(2_000_000)],
    ['continuation lines', `x y\n${' z\n'.repeat(2_000_000)}`],
  ])('many %s', (_, header) => {
    expect(outcome('refused', withHeader(header), 'commit')).toBe('refused');
  });

  test('many parents', () => {
    const raw = Buffer.from(
      text.replace('author', `${parent.repeat(400_000)}author`).replace('\n\n', `\n${signature}\n`),
      'latin1',
    );
    expect(outcome('refused', raw, 'commit')).toBe('refused');
  });
  test('a signature of many lines', () => {
    const raw = Buffer.from(
      `${text.slice(0, end)}gpgsig x\n${' \n'.repeat(8_000_000)}${text.slice(end)}`,
      'latin1',
    );
    expect(outcome('refused', raw, 'commit')).toBe('refused');
  });
});

describe.runIf(hasCorpus)('real objects, changed', () => {
  const real = hasCorpus ? readTrust('corpus/trusted_root.json') : (undefined as never);
  const objects = readCorpus('corpus/signatures.jsonl.gz')
    .filter(({ expected }) => expected.startsWith('valid'))
    .map((object) => ({ ...object, pieces: takeApart(object.raw, object.kind) }))
    .map((object) => ({ ...object, logged: hasEntry(object.pieces) }));
  const pick = (kind: ObjectKind, logged: boolean) =>
    objects.filter((object) => object.kind === kind && object.logged === logged).slice(0, 4);
  const bases = [pick('commit', true), pick('commit', false), pick('tag', true), pick('tag', false)].flat();
  const logged = bases.filter((base) => base.logged);
  const every = <T>(table: Table, of: readonly T[]) =>
    table.flatMap((row) => of.map((base) => ({ row, base })));

  test('put together again they are what they were', () => {
    expect(bases.length).toBeGreaterThan(10);
    for (const { pieces, raw } of bases) expect(putTogether(pieces)).toEqual(raw);
  });

  test.each([
    ['the object', ANY_OBJECT, bases],
    ['the commit', COMMIT_ONLY, bases.filter(({ kind }) => kind === 'commit')],
    ['the tag', TAG_ONLY, bases.filter(({ kind }) => kind === 'tag')],
    ['the signature', SIGNATURE, bases],
    ['the structure', STRUCTURE, bases],
    ['the log entry', ENTRY, logged],
    ['the proof', PROOF, logged],
  ])('%s: no mutation is good, or only unproven', (_, table, of) => {
    const surprises = every(table, of).flatMap(({ row: [name, apply], base }) => {
      const donors = objects.filter(({ id, logged }) => id !== base.id && logged === base.logged);
      const donor = donors.find(({ kind }) => kind === base.kind) ?? donors[0];
      const raw = donor && apply(base.pieces, donor.pieces);
      if (raw === undefined || raw.equals(base.raw)) return [];
      const got = outcome('refused', raw, base.kind, real);
      return got === 'refused' ? [] : [`${name}, ${base.kind} ${base.id}: ${got}`];
    });
    expect(surprises).toEqual([]);
  });

  test('without its entry a signature is unproven, with something unused beside it as good as before', () => {
    for (const { base, row } of every(WITHOUT_ENTRY, logged)) {
      const raw = row[1](base.pieces, base.pieces);
      expect(raw && outcome('unproven', raw, base.kind, real)).toBe('unproven');
    }
    for (const { base, row } of every(HARMLESS, logged)) {
      const raw = row[1](base.pieces, base.pieces);
      expect(raw && outcome('good', raw, base.kind, real)).toBe('good');
    }
  });
});
