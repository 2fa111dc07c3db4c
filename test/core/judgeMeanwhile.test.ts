import { describe, expect, test } from 'vitest';
import { judgeHere, judgeMeanwhile } from '../../src/app/judgeHere.ts';
import { assumingSignatures } from '../../src/core/assume.ts';
import { type Found, isSound } from '../../src/core/facts.ts';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import { examineObject } from '../../src/core/verify.ts';
import type { Judge, RawObject } from '../../src/ports.ts';
import { hasCorpus, readCorpus, readTrust } from './corpus.ts';
import { COMMIT, embed, newKey, ToySigstore } from './toySigstore.ts';

const toy = new ToySigstore();

function toObject(raw: Uint8Array): RawObject {
  return { oid: '', kind: 'commit', objectFormat: 'sha1', raw };
}

/** Batches of so many, all handed over before the first is answered. */
async function judgeAll(
  judge: Judge,
  objects: readonly RawObject[],
  size: number,
): Promise<readonly Found[]> {
  const batches: RawObject[][] = [];
  for (let at = 0; at < objects.length; at += size) batches.push(objects.slice(at, at + size));
  const found = await Promise.all(batches.map((batch) => judge.judge(batch.map((object) => ({ object })))));
  return found.flat();
}

const inWords = (found: readonly Found[]) =>
  found.map((one) => (isSound(one) ? 'sound' : `${one.status}: ${one.reason}`));

describe('signatures that other threads verify', () => {
  const trust = () => parseTrustedRoot(Buffer.from(toy.trustedRoot()));
  const good = () => toObject(embed(COMMIT, toy.signPayload(COMMIT)));
  // A stranger's key in the place of the authority's, all else is right: it has only signatures that are wrong.
  const forged = toObject(embed(COMMIT, toy.signPayload(COMMIT, { issuerKey: newKey('P-384') })));
  const FORGED = 'bad: the certificate is not signed by the authority that it names';

  test('one wrong one is told, and those around it stay what they are', async () => {
    const objects = [good(), good(), forged, good(), good()];
    const found = inWords(await judgeAll(judgeMeanwhile(trust()), objects, 2));
    expect(found).toEqual(['sound', 'sound', FORGED, 'sound', 'sound']);
  });

  test('a certificate is not remembered as right while that is not known, nor afterwards', async () => {
    const judge = judgeMeanwhile(trust());
    expect(inWords(await judgeAll(judge, [forged, forged, forged], 1))).toEqual([FORGED, FORGED, FORGED]);
    expect(inWords(await judgeAll(judge, [forged, good()], 1))).toEqual([FORGED, 'sound']);
  });

  test('an authority that its root did not sign is found out, and the trust remembers no other', async () => {
    const broken = [toy.makeIntermediate({ issuerKey: newKey('P-384') }), toy.root];
    const shared = parseTrustedRoot(Buffer.from(toy.trustedRoot(broken)));
    const NOT_SIGNED = 'bad: the certificate of the authority is not signed by its root';
    const found = await judgeAll(judgeMeanwhile(shared), [good(), good()], 1);
    expect(inWords(found)).toEqual([NOT_SIGNED, NOT_SIGNED]);
    const { raw } = good();
    expect(inWords([examineObject(raw, 'commit', 'sha1', shared)])).toEqual([NOT_SIGNED]);
  });

  test('where examining fails, the next one looks at signatures again', async () => {
    const broken = assumingSignatures(() => {
      throw new Error('a bug');
    });
    expect(inWords([examineObject(forged.raw, 'commit', 'sha1', trust())])).toEqual([FORGED]);
    await expect(broken).rejects.toThrow('a bug');
  });

  test('gives nothing where a signature is wrong, and what came of it where all are right', async () => {
    const examine = ({ raw }: RawObject) => examineObject(raw, 'commit', 'sha1', trust());
    expect(await assumingSignatures(() => examine(forged))).toBeUndefined();
    const object = good();
    expect(await assumingSignatures(() => examine(object))).toEqual(examine(object));
  });
});

describe.runIf(hasCorpus)('the corpora', () => {
  test.each([
    ['corpus/signatures.jsonl.gz', 'corpus/trusted_root.json'],
    ['corpus/other-signatures.jsonl', 'corpus/trusted_root.json'],
    ['corpus/tampered.jsonl.gz', 'corpus/trusted_root.json'],
    ['corpus/synthetic.jsonl.gz', 'corpus/synthetic.trusted_root.json'],
  ])(
    '%s is judged as by one thread, alone and among sound ones',
    async (name, root) => {
      const read = (): Trust => readTrust(root);
      const objects = readCorpus(name).map((one) => ({ ...one, oid: one.id }));
      const sound = objects.filter(({ expected }) => expected === 'valid-offline');
      const mixed = objects.flatMap((object, place) => [
        object,
        ...sound.slice(place % 40, (place % 40) + 1),
      ]);
      const exactly = await judgeAll(judgeHere(read()), mixed, 16);
      expect(await judgeAll(judgeMeanwhile(read()), mixed, 16)).toEqual(exactly);
    },
    300_000,
  );
});
