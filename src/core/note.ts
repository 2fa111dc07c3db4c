/** Checkpoints: signed notes (C2SP signed-note.md) that hold a log's tree head (C2SP tlog-checkpoint.md). */
import { decodeBase64, toHex } from './bytes.ts';
import { refuse } from './failure.ts';
import { isSignedBy } from './keys.ts';
import { MAX_CHECKPOINT_BYTES, MAX_CHECKPOINT_SIGNATURES } from './limits.ts';
import type { LogAuthority } from './trustedRoot.ts';

/** A tree head that the log has signed. */
export interface Checkpoint {
  readonly origin: string;
  readonly treeSize: bigint;
  /** 32 bytes. */
  readonly rootHash: Uint8Array;
}

/** Rekor v1 appends the tree id to its host name; a v2 log's origin is its name alone. */
const V1_ORIGIN = /^(.+) - \d+$/;

/**
 * Opens a checkpoint with a log's key; `checkOrigin` refuses a log that does not go by that name. Lines of other
 * signers (witnesses) are passed over; every line that claims to be the log's must be right. Refuses anything that
 * is not exactly a signed note.
 */
export function openCheckpoint(
  note: string,
  log: LogAuthority,
  checkOrigin: (origin: string, log: LogAuthority) => void = () => {},
): Checkpoint {
  if (note.length > MAX_CHECKPOINT_BYTES) return refuse('the checkpoint is too large');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return refuse('the checkpoint is no signed note');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_CHECKPOINT_SIGNATURES) return refuse('the checkpoint has too many signatures');
  const checkpoint = parseText(text);
  const name = V1_ORIGIN.exec(checkpoint.origin)?.[1] ?? checkpoint.origin;
  checkOrigin(checkpoint.origin, log);
  const hint = log.logId.slice(0, 8);
  const own = lines.map(parseLine).filter((line) => line.name === name && line.hint === hint);
  if (own.length === 0) return refuse('the checkpoint is not signed by the log that the entry names');
  const signed = Buffer.from(text, 'utf8');
  const { publicKey } = log.key();
  for (const { signature } of own) {
    if (!isSignedBy(publicKey, signed, signature)) {
      return refuse('the checkpoint has a wrong signature');
    }
  }
  return checkpoint;
}

/** origin LF size LF root LF, then extension lines; none of them empty. */
function parseText(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...extensions] = text.slice(0, -1).split('\n');
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) return refuse('the checkpoint holds control characters');
  if (origin === '' || extensions.includes('')) return refuse('the checkpoint has an empty line');
  if (!/^(?:0|[1-9]\d{0,18})$/.test(size)) return refuse('the checkpoint has no right tree size');
  const rootHash = decodeBase64(root, 'the root hash of the checkpoint');
  if (rootHash.length !== 32) return refuse('the root hash of the checkpoint is not 32 bytes long');
  return { origin, treeSize: BigInt(size), rootHash };
}

/** — SP name SP base64(4-byte key hint || signature) */
function parseLine(line: string): { name: string; hint: string; signature: Uint8Array } {
  const match = /^\u2014 ([^\s+]+) (\S+)$/.exec(line);
  if (match === null) return refuse('the checkpoint has a malformed signature line');
  const bytes = decodeBase64(match[2] as string, 'a signature of the checkpoint');
  if (bytes.length < 5) return refuse('the checkpoint has a signature line without signature');
  return { name: match[1] as string, hint: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}
