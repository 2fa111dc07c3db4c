/** Bundles tampered with, field by field. */
import { drop, type Edit, flip, later, set } from './bundleEdits.ts';

export const DER = ['verificationMaterial.certificate.rawBytes', 'messageSignature.signature'] as const;
export const ENTRY = 'verificationMaterial.tlogEntries.0';
export const STAMP = 'verificationMaterial.timestampVerificationData.rfc3161Timestamps.0.signedTimestamp';
export const ALL = ['Rekor v1', 'Rekor v1 and a timestamp', 'Rekor v2 and a timestamp', 'online mode'];
export const V1 = ['Rekor v1', 'online mode'];
export const STAMPED = ['Rekor v1 and a timestamp', 'Rekor v2 and a timestamp'];

/** What is done, to which forms, and what we say of it. */
export const TAMPERINGS: readonly (readonly [string, readonly string[], Edit, RegExp])[] = [
  [
    'a byte of the digest',
    ALL,
    flip('messageSignature.messageDigest.digest'),
    /^bad: the digest in the bundle is not/,
  ],
  ['a byte of the certificate', ALL, flip(DER[0]), /^bad: the certificate in the bundle is not that/],
  [
    'a byte of the signature',
    ['Rekor v1', ...STAMPED],
    flip(DER[1]),
    /^bad: the signature in the bundle is not/,
  ],
  [
    'a byte of the second signature',
    ['online mode'],
    flip(DER[1]),
    /^bad: the log entry in the bundle is of another/,
  ],
  ['a byte of the body', ALL, flip(`${ENTRY}.canonicalizedBody`), /^bad: the log(ged signature| entry)/],
  [
    'a byte of the log id',
    ALL,
    flip(`${ENTRY}.logId.keyId`),
    /^bad: .*the log entry is of a log that is not/,
  ],
  ['another log index', V1, set(`${ENTRY}.logIndex`, '77'), /^bad: .*the signed entry timestamp is not/],
  [
    'another place',
    STAMPED.slice(1),
    set(`${ENTRY}.logIndex`, '0'),
    /^bad: the inclusion proof is for another index/,
  ],
  ['another time', V1, later(`${ENTRY}.integratedTime`), /^bad: .*the signed entry timestamp is not/],
  [
    'a time for v2',
    STAMPED.slice(1),
    set(`${ENTRY}.integratedTime`, '1790000000'),
    /^bad: the log entry has a time/,
  ],
  ['no time', V1, drop(`${ENTRY}.integratedTime`), /^bad: .*the log entry has no time/],
  [
    'a byte of the promise',
    V1,
    flip(`${ENTRY}.inclusionPromise.signedEntryTimestamp`),
    /^bad: .*signed entry timestamp/,
  ],
  ['no promise', V1, drop(`${ENTRY}.inclusionPromise`), /^bad: .*has no signed entry timestamp/],
  ['a byte of the root', ALL, flip(`${ENTRY}.inclusionProof.rootHash`), /^bad: .*for another root than/],
  [
    'another tree size',
    ALL,
    set(`${ENTRY}.inclusionProof.treeSize`, '99'),
    /^bad: .*for another tree size than/,
  ],
  [
    'a byte of a hash',
    ALL,
    flip(`${ENTRY}.inclusionProof.hashes.0`),
    /^bad: .*does not lead from this signature/,
  ],
  ['a hash less', ALL, drop(`${ENTRY}.inclusionProof.hashes.0`), /^bad: .*hashes/],
  ['a word of the checkpoint', ALL, set(`${ENTRY}.inclusionProof.checkpoint.envelope`, 'x'), /^bad: /],
  [
    'another kind',
    ALL,
    set(`${ENTRY}.kindVersion.version`, '0.0.3'),
    /^bad: the log entry is of another kind than/,
  ],
  [
    "gitsign's label of v2",
    STAMPED.slice(1),
    set(`${ENTRY}.kindVersion.version`, '0.0.1'),
    /another kind than it says/,
  ],
  ['no entry', ALL, set('verificationMaterial.tlogEntries', []), /^bad: the bundle holds no log entry/],
  [
    'no list of entries',
    ALL,
    drop('verificationMaterial.tlogEntries'),
    /^bad: the bundle holds no log entry/,
  ],
  ['a byte of the timestamp', STAMPED, flip(STAMP), /^bad: the timestamp|^malformed: In the bundle, /],
  [
    'no timestamp for v2',
    STAMPED.slice(1),
    drop('verificationMaterial.timestampVerificationData'),
    /^unproven: Rekor v2/,
  ],
  [
    'version 0.1',
    ALL,
    set('mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.1'),
    /only version 0\.3/,
  ],
  [
    'version 0.2',
    ALL,
    set('mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.2'),
    /only version 0\.3/,
  ],
  ['no certificate', ALL, drop('verificationMaterial.certificate'), /^malformed: .*holds no certificate/],
  ['a DSSE envelope', ALL, set('dsseEnvelope', {}), /^malformed: .*DSSE envelope/],
  ['no signature', ALL, drop('messageSignature'), /^malformed: "messageSignature" in the bundle is not/],
  ['an unknown field', ALL, set('verificationMaterial.more', 1), /^malformed: .*unknown field "more"/],
  [
    'another digest algorithm',
    ALL,
    set('messageSignature.messageDigest.algorithm', 'SHA2_512'),
    /^malformed: .*SHA2_256/,
  ],
];
