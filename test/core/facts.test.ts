import { sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../src/core/cms.ts';
import { encodeEvidenceEntry } from '../../src/core/evidence.ts';
import { encodeFacts, factKey, isSound, judge, parseFacts, type Sound } from '../../src/core/facts.ts';
import { NO_POLICY, type Policy } from '../../src/core/policy.ts';
import { encodeHashedRekord } from '../../src/core/rekorEntry.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { createVerifier, examineObject, examineSignature, verifySignature } from '../../src/core/verify.ts';
import { COMMIT, embed, NOW, newKey, sha256, ToySigstore } from './toySigstore.ts';

const toy = new ToySigstore();
const trust = parseTrustedRoot(Buffer.from(toy.trustedRoot()));
const armored = Buffer.from(toy.signPayload(COMMIT));
const sound = soundOf(examineSignature(COMMIT, armored, trust));

function soundOf(found: ReturnType<typeof examineSignature>): Sound {
  if (!isSound(found)) throw new Error(found.reason);
  return found;
}
const allow = (value: string): Policy => ({
  kind: 'allow',
  identities: [{ subject: { type: 'email', value }, issuer: 'https://issuer.example' }],
});

describe('facts', () => {
  test('and a policy make the verdict', () => {
    expect(judge(sound, NO_POLICY)).toMatchObject({ status: 'good', policy: 'none', signedAt: NOW });
    expect(judge(sound, allow('alice@example.com'))).toMatchObject({ status: 'good', policy: 'allowed' });
    expect(judge(sound, allow('bob@example.com'))).toMatchObject({
      status: 'untrusted',
      checks: { identity: { result: 'failed' } },
    });
    for (const policy of [NO_POLICY, allow('alice@example.com'), allow('bob@example.com')]) {
      expect(judge(sound, policy)).toEqual(verifySignature(COMMIT, armored, trust, policy));
      expect(judge(parseFacts(encodeFacts(sound)) as Sound, policy)).toEqual(judge(sound, policy));
    }
    expect(sound.checks.identity.result).toBe('skipped');
  });

  test('are none of what is not sound', () => {
    const found = examineSignature(Buffer.from('else'), armored, trust);
    expect(isSound(found)).toBe(false);
    expect(judge(found, NO_POLICY)).toEqual(found);
  });

  // The sign for what is no text is read from nowhere: bytes.ts refuses it.
  const words = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\ufffd', ''));
  const any: fc.Arbitrary<Sound> = fc
    .record({
      detail: words,
      subject: words,
      issuer: words,
      certificate: fc.uint8Array({ maxLength: 50 }),
      claims: fc.array(fc.tuple(fc.integer({ min: 1, max: 24 }), words), { maxLength: 5 }),
      at: fc.date({ noInvalidDate: true }),
      by: words,
      logIndex: fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }),
      source: fc.constantFrom('embedded' as const, 'evidence' as const),
      type: fc.constantFrom('email' as const, 'uri' as const, 'username' as const),
    })
    .map(({ detail, subject, issuer, certificate, claims, at, by, logIndex, source, type }) => ({
      ...sound,
      checks: { ...sound.checks, sct: { result: 'passed', detail } },
      signer: {
        ...sound.signer,
        identity: { subject: { type, value: subject }, issuer },
        certificate: Buffer.from(certificate),
        claims: new Map(claims),
      },
      signedAt: at,
      times: [{ source: 'timestamp', at, by }],
      proof: { ...sound.proof, logIndex, source },
    }));

  test('come back from their bytes as they were', () => {
    fc.assert(
      fc.property(any, (facts) => void expect(parseFacts(encodeFacts(facts))).toEqual(facts)),
      { numRuns: 300 },
    );
  });

  test('are read in one spelling only', () => {
    const bytes = Buffer.from(encodeFacts(sound));
    const text = bytes.toString();
    expect(parseFacts(bytes)).toEqual(sound);
    const others = [
      `${text} `,
      text.replace('[', '[ '),
      text.replace('facts/v2', 'facts/v1'),
      text.replace('"passed"', '"maybe"'),
      text.replace('"email"', '"phone"'),
      text.replace('"log"', '"clock"'),
      text.replace('"embedded"', '"elsewhere"'),
      text.replace(`${NOW.getTime()}`, `${NOW.getTime()}.5`),
      text.replace(`${NOW.getTime()}`, '1e99'),
      text.replace('"5"', '"05"'),
      text.replace('"5"', '"-5"'),
      text.replace(/]$/, ',1]'),
      text.replace('["passed","commit"],', ''),
      '',
      '[]',
      'null',
      '{}',
      '['.repeat(5000),
      'x'.repeat(70_000),
    ];
    for (const other of others) {
      expect(other).not.toBe(text);
      expect(parseFacts(Buffer.from(other))).toBeUndefined();
    }
    for (let at = 0; at < bytes.length; at++) {
      const mangled = Buffer.from(bytes);
      mangled[at] = (mangled[at] as number) ^ 0x80;
      expect(parseFacts(mangled)).toBeUndefined();
    }
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 100 }),
          fc.json().map((json) => Buffer.from(json)),
        ),
        (junk) => {
          expect(parseFacts(junk)).toBeUndefined();
        },
      ),
    );
  });
});

