/**
 * What of a signed object may not change while it stays good. Independent of the code under test.
 *
 * May change without harm (attack 10 of docs/threat-model.md), because nobody reads it and it decides nothing:
 *  - where the signature header stands among the others, and a second one for the other hash function: git takes both out;
 *  - empty lines behind the armor in a commit's header, and its last line feed: some programs write them so;
 *  - unsigned attributes that nobody knows: the signature does not cover them;
 *  - certificates that the signer id does not name;
 *  - NULL or nothing as parameter of SHA-256, which mean the same;
 *  - ecdsa-with-SHA256, or the bare kind of key beside SHA-256, which mean the same: the curve goes with one digest;
 *  - checkpoint lines of other signers: witnesses may add theirs later;
 *  - a timestamp token may be left out where the log has a time of its own: it is a second witness then;
 *  - certificates and unsigned attributes in a timestamp token: its signature covers neither, and names its certificate.
 * All of it changes the object's id, so nothing may take the id for the name of a verdict.
 */
import { createHash } from 'node:crypto';
import {
  at,
  attributeOf,
  branch,
  childrenOf,
  LOG_ENTRY,
  oid,
  places,
  readTree,
  TIMESTAMP_TOKEN,
  type Tree,
  writeTree,
} from '../vectors/attacks/derTree.ts';
import { bytesOf, readWire } from '../vectors/attacks/wireFields.ts';

const BEGIN = '-----BEGIN SIGNED MESSAGE-----\n';
const END = '-----END SIGNED MESSAGE-----';

const BARE_EC = writeTree(branch(0x30, oid('1.2.840.10045.2.1')));
const ECDSA = branch(0x30, oid('1.2.840.10045.4.3.2'));

/** One text for all that is bound; throws where it cannot be found. */
export function essenceOf(raw: Buffer, kind: 'commit' | 'tag', header: string): string {
  const { payload, armor } = kind === 'tag' ? splitTag(raw) : splitCommit(raw, header);
  return JSON.stringify({
    payload: createHash('sha256').update(payload, 'latin1').digest('hex'),
    ...signatureEssence(derOf(armor)),
  });
}

export function derOf(armor: string): Buffer {
  const from = armor.indexOf(BEGIN) + BEGIN.length;
  return Buffer.from(armor.slice(from, armor.indexOf(END)), 'base64');
}

export function signatureEssence(der: Buffer): Readonly<Record<string, unknown>> {
  const { signedAttrs, signature, sid, signatureAlgorithm, certificates, unsignedAttrs } = places(
    readTree(der),
  );
  const [issuer, serial] = [writeTree(at(sid, 0)), writeTree(at(sid, 1))];
  const leafs = childrenOf(certificates).filter(
    (leaf) => writeTree(at(leaf, 0, 3)).equals(issuer) && writeTree(at(leaf, 0, 1)).equals(serial),
  );
  const hex = (tree: Tree) => writeTree(tree).toString('hex');
  return {
    signedAttrs: hex(signedAttrs),
    signature: hex(signature),
    signatureAlgorithm: hex(writeTree(signatureAlgorithm).equals(BARE_EC) ? ECDSA : signatureAlgorithm),
    leafs: leafs.map(hex),
    entry: unsignedAttrs && entryEssence(unsignedAttrs),
    token: unsignedAttrs && tokenIn(unsignedAttrs),
  };
}

function entryEssence(unsignedAttrs: Tree): unknown {
  let value: Tree;
  try {
    value = at(attributeOf(unsignedAttrs, LOG_ENTRY), 1, 0);
  } catch {
    return undefined;
  }
  return readWire(value.content).map((field) =>
    field.number === 6
      ? readWire(bytesOf(field)).map((part) =>
          part.number === 5 ? ownLines(bytesOf(part)) : [part.number, String(part.value)],
        )
      : [field.number, typeof field.value === 'bigint' ? String(field.value) : field.value.toString('hex')],
  );
}

function ownLines(envelope: Buffer): unknown {
  const note = readWire(envelope)[0];
  return noteEssence(note === undefined ? '' : bytesOf(note).toString('utf8'));
}

/** The note's text and the lines under the log's own name and hint. */
export function noteEssence(text: string): unknown {
  const split = text.lastIndexOf('\n\n');
  const name = text.slice(0, text.indexOf('\n')).replace(/ - \d+$/, '');
  return [
    text.slice(0, split),
    text
      .slice(split)
      .split('\n')
      .filter((line) => line.startsWith(`— ${name} `))
      .sort()[0],
  ];
}

/** What the authority signed, and its signature. */
export function tokenEssence(token: Tree): readonly string[] {
  const signedData = at(token, 1, 0);
  const signer = at(signedData, -1, 0);
  return [at(signedData, 2), at(signer, 3), at(signer, 5)].map((part) => writeTree(part).toString('hex'));
}

/** Whether these bytes hold the checkpoint of that entry, whatever witnesses signed it besides. */
export function proves(bytes: Uint8Array, entry: Buffer): boolean {
  const until = entry.indexOf('\n\n');
  return Buffer.from(bytes).includes(entry.subarray(until - 60, until));
}

function tokenIn(unsignedAttrs: Tree): unknown {
  const found = childrenOf(unsignedAttrs).find((child) => writeTree(at(child, 0)).equals(TOKEN_TYPE));
  return found && tokenEssence(at(found, 1, 0));
}

const TOKEN_TYPE = writeTree(oid(TIMESTAMP_TOKEN));

function splitTag(raw: Buffer): { payload: string; armor: string } {
  const text = raw.toString('latin1');
  const from = text.lastIndexOf(`\n${BEGIN}`) + 1;
  return { payload: withoutSignatures(text.slice(0, from)).payload, armor: text.slice(from) };
}

function splitCommit(raw: Buffer, header: string): { payload: string; armor: string } {
  const { payload, values } = withoutSignatures(raw.toString('latin1'));
  return { payload, armor: values.get(header) ?? '' };
}

function withoutSignatures(text: string): { payload: string; values: Map<string, string> } {
  const end = text.indexOf('\n\n') + 1;
  const values = new Map<string, string>();
  const kept = text
    .slice(0, end)
    .replace(/^(gpgsig(?:-sha256)?) (.*\n(?: .*\n)*)/gm, (_, name: string, value: string) => {
      values.set(name, value.replaceAll('\n ', '\n'));
      return '';
    });
  return { payload: kept + text.slice(end), values };
}
