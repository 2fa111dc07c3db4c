import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeArmor, parseArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../src/core/cms.ts';
import { type Evidence, encodeEvidenceEntry, NO_EVIDENCE, onlineQuery } from '../../src/core/evidence.ts';
import { splitObject } from '../../src/core/gitObject.ts';
import { MAX_EVIDENCE_ENTRIES } from '../../src/core/limits.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import { encodeHashedRekord, type LogEntry } from '../../src/core/rekorEntry.ts';
import { encodeHashedRekordV2 } from '../../src/core/rekorV2Entry.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { verifyObject, verifySignature } from '../../src/core/verify.ts';
import { ToyLogV2 } from './toyLogV2.ts';
import { COMMIT, embed, NOW, newKey, sha256, ToySigstore } from './toySigstore.ts';
import { ToyAuthority, withAuthorities } from './toyTimestamps.ts';

const toy = new ToySigstore();
const tsa = new ToyAuthority();
const logV2 = new ToyLogV2(generateKeyPairSync('ed25519').privateKey);
const trust = parseTrustedRoot(
  withAuthorities(toy.trustedRoot(), [tsa.inTrustedRoot()], [logV2.inTrustedRoot()]),
);
const NO_ENTRY = 'no log entry is embedded, so nothing proves when it was signed';
const TAG = Buffer.from(`object ${'1'.repeat(40)}\ntype commit\ntag v1\ntagger A <a@b> 1 +0000\n\nmessage\n`);

/** A signature without log entry, as gitsign's online mode makes it, and what is needed to log it. */
function signOnline(payload: Uint8Array = COMMIT, { stamped = false, key = newKey() } = {}) {
  const certificate = toy.makeLeaf(key);
  const signedAttrs = encodeSignedAttrs(sha256(payload), NOW);
  const signature = sign('sha256', signedAttrs, key);
  const token = stamped ? { timestampToken: tsa.makeToken(signature) } : {};
  const parts = { signedAttrs, certificate, signature, logEntry: undefined, ...token };
  const armored = Buffer.from(encodeArmor(encodeCms(parts)));
  return { payload, armored, key, certificate, signedAttrs, signature };
}
type Signed = ReturnType<typeof signOnline>;

/** By hand, what git would name the object in a SHA-1 repository. */
function nameOf({ payload, armored }: Pick<Signed, 'payload' | 'armored'>): string {
  const isTag = Buffer.from(payload).toString().startsWith('object ');
  const object = isTag ? Buffer.concat([payload, armored]) : embed(payload, armored.toString());
  const header = `${isTag ? 'tag' : 'commit'} ${object.length}\0`;
  return createHash('sha1').update(header).update(object).digest('hex');
}

interface Logging {
  readonly name?: string;
  readonly key?: KeyObject;
  readonly certificate?: Uint8Array;
  readonly time?: bigint;
  readonly change?: (entry: LogEntry) => LogEntry;
}

/** gitsign's online entry over the name of what was signed. */
function logOnline(signed: Signed, logging: Logging = {}): LogEntry {
  const name = Buffer.from(logging.name ?? nameOf(signed));
  const second = sign('sha256', name, logging.key ?? signed.key);
  const body = encodeHashedRekord(sha256(name), second, logging.certificate ?? signed.certificate);
  const entry = toy.makeEntry(body, logging.time);
  return logging.change?.(entry) ?? entry;
}
const evidence = (...entries: readonly LogEntry[]): Evidence => ({
  entries: entries.map(encodeEvidenceEntry),
});
const judge = ({ payload, armored }: Pick<Signed, 'payload' | 'armored'>, given = NO_EVIDENCE) =>
  verifySignature(payload, armored, trust, NO_POLICY, given);
const outcome = (signed: Pick<Signed, 'payload' | 'armored'>, given?: Evidence) => {
  const { status, reason } = judge(signed, given);
  return status === 'good' ? status : `${status}: ${reason}`;
};

