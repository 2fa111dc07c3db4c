import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { encodeFacts, isSound, parseFacts } from '../../src/core/facts.ts';
import { splitObject } from '../../src/core/gitObject.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import type { Trust } from '../../src/core/trustedRoot.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { createVerifier, examineObject, examineSignature, verifyObject } from '../../src/core/verify.ts';
import { examinePlainSignature } from '../../src/core/verifyPlain.ts';
import { type CorpusObject, hasCorpus, readCorpus, readTrust } from './corpus.ts';

/** What the corpus says, as statuses. */
function allowed(expected: string): readonly Verdict['status'][] {
  switch (expected) {
    case 'valid-offline':
      return ['good'];
    case 'valid-signature-needs-log':
      return ['unproven'];
    case 'invalid':
      return ['bad', 'unreadable'];
    case 'any':
      return ['good', 'untrusted', 'unproven', 'bad', 'unreadable'];
    default:
      return ['unreadable'];
  }
}

function verdictOf({ raw, kind, objectFormat }: CorpusObject, trust: Trust): Verdict {
  return verifyObject(raw, kind, objectFormat, trust, NO_POLICY);
}

/** Objects whose verdict is not the one that the corpus demands. */
function surprises(objects: readonly CorpusObject[], trust: Trust): readonly string[] {
  return objects.flatMap((object) => {
    const { status, reason } = verdictOf(object, trust);
    return allowed(object.expected).includes(status)
      ? []
      : [`${object.what} ${object.id} ${object.expected}: ${status}, ${reason}`];
  });
}

