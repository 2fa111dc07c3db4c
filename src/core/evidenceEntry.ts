/**
 * Evidence, opened. Strangers may write notes, and a log's search finds whatever mentions a certificate: what does
 * not belong to the signature, or does not verify, is passed over and never makes a verdict worse.
 */
import { hash } from 'node:crypto';
import { decodeBase64, decodeText, sameBytes } from './bytes.ts';
import { openChain } from './chain.ts';
import type { EntryState } from './embeddedEntry.ts';
import type { Evidence } from './evidence.ts';
import { isCheckFailure, refuse } from './failure.ts';
import { isSignedBy } from './keys.ts';
import { MAX_EVIDENCE_ENTRIES, MAX_EVIDENCE_ENTRY_BYTES } from './limits.ts';
import { onlineObjectId } from './onlineEntry.ts';
import type { Signed } from './rare.ts';
import { encodeHashedRekord, isV2, type LogEntry, openLogEntry, parseEntry } from './rekorEntry.ts';
import { bodyV2Of, openV2Entry } from './rekorV2Entry.ts';
import type { OpenedToken } from './timestampToken.ts';
import type { Trust } from './trustedRoot.ts';

type Logged = Extract<EntryState, { kind: 'logged' }>;

/**
 * The entry that proves the most: one with a time rather than one without, the earliest of several. Where none proves
 * anything, `why` and what was wrong with the last.
 */
export function openEvidence(
  signed: Signed,
  { entries }: Evidence,
  tokens: readonly OpenedToken[],
  trust: Trust,
  why: string,
): EntryState {
  let best: Logged | undefined;
  let obstacle = '';
  for (const bytes of entries.slice(0, MAX_EVIDENCE_ENTRIES)) {
    try {
      const logged = openOne(signed, bytes, tokens, trust);
      if (best === undefined || isBetter(logged, best)) best = logged;
    } catch (error) {
      if (!isCheckFailure(error)) throw error;
      obstacle = error.message;
    }
  }
  return best ?? { kind: 'missing', why: `${why}, and the evidence does not help: ${obstacle}` };
}

/** Whatever the order in which evidence comes, the same entry is taken. */
function isBetter(one: Logged, other: Logged): boolean {
  const [a, b] = [
    one.at?.getTime() ?? Number.POSITIVE_INFINITY,
    other.at?.getTime() ?? Number.POSITIVE_INFINITY,
  ];
  return a === b ? one.proof.logIndex < other.proof.logIndex : a < b;
}

function openOne(signed: Signed, bytes: Uint8Array, tokens: readonly OpenedToken[], trust: Trust): Logged {
  if (bytes.length > MAX_EVIDENCE_ENTRY_BYTES) return refuse('a log entry is larger than 64 KiB');
  const { body, ...entry } = parseEntry(bytes);
  if (body === undefined) return refuse('the log entry comes without its body');
  return isV2(entry)
    ? openTimeless(signed, { ...entry, body }, tokens, trust)
    : openTimed(signed, { ...entry, body }, trust);
}

/** An entry of a Rekor v2 log: over the artifact only, since gitsign's online mode cannot use such a log. */
function openTimeless(
  { cms, checks }: Signed,
  entry: LogEntry,
  tokens: readonly OpenedToken[],
  trust: Trust,
): Logged {
  const body = bodyV2Of(cms, checks.leaf);
  if (!sameBytes(entry.body, body)) return refuse(NOT_OF_THIS);
  const proof = openV2Entry(
    entry,
    body,
    tokens.map(({ at }) => at),
    trust,
  );
  if (tokens.length === 0) return refuse('Rekor v2 entries need a timestamp token');
  return {
    kind: 'logged',
    at: undefined,
    proof: { ...proof, source: 'evidence' },
    note: ` without a time of its own${BESIDE}`,
  };
}

/** As strict as with an embedded entry; and the certificate must have been valid, or it proves nothing. */
function openTimed(signed: Signed, entry: LogEntry, trust: Trust): Logged {
  if (entry.kindVersion !== 'hashedrekord 0.0.1') return refuse('the log entry is of an unknown kind');
  const { cms, checks } = signed;
  const body = encodeHashedRekord(hash('sha256', cms.artifact, 'buffer'), cms.signature, checks.leaf.der);
  const { signedAt, proof } = sameBytes(entry.body, body)
    ? openLogEntry(entry, body, trust)
    : openOnline(signed, entry, trust);
  openChain(checks, signedAt.getTime());
  return { kind: 'logged', at: signedAt, proof: { ...proof, source: 'evidence' }, note: BESIDE };
}

/**
 * gitsign's online mode: a second signature by the same key, over the name of this very object. The body is made anew
 * around that signature and must be the same bytes: so it names this certificate, and nothing besides.
 */
function openOnline(
  { payload, armored, checks }: Signed,
  entry: LogEntry,
  trust: Trust,
): ReturnType<typeof openLogEntry> {
  const objectId = armored && onlineObjectId(payload, armored);
  if (objectId === undefined) return refuse(NOT_OF_THIS);
  const { leaf } = checks;
  const signature = secondSignatureOf(entry.body);
  const body = encodeHashedRekord(hash('sha256', objectId, 'buffer'), signature, leaf.der);
  if (!sameBytes(entry.body, body)) return refuse(NOT_OF_THIS);
  if (!isSignedBy(leaf.publicKey(), Buffer.from(objectId, 'latin1'), signature, 'sha256')) {
    return refuse('the logged signature is not by the key in the certificate');
  }
  return openLogEntry(entry, body, trust);
}

const BESIDE = ', found beside the signature';

const NOT_OF_THIS = 'the log entry is of another signature';

/** `spec.signature.content` of a hashedrekord 0.0.1; whoever asks compares the whole body afterwards. */
export function secondSignatureOf(body: Uint8Array): Uint8Array {
  const text = decodeText(body, 'the body of the log entry');
  const content = /"signature":\{"content":"([A-Za-z0-9+/=]{1,4096})"/.exec(text)?.[1];
  return content === undefined ? refuse(NOT_OF_THIS) : decodeBase64(content, 'the logged signature');
}
