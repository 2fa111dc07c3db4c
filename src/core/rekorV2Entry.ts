/**
 * Entries of Rekor v2 logs (rekor-tiles): no promise and no time of their own, so without a timestamp token they
 * prove only that a signature is public.
 */
import { hash } from 'node:crypto';
import { sameBytes, toBase64 } from './bytes.ts';
import type { CmsSignature } from './cms.ts';
import { refuse } from './failure.ts';
import type { Digest, PublicKey } from './keys.ts';
import { type Checkpoint, openCheckpoint } from './note.ts';
import { checkInclusion, type EmbeddedEntry, findLog } from './rekorEntry.ts';
import type { LogAuthority, Trust } from './trustedRoot.ts';
import type { LogProof } from './verdict.ts';
import type { Certificate } from './x509.ts';

const P256 = { details: 'PKIX_ECDSA_P256_SHA_256', algorithm: 'SHA2_256', digest: 'sha256' } as const;

/** By kind of key, names of protobuf-specs' PublicKeyDetails and HashAlgorithm; such a log takes no others. */
const DETAILS: Readonly<Record<string, KeyDetails>> = {
  'P-256': P256,
  'P-384': { details: 'PKIX_ECDSA_P384_SHA_384', algorithm: 'SHA2_384', digest: 'sha384' },
  'P-521': { details: 'PKIX_ECDSA_P521_SHA_512', algorithm: 'SHA2_512', digest: 'sha512' },
  'RSA 2048': { details: 'PKIX_RSA_PKCS1V15_2048_SHA256', algorithm: 'SHA2_256', digest: 'sha256' },
  'RSA 3072': { details: 'PKIX_RSA_PKCS1V15_3072_SHA256', algorithm: 'SHA2_256', digest: 'sha256' },
  'RSA 4096': { details: 'PKIX_RSA_PKCS1V15_4096_SHA256', algorithm: 'SHA2_256', digest: 'sha256' },
};

/** What the body of an entry says of keys of one kind. */
interface KeyDetails {
  readonly details: string;
  readonly algorithm: string;
  readonly digest: Digest;
}

/** Refuses keys that such a log does not take. */
function keyDetailsOf({ type, key }: PublicKey): KeyDetails {
  const name = type === 'RSA' ? `RSA ${key().asymmetricKeyDetails?.modulusLength}` : type;
  return DETAILS[name] ?? refuse('no Rekor v2 log takes signatures by a key of this kind');
}

/** Canonical body of the entry over this signature. */
export function bodyV2Of(cms: CmsSignature, leaf: Certificate): Uint8Array {
  const details = keyDetailsOf(leaf.publicKey());
  const digest = hash(details.digest, cms.artifact, 'buffer');
  return encodeHashedRekordV2(digest, cms.signature, leaf.der, details);
}

/** Canonical body of a hashedrekord 0.0.2 entry, by a P-256 key where nothing else is said. */
export function encodeHashedRekordV2(
  digest: Uint8Array,
  signature: Uint8Array,
  certificate: Uint8Array,
  { details, algorithm }: KeyDetails = P256,
): Uint8Array {
  return Buffer.from(
    `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"${algorithm}","digest":"${toBase64(digest)}"},` +
      `"signature":{"content":"${toBase64(signature)}","verifier":{"keyDetails":"${details}","x509Certificate":{"rawBytes":"${toBase64(certificate)}"}}}}}}`,
    'latin1',
  );
}

/**
 * Checks that a log which was trusted at these times holds an entry over `body`; when it got it, it does not say.
 * The tree's size and root are the checkpoint's, the place in it is the entry's own: what the proof says of them
 * besides must agree where it is there.
 */
export function openV2Entry(
  entry: EmbeddedEntry,
  body: Uint8Array,
  times: readonly Date[],
  trust: Trust,
): LogProof {
  const log = findLog(entry, trust, times);
  if (!['hashedrekord 0.0.1', 'hashedrekord 0.0.2'].includes(entry.kindVersion)) {
    return refuse('the log entry is of an unknown kind');
  }
  if (entry.signedEntryTimestamp.length > 0 || entry.integratedTime !== 0n) {
    return refuse('the log entry has a time or promise, which logs of its kind do not give');
  }
  const { logIndex, inclusionProof } = entry;
  const checkpoint = openCheckpoint(inclusionProof.checkpoint, log, checkLogId);
  checkAgreement(entry, checkpoint);
  const { treeSize } = checkpoint;
  checkInclusion(body, { logIndex, treeSize, hashes: inclusionProof.hashes }, checkpoint);
  return { logIndex, logId: log.logId, logUrl: log.baseUrl, source: 'embedded' };
}

function checkAgreement({ logIndex, inclusionProof }: EmbeddedEntry, checkpoint: Checkpoint): void {
  const { logIndex: place, treeSize, rootHash } = inclusionProof;
  if (place !== 0n && place !== logIndex) {
    refuse('the inclusion proof is for another index than the log entry');
  }
  if (treeSize !== 0n && treeSize !== checkpoint.treeSize) {
    refuse('the inclusion proof is for another tree size than the checkpoint');
  }
  if (rootHash.length > 0 && !sameBytes(rootHash, checkpoint.rootHash)) {
    refuse('the inclusion proof is for another root than the checkpoint');
  }
}

/** The id of a v2 log is its C2SP key id, uncut: it binds the log's name to its key (rekor-tiles: note signer). */
function checkLogId(origin: string, log: LogAuthority): void {
  // A tree id behind the name makes it a v1 log's; the id of an ECDSA log, which is of its key alone, does not tell.
  if (/ - \d+$/.test(origin) || keyIdOf(origin, log) !== log.logId)
    refuse('the checkpoint is of another log');
}

function keyIdOf(name: string, log: LogAuthority): string {
  const { publicKey, spki } = log.key();
  switch (publicKey.type) {
    case 'Ed25519':
      return sha256(Buffer.from(`${name}\n\x01`), spki.subarray(-32));
    case 'RSA':
      return sha256(Buffer.from(`${name}\n`), Buffer.of(0xff), Buffer.from('PKIX-RSA-PKCS#1v1.5'), spki);
    case 'P-256':
    case 'P-384':
    case 'P-521':
      return sha256(spki);
  }
}

function sha256(...parts: readonly Uint8Array[]): string {
  return hash('sha256', Buffer.concat(parts), 'hex');
}