describe('what is looked for', () => {
  test.each([COMMIT, TAG])('is the SHA-1 name of the object as git stores it', (payload) => {
    const signed = signOnline(payload);
    const query = onlineQuery(payload, signed.armored);
    expect(query?.objectId).toBe(nameOf(signed));
    expect(Buffer.from(query?.digest ?? [])).toEqual(sha256(Buffer.from(nameOf(signed))));
    expect(Buffer.from(query?.certificate ?? [])).toEqual(Buffer.from(signed.certificate));
    expect(query?.fingerprint).toBe(
      createHash('sha1').update(signed.certificate).digest('hex').toUpperCase(),
    );
  });

  test('is the same where a caller leaves the last line feed out', () => {
    const { payload, armored } = signOnline();
    expect(onlineQuery(payload, armored.subarray(0, -1))).toEqual(onlineQuery(payload, armored));
  });

  test('is nothing where there is nothing to look for', () => {
    const { armored } = signOnline();
    expect(onlineQuery(Buffer.from('anything'), armored)).toBeUndefined();
    expect(onlineQuery(Buffer.from('tree without end'), armored)).toBeUndefined();
    expect(onlineQuery(COMMIT, Buffer.from('garbage'))).toBeUndefined();
    expect(onlineQuery(COMMIT, armored)).toBeDefined();
  });
});

