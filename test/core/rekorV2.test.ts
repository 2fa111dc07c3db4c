import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../src/core/cms.ts';
import { isSound } from '../../src/core/facts.ts';
import { NO_POLICY } from '../../src/core/policy.ts';
import type { LogEntry } from '../../src/core/rekorEntry.ts';
import { encodeHashedRekordV2, openV2Entry } from '../../src/core/rekorV2Entry.ts';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import { createVerifier, verifySignature } from '../../src/core/verify.ts';
import { sharedPath } from '../shared.ts';
import { hasCorpus } from './corpus.ts';
import { ToyLogV2 } from './toyLogV2.ts';
import { COMMIT, NOW, newKey, sha256, ToySigstore } from './toySigstore.ts';
import { ToyAuthority, withAuthorities } from './toyTimestamps.ts';

const toy = new ToySigstore();
const tsa = new ToyAuthority();
const log = new ToyLogV2(generateKeyPairSync('ed25519').privateKey);
const trustOf = (...logs: readonly unknown[]): Trust =>
  parseTrustedRoot(withAuthorities(toy.trustedRoot(), [tsa.inTrustedRoot()], logs));
const trust = trustOf(log.inTrustedRoot());

interface Making {
  readonly by?: ToyLogV2;
  readonly change?: (entry: LogEntry) => LogEntry;
  readonly time?: string | null;
  readonly origin?: string;
  readonly witnesses?: string;
  readonly body?: (body: Uint8Array) => Uint8Array;
}

/** A signature over COMMIT with an entry of the log and a token. */
function signatureWith(making: Making = {}): Buffer {
  const key = newKey();
  const certificate = toy.makeLeaf(key);
  const signedAttrs = encodeSignedAttrs(sha256(COMMIT), NOW);
  const signature = sign('sha256', signedAttrs, key);
  const body = encodeHashedRekordV2(sha256(signedAttrs), signature, certificate);
  const entry = (making.by ?? log).makeEntry(making.body?.(body) ?? body, making);
  const logEntry = making.change?.(entry) ?? entry;
  const time = making.time === undefined ? {} : { time: making.time as string };
  const stamped = making.time === null ? {} : { timestampToken: tsa.makeToken(signature, time) };
  return Buffer.from(encodeArmor(encodeCms({ signedAttrs, certificate, signature, logEntry, ...stamped })));
}

const outcome = (making: Making = {}, by = trust) => {
  const { status, reason } = verifySignature(COMMIT, signatureWith(making), by, NO_POLICY);
  return status === 'good' ? status : `${status}: ${reason}`;
};
const withProof = (change: Partial<LogEntry['inclusionProof']>): Making => ({
  change: (entry) => ({ ...entry, inclusionProof: { ...entry.inclusionProof, ...change } }),
});

