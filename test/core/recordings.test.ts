/** What gitsign itself signed, with the log entries that a real Rekor had of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseEntry } from '../../src/adapters/rekor.ts';
import { encodeEvidenceEntry, NO_EVIDENCE, onlineQuery } from '../../src/core/evidence.ts';
import { splitObject } from '../../src/core/gitObject.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import type { Trust } from '../../src/core/trustedRoot.ts';
import type { ObjectFormat, ObjectKind, Verdict } from '../../src/core/verdict.ts';
import { verifyObject, verifySignature } from '../../src/core/verify.ts';
import { sharedPath } from '../shared.ts';
import { hasCorpus, readTrust } from './corpus.ts';

interface Row {
  readonly what: string;
  readonly kind: ObjectKind;
  readonly objectFormat: ObjectFormat;
  readonly id: string;
  readonly raw_base64: string;
  readonly rekorEntry?: unknown;
}

const path = sharedPath('recordings/gitsign-objects.jsonl');
const rows = (path === undefined ? '' : readFileSync(path, 'utf8'))
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Row);
const evidenceOf = ({ rekorEntry }: Row) =>
  rekorEntry === undefined
    ? NO_EVIDENCE
    : { entries: [encodeEvidenceEntry(parseEntry(Buffer.from(JSON.stringify(rekorEntry))))] };
const judge = ({ kind, objectFormat, raw_base64 }: Row, trust: Trust, evidence = NO_EVIDENCE) =>
  verifyObject(Buffer.from(raw_base64, 'base64'), kind, objectFormat, trust, NO_POLICY, evidence);
const inWords = (verdict: Verdict) =>
  verdict.status === 'good'
    ? `good: ${verdict.times.map(({ source }) => source).join(' and ')}, ${verdict.proof.source}`
    : `${verdict.status}: ${verdict.reason}`;

const NO_ENTRY = 'unproven: no log entry is embedded, so nothing proves when it was signed';

describe.runIf(hasCorpus)('objects that gitsign made', () => {
  const trust = hasCorpus ? readTrust('recordings/trusted_root.json') : (undefined as never);

  test.each([
    ['offline mode', 'good: log, embedded'],
    ['offline, no final newline', 'good: log, embedded'],
    ['offline, CRLF in the message', 'good: log, embedded'],
    ['offline, one line of 70,000 characters', 'good: log, embedded'],
    ['offline, non-ASCII and trailing blank lines', 'good: log, embedded'],
    ['offline, signed by another identity than the committer', 'good: log, embedded'],
    ['offline, on a side branch', 'good: log, embedded'],
    ['offline tag', 'good: log, embedded'],
    ['offline merge commit of a signed tag (mergetag)', 'good: log, embedded'],
    ['offline, SHA-256 repository', 'good: log, embedded'],
    ['Rekor v1 and a timestamp token', 'good: log and timestamp, embedded'],
    ['Rekor v2, no timestamp', 'unproven: Rekor v2 entries need a timestamp token'],
    ['Rekor v2 and a timestamp token', 'good: timestamp, embedded'],
    ['online mode', NO_ENTRY],
    ['online tag', NO_ENTRY],
    ['online mode and a timestamp token', NO_ENTRY],
    ['online, SHA-256 repository', NO_ENTRY],
  ])('%s: %s', (what, expected) => {
    expect(rows).toHaveLength(17);
    const row = rows.find((one) => one.what === what);
    expect(row && inWords(judge(row, trust))).toBe(expected);
  });

  test.each([
    ['online mode', 'good: log, evidence'],
    ['online tag', 'good: log, evidence'],
    ['online mode and a timestamp token', 'good: log and timestamp, evidence'],
    ['online, SHA-256 repository', 'good: log, evidence'],
  ])('%s, with the entry that the log has: %s', (what, expected) => {
    const row = rows.find((one) => one.what === what) as Row;
    expect(inWords(judge(row, trust, evidenceOf(row)))).toBe(expected);
    const { payload, signature = new Uint8Array(0) } = splitObject(
      Buffer.from(row.raw_base64, 'base64'),
      row.kind,
      row.objectFormat,
    );
    const verdict = verifySignature(payload, signature, trust, NO_POLICY, evidenceOf(row));
    expect(inWords(verdict)).toBe(expected);
    // What is looked for is the object's own name, but in a SHA-256 repository, where it is nobody's.
    const { objectId } = onlineQuery(payload, signature) ?? {};
    expect(objectId === row.id).toBe(row.objectFormat === 'sha1');
  });

  test("one object's entry is none for the others", () => {
    const online = rows.filter(({ rekorEntry }) => rekorEntry !== undefined);
    for (const row of online) {
      const others = online.filter((one) => one !== row).flatMap((one) => evidenceOf(one).entries);
      const verdict = judge(row, trust, { entries: others });
      expect(verdict.status).toBe('unproven');
      expect(verdict.reason).toMatch(
        /and the evidence does not help: the log entry is of another signature$/,
      );
      expect(judge(row, trust, { entries: [...others, ...evidenceOf(row).entries] }).status).toBe('good');
    }
  });

  test('an example of the public log is looked for by the digest of its name', () => {
    const { raw, kind } = JSON.parse(
      JSON.stringify(
        readFileSync(sharedPath('corpus/examples.jsonl') as string, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
          .map(({ raw_base64, kind, id }) => ({ raw: raw_base64, kind, id }))
          .find(({ id }) => id === 'bf21f2984600e046004ba656f0065aae326f9cbb'),
      ),
    ) as { raw: string; kind: ObjectKind };
    const { payload, signature = new Uint8Array(0) } = splitObject(Buffer.from(raw, 'base64'), kind, 'sha1');
    const query = onlineQuery(payload, signature);
    expect(query?.objectId).toBe('bf21f2984600e046004ba656f0065aae326f9cbb');
    expect(Buffer.from(query?.digest ?? []).toString('hex')).toBe(
      'd5f05cdfc0aa98c49fd815ef02123b4dfc720c19cc8c6f5c075f569be22f7a24',
    );
  });
});
