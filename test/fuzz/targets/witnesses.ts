/** Timestamp tokens, evidence, notes, kept facts: what proves signatures beside their own bytes. */
import { readBatch } from '../../../src/adapters/git/batchOutput.ts';
import { mergeNotes, parseNote } from '../../../src/adapters/git/notesFormat.ts';
import { serviceAt } from '../../../src/adapters/http.ts';
import { openTimestampAnswer } from '../../../src/adapters/timestampAuthority.ts';
import { encodeInteger, encodeSequence } from '../../../src/core/derEncode.ts';
import { encodeFacts, parseFacts } from '../../../src/core/facts.ts';
import { NO_POLICY } from '../../../src/core/policy.ts';
import { nonceOf, openTimestampToken } from '../../../src/core/timestampToken.ts';
import { verifyObject } from '../../../src/core/verify.ts';
import { places, readTree } from '../../vectors/attacks/derTree.ts';
import { derOf, proves, tokenEssence } from '../essence.ts';
import { recordedBodies, seedFile, toyObjects, toyTrust } from '../seeds.ts';
import { BrokenPromise, mustEqual, orRefused, type Target } from '../target.ts';

const token = seedFile('stamped.token');
const nonce = nonceOf(token) ?? 0n;
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
      if (orRefused(() => openTimestampAnswer(TSA, body, nonce + 1n)) !== undefined)
        throw new BrokenPromise('an answer with a nonce that nobody sent');
      const given = orRefused(() => openTimestampAnswer(TSA, body, nonce));
      const opened = given && orRefused(() => openTimestampToken(given, signature, toyTrust, { nonce }));
      if (given === undefined || opened === undefined) return;
      mustEqual(JSON.stringify(tokenEssence(readTree(Buffer.from(given)))), tokenParts, 'what was stamped');
    },
  },
  {
    name: 'evidence',
    seeds: () => [entry, seedFile('rekor_v2.entry')],
    run: (bytes) => {
      const evidence = { entries: [bytes] };
      const { status } = verifyObject(unproven, 'commit', 'sha1', toyTrust, NO_POLICY, evidence);
      if (!['good', 'unproven'].includes(status)) throw new BrokenPromise(`evidence made it ${status}`);
      if (status === 'good' && !proves(bytes, entry)) throw new BrokenPromise('proven by another entry');
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
];
