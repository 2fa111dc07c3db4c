/** Sigstore bundles as hostile files, and what they prove of an object: signatures of either Rekor, stamped, and online ones. */
import { parseBundle } from '../../../src/adapters/bundle.ts';
import { parseV2Entry } from '../../../src/adapters/rekorV2.ts';
import { type Bundled, makeBundle } from '../../../src/app/bundle.ts';
import { bundleJudge } from '../../../src/app/judgeBundle.ts';
import { type Bundle, encodeBundle } from '../../../src/core/bundle.ts';
import { sameBytes } from '../../../src/core/bytes.ts';
import { type Evidence, encodeEvidenceEntry, NO_EVIDENCE } from '../../../src/core/evidence.ts';
import { type Found, isSound } from '../../../src/core/facts.ts';
import { NO_POLICY } from '../../../src/core/policy.ts';
import type { LogEntry } from '../../../src/core/rekorEntry.ts';
import { examineObject, verifyObject } from '../../../src/core/verify.ts';
import type { RawObject } from '../../../src/ports.ts';
import { readTree } from '../../vectors/attacks/derTree.ts';
import { noteEssence, tokenEssence } from '../essence.ts';
import { recordedBodies, seedFile, toyTrust } from '../seeds.ts';
import { BrokenPromise, mustEqual, orRefused, type Target } from '../target.ts';

interface Case extends Bundled {
  readonly object: RawObject;
  readonly text: string;
}

const NAMES = ['plain.commit', 'stamped.commit', 'rekor_v2.commit', 'plain.tag'];
const cases: readonly Case[] = [
  ...NAMES.map((name) => caseOf(name, NO_EVIDENCE)),
  caseOf('online.unproven', { entries: [seedFile('online.entry')] }),
];
const [first, , v2] = cases;

function caseOf(name: string, evidence: Evidence): Case {
  const kind = name.endsWith('.tag') ? 'tag' : 'commit';
  const object: RawObject = { oid: '', kind, objectFormat: 'sha1', raw: seedFile(name) };
  const found = examineObject(object.raw, kind, 'sha1', toyTrust, evidence);
  if (!isSound(found)) throw new Error(`${name} is not sound`);
  const made = makeBundle(object, found.proof, toyTrust, evidence);
  return { object, ...made, text: encodeBundle(made.bundle) };
}

function oneFor(input: Buffer): Case {
  const right = cases[input.length % cases.length] ?? first;
  if (right === undefined) throw new Error('no cases');
  return right;
}

async function judgedBy(bundle: Bundle, artifact: Uint8Array, { object }: Case): Promise<Found> {
  const [found] = await bundleJudge(bundle, artifact, toyTrust).judge([{ object }]);
  if (found === undefined) throw new BrokenPromise('no answer');
  return found;
}

/** What a bundle may not differ in and stay good; entries and tokens are sets. */
function essencesOf({ certificate, digest, signature, entries, timestampTokens }: Bundle) {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  return {
    fixed: [certificate, digest, signature].map(hex).join(),
    entries: new Set(entries.map(entryEssence)),
    tokens: new Set(timestampTokens.map((token) => tokenEssence(readTree(Buffer.from(token))).join())),
  };
}

/** Rekor v2's proofs may leave out what the entry and the checkpoint say: openV2Entry takes it from there. */
function entryEssence(entry: LogEntry): string {
  const { logIndex, treeSize, checkpoint: note, ...rest } = entry.inclusionProof;
  const said = { logIndex: entry.logIndex, treeSize: BigInt(note.split('\n')[1] ?? 0) };
  const isTimeless = entry.integratedTime === 0n;
  const inclusionProof = {
    ...rest,
    logIndex: isTimeless && logIndex === 0n ? said.logIndex : logIndex,
    treeSize: isTimeless && treeSize === 0n ? said.treeSize : treeSize,
    checkpoint: JSON.stringify(noteEssence(note)),
  };
  return Buffer.from(encodeEvidenceEntry({ ...entry, inclusionProof })).toString('hex');
}

function mustBeSame(bundle: Bundle, right: Case): void {
  const [got, wanted] = [essencesOf(bundle), essencesOf(right.bundle)];
  mustEqual(got.fixed, wanted.fixed, 'a bundle that proves the object');
  const isAmong = (some: ReadonlySet<string>, all: ReadonlySet<string>) =>
    [...some].every((one) => all.has(one));
  if (got.entries.size === 0 || !isAmong(got.entries, wanted.entries))
    throw new BrokenPromise('proven by another log entry');
  if (!isAmong(got.tokens, wanted.tokens)) throw new BrokenPromise('stamped by another token');
  const isTimeless = bundle.entries.every(({ integratedTime }) => integratedTime === 0n);
  if (isTimeless && got.tokens.size === 0) throw new BrokenPromise('good at no time');
}

export const BUNDLES: readonly Target[] = [
  {
    name: 'bundle',
    seeds: () => cases.map(({ text }) => Buffer.from(text)),
    run: (bytes) => {
      const bundle = orRefused(() => parseBundle(bytes));
      const isKnown = ({ kindVersion }: LogEntry) => /^hashedrekord 0\.0\.[12]$/.test(kindVersion);
      if (bundle === undefined || !bundle.entries.every(isKnown)) return;
      const again = parseBundle(Buffer.from(encodeBundle(bundle)));
      mustEqual(encodeBundle(again), encodeBundle(bundle), 'a bundle comes back');
    },
  },
  {
    name: 'bundleJudge',
    seeds: () => cases.map(({ text }) => Buffer.from(text)),
    run: async (bytes) => {
      const bundle = orRefused(() => parseBundle(bytes));
      if (bundle === undefined) return;
      // Judging is slow: by the object that it says it is for, else by any.
      const right = cases.find((one) => sameBytes(one.bundle.digest, bundle.digest)) ?? oneFor(bytes);
      const found = await judgedBy(bundle, right.artifact, right);
      if (isSound(found)) mustBeSame(bundle, right);
    },
  },
  {
    name: 'artifact',
    share: 0.2,
    seeds: () => cases.map(({ artifact }) => Buffer.from(artifact)),
    run: async (artifact) => {
      const right = oneFor(artifact);
      const found = await judgedBy(right.bundle, artifact, right);
      if (isSound(found)) mustEqual(artifact, right.artifact, 'what was signed');
    },
  },
  {
    name: 'rekorV2',
    seeds: () => [
      ...cases.slice(2, 3).map(({ text }) => {
        const { tlogEntries } = JSON.parse(text).verificationMaterial;
        return Buffer.from(JSON.stringify(tlogEntries[0]));
      }),
      ...recordedBodies('rekor-v2.json', /log\/entries/),
    ],
    run: (body) => {
      const entry = orRefused(() => parseV2Entry(body));
      if (entry === undefined || v2 === undefined) return;
      const evidence = { entries: [encodeEvidenceEntry(entry)] };
      const { raw } = v2.object;
      const { status } = verifyObject(raw, 'commit', 'sha1', toyTrust, NO_POLICY, evidence);
      if (status !== 'good') throw new BrokenPromise(`an entry beside a good signature makes it ${status}`);
    },
  },
];
