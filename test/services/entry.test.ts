import { describe, expect, test } from 'vitest';
import { parseSigningCertificate } from '../../src/adapters/fulcio.ts';
import { parseEntry } from '../../src/adapters/rekor.ts';
import { MAX_CERTIFICATES, MAX_CHECKPOINT_BYTES, MAX_PROOF_HASHES } from '../../src/core/limits.ts';
import { ENTRY_ID, entryMap, SOME_DER, SOME_PEM } from './clients.ts';

type Fields = Record<string, unknown>;

const parse = (text: string) => parseEntry(Buffer.from(text));
const withEntry = (change: Fields) => entryMap((entry) => ({ ...entry, ...change }));
const withProof = (change: Fields) =>
  entryMap((entry) => {
    const verification = entry['verification'] as { inclusionProof: Fields };
    return {
      ...entry,
      verification: { ...verification, inclusionProof: { ...verification.inclusionProof, ...change } },
    };
  });

describe('parseEntry', () => {
  test('hands over exactly what was sent', () => {
    expect(parse(entryMap())).toEqual({
      body: Buffer.from('{"apiVersion":"0.0.1","kind":"hashedrekord"}'),
      kindVersion: 'hashedrekord 0.0.1',
      integratedTime: 1_700_000_000n,
      logId: Buffer.alloc(32, 1),
      logIndex: 2_500_000_000n,
      signedEntryTimestamp: Buffer.from('set'),
      inclusionProof: {
        checkpoint: 'rekor.local - 1\n2\nAA==\n\n— rekor.local AAAA\n',
        hashes: [Buffer.alloc(32, 2)],
        logIndex: 1n,
        rootHash: Buffer.alloc(32, 3),
        treeSize: 2n,
      },
    });
  });

  test.each([0, 2 ** 31, 2 ** 53 - 1])('takes the index %d without loss', (logIndex) => {
    expect(parse(withEntry({ logIndex })).logIndex).toBe(BigInt(logIndex));
  });

  test('takes an entry with fields of the future, an id without tree, and a proof without hashes', () => {
    expect(parse(withEntry({ attestation: { data: 'AA==' } })).logIndex).toBe(2_500_000_000n);
    expect(parse(entryMap().replace(ENTRY_ID, ENTRY_ID.slice(16))).logIndex).toBe(2_500_000_000n);
    expect(parse(withProof({ hashes: [] })).inclusionProof.hashes).toEqual([]);
    const most = Array(MAX_PROOF_HASHES).fill('ab'.repeat(32));
    expect(parse(withProof({ hashes: most })).inclusionProof.hashes).toHaveLength(MAX_PROOF_HASHES);
  });

  const proof = `"inclusionProof" in "verification" in Rekor's entry`;
  test.each([
    ['no entry', '{}', "Rekor's answer does not hold exactly one entry."],
    [
      'two entries',
      `${entryMap().slice(0, -1)},"${'0'.repeat(80)}":{}}`,
      "Rekor's answer does not hold exactly one entry.",
    ],
    [
      'a wrong id',
      entryMap().replace(ENTRY_ID, 'constructor'),
      "Rekor's answer names its entry by something that is not an entry id.",
    ],
    ['an entry that is text', `{"${ENTRY_ID}":"x"}`, `"${ENTRY_ID}" in Rekor's answer is not a JSON object.`],
    ['no body', withEntry({ body: undefined }), `Rekor's entry has no text in "body".`],
    ['an empty body', withEntry({ body: '' }), `Rekor's entry has no text in "body".`],
    ['a body as object', withEntry({ body: {} }), `Rekor's entry has no text in "body".`],
    ['a body without padding', withEntry({ body: 'AA' }), `"body" in Rekor's entry is not canonical base64.`],
    [
      'a body with stray bits',
      withEntry({ body: 'AB==' }),
      `"body" in Rekor's entry is not canonical base64.`,
    ],
    ['a body in base64url', withEntry({ body: '-_8=' }), `"body" in Rekor's entry is not canonical base64.`],
    [
      'a body in two lines',
      withEntry({ body: 'AAAA\nAAAA' }),
      `"body" in Rekor's entry is not canonical base64.`,
    ],
    ['a negative index', withEntry({ logIndex: -1 }), `Rekor's entry has no whole number in "logIndex".`],
    ['a broken index', withEntry({ logIndex: 1.5 }), `Rekor's entry has no whole number in "logIndex".`],
    ['an index as text', withEntry({ logIndex: '1' }), `Rekor's entry has no whole number in "logIndex".`],
    [
      'an index that JSON rounds',
      withEntry({ logIndex: 2 ** 53 }),
      `Rekor's entry has no whole number in "logIndex".`,
    ],
    [
      'no time',
      withEntry({ integratedTime: null }),
      `Rekor's entry has no whole number in "integratedTime".`,
    ],
    [
      'a short log id',
      withEntry({ logID: '01'.repeat(31) }),
      `"logID" in Rekor's entry is not 32 bytes in lower-case hex.`,
    ],
    [
      'a log id in capitals',
      withEntry({ logID: 'AB'.repeat(32) }),
      `"logID" in Rekor's entry is not 32 bytes in lower-case hex.`,
    ],
    [
      'no verification',
      withEntry({ verification: undefined }),
      `"verification" in Rekor's entry is not a JSON object.`,
    ],
    [
      'no SET',
      withEntry({ verification: {} }),
      `"verification" in Rekor's entry has no text in "signedEntryTimestamp".`,
    ],
    [
      'no proof',
      withEntry({ verification: { signedEntryTimestamp: 'AAAA' } }),
      `${proof} is not a JSON object.`,
    ],
    ['no hashes', withProof({ hashes: null }), `${proof} has no list in "hashes".`],
    [
      'too many hashes',
      withProof({ hashes: Array(65).fill('ab'.repeat(32)) }),
      `${proof} has more than 64 elements in "hashes".`,
    ],
    ['a hash as number', withProof({ hashes: [1] }), `${proof} has something that is not text in "hashes".`],
    [
      'a long hash',
      withProof({ hashes: ['ab'.repeat(33)] }),
      `A hash in ${proof} is not 32 bytes in lower-case hex.`,
    ],
    ['no root', withProof({ rootHash: undefined }), `${proof} has no text in "rootHash".`],
    ['no size', withProof({ treeSize: undefined }), `${proof} has no whole number in "treeSize".`],
    ['no checkpoint', withProof({ checkpoint: undefined }), `${proof} has no text in "checkpoint".`],
    [
      'a long checkpoint',
      withProof({ checkpoint: 'x'.repeat(MAX_CHECKPOINT_BYTES + 1) }),
      `${proof} has a checkpoint of more than ${MAX_CHECKPOINT_BYTES} bytes.`,
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'service-answer', message }));
  });
});

