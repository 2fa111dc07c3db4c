/** What the vectors are made of: signed objects of the toy Sigstore, and the named changes of ../attacks. */
import { COMMIT, embed } from '../../core/toySigstore.ts';
import { ENTRY_CASES, SIGNATURE_CASES } from '../attacks/entryForgeries.ts';
import { ENTRY } from '../attacks/entryMutations.ts';
import { type Forgery, forge } from '../attacks/forge.ts';
import { LEAF_CASES } from '../attacks/leafForgeries.ts';
import { ANY_OBJECT, COMMIT_ONLY, TAG_ONLY } from '../attacks/objectMutations.ts';
import { COMMIT_PAYLOADS, TAG_PAYLOADS } from '../attacks/payloadForgeries.ts';
import { PROOF } from '../attacks/proofMutations.ts';
import { SIGNATURE } from '../attacks/signatureMutations.ts';
import { foldHeader, type Pieces, takeApart } from '../attacks/signedObject.ts';
import { STRUCTURE } from '../attacks/structureMutations.ts';

const PERSON = 'Alice <alice@example.com> 1780315200 +0200';
export const TAG = Buffer.from(
  `object ${'1'.repeat(40)}\ntype commit\ntag v1\ntagger ${PERSON}\n\nfirst release\n`,
);
const OTHER_COMMIT = Buffer.from(
  `tree ${'2'.repeat(40)}\nparent ${'3'.repeat(40)}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nanother\n`,
);

/** A proof that has hashes, and a second parent: what more mutations need. */
const LOG = { size: 5n, index: 2n, hashes: [1, 2, 3].map((octet) => Buffer.alloc(32, octet)) };

export const signCommit = (payload: Uint8Array = COMMIT, forgery: Forgery = {}): Buffer =>
  embed(payload, forge(payload, { log: LOG, ...forgery }));
export const signTag = (payload: Uint8Array = TAG, forgery: Forgery = {}): Buffer =>
  Buffer.concat([payload, Buffer.from(forge(payload, { log: LOG, ...forgery }))]);

export const commit = signCommit();
/** Of another serial number, as every certificate of an authority. */
export const donorCommit = signCommit(OTHER_COMMIT, { leaf: { serial: 8 } });
export const tag = signTag();
export const donorTag = signTag(Buffer.from(TAG.toString().replace('v1', 'v2')), { leaf: { serial: 9 } });

export const pieces: Pieces = takeApart(commit, 'commit');
export const donor: Pieces = takeApart(donorCommit, 'commit');
export const tagPieces: Pieces = takeApart(tag, 'tag');
export const tagDonor: Pieces = takeApart(donorTag, 'tag');

/** The commit under a change of the mutation tables. */
export function mutated(name: string): Buffer {
  const tables = [ANY_OBJECT, COMMIT_ONLY, SIGNATURE, STRUCTURE, ENTRY, PROOF];
  return found(tables.flat(), name)[1](pieces, donor) ?? fail(name);
}

export function mutatedTag(name: string): Buffer {
  return found([...ANY_OBJECT, ...TAG_ONLY], name)[1](tagPieces, tagDonor) ?? fail(name);
}

/** The commit, signed under a forgery of the tables. */
export function forged(name: string): Buffer {
  const [, , forgery] = found([...LEAF_CASES, ...SIGNATURE_CASES, ...ENTRY_CASES], name);
  return embed(COMMIT, forge(COMMIT, forgery));
}

/** A commit with the payload of the tables, signed right. */
export function forgedPayload(name: string): Buffer {
  const [, , text] = found(COMMIT_PAYLOADS, name);
  const end = text.indexOf('\n\n') + 1 || text.length;
  const folded = foldHeader('gpgsig', forge(Buffer.from(text, 'latin1')));
  return Buffer.from(text.slice(0, end) + folded + text.slice(end), 'latin1');
}

export function forgedTagPayload(name: string): Buffer {
  const [, , text] = found(TAG_PAYLOADS, name);
  return Buffer.from(text + forge(Buffer.from(text, 'latin1')), 'latin1');
}

function found<Row extends readonly [string, ...unknown[]]>(table: readonly Row[], name: string): Row {
  return table.find((row) => row[0] === name) ?? fail(name);
}

function fail(name: string): never {
  throw new Error(`there is no ${name}`);
}
