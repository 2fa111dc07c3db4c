/** Timestamp tokens, evidence, notes, kept facts, bundles: what proves signatures beside their own bytes. */
import { parseBundle } from '../../../src/adapters/bundle.ts';
import { readBatch } from '../../../src/adapters/git/batchOutput.ts';
import { mergeNotes, parseNote } from '../../../src/adapters/git/notesFormat.ts';
import { serviceAt } from '../../../src/adapters/http.ts';
import { parseV2Entry } from '../../../src/adapters/rekorV2.ts';
import { openTimestampAnswer } from '../../../src/adapters/timestampAuthority.ts';
import { encodeInteger, encodeSequence } from '../../../src/core/derEncode.ts';
import { encodeFacts, parseFacts } from '../../../src/core/facts.ts';
import { NO_POLICY } from '../../../src/core/policy.ts';
import { openTimestampToken } from '../../../src/core/timestampToken.ts';
import { verifyObject } from '../../../src/core/verify.ts';
import { places, readTree, writeTree } from '../../vectors/attacks/derTree.ts';
import { derOf, tokenEssence } from '../essence.ts';
import { recordedBodies, seedFile, toyObjects, toyTrust } from '../seeds.ts';
import { BrokenPromise, mustEqual, orRefused, type Target } from '../target.ts';

const token = seedFile('stamped.token');
const tokenParts = JSON.stringify(tokenEssence(readTree(token)));
const stamped = derOf(seedFile('stamped.commit').toString('latin1').replaceAll('\n ', '\n'));
const signature = places(readTree(stamped)).signature.content;
const unproven = seedFile('online.unproven');
const entry = seedFile('online.entry');
const TSA = serviceAt('TSA', 'signet.timestampServerURL', 'https://tsa.example', false);

const facts = toyObjects.flatMap(({ raw, kind, objectFormat }) => {
  const verdict = verifyObject(raw, kind, objectFormat, toyTrust, NO_POLICY);
  return verdict.status === 'good' ? [Buffer.from(encodeFacts(verdict))] : [];
});

const V2_ENTRY = {
  logIndex: '12',
  logId: { keyId: Buffer.alloc(32, 1).toString('base64') },
  kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
  integratedTime: '0',
  inclusionPromise: null,
  inclusionProof: {
    logIndex: '12',
    rootHash: Buffer.alloc(32, 2).toString('base64'),
    treeSize: '13',
    hashes: [Buffer.alloc(32, 3).toString('base64')],
    checkpoint: { envelope: 'log.toy.test\n13\nAAAA\n\n— log.toy.test AAAAAAAA\n' },
  },
  canonicalizedBody: Buffer.from('{"apiVersion":"0.0.2"}').toString('base64'),
};

export const WITNESSES: readonly Target[] = [
  {
    name: 'timestampToken',
    seeds: () => [token],
    run: (der) => {
      const opened = orRefused(() => openTimestampToken(der, signature, toyTrust));
      if (opened === undefined) return;
      mustEqual(JSON.stringify(tokenEssence(readTree(der))), tokenParts, 'what was stamped');
    },
  },
  {
    name: 'tsaAnswer',
    seeds: () => [
      Buffer.from(encodeSequence(encodeSequence(encodeInteger(0)), token)),
      Buffer.from(encodeSequence(encodeSequence(encodeInteger(2)))),
      ...recordedBodies('tsa.json', /./),
    ],
    run: (body) => {
      const given = orRefused(() => openTimestampAnswer(TSA, body, 1n));
      if (given !== undefined) throw new BrokenPromise('an answer with a nonce that nobody sent');
    },
  },
  {
    name: 'rekorV2',
    seeds: () => [Buffer.from(JSON.stringify(V2_ENTRY)), ...recordedBodies('rekor-v2.json', /log\/entries/)],
    run: (body) => void orRefused(() => parseV2Entry(body)),
  },
  {
    name: 'evidence',
    seeds: () => [entry, seedFile('rekor_v2.entry')],
    run: (bytes) => {
      const evidence = { entries: [bytes] };
      const { status } = verifyObject(unproven, 'commit', 'sha1', toyTrust, NO_POLICY, evidence);
      if (!['good', 'unproven'].includes(status)) throw new BrokenPromise(`evidence made it ${status}`);
      if (status === 'good' && !mayProve(bytes)) throw new BrokenPromise('proven by another entry');
      const beside = { entries: [bytes, entry] };
      const again = verifyObject(unproven, 'commit', 'sha1', toyTrust, NO_POLICY, beside).status;
      if (again !== 'good') throw new BrokenPromise(`a wrong entry beside the right one makes it ${again}`);
    },
  },
  {
    name: 'notes',
    seeds: () => [Buffer.from(mergeNotes([], { entries: [entry, token] }))],
    run: (note) => {
      const { entries } = parseNote(note);
      const again = parseNote(Buffer.from(mergeNotes([note], { entries: [entry] })));
      if (!again.entries.some((each) => entry.equals(each))) throw new BrokenPromise('an entry got lost');
      if (entries.length > 16) throw new BrokenPromise(`${entries.length} entries`);
    },
  },
  {
    name: 'facts',
    seeds: () => facts,
    run: (bytes) => {
      const parsed = orRefused(() => parseFacts(bytes));
      if (parsed !== undefined)
        mustEqual(encodeFacts(parsed), bytes, 'facts that parse are the one encoding');
    },
  },
  {
    name: 'batchOutput',
    seeds: () => [
      Buffer.from(
        `${'1'.repeat(40)} commit 5\nhello\n${'2'.repeat(40)} missing\n${'3'.repeat(40)} tag 0\n\n`,
      ),
    ],
    run: (output) => {
      for (const { content } of readBatch(output)) {
        if (content.length > output.length) throw new BrokenPromise('more than there is');
      }
    },
  },
  {
    name: 'bundle',
    seeds: () => [Buffer.from(JSON.stringify(BUNDLE))],
    run: (bytes) => void orRefused(() => parseBundle(bytes)),
  },
];

const [leaf] = places(readTree(stamped)).certificates.children ?? [];

const BUNDLE = {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {
    certificate: { rawBytes: leaf === undefined ? '' : writeTree(leaf).toString('base64') },
    tlogEntries: [V2_ENTRY],
    timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: token.toString('base64') }] },
  },
  messageSignature: {
    messageDigest: { algorithm: 'SHA2_256', digest: Buffer.alloc(32, 5).toString('base64') },
    signature: signature.toString('base64'),
  },
};

/** The same entry, but for lines of witnesses in its checkpoint. */
function mayProve(bytes: Buffer): boolean {
  const until = entry.indexOf('\n\n');
  return bytes.indexOf(entry.subarray(until - 60, until)) >= 0;
}