describe('the key of facts', () => {
  const raw = embed(COMMIT, armored.toString());
  const other = parseTrustedRoot(Buffer.from(`${toy.trustedRoot()} `));
  const entry = Buffer.of(1);
  test('is another one for everything that facts follow from', () => {
    const keys = [
      factKey({ raw, kind: 'commit', objectFormat: 'sha1' }, trust),
      factKey({ raw, kind: 'tag', objectFormat: 'sha1' }, trust),
      factKey({ raw, kind: 'commit', objectFormat: 'sha256' }, trust),
      factKey({ raw: COMMIT, kind: 'commit', objectFormat: 'sha1' }, trust),
      factKey({ raw, kind: 'commit', objectFormat: 'sha1' }, other),
      factKey({ raw, kind: 'commit', objectFormat: 'sha1' }, trust, { entries: [entry] }),
      factKey({ raw, kind: 'commit', objectFormat: 'sha1' }, trust, { entries: [entry, entry] }),
      factKey({ payload: COMMIT, armored }, trust),
      factKey({ payload: armored, armored: COMMIT }, trust),
      factKey({ payload: COMMIT, armored }, trust, { entries: [entry] }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(factKey({ payload: COMMIT, armored }, trust)).toBe(keys[7]);
  });
});

describe('a verifier of histories', () => {
  test('answers as the functions do, again and again', () => {
    const verifier = createVerifier(trust);
    const one = toy.signPayload(COMMIT);
    const bad = toy.signPayload(COMMIT, { key: newKey() });
    for (const text of [one, bad, one, bad, toy.signPayload(COMMIT)]) {
      const raw = embed(COMMIT, text);
      const exactly = examineObject(raw, 'commit', 'sha1', trust);
      expect(isSound(exactly)).toBe(text !== bad);
      expect(verifier.examineObject(raw, 'commit', 'sha1')).toEqual(exactly);
      const found = verifier.examineSignature(COMMIT, Buffer.from(text));
      expect(found).toEqual(examineSignature(COMMIT, Buffer.from(text), trust));
    }
  });

  test('does not take what it knows of one certificate for what it knows of its times', () => {
    const verifier = createVerifier(trust);
    const [good, late] = [0, 601].map((seconds) => {
      const shifted = new Date(NOW.getTime() - seconds * 1000);
      return toy.signPayload(COMMIT, { notBefore: shifted, notAfter: new Date(shifted.getTime() + 600_000) });
    });
    const found = [good, late, good, late].map((text) =>
      verifier.examineSignature(COMMIT, Buffer.from(text ?? '')),
    );
    expect(found.map(isSound)).toEqual([true, false, true, false]);
  });

  test('does not remember what it took as right when it was interrupted', () => {
    const key = newKey();
    const right = toy.makeLeaf(key);
    const wrong = Uint8Array.from(right);
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1; // of the authority's signature: the SCT stays right
    const signAs = (certificate: Uint8Array) => {
      const signedAttrs = encodeSignedAttrs(sha256(COMMIT), NOW);
      const signature = sign('sha256', signedAttrs, key);
      const logEntry = toy.makeEntry(encodeHashedRekord(sha256(signedAttrs), signature, certificate));
      const arm = (embedded: typeof logEntry | undefined) =>
        Buffer.from(encodeArmor(encodeCms({ signedAttrs, certificate, signature, logEntry: embedded })));
      return { whole: arm(logEntry), bare: arm(undefined), entry: encodeEvidenceEntry(logEntry) };
    };
    for (const [certificate, isRight] of [
      [wrong, false],
      [right, true],
    ] as const) {
      const { whole, bare, entry } = signAs(certificate);
      const verifier = createVerifier(trust);
      const broken = { entries: [entry, undefined as unknown as Uint8Array] };
      expect(() => verifier.examineSignature(COMMIT, bare, broken)).toThrow(TypeError);
      expect(isSound(verifier.examineSignature(COMMIT, whole))).toBe(isRight);
    }
  });
});