describe('an entry of a Rekor v2 log', () => {
  test('is good with a timestamp token, whose time counts', () => {
    const verdict = verifySignature(COMMIT, signatureWith(), trust, NO_POLICY);
    if (verdict.status !== 'good') throw new Error(verdict.reason);
    expect(verdict.signedAt).toEqual(NOW);
    expect(verdict.times).toEqual([{ source: 'timestamp', at: NOW, by: 'https://tsa.toy.test' }]);
    const logId = log.id.toString('hex');
    expect(verdict.proof).toEqual({
      logIndex: 1n,
      logId,
      logUrl: 'https://log2026.toy.test',
      source: 'embedded',
    });
  });

  test('is unproven without', () => {
    expect(outcome({ time: null })).toBe('unproven: Rekor v2 entries need a timestamp token');
  });

  test('may be labelled as gitsign labels it', () => {
    const change = (entry: LogEntry) => ({ ...entry, kindVersion: 'hashedrekord 0.0.1' });
    expect(outcome({ change })).toBe('good');
  });

  const other = new ToyLogV2(generateKeyPairSync('ed25519').privateKey);
  const witness = (text = 'x') => `— witness.test ${Buffer.alloc(76, text).toString('base64')}\n`;
  test.each<[string, Making, string]>([
    ['witnesses beside the log', { witnesses: witness().repeat(16) }, 'good'],
    [
      'a broken witness line',
      { witnesses: '— witness\n' },
      'bad: the checkpoint has a malformed signature line',
    ],
    ['a proof that does not say where', withProof({ logIndex: 0n }), 'good'],
    ['a proof that does not say of what tree', withProof({ treeSize: 0n }), 'good'],
    [
      'a proof for another place',
      withProof({ logIndex: 2n }),
      'bad: the inclusion proof is for another index than the log entry',
    ],
    [
      'a proof for another size',
      withProof({ treeSize: 4n }),
      'bad: the inclusion proof is for another tree size than the checkpoint',
    ],
    [
      'a proof for another root',
      withProof({ rootHash: Buffer.alloc(32, 1) }),
      'bad: the inclusion proof is for another root than the checkpoint',
    ],
    [
      'too few hashes',
      withProof({ hashes: [Buffer.alloc(32)] }),
      'bad: the inclusion proof has too few hashes',
    ],
    [
      'other hashes',
      withProof({ hashes: [Buffer.alloc(32), Buffer.alloc(32)] }),
      'bad: the inclusion proof does not lead from this signature to the root of the log',
    ],
    [
      'another place',
      { change: (entry) => ({ ...entry, logIndex: 2n }) },
      'bad: the inclusion proof is for another index than the log entry',
    ],
    [
      'another place, in the proof as well',
      {
        change: (entry) => ({
          ...entry,
          logIndex: 0n,
          inclusionProof: { ...entry.inclusionProof, logIndex: 0n },
        }),
      },
      'bad: the inclusion proof does not lead from this signature to the root of the log',
    ],
    [
      'a time',
      { change: (entry) => ({ ...entry, integratedTime: 1_780_315_200n }) },
      'bad: the log entry has a time or promise, which logs of its kind do not give',
    ],
    [
      'a promise',
      { change: (entry) => ({ ...entry, signedEntryTimestamp: Buffer.alloc(70) }) },
      'bad: the log entry has a time or promise, which logs of its kind do not give',
    ],
    [
      'another kind',
      { change: (entry) => ({ ...entry, kindVersion: 'dsse 0.0.2' }) },
      'bad: the log entry is of an unknown kind',
    ],
    [
      'another body',
      { body: (body) => Buffer.from(Buffer.from(body).toString().replace('0.0.2', '0.0.3')) },
      'bad: the inclusion proof does not lead from this signature to the root of the log',
    ],
    ['another log', { by: other }, 'bad: the log entry is of a log that is not in the trusted root'],
    ['another name', { origin: 'log2025.toy.test' }, 'bad: the checkpoint is of another log'],
    [
      "another log's signature",
      {
        change: (entry) => ({ ...entry, inclusionProof: { ...other.makeEntry(entry.body).inclusionProof } }),
      },
      'bad: the checkpoint is not signed by the log that the entry names',
    ],
    [
      'a token of the past',
      { time: '20260601115959Z' },
      'bad: the signature was not made while the certificate was valid',
    ],
    [
      'a token of later',
      { time: '20260601121001Z' },
      'bad: the signature was not made while the certificate was valid',
    ],
    ['a token of the last second', { time: '20260601121000Z' }, 'good'],
  ])('with %s', (_, making, expected) => {
    expect(outcome(making)).toBe(expected);
  });

  test('counts while its log is trusted, by the time of the token', () => {
    const until = (end: string) => trustOf(log.inTrustedRoot({ start: '2026-01-01T00:00:00Z', end }));
    expect(outcome({}, until('2026-06-01T12:00:00Z'))).toBe('good');
    expect(outcome({}, until('2026-06-01T11:59:59Z'))).toBe(
      'bad: the log was not trusted at the time of the entry',
    );
  });

  test.each<[string, KeyObject]>([
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
    ['ECDSA', newKey()],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ])('is bound to the name and key of a log with an %s key', (kind, key) => {
    const by = new ToyLogV2(key);
    expect(outcome({ by }, trustOf(by.inTrustedRoot()))).toBe('good');
    // A log id that was made in another way, everything else by the same key.
    const misnamed = new ToyLogV2(key, 'elsewhere.test');
    const renamed = outcome({ by: misnamed, origin: 'log2026.toy.test' }, trustOf(misnamed.inTrustedRoot()));
    // The same name with a tree id behind it is another tree's: the key signs for one name only.
    const withTree =
      (tree: string) =>
      (entry: LogEntry): LogEntry => {
        const root = Buffer.from(entry.inclusionProof.rootHash).toString('base64');
        const text = `${by.origin}${tree}\n3\n${root}\n`;
        const checkpoint = `${text}\n${by.line(text)}`;
        return { ...entry, inclusionProof: { ...entry.inclusionProof, checkpoint } };
      };
    const treeOf = (tree: string) => outcome({ by, change: withTree(tree) }, trustOf(by.inTrustedRoot()));
    expect(treeOf('')).toBe('good');
    expect(treeOf(' - 123')).toBe('bad: the checkpoint is of another log');
    // The id of an ECDSA log is of its key alone.
    expect(renamed).toBe(kind === 'ECDSA' ? 'good' : 'bad: the checkpoint is of another log');
  });

  test('names the kind of key', () => {
    const text = (details?: { details: string; algorithm: string; digest: 'sha384' }) =>
      Buffer.from(encodeHashedRekordV2(Buffer.of(1), Buffer.of(2), Buffer.of(3), details)).toString();
    expect(text()).toContain('"keyDetails":"PKIX_ECDSA_P256_SHA_256"');
    expect(text({ details: 'PKIX_ECDSA_P384_SHA_384', algorithm: 'SHA2_384', digest: 'sha384' })).toContain(
      '{"algorithm":"SHA2_384","digest":"AQ=="}',
    );
  });
});

