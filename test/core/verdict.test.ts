/** What is made of a signature, whatever the bytes are. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeArmor, parseArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs, parseCms } from '../../src/core/cms.ts';
import { NO_POLICY, type Policy } from '../../src/core/policy.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { verifyAttached, verifyObject, verifySignature } from '../../src/core/verify.ts';
import { COMMIT, embed, NOW, newKey, sha256, ToySigstore } from './toySigstore.ts';

const toy = new ToySigstore();
const trust = parseTrustedRoot(Buffer.from(toy.trustedRoot()));
const judge = (payload: Uint8Array, armored: string, policy: Policy = NO_POLICY) =>
  verifySignature(payload, Buffer.from(armored), trust, policy);

describe('the verdict', () => {
  const armored = toy.signPayload(COMMIT);

  test('follows the policy', () => {
    const identity = {
      subject: { type: 'email', value: 'alice@example.com' },
      issuer: 'https://issuer.example',
    } as const;
    const allow = (...identities: (typeof identity)[]): Policy => ({ kind: 'allow', identities });
    const named = judge(COMMIT, armored, allow(identity));
    expect(named.status === 'good' && named.policy).toBe('allowed');
    const nobody = judge(COMMIT, armored, allow());
    expect(nobody.status).toBe('untrusted');
    expect(nobody.checks.identity.result).toBe('failed');
    expect(judge(COMMIT, armored).status).toBe('good');
  });

  test('names the signer of a bad signature only if the chain holds', () => {
    const forged = judge(Buffer.concat([COMMIT, Buffer.from('more')]), armored);
    expect(forged.status === 'bad' && forged.signer?.identity.subject.value).toBe('alice@example.com');
    const unknown = judge(COMMIT, toy.signPayload(COMMIT, { issuerKey: newKey('P-384') }));
    expect(unknown.status).toBe('bad');
    expect(unknown).not.toHaveProperty('signer');
  });

  test('is the same for the object and for what git hands over', () => {
    const raw = embed(COMMIT, armored);
    expect(verifyObject(raw, 'commit', 'sha1', trust, NO_POLICY).status).toBe('good');
    expect(
      verifyObject(embed(COMMIT, armored, 'gpgsig-sha256'), 'commit', 'sha1', trust, NO_POLICY).reason,
    ).toBe('the signature is in gpgsig-sha256, not in gpgsig');
    expect(verifyObject(COMMIT, 'commit', 'sha1', trust, NO_POLICY).reason).toBe('the commit is not signed');
    const empty = verifySignature(COMMIT, new Uint8Array(0), trust, NO_POLICY);
    expect(empty.status === 'unreadable' && empty.format).toBe('none');
  });

  test('is not given over a payload inside, except when asked for', () => {
    const key = newKey();
    const certificate = toy.makeLeaf(key);
    const cms = parseCms(parseArmor(Buffer.from(armored)));
    expect(cms.content).toBeUndefined();
    const signedAttrs = encodeSignedAttrs(sha256(COMMIT), NOW);
    const attached = encodeArmor(
      encodeCms({ signedAttrs, certificate, signature: Buffer.of(1), logEntry: undefined, content: COMMIT }),
    );
    expect(judge(COMMIT, attached).reason).toBe('the signature carries a payload of its own');
    const { payload, verdict } = verifyAttached(Buffer.from(attached), trust, NO_POLICY);
    expect(Buffer.from(payload ?? [])).toEqual(COMMIT);
    expect(verdict.reason).toBe('the signature is not by the key in the certificate');
    expect(verifyAttached(Buffer.from(armored), trust, NO_POLICY).verdict.reason).toBe(
      'the signature does not carry what was signed',
    );
  });
});

describe('whatever the input', () => {
  const raw = embed(COMMIT, toy.signPayload(COMMIT));

  test('no changed byte of a signed commit leaves it good', () => {
    const accepted: string[] = [];
    for (let at = 0; at < raw.length; at++) {
      const before = raw[at] as number;
      for (const after of [before ^ 1, before ^ 0x20, 0x0a, 0x20]) {
        if (after === before) continue;
        raw[at] = after;
        const { status } = verifyObject(raw, 'commit', 'sha1', trust, NO_POLICY);
        if (status === 'good') accepted.push(`${at}: ${before} to ${after}`);
      }
      raw[at] = before;
    }
    expect(accepted).toEqual([]);
    expect(verifyObject(raw, 'commit', 'sha1', trust, NO_POLICY).status).toBe('good');
  }, 120_000);

  test('no changed byte of the CMS itself leaves it good, and none makes it throw', () => {
    const der = Buffer.from(parseArmor(Buffer.from(toy.signPayload(COMMIT))));
    const statusOf = () => judge(COMMIT, encodeArmor(der)).status;
    const accepted: string[] = [];
    for (let at = 0; at < der.length; at++) {
      const before = der[at] as number;
      for (const after of [before ^ 1, before ^ 0x80, (before + 1) & 0xff, 0]) {
        if (after === before) continue;
        der[at] = after;
        if (statusOf() === 'good') accepted.push(`${at}: ${before} to ${after}`);
      }
      der[at] = before;
    }
    expect(accepted).toEqual([]);
    expect(statusOf()).toBe('good');
  }, 120_000);

  test('cut, doubled and spliced objects get a verdict, and never a good one', () => {
    fc.assert(
      fc.property(
        fc.nat(raw.length - 1),
        fc.nat(raw.length - 1),
        fc.uint8Array({ maxLength: 8 }),
        (a, b, filler) => {
          const [from, to] = a < b ? [a, b] : [b, a];
          const spliced = Buffer.concat([raw.subarray(0, from), filler, raw.subarray(to)]);
          if (spliced.equals(raw)) return;
          for (const kind of ['commit', 'tag'] as const) {
            expect(verifyObject(spliced, kind, 'sha1', trust, NO_POLICY).status).not.toBe('good');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
