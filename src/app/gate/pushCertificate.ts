/**
 * `git push --signed`, verified by us: git's own letter says only that a signature is right, not whose. What is signed
 * (git: receive-pack.c, send-pack.c): header lines, an empty line, the commands of the push; then the signature.
 */
import { isSound } from '../../core/facts.ts';
import { splitObject } from '../../core/gitObject.ts';
import type { Signed } from '../../core/policy/mayDo.ts';
import { toSignatureFacts } from '../../core/policy/signature.ts';
import type { Trust } from '../../core/trustedRoot.ts';
import { examineSignature } from '../../core/verify.ts';
import type { RefUpdate } from './gate.ts';

/** What git says about the certificate, or a pusher who can set variables: claims like any other. */
export interface CertificateClaims {
  /** Object id of the blob. */
  readonly blob: string;
  readonly nonce: string;
  /** `OK` where the nonce is the one that the server handed out for this push. */
  readonly nonceStatus: string;
  /** The server's clock. */
  readonly now: Date;
}

/** The facts about its signature, if it is over exactly this push; else the reason. */
export function openPushCertificate(
  blob: Uint8Array | undefined,
  claims: CertificateClaims,
  updates: readonly RefUpdate[],
  trust: Trust,
): Signed {
  const invalid = { reason: 'push-cert-invalid' } as const;
  if (blob === undefined || claims.nonceStatus !== 'OK' || !isFresh(claims)) return invalid;
  // A signature at the end, as a tag has it.
  const { payload, signature, format } = splitObject(blob, 'tag', 'sha1');
  if (signature === undefined) return { reason: format === 'none' ? 'unsigned' : 'malformed' };
  if (!isOver(payload, claims.nonce, updates)) return invalid;
  if (format !== 'cms') return { reason: 'other-format' };
  const found = examineSignature(payload, signature, trust);
  if (isSound(found)) return { facts: toSignatureFacts(found) };
  return found.status === 'unproven' ? { reason: 'unproven' } : invalid;
}

/**
 * A nonce begins with the time of the push (git: receive-pack.c, prepare_push_cert_nonce). Of a push without certificate git
 * leaves what the variables of the pusher say: with them an old certificate would be as good as new for ever.
 */
function isFresh({ nonce, now }: CertificateClaims): boolean {
  const [, stamp] = /^(\d{1,12})-[0-9a-f]+$/.exec(nonce) ?? [];
  return stamp !== undefined && Math.abs(now.getTime() - Number(stamp) * 1000) <= MAX_NONCE_AGE_MS;
}

/** The push is sent after its certificate, and may be large. */
const MAX_NONCE_AGE_MS = 3_600_000;

/** One version line, one nonce, and as many commands as the push has, each the same. */
function isOver(payload: Uint8Array, nonce: string, updates: readonly RefUpdate[]): boolean {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8');
  const end = text.indexOf('\n\n');
  if (end < 0 || !text.endsWith('\n')) return false;
  const headers = text.slice(0, end).split('\n');
  const nonces = headers.filter((line) => line.startsWith('nonce '));
  if (headers[0] !== 'certificate version 0.1' || nonces.length !== 1 || nonces[0] !== `nonce ${nonce}`) {
    return false;
  }
  const signed = text
    .slice(end + 2, -1)
    .split('\n')
    .toSorted();
  const pushed = updates.map((one) => `${one.old} ${one.new} ${one.ref}`).toSorted();
  return signed.join('\n') === pushed.join('\n');
}
