/** Each parser of the core by itself, with what is encoded again where it can be. */
import { encodeArmor, parseArmor } from '../../../src/core/armor.ts';
import { parseCertificate } from '../../../src/core/certificate.ts';
import { parseCms } from '../../../src/core/cms.ts';
import { type DerNode, parseDer } from '../../../src/core/der.ts';
import { encodeElement } from '../../../src/core/derEncode.ts';
import { committerAddress, mayBePushCertificate, splitObject } from '../../../src/core/gitObject.ts';
import { readLeaf } from '../../../src/core/leaf.ts';
import { openCheckpoint } from '../../../src/core/note.ts';
import { checkPayload } from '../../../src/core/payload.ts';
import { encodeTransparencyLogEntry, parseTransparencyLogEntry } from '../../../src/core/rekorEntry.ts';
import { encodePrecertTbs, encodeSctList, parseSctList } from '../../../src/core/sct.ts';
import { parseTrustedRoot } from '../../../src/core/trustedRoot.ts';
import { nameOf, SCT_LIST } from '../../../src/core/x509.ts';
import {
  at,
  attributeOf,
  childrenOf,
  LOG_ENTRY,
  places,
  readTree,
  writeTree,
} from '../../vectors/attacks/derTree.ts';
import { bytesOf, fieldOf, readWire } from '../../vectors/attacks/wireFields.ts';
import { derOf } from '../essence.ts';
import { allObjects, realObjects, toyObjects, toyRoot, toyTrust } from '../seeds.ts';
import { BrokenPromise, mustEqual, orRefused, type Target } from '../target.ts';

const signatures = toyObjects.map(({ raw }) => {
  const text = raw.toString('latin1').replaceAll('\n ', '\n');
  return derOf(text.slice(text.lastIndexOf('-----BEGIN SIGNED MESSAGE-----')));
});
const leafs = signatures.map((der) => writeTree(at(places(readTree(der)).certificates, 0)));
const entries = signatures.map((der) => {
  const { unsignedAttrs } = places(readTree(der));
  if (unsignedAttrs === undefined) throw new Error('a seed without log entry');
  return at(attributeOf(unsignedAttrs, LOG_ENTRY), 1, 0).content;
});
const checkpoints = entries.map((entry) => {
  const [envelope] = readWire(bytesOf(fieldOf(readWire(bytesOf(fieldOf(readWire(entry), 6))), 5)));
  return envelope === undefined ? Buffer.alloc(0) : bytesOf(envelope);
});
const sctLists = leafs.map((leaf) =>
  Buffer.from(parseCertificate(leaf).extensions.get(SCT_LIST)?.value ?? []),
);
const [log] = toyTrust.logs;

export const FORMATS: readonly Target[] = [
  {
    name: 'armor',
    seeds: () => signatures.map((der) => Buffer.from(encodeArmor(der))),
    run: (armored) => {
      const der = orRefused(() => parseArmor(armored));
      if (der === undefined) return;
      const end = armored.toString('latin1').replace(/\n*$/, '\n');
      mustEqual(encodeArmor(der), end, 'an armor that parses is the one encoding');
    },
  },
  {
    name: 'der',
    seeds: () => [...signatures, ...leafs],
    run: (der) => {
      const node = orRefused(() => parseDer(der));
      if (node !== undefined) mustEqual(encodeAgain(node), der, 'DER that parses is the one encoding');
    },
  },
  { name: 'cmsParser', seeds: () => signatures, run: (der) => void orRefused(() => parseCms(der)) },
  {
    name: 'certificate',
    seeds: () => leafs,
    run: (der) => {
      const certificate = orRefused(() => parseCertificate(der));
      if (certificate === undefined) return;
      orRefused(() => readLeaf(certificate));
      orRefused(() => certificate.publicKey());
      orRefused(() => nameOf(certificate.subject));
      orRefused(() => parseSctList(certificate.extensions.get(SCT_LIST)?.value ?? new Uint8Array(0)));
      orRefused(() => encodePrecertTbs(certificate));
    },
  },
  {
    name: 'sctList',
    seeds: () => sctLists,
    run: (value) => {
      const scts = orRefused(() => parseSctList(value));
      if (scts === undefined) return;
      const again = encodeSctList(scts);
      // Those of another version are passed over.
      if (again.length >= value.length)
        mustEqual(again, value, 'an SCT list that parses is the one encoding');
    },
  },
  {
    name: 'logEntry',
    seeds: () => entries,
    run: (bytes) => {
      const entry = orRefused(() => parseTransparencyLogEntry(bytes));
      // An unknown kind is refused by whoever opens the entry, in whatever bytes it was named.
      if (entry === undefined || !/^hashedrekord 0\.0\.[12]$/.test(entry.kindVersion)) return;
      const { signedEntryTimestamp, inclusionProof } = entry;
      const { rootHash, checkpoint } = inclusionProof;
      // What may be missing may be there and empty as well: whoever opens the entry judges that.
      if ([signedEntryTimestamp, rootHash, checkpoint].some(({ length }) => length === 0)) return;
      const again = encodeTransparencyLogEntry({ ...entry, body: new Uint8Array(0) });
      mustEqual(again, bytes, 'a log entry that parses is the one encoding');
    },
  },
  {
    name: 'checkpoint',
    seeds: () => checkpoints,
    run: (bytes) => {
      if (log === undefined) throw new Error('no log');
      const note = bytes.toString('utf8');
      const checkpoint = orRefused(() => openCheckpoint(note, log));
      if (checkpoint === undefined) return;
      const text = note.slice(0, note.lastIndexOf('\n\n'));
      const known = checkpoints.some((good) => good.toString('utf8').startsWith(`${text}\n\n`));
      if (!known) throw new BrokenPromise(`a checkpoint that nobody signed: ${text}`);
    },
  },
  {
    name: 'trustedRoot',
    seeds: () => [toyRoot],
    run: (json) => {
      const trust = orRefused(() => parseTrustedRoot(json));
      if (trust === undefined) return;
      for (const { key } of [...trust.logs, ...trust.ctLogs]) orRefused(key);
      for (const authority of [...trust.certificateAuthorities, ...trust.timestampAuthorities]) {
        orRefused(authority.root);
        orRefused(() => authority.issuers().map(({ problem }) => problem()));
      }
    },
  },
  {
    name: 'gitObject',
    seeds: () => allObjects.map(({ raw }) => raw),
    run: (raw) => {
      for (const kind of ['commit', 'tag'] as const) {
        for (const objectFormat of ['sha1', 'sha256'] as const) {
          const { payload } = splitObject(raw, kind, objectFormat);
          if (payload.length > raw.length) throw new BrokenPromise('a payload longer than its object');
          orRefused(() => checkPayload(payload, { kind, objectFormat }));
        }
      }
      mayBePushCertificate(raw);
      committerAddress(raw);
    },
  },
  {
    name: 'realCertificate',
    seeds: () =>
      realObjects
        .flatMap(({ raw }) => {
          const text = raw.toString('latin1').replaceAll('\n ', '\n');
          const der = derOf(text.slice(text.lastIndexOf('-----BEGIN SIGNED MESSAGE-----')));
          return childrenOf(places(readTree(der)).certificates).map(writeTree);
        })
        .concat(leafs),
    run: (der) => void orRefused(() => readLeaf(parseCertificate(der))),
  },
];

function encodeAgain({ tag, source, body, end, children }: DerNode): Uint8Array {
  const primitive = (tag & 0x20) === 0;
  return encodeElement(tag, ...(primitive ? [source.subarray(body, end)] : children.map(encodeAgain)));
}