describe.runIf(hasCorpus)('the corpus', () => {
  const trust = hasCorpus ? readTrust('corpus/trusted_root.json') : (undefined as never);

  test.each([
    ['corpus/signatures.jsonl.gz', 839],
    ['corpus/examples.jsonl', 2],
    ['corpus/other-signatures.jsonl', 32],
    ['corpus/tampered.jsonl.gz', 1176],
  ])('%s gets its verdicts', (name, count) => {
    const objects = readCorpus(name);
    expect(objects).toHaveLength(count);
    expect(surprises(objects, trust)).toEqual([]);
  });

  test('synthetic objects get their verdicts', () => {
    const objects = readCorpus('corpus/synthetic.jsonl.gz');
    expect(objects).toHaveLength(55);
    expect(surprises(objects, readTrust('corpus/synthetic.trusted_root.json'))).toEqual([]);
  });

  test.each([
    ['X01', 'the signature was not made while the certificate was valid'],
    ['X03', 'the certificate has no SCT'],
    ['X04', 'no SCT of the certificate is of a trusted CT log'],
    ['X05', 'the CT log was not trusted at the time of the SCT'],
    ['X07', "the SCT is not the CT log's signature over this certificate"],
    ['X08', 'the certificate is not for code signing'],
    ['X09', 'the certificate is not for code signing'],
    ['X11', 'the certificate of the signer is one of an authority'],
    ['X12', 'the certificate names no identity'],
    ['X13', 'the certificate has the unknown critical extension 1.2.3.4.5'],
    ['X15', 'the certificate is not from a trusted authority'],
    ['X16', 'the authority was not trusted when the signature was made'],
    ['X17', 'the certificate of an authority was not valid when the signature was made'],
    ['X19', 'the log entry is of a log that is not in the trusted root'],
    ['X20', "the signed entry timestamp is not the log's signature over this entry"],
    ['X21', 'the checkpoint is not signed by the log that the entry names'],
    ['X27', 'the payload is not the one that was signed'],
    ['X28', 'the signed attributes are not in DER order'],
    ['X29', 'the list of signers has too many parts'],
    ['X31', 'the set of signed attributes has the wrong type'],
    ['X32', 'the log entry has no time'],
    ['X33', 'the log entry has no signed entry timestamp'],
    ['X35', 'the timestamp is of another signature'],
    ['X36', 'the signature was not made while the certificate was valid'],
    // Any verdict would do: the checkpoint's name and the log's key do not make the log's id (C2SP signed-note).
    ['S16', 'the checkpoint is of another log'],
    ['X37', 'the certificate is not signed by the authority that it names'],
    ['X40', 'the certificate is not for code signing'],
  ])('%s is refused because %s', (what, reason) => {
    const object = readCorpus('corpus/synthetic.jsonl.gz').find((row) => row.what === what);
    expect(object && verdictOf(object, readTrust('corpus/synthetic.trusted_root.json')).reason).toBe(reason);
  });

  test('what is not in our format is told by its format', () => {
    const formats = readCorpus('corpus/other-signatures.jsonl').map((object) => {
      const verdict = verdictOf(object, trust);
      return `${object.what.slice(0, 16)}: ${verdict.status === 'unreadable' ? verdict.format : verdict.status}`;
    });
    expect([...new Set(formats)].sort()).toEqual([
      'PGP signature wr: pgp',
      'PGP signature: pgp',
      'SSH signature: ssh',
      'commit message q: none',
      'gpgsig value sta: pgp',
      'has a mergetag h: none',
      'unsigned: none',
    ]);
  });

  test('leafs without SCT and the draft encoding stay unproven, whatever evidence comes', () => {
    const objects = readCorpus('corpus/signatures.jsonl.gz').filter(
      ({ expected }) => expected === 'valid-signature-needs-log',
    );
    const reasons = new Map<string, number>();
    for (const { raw, kind, objectFormat } of objects) {
      const evidence = { entries: [Buffer.of(1)] };
      const verdict = verifyObject(raw, kind, objectFormat, trust, NO_POLICY, evidence);
      expect(verdict.status).toBe('unproven');
      reasons.set(verdict.reason, (reasons.get(verdict.reason) ?? 0) + 1);
    }
    const junk = 'and the evidence does not help: the log entry has an unknown field';
    const all = [...reasons.keys()].sort();
    expect(reasons.get('the certificate is from before 2022-06-02 and carries no SCT')).toBe(18);
    expect(all).toContain(`no log entry is embedded, so nothing proves when it was signed, ${junk}`);
    expect(all).toContain(`the log entry is in a draft encoding that no release wrote, ${junk}`);
    expect(all).toHaveLength(3);
  });

  test('a token beside the log entry gives a second time', () => {
    const object = readCorpus('corpus/synthetic.jsonl.gz').find(({ what }) => what === 'S15');
    const verdict = object && verdictOf(object, readTrust('corpus/synthetic.trusted_root.json'));
    if (verdict?.status !== 'good') throw new Error(`not good: ${verdict?.reason}`);
    expect(verdict.times.map(({ source }) => source)).toEqual(['log', 'timestamp']);
    expect(verdict.signedAt).toEqual(verdict.times[0]?.at);
    expect(verdict.checks.timestamp.detail).toMatch(/^stamped by https:/);
  });

  test('remembering, leaving out and keeping change nothing of a verdict', () => {
    let rare = 0;
    let sound = 0;
    const names = ['signatures.jsonl.gz', 'tampered.jsonl.gz', 'other-signatures.jsonl', 'examples.jsonl'];
    const verifier = createVerifier(trust);
    const same = (a: unknown, b: unknown, { what, id }: CorpusObject) =>
      isDeepStrictEqual(a, b) ? [] : [`${what} ${id}`];
    const others = names
      .flatMap((name) => readCorpus(`corpus/${name}`))
      .filter((_, place) => place % 3 === 0)
      .flatMap((object) => {
        const { raw, kind, objectFormat } = object;
        const found = examineObject(raw, kind, objectFormat, trust);
        const remembered = verifier.examineObject(raw, kind, objectFormat);
        const { payload, signature } = splitObject(raw, kind, objectFormat);
        const plain = signature && examinePlainSignature(payload, signature, trust);
        if (plain === undefined) rare++;
        if (isSound(found)) sound++;
        return [
          ...same(remembered, found, object),
          ...(plain && isSound(found) ? same(plain, found, object) : []),
          ...(plain && signature ? same(plain, examineSignature(payload, signature, trust), object) : []),
          ...(isSound(found) ? same(parseFacts(encodeFacts(found)), found, object) : []),
        ];
      });
    expect(others).toEqual([]);
    expect([rare > 30, sound > 30]).toEqual([true, true]);
  }, 120_000);

  test('a good verdict says who, when and where, and skips nothing unseen', () => {
    const object = readCorpus('corpus/examples.jsonl').find(({ expected }) => expected === 'valid-offline');
    const verdict = object && verdictOf(object, trust);
    if (verdict?.status !== 'good') throw new Error(`not good: ${verdict?.reason}`);
    expect(verdict.signedAt).toEqual(new Date('2023-06-05T16:11:20Z'));
    expect(verdict.proof).toEqual({
      logIndex: 22784639n,
      logId: 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d',
      logUrl: 'https://rekor.sigstore.dev',
      source: 'embedded',
    });
    expect(verdict.signer.fingerprint).toBe('3B930175F5D96A75DF7ED9FB1F04235130D640E2');
    expect(verdict.signer.authority).toBe('sigstore.dev, sigstore');
    expect(verdict.algorithm).toEqual({ publicKey: 19, hash: 8 });
    const results = Object.entries(verdict.checks).map(([name, { result }]) => `${name} ${result}`);
    expect(results).toEqual([
      'payload passed',
      'signature passed',
      'certificate passed',
      'sct passed',
      'logEntry passed',
      'timestamp skipped',
      'identity skipped',
    ]);
  });
});
