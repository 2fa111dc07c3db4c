/** Every offline signature of the corpora as a Sigstore bundle, before Sigstore's own client and back before us. */
import { readFileSync } from 'node:fs';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { describe, expect, test } from 'vitest';
import { parseBundle } from '../../src/adapters/bundle.ts';
import { parseEntry } from '../../src/adapters/rekor.ts';
import { type Bundled, makeBundle } from '../../src/app/bundle.ts';
import { bundleJudge } from '../../src/app/judgeBundle.ts';
import { encodeBundle } from '../../src/core/bundle.ts';
import { type Evidence, encodeEvidenceEntry, NO_EVIDENCE } from '../../src/core/evidence.ts';
import { isSound, type Sound } from '../../src/core/facts.ts';
import type { Trust } from '../../src/core/trustedRoot.ts';
import { examineObject } from '../../src/core/verify.ts';
import type { RawObject } from '../../src/ports.ts';
import { type CorpusObject, hasCorpus, readCorpus, readTrust } from '../core/corpus.ts';
import { sharedPath } from '../shared.ts';
import { STRICTER } from './disagreements.ts';

interface Root {
  readonly trust: Trust;
  readonly material: TrustMaterial;
}

function rootAt(name: string): Root {
  const json = JSON.parse(readFileSync(sharedPath(name) ?? '', 'utf8'));
  return { trust: readTrust(name), material: toTrustMaterial(TrustedRoot.fromJSON(json)) };
}

const toRaw = ({ id, kind, objectFormat, raw }: CorpusObject): RawObject => ({
  oid: id,
  kind,
  objectFormat,
  raw,
});

/** What we make of an object; undefined where it is not sound. */
function bundled(
  object: CorpusObject,
  { trust }: Root,
  evidence: Evidence = NO_EVIDENCE,
): (Bundled & { readonly sound: Sound }) | undefined {
  const sound = examineObject(object.raw, object.kind, object.objectFormat, trust, evidence);
  return isSound(sound) ? { sound, ...makeBundle(toRaw(object), sound.proof, trust, evidence) } : undefined;
}

/** Their opinion, in their words. */
function ask({ bundle, artifact }: Bundled, { material }: Root): string {
  const thresholds = { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 };
  try {
    const read = bundleFromJSON(JSON.parse(encodeBundle(bundle)));
    const signer = new Verifier(material, thresholds).verify(toSignedEntity(read, Buffer.from(artifact)));
    return signer.identity?.subjectAlternativeName ?? 'nobody';
  } catch (error) {
    return `refuses: ${error instanceof Error ? error.message : String(error)}`;
  }
}

describe.runIf(hasCorpus)('the corpora as bundles', () => {
  test('all 126 offline signatures: their client accepts each, and so do we, from the file', {
    timeout: 120_000,
  }, async () => {
    const root = rootAt('corpus/trusted_root.json');
    const offline = readCorpus('corpus/signatures.jsonl.gz').filter(
      ({ expected }) => expected === 'valid-offline',
    );
    expect(offline.length).toBe(126);
    const opinions: Record<string, string> = {};
    for (const object of offline) {
      const made = bundled(object, root);
      if (made === undefined) throw new Error(`${object.id} is not sound`);
      const opinion = ask(made, root);
      if (opinion !== made.sound.signer.identity.subject.value) opinions[object.id] = opinion;
      const read = parseBundle(Buffer.from(encodeBundle(made.bundle)));
      expect(read).toEqual(made.bundle);
      const [found] = await bundleJudge(read, made.artifact, root.trust).judge([{ object: toRaw(object) }]);
      expect(found).toMatchObject({ signedAt: made.sound.signedAt, proof: made.sound.proof });
    }
    const refused = Object.fromEntries(
      Object.entries(STRICTER).map(([id, said]) => [id, said.replace(/.*CERTIFICATE_ERROR /, 'refuses: ')]),
    );
    expect(opinions).toEqual(refused);
  });

  test('what gitsign made with a real Sigstore, online mode with the entries that the log had', async () => {
    const root = rootAt('recordings/trusted_root.json');
    const seen: Record<string, number> = { object: 0, online: 0, unproven: 0 };
    for (const { object, evidence } of recordings()) {
      const made = bundled(object, root, evidence);
      const form = made?.form ?? 'unproven';
      seen[form] = (seen[form] ?? 0) + 1;
      if (made === undefined) continue;
      expect(ask(made, root), object.what).toBe(made.sound.signer.identity.subject.value);
      const read = parseBundle(Buffer.from(encodeBundle(made.bundle)));
      const task = { object: toRaw(object) };
      const [found] = await bundleJudge(read, made.artifact, root.trust).judge([task]);
      expect(found).toMatchObject({ signedAt: made.sound.signedAt, signer: made.sound.signer });
    }
    expect(seen).toEqual({ object: 12, online: 4, unproven: 1 });
  });
});

function recordings(): readonly { readonly object: CorpusObject; readonly evidence: Evidence }[] {
  const path = sharedPath('recordings/gitsign-objects.jsonl') ?? '';
  const rows = readFileSync(path, 'utf8').trim().split('\n');
  return readCorpus('recordings/gitsign-objects.jsonl').map((object, i) => {
    const { rekorEntry } = JSON.parse(rows[i] ?? '') as { rekorEntry?: unknown };
    if (rekorEntry === undefined) return { object, evidence: NO_EVIDENCE };
    const entry = encodeEvidenceEntry(parseEntry(Buffer.from(JSON.stringify(rekorEntry))));
    return { object, evidence: { entries: [entry] } };
  });
}