describe('mangled entries of a Rekor v2 log', () => {
  test('are never good, and never an exception', () => {
    const armored = signatureWith();
    // Remembers the leaf: it is the same in all of them.
    const verifier = createVerifier(trust);
    const good = (text: Buffer) => isSound(verifier.examineSignature(COMMIT, text));
    expect(good(armored)).toBe(true);
    const der = Buffer.from(armored.toString().replace(/-----.*?-----|\n/g, ''), 'base64');
    const again = (bytes: Uint8Array) => Buffer.from(encodeArmor(bytes));
    expect(good(again(der))).toBe(true);
    const start = der.indexOf(Buffer.from('2b0601040183bf300301', 'hex'));
    const kind = der.indexOf('hashedrekord');
    const survivors: number[] = [];
    for (let at = start; at < der.length; at++) {
      const mangled = Buffer.from(der);
      mangled[at] = (mangled[at] as number) ^ 0x03;
      if (good(again(mangled))) survivors.push(at);
    }
    // `0.0.2` is what the signer claims: 0.0.1 means the same.
    expect(survivors).toEqual([kind + 18]);
  });
});

describe.skipIf(!hasCorpus)('a real Rekor v2 log', () => {
  test("'s recorded answers open", () => {
    const own = parseTrustedRoot(readFileSync(sharedPath('recordings/trusted_root.json') as string));
    const exchanges = JSON.parse(readFileSync(sharedPath('recordings/rekor-v2.json') as string, 'utf8'));
    const answers = exchanges.filter(
      ({ response }: { response?: { body?: { json?: { canonicalizedBody?: string } } } }) =>
        response?.body?.json?.canonicalizedBody !== undefined,
    );
    expect(answers.length).toBeGreaterThan(0);
    for (const { response } of answers) {
      const { logIndex, logId, inclusionProof: proof, canonicalizedBody } = response.body.json;
      const bytes = (text: string) => Buffer.from(text, 'base64');
      const entry = {
        kindVersion: 'hashedrekord 0.0.2',
        logIndex: BigInt(logIndex),
        logId: bytes(logId.keyId),
        integratedTime: 0n,
        signedEntryTimestamp: new Uint8Array(0),
        inclusionProof: {
          logIndex: BigInt(proof.logIndex),
          rootHash: bytes(proof.rootHash),
          treeSize: BigInt(proof.treeSize),
          hashes: (proof.hashes ?? []).map(bytes),
          checkpoint: proof.checkpoint.envelope,
        },
      };
      const body = bytes(canonicalizedBody);
      expect(openV2Entry(entry, body, [], own).logIndex).toBe(BigInt(logIndex));
      expect(() => openV2Entry(entry, body.subarray(1), [], own)).toThrow(
        'does not lead from this signature',
      );
    }
  });
});
