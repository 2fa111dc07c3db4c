import { describe, expect, test } from 'vitest';
import { NO_POLICY } from '../../src/core/policy.ts';
import type { Trust } from '../../src/core/trustedRoot.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { verifyObject } from '../../src/core/verify.ts';
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

  test('synthetic objects get their verdicts, those with timestamp tokens aside', () => {
    const later = ['S15', 'S16', 'X35', 'X36'];
    const objects = readCorpus('corpus/synthetic.jsonl.gz').filter(({ what }) => !later.includes(what));
    expect(objects).toHaveLength(51);
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

  test('objects that gitsign made offline are good', () => {
    const own = readTrust('recordings/trusted_root.json');
    const offline = readCorpus('recordings/gitsign-objects.jsonl').filter(({ what }) =>
      what.startsWith('offline'),
    );
    expect(offline).toHaveLength(10);
    const verdicts = offline.map((object) => verdictOf(object, own));
    expect(verdicts.map(({ status }) => status)).toEqual(offline.map(() => 'good'));
  });

  test('a Rekor v2 entry proves inclusion but no time', () => {
    const own = readTrust('recordings/trusted_root.json');
    const v2 = readCorpus('recordings/gitsign-objects.jsonl').find(
      ({ what }) => what === 'Rekor v2, no timestamp',
    );
    const verdict = v2 && verdictOf(v2, own);
    expect(verdict?.status).toBe('unproven');
    expect(verdict?.reason).toBe('Rekor v2 entries need a timestamp token');
  });

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
