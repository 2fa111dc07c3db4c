/** Every object of the corpora before us and before others; where they differ, the table knows it and why. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial } from '@sigstore/verify';
import { describe, expect, test } from 'vitest';
import { NO_POLICY } from '../../src/core/policy.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { verifyObject } from '../../src/core/verify.ts';
import { type CorpusObject, hasCorpus, readCorpus, readTrust } from '../core/corpus.ts';
import { sharedPath } from '../shared.ts';
import { DISAGREEMENTS, type Oracle, STRICTER } from './disagreements.ts';
import { askOpenssl, askPkijs, askSigstore, dearmor, type Opinion, splitAsGit } from './others.ts';

const CORPORA = [
  ['corpus/signatures.jsonl.gz', 'corpus/trusted_root.json'],
  ['corpus/examples.jsonl', 'corpus/trusted_root.json'],
  ['corpus/tampered.jsonl.gz', 'corpus/trusted_root.json'],
  ['corpus/synthetic.jsonl.gz', 'corpus/synthetic.trusted_root.json'],
  ['recordings/gitsign-objects.jsonl', 'recordings/trusted_root.json'],
] as const;

/** What was seen over all corpora. */
const laxer = new Map<string, Set<Oracle>>();
const stricter = new Map<string, Set<string>>();

describe.runIf(hasCorpus)('beside others', () => {
  test.each(CORPORA)('%s', { timeout: 600_000 }, async (name, root) => {
    const trust = readTrust(root);
    const json = JSON.parse(readFileSync(sharedPath(root) ?? '', 'utf8'));
    const material = toTrustMaterial(TrustedRoot.fromJSON(json));
    const objects = readCorpus(name).map((object) => {
      const { raw, kind, objectFormat } = object;
      const { payload, armored } = splitAsGit(raw, kind, objectFormat);
      const verdict = verifyObject(raw, kind, objectFormat, trust, NO_POLICY);
      return { object, verdict, payload, der: dearmor(armored) };
    });
    const folder = mkdtempSync(join(tmpdir(), 'signet-differential-'));
    try {
      const asking = askOpenssl(folder, objects);
      for (const { object, verdict, payload, der } of objects) {
        compare('pkijs', await askPkijs(payload, der), isSigned(verdict), object, verdict);
        const sigstore = askSigstore(payload, der, material);
        compare('@sigstore/verify', sigstore, verdict.status === 'good', object, verdict);
      }
      const opinions = await asking;
      expect(opinions).toHaveLength(objects.length);
      for (const [i, { object, verdict }] of objects.entries())
        compare('openssl', opinions[i] ?? 'refuses: unasked', isSigned(verdict), object, verdict);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('each disagreement is known, and each known one happens', () => {
    const seen = [...laxer].map(([reason, oracles]) => `${reason}: ${[...oracles].sort().join(' ')}`);
    const known = DISAGREEMENTS.map(({ reason, accepted }) => `${reason}: ${accepted}`);
    expect(seen.sort()).toEqual(known.sort());
  });

  test('what we find good is refused by nobody, but for the certificates that a library encodes anew', () => {
    const seen = Object.fromEntries(
      [...stricter].map(([id, opinions]) => [id, [...opinions].sort().join(' ')]),
    );
    expect(seen).toEqual(STRICTER);
  });
});

/** The CMS signature alone is right over this payload. */
function isSigned({ checks }: Verdict): boolean {
  return checks.signature.result === 'passed';
}

function compare(
  oracle: Oracle,
  opinion: Opinion,
  ours: boolean,
  { id }: CorpusObject,
  { reason }: Verdict,
): void {
  if (opinion === 'accepts' && !ours) laxer.set(reason, (laxer.get(reason) ?? new Set()).add(oracle));
  if (opinion !== 'accepts' && ours)
    stricter.set(id, (stricter.get(id) ?? new Set()).add(`${oracle} ${opinion}`));
}
