/** Every object of the corpora before us and before others; where they differ, the table knows it and why. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial } from '@sigstore/verify';
import { afterAll, describe, expect, test } from 'vitest';
import { NO_POLICY } from '../../src/core/policy.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { verifyObject } from '../../src/core/verify.ts';
import { type CorpusObject, hasCorpus, readCorpus, readTrust } from '../core/corpus.ts';
import { sharedPath } from '../shared.ts';
import { DISAGREEMENTS, type Oracle, STRICTER } from './disagreements.ts';
import { askOpenssl, askPkijs, askSigstore, dearmor, splitAsGit } from './others.ts';

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
let asked = 0;

describe.runIf(hasCorpus)('beside others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-differential-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(CORPORA)('%s', { timeout: 300_000 }, async (name, root) => {
    const trust = readTrust(root);
    const json = JSON.parse(readFileSync(sharedPath(root) ?? '', 'utf8'));
    const material = toTrustMaterial(TrustedRoot.fromJSON(json));
    const objects = readCorpus(name);
    await inTwo(objects, async (object, lane) => {
      const verdict = verifyObject(object.raw, object.kind, object.objectFormat, trust, NO_POLICY);
      const { payload, armored } = splitAsGit(object.raw, object.kind, object.objectFormat);
      const der = dearmor(armored);
      const openssl = await askOpenssl(folder, lane, payload, der);
      compare('openssl', openssl, isSigned(verdict), object, verdict);
      compare('pkijs', await askPkijs(payload, der), isSigned(verdict), object, verdict);
      const sigstore = askSigstore(payload, der, material);
      compare('@sigstore/verify', sigstore, verdict.status === 'good', object, verdict);
      asked += 1;
    });
    expect(asked).toBeGreaterThanOrEqual(objects.length);
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
  opinion: string,
  ours: boolean,
  { id }: CorpusObject,
  { reason }: Verdict,
): void {
  if (opinion === 'accepts' && !ours) laxer.set(reason, (laxer.get(reason) ?? new Set()).add(oracle));
  if (opinion !== 'accepts' && ours)
    stricter.set(id, (stricter.get(id) ?? new Set()).add(`${oracle} ${opinion}`));
}

/** openssl is a process of its own: two lanes keep two cores busy. */
async function inTwo(
  objects: readonly CorpusObject[],
  judge: (object: CorpusObject, lane: string) => Promise<void>,
): Promise<void> {
  const queue = [...objects];
  const lane = async (name: string): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await judge(next, name);
  };
  await Promise.all([lane('a'), lane('b')]);
}