describe('parseSigningCertificate', () => {
  const parseChain = (...certificates: unknown[]) =>
    parseSigningCertificate(
      Buffer.from(JSON.stringify({ signedCertificateEmbeddedSct: { chain: { certificates } } })),
    );
  const base64 = SOME_DER.toString('base64');
  const armored = (bytes: Uint8Array) =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE-----\n`;

  test('hands over the DER, leaf first', () => {
    expect(parseChain(SOME_PEM)).toEqual([SOME_DER]);
    expect(parseChain(armored(SOME_DER), SOME_PEM.trimEnd())).toEqual([SOME_DER, SOME_DER]);
    expect(parseChain(...Array(MAX_CERTIFICATES).fill(SOME_PEM))).toHaveLength(MAX_CERTIFICATES);
  });

  const first = "Certificate 1 in Fulcio's answer";
  const chain = `"chain" in "signedCertificateEmbeddedSct" in Fulcio's answer`;
  test.each([
    ['no certificate', [], `${chain} has nothing in "certificates".`],
    ['too many', Array(9).fill(SOME_PEM), `${chain} has more than 8 elements in "certificates".`],
    ['a number', [1], `${chain} has something that is not text in "certificates".`],
    ['bare base64', [base64], `${first} is not one PEM certificate.`],
    ['two in one', [SOME_PEM + SOME_PEM], `${first} is not one PEM certificate.`],
    ['text before', [`x\n${SOME_PEM}`], `${first} is not one PEM certificate.`],
    ['text after', [`${SOME_PEM}x`], `${first} is not one PEM certificate.`],
    [
      'another label',
      [SOME_PEM.replaceAll('CERTIFICATE', 'PUBLIC KEY')],
      `${first} is not one PEM certificate.`,
    ],
    ['stray bits', [armored(SOME_DER).replace('==\n', '\n')], `${first} is not canonical base64.`],
    [
      'a byte more',
      [armored(Buffer.concat([SOME_DER, Buffer.alloc(1)]))],
      `${first} is not one DER sequence.`,
    ],
    ['a byte less', [armored(SOME_DER.subarray(0, -1))], `${first} is not one DER sequence.`],
    ['no sequence', [armored(Buffer.alloc(600, 1))], `${first} is not one DER sequence.`],
    ['a bad second one', [SOME_PEM, 'x'], "Certificate 2 in Fulcio's answer is not one PEM certificate."],
  ])('refuses %s', (_what, certificates, message) => {
    expect(() => parseChain(...certificates)).toThrow(
      expect.objectContaining({ code: 'service-answer', message }),
    );
  });

  test('refuses a detached SCT by its name', () => {
    const answer = {
      signedCertificateDetachedSct: { chain: { certificates: [SOME_PEM] }, signedCertificateTimestamp: '' },
    };
    expect(() => parseSigningCertificate(Buffer.from(JSON.stringify(answer)))).toThrow(
      expect.objectContaining({
        code: 'service-answer',
        message: expect.stringContaining('signedCertificateDetachedSct'),
        hint: expect.stringContaining('precertificates'),
      }),
    );
  });
});
