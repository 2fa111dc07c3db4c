/** The file of a Sigstore bundle v0.3, strictly: what is in there and not understood would be taken for verified. */
import { BUNDLE_MEDIA_TYPE, type Bundle, toTimestampToken } from '../core/bundle.ts';
import { MAX_BUNDLE_BYTES, MAX_BUNDLE_ENTRIES, MAX_TIMESTAMP_TOKENS } from '../core/limits.ts';
import { isSignetError, SignetError } from '../errors.ts';
import { type JsonObject, objectIn, parseObject, stringIn, toObject, wrong } from './answer.ts';
import { base64In, hasNone, toLogEntry } from './entryJson.ts';
import { printable } from './quote.ts';

/** The bundle in values; nothing about it is verified. Throws SignetError `malformed`. */
export function parseBundle(bytes: Uint8Array): Bundle {
  try {
    if (bytes.length > MAX_BUNDLE_BYTES) throw wrong(BUNDLE, `has more than ${MAX_BUNDLE_BYTES >> 20} MiB`);
    const bundle = parseObject(bytes, BUNDLE);
    refuseRepeated(bytes, bundle.fields);
    return toBundle(bundle);
  } catch (error) {
    if (!isSignetError(error)) throw error;
    const message = error.code === 'malformed' ? `In ${BUNDLE}, ${error.message}.` : error.message;
    throw new SignetError('malformed', message, 'To make one of a signed object: git-signet bundle', error);
  }
}

const BUNDLE = 'the bundle';

/** The two names of version 0.3 (protobuf-specs: sigstore_bundle.proto, Bundle.media_type). */
const MEDIA_TYPES = [BUNDLE_MEDIA_TYPE, 'application/vnd.dev.sigstore.bundle+json;version=0.3'];

function toBundle(bundle: JsonObject): Bundle {
  const mediaType = stringIn(bundle, 'mediaType');
  if (!MEDIA_TYPES.includes(mediaType)) {
    throw wrong(BUNDLE, `is of the kind ${printable(mediaType, 80)}: only version 0.3 is supported`);
  }
  if (!hasNone(bundle, 'dsseEnvelope')) {
    throw wrong(BUNDLE, 'holds a DSSE envelope, and git objects are not signed in one');
  }
  refuseUnknown(bundle.fields, KNOWN);
  const message = objectIn(bundle, 'messageSignature');
  const digest = objectIn(message, 'messageDigest');
  if (digest.fields['algorithm'] !== 'SHA2_256') throw wrong(digest.what, 'is not by SHA2_256');
  return {
    ...toMaterial(objectIn(bundle, 'verificationMaterial')),
    digest: base64In(digest, 'digest', 32),
    signature: base64In(message, 'signature'),
  };
}

function toMaterial(material: JsonObject): Pick<Bundle, 'certificate' | 'entries' | 'timestampTokens'> {
  const entries = listIn(material, 'tlogEntries', MAX_BUNDLE_ENTRIES);
  const stamps = hasNone(material, 'timestampVerificationData')
    ? []
    : listIn(objectIn(material, 'timestampVerificationData'), 'rfc3161Timestamps', MAX_TIMESTAMP_TOKENS);
  return {
    certificate: certificateIn(material),
    entries: entries.map(toLogEntry),
    timestampTokens: stamps.map((stamp) => toTimestampToken(base64In(stamp, 'signedTimestamp'))),
  };
}

function certificateIn(material: JsonObject): Uint8Array {
  const single = !hasNone(material, 'certificate');
  if (single && !hasNone(material, 'x509CertificateChain'))
    throw wrong(material.what, 'holds two certificates');
  if (single) return base64In(objectIn(material, 'certificate'), 'rawBytes');
  if (hasNone(material, 'x509CertificateChain')) throw wrong(material.what, 'holds no certificate');
  const chain = listIn(objectIn(material, 'x509CertificateChain'), 'certificates', 1);
  const [leaf] = chain;
  if (leaf === undefined) throw wrong(material.what, 'holds no certificate');
  return base64In(leaf, 'rawBytes');
}

/** The objects of a list, which may be missing. */
function listIn({ what, fields }: JsonObject, name: string, max: number): readonly JsonObject[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw wrong(what, `has no list in "${name}"`);
  if (value.length > max) throw wrong(what, `has more than ${max} elements in "${name}"`);
  return value.map((element: unknown) => toObject(element, `an element of "${name}" in ${what}`));
}

/** The fields of an object, or of each object in a list, and of those in it. */
interface Fields {
  readonly [name: string]: Fields;
}

const CERTIFICATE: Fields = { rawBytes: {} };
const ENTRY: Fields = {
  logIndex: {},
  logId: { keyId: {} },
  kindVersion: { kind: {}, version: {} },
  integratedTime: {},
  inclusionPromise: { signedEntryTimestamp: {} },
  inclusionProof: { logIndex: {}, rootHash: {}, treeSize: {}, hashes: {}, checkpoint: { envelope: {} } },
  canonicalizedBody: {},
};
const KNOWN: Fields = {
  mediaType: {},
  verificationMaterial: {
    certificate: CERTIFICATE,
    x509CertificateChain: { certificates: CERTIFICATE },
    tlogEntries: ENTRY,
    timestampVerificationData: { rfc3161Timestamps: { signedTimestamp: {} } },
  },
  messageSignature: { messageDigest: { algorithm: {}, digest: {} }, signature: {} },
  dsseEnvelope: {},
};

/** Goes no deeper than what is known. */
function refuseUnknown(value: unknown, known: Fields): void {
  for (const object of Array.isArray(value) ? value : [value]) {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) continue;
    for (const [name, member] of Object.entries(object)) {
      const inner = Object.hasOwn(known, name) ? known[name] : undefined;
      if (inner === undefined) throw wrong(BUNDLE, `has the unknown field ${printable(name, 40)}`);
      refuseUnknown(member, inner);
    }
  }
}

/** Of two fields of one name each reader takes the one it likes: so names in the text must be as many as were read. */
function refuseRepeated(bytes: Uint8Array, fields: JsonObject['fields']): void {
  const strings =
    Buffer.from(bytes)
      .toString('utf8')
      .match(/"[^"\\]*(?:\\.[^"\\]*)*"(?:[ \t\r\n]*:)?/g) ?? [];
  const written = strings.filter((text) => text.endsWith(':')).length;
  if (written !== countNames(fields)) throw wrong(BUNDLE, 'has two fields of the same name');
}

/** Without recursion: a megabyte of brackets is deeper than the stack. */
function countNames(value: unknown): number {
  let names = 0;
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) names += Object.keys(next).length;
    for (const member of Object.values(next)) open.push(member);
  }
  return names;
}