describe('evidence', () => {
  test.each([COMMIT, TAG])('of the online mode makes a signature good', (payload) => {
    const signed = signOnline(payload);
    expect(outcome(signed)).toBe(`unproven: ${NO_ENTRY}`);
    const verdict = judge(signed, evidence(logOnline(signed)));
    if (verdict.status !== 'good') throw new Error(verdict.reason);
    expect(verdict.signedAt).toEqual(NOW);
    expect(verdict.times).toEqual([{ source: 'log', at: NOW, by: 'https://log.toy.test' }]);
    expect(verdict.proof).toMatchObject({ logIndex: 5n, source: 'evidence' });
    expect(verdict.checks.logEntry.detail).toMatch(/found beside the signature$/);
  });

  test('serves the object as it serves the signature', () => {
    const signed = signOnline();
    const raw = embed(COMMIT, signed.armored.toString());
    const given = evidence(logOnline(signed));
    expect(verifyObject(raw, 'commit', 'sha1', trust, NO_POLICY, given).status).toBe('good');
  });

  test('is about the SHA-1 name with gpgsig in a SHA-256 repository too', () => {
    const payload = Buffer.from(COMMIT.toString().replace('1'.repeat(40), '1'.repeat(64)));
    const signed = signOnline(payload);
    const raw = embed(payload, signed.armored.toString(), 'gpgsig-sha256');
    const given = evidence(logOnline(signed));
    expect(verifyObject(raw, 'commit', 'sha256', trust, NO_POLICY, given).status).toBe('good');
  });

  const signed = signOnline();
  const stranger = newKey();
  const minute = (minutes: number) => BigInt(NOW.getTime() / 1000 + minutes * 60);
  const sct = (change: Partial<LogEntry>) => (entry: LogEntry) => ({ ...entry, ...change });
  test.each<[string, Logging, string]>([
    ["of another object's name", { name: 'a'.repeat(40) }, 'the log entry is of another signature'],
    [
      "by somebody else's key",
      { key: stranger },
      'the logged signature is not by the key in the certificate',
    ],
    [
      'with another certificate',
      { certificate: toy.makeLeaf(signed.key) },
      'the log entry is of another signature',
    ],
    [
      'after the certificate ended',
      { time: minute(11) },
      'the signature was not made while the certificate was valid',
    ],
    ['before it began', { time: minute(-1) }, 'the signature was not made while the certificate was valid'],
    [
      'without promise',
      { change: sct({ signedEntryTimestamp: new Uint8Array(0) }) },
      'the log entry has no signed entry timestamp',
    ],
    [
      'with another promise',
      { change: sct({ integratedTime: minute(1) }) },
      "the signed entry timestamp is not the log's signature over this entry",
    ],
    [
      'with another index',
      { change: sct({ logIndex: 6n }) },
      "the signed entry timestamp is not the log's signature over this entry",
    ],
    [
      'of another log',
      { change: sct({ logId: Buffer.alloc(32) }) },
      'the log entry is of a log that is not in the trusted root',
    ],
    [
      'of another kind',
      { change: sct({ kindVersion: 'intoto 0.0.2' }) },
      'the log entry is of an unknown kind',
    ],
    [
      'with another body',
      { change: (entry) => ({ ...entry, body: Buffer.from(`${Buffer.from(entry.body)} `) }) },
      'the log entry is of another signature',
    ],
    [
      'with a proof of something else',
      {
        change: (entry) => ({ ...entry, inclusionProof: toy.makeEntry(Buffer.from('else')).inclusionProof }),
      },
      'the inclusion proof does not lead from this signature to the root of the log',
    ],
  ])('%s does not count, and makes nothing worse', (_, logging, why) => {
    const useless = logOnline(signed, logging);
    expect(outcome(signed, evidence(useless))).toBe(
      `unproven: ${NO_ENTRY}, and the evidence does not help: ${why}`,
    );
    expect(outcome(signed, evidence(useless, logOnline(signed)))).toBe('good');
    expect(outcome(signed, evidence(logOnline(signed), useless))).toBe('good');
  });

  test('is over 40 characters and nothing else', () => {
    for (const name of [
      `${nameOf(signed)}\n`,
      nameOf(signed).toUpperCase(),
      Buffer.from(nameOf(signed), 'hex').toString('latin1'),
    ]) {
      expect(outcome(signed, evidence(logOnline(signed, { name })))).toMatch(
        /^unproven: .*of another signature$/,
      );
    }
  });

  test('of a signature is none for its malleated twin', () => {
    const given = evidence(logOnline(signed));
    expect(outcome(signed, given)).toBe('good');
    const { signature, certificate, signedAttrs } = signed;
    const twin = encodeCms({ signedAttrs, certificate, signature: otherS(signature), logEntry: undefined });
    const malleated = { payload: COMMIT, armored: Buffer.from(encodeArmor(twin)) };
    expect(outcome(malleated)).toBe(`unproven: ${NO_ENTRY}`);
    expect(outcome(malleated, given)).toMatch(/^unproven: .*of another signature$/);
  });

  test('of one payload is none for another that its signer signed', () => {
    const other = signOnline(Buffer.from(COMMIT.toString().replace('message', 'massage')), {
      key: signed.key,
    });
    expect(outcome(other, evidence(logOnline(signed)))).toMatch(/^unproven: /);
    expect(outcome(other, evidence(logOnline(other)))).toBe('good');
  });

  test('may be an entry over the artifact itself', () => {
    const body = encodeHashedRekord(sha256(signed.signedAttrs), signed.signature, signed.certificate);
    expect(outcome(signed, evidence(toy.makeEntry(body)))).toBe('good');
    const wrong = encodeHashedRekord(
      sha256(signed.signedAttrs),
      otherS(signed.signature),
      signed.certificate,
    );
    expect(outcome(signed, evidence(toy.makeEntry(wrong)))).toMatch(/^unproven: /);
  });

  test('of a Rekor v2 log needs a timestamp token, as an embedded one does', () => {
    const stamped = signOnline(COMMIT, { stamped: true });
    const bodyOf = ({ signedAttrs, signature, certificate }: Signed) =>
      encodeHashedRekordV2(sha256(signedAttrs), signature, certificate);
    expect(outcome(stamped)).toBe(`unproven: ${NO_ENTRY}`);
    expect(outcome(stamped, evidence(logV2.makeEntry(bodyOf(stamped))))).toBe('good');
    expect(outcome(signed, evidence(logV2.makeEntry(bodyOf(signed))))).toMatch(
      /Rekor v2 entries need a timestamp token$/,
    );
    expect(outcome(stamped, evidence(logV2.makeEntry(bodyOf(signed))))).toMatch(/of another signature$/);
  });

  test('gives the earliest time, in whatever order it comes', () => {
    const early = logOnline(signed, { time: minute(1) });
    const late = logOnline(signed, { time: minute(2) });
    const stale = logOnline(signed, { time: minute(-1) });
    for (const given of [
      evidence(late, early, stale),
      evidence(stale, early, late),
      evidence(early, stale, late),
    ]) {
      const verdict = judge(signed, given);
      expect(verdict.status === 'good' && verdict.signedAt).toEqual(new Date(NOW.getTime() + 60_000));
    }
  });

  test('does not repair what is embedded', () => {
    const { key, certificate, signedAttrs, signature } = signed;
    const body = encodeHashedRekord(sha256(signedAttrs), signature, certificate);
    const wrong = { ...toy.makeEntry(body), signedEntryTimestamp: Buffer.alloc(70, 1) };
    const armored = Buffer.from(
      encodeArmor(encodeCms({ signedAttrs, certificate, signature, logEntry: wrong })),
    );
    const broken = { ...signed, armored, key };
    expect(outcome(broken)).toMatch(/^bad: the signed entry timestamp/);
    expect(outcome(broken, evidence(logOnline(broken)))).toBe(outcome(broken));
  });

  test('is read up to a limit, and junk costs nothing', () => {
    const junk = Array.from({ length: MAX_EVIDENCE_ENTRIES }, (_, place) => Buffer.from([place]));
    const entry = logOnline(signed);
    const [right = Buffer.of()] = evidence(entry).entries;
    expect(outcome(signed, { entries: [...junk.slice(1), right] })).toBe('good');
    expect(outcome(signed, { entries: [...junk, right] })).toMatch(/^unproven: /);
    expect(outcome(signed, { entries: [Buffer.alloc(70_000)] })).toMatch(/larger than 64 KiB$/);
    const bodiless = Buffer.from(right).subarray(0, right.length - entry.body.length - 3);
    expect(outcome(signed, { entries: [bodiless] })).toMatch(/^unproven: /);
  });

  test('that is mangled never counts, and never throws', () => {
    const [right = Buffer.of()] = evidence(logOnline(signed)).entries;
    expect(outcome(signed, { entries: [right] })).toBe('good');
    const survivors: number[] = [];
    for (let at = 0; at < right.length; at++) {
      const mangled = Buffer.from(right);
      mangled[at] = (mangled[at] as number) ^ 0x01;
      const { status } = judge(signed, { entries: [mangled] });
      if (status !== 'unproven') survivors.push(at);
    }
    expect(survivors).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }), (entries) => {
        expect(judge(signed, { entries }).status).toBe('unproven');
      }),
    );
  });

  test('does not matter where the signature carries its entry', () => {
    const armored = Buffer.from(toy.signPayload(COMMIT));
    const verdict = judge({ payload: COMMIT, armored }, evidence(logOnline(signed)));
    expect(verdict.status === 'good' && verdict.proof.source).toBe('embedded');
  });

  test('is found for what splitting gives as for what git hands over', () => {
    const raw = embed(COMMIT, signed.armored.toString());
    const { payload, signature = new Uint8Array(0) } = splitObject(raw, 'commit', 'sha1');
    expect(onlineQuery(payload, signature)).toEqual(onlineQuery(COMMIT, signed.armored));
    expect(parseArmor(signature)).toEqual(parseArmor(signed.armored));
  });
});

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** n − s in the place of s: as right as the first, and other bytes. */
function otherS(signature: Uint8Array): Uint8Array {
  const bytes = Buffer.from(signature);
  const rLength = bytes[3] as number;
  const s = BigInt(`0x${bytes.subarray(6 + rLength).toString('hex')}`);
  const hex = (ORDER - s).toString(16);
  const digits = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  const number = (digits[0] as number) > 0x7f ? Buffer.concat([Buffer.of(0), digits]) : digits;
  const body = Buffer.concat([bytes.subarray(2, 4 + rLength), Buffer.of(2, number.length), number]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}
