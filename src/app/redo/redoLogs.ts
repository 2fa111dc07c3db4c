/** What logs and timestamp authorities say, to be done again with openssl. */
import { hash } from 'node:crypto';
import { toBase64, toHex } from '../../core/bytes.ts';
import { openChain } from '../../core/chain.ts';
import type { CmsSignature } from '../../core/cms.ts';
import { contentOf, encodedOf, OCTET_STRING } from '../../core/der.ts';
import type { Evidence } from '../../core/evidence.ts';
import { refuse } from '../../core/failure.ts';
import { isoTime } from '../../core/isoTime.ts';
import type { LeafChecks } from '../../core/leafChecks.ts';
import { LOG_ENTRY } from '../../core/oids.ts';
import { encodeHashedRekord, isV2, type LogEntry, parseEntry } from '../../core/rekorEntry.ts';
import { bodyV2Of } from '../../core/rekorV2Entry.ts';
import { encodePrecertSignedData, encodePrecertTbs, openScts, parseSctList } from '../../core/sct.ts';
import type { Trust } from '../../core/trustedRoot.ts';
import type { LogProof, SigningTime } from '../../core/verdict.ts';
import { SCT_LIST } from '../../core/x509.ts';
import { put, type Section, verifyByLog } from './section.ts';

/** The CT log's signature over the certificate as it was before the log had signed. */
export function redoSct(checks: LeafChecks, trust: Trust, at: Date): Section {
  const { leaf } = checks;
  const issuer = openChain(checks, at.getTime()).issuer.certificate;
  const { logUrl, timestamp } = openScts(leaf, issuer, trust);
  const scts = parseSctList(leaf.extensions.get(SCT_LIST)?.value ?? refuse('the certificate has no SCT'));
  const sct = scts.find((one) => Number(one.timestamp) === timestamp.getTime());
  const log = trust.ctLogs.find(({ logId }) => sct !== undefined && logId === toHex(sct.logId));
  if (sct === undefined || log === undefined) return refuse('the SCT is not found again');
  const data = encodePrecertSignedData(sct, issuer.spki, encodePrecertTbs(leaf));
  return {
    check: 'sct',
    evidence: [
      ['CT log', logUrl],
      ['log id', log.logId],
      ['time', isoTime(timestamp)],
      ['sha256 of signed data', hash('sha256', data, 'hex')],
    ],
    commands: [put('sct', data), ...verifyByLog(log, 'sct', sct.signature)],
  };
}

/** The entry: over this signature, promised at a time, in the tree whose head the log has signed. */
export function redoEntry(
  cms: CmsSignature,
  { leaf }: LeafChecks,
  trust: Trust,
  { proof, evidence }: { readonly proof: LogProof; readonly evidence: Evidence | undefined },
): Section {
  const entry = findEntry(cms, proof, evidence);
  const artifact = hash('sha256', cms.artifact, 'buffer');
  const own = isV2(entry) ? bodyV2Of(cms, leaf) : encodeHashedRekord(artifact, cms.signature, leaf.der);
  const body = entry.body ?? own;
  const log = trust.logs.find(({ logId }) => logId === toHex(entry.logId));
  if (log === undefined) return refuse('the log is not in the trusted root');
  const { inclusionProof } = entry;
  const checkpoint = splitCheckpoint(inclusionProof.checkpoint, log.logId);
  return {
    check: 'logEntry',
    evidence: [
      ['log', log.baseUrl],
      ['log id', log.logId],
      ['log index', String(entry.logIndex)],
      ['kind', entry.kindVersion],
      ['sha256 of body', hash('sha256', body, 'hex')],
      ['place in the tree', `${inclusionProof.logIndex} of ${inclusionProof.treeSize}`],
      ['root hash', toHex(inclusionProof.rootHash)],
      ['checkpoint', checkpoint.text.trimEnd()],
    ],
    commands: [
      put('body', body),
      ...(entry.body === undefined
        ? [`grep -q ${isV2(entry) ? toBase64(artifact) : toHex(artifact)} "$d/body"`]
        : []),
      ...redoPromise(entry, body, log.logId).flatMap((data) => [
        put('promise', data),
        ...verifyByLog(log, 'promise', entry.signedEntryTimestamp),
      ]),
      put('checkpoint', Buffer.from(checkpoint.text, 'utf8')),
      ...verifyByLog(log, 'checkpoint', checkpoint.signature),
      ...redoInclusion(inclusionProof),
    ],
  };
}

/** What a checkpoint says, and the signature of this log among its lines (C2SP signed-note). */
function splitCheckpoint(note: string, logId: string): { readonly text: string; readonly signature: Buffer } {
  const end = note.lastIndexOf('\n\n') + 1;
  const lines = note
    .slice(end + 1)
    .trimEnd()
    .split('\n');
  const signature = lines
    .map((line) => Buffer.from(line.split(' ').at(-1) ?? '', 'base64'))
    .find((bytes) => bytes.toString('hex', 0, 4) === logId.slice(0, 8));
  if (signature === undefined) return refuse("the log's line is not found again");
  return { text: note.slice(0, end), signature: signature.subarray(4) };
}

/** What the SET signs (RFC 8785 JSON); nothing where the log gave none. */
function redoPromise(entry: Omit<LogEntry, 'body'>, body: Uint8Array, logId: string): readonly Uint8Array[] {
  if (entry.signedEntryTimestamp.length === 0) return [];
  const { integratedTime, logIndex } = entry;
  const promised = `{"body":"${toBase64(body)}","integratedTime":${integratedTime},"logID":"${logId}","logIndex":${logIndex}}`;
  return [Buffer.from(promised, 'latin1')];
}

/** RFC 6962 section 2.1.1, a line for each hash on the way to the root. */
function redoInclusion({
  logIndex,
  treeSize,
  rootHash,
  hashes,
}: LogEntry['inclusionProof']): readonly string[] {
  const into = 'openssl dgst -sha256 -binary > "$d/next" && mv "$d/next" "$d/node"';
  const commands = [`{ printf '\\000'; cat "$d/body"; } | ${into}`];
  let place = logIndex;
  let last = treeSize - 1n;
  for (const sibling of hashes) {
    // A node without a right sibling moves up as it is.
    while (place % 2n === 0n && place === last) {
      place /= 2n;
      last /= 2n;
    }
    const other = `echo ${toBase64(sibling)} | openssl base64 -d -A`;
    const [left, right] = place % 2n === 1n ? [other, 'cat "$d/node"'] : ['cat "$d/node"', other];
    commands.push(`{ printf '\\001'; ${left}; ${right}; } | ${into}`);
    place /= 2n;
    last /= 2n;
  }
  const root = toBase64(rootHash);
  return [
    ...commands,
    `test "$(openssl base64 -A < "$d/node")" = ${root}`,
    `grep -q '^${root}$' "$d/checkpoint"`,
  ];
}

function findEntry(cms: CmsSignature, proof: LogProof, evidence: Evidence | undefined) {
  const attribute = cms.unsignedAttrs.get(LOG_ENTRY);
  const messages =
    proof.source === 'embedded' && attribute !== undefined
      ? [contentOf(attribute, OCTET_STRING, 'the log entry')]
      : (evidence?.entries ?? []);
  for (const message of messages) {
    const entry = parseEntry(message);
    if (entry.logIndex === proof.logIndex && toHex(entry.logId) === proof.logId) return entry;
  }
  return refuse('the log entry is not found again');
}

/** Each token over the signature value, by the timestamp authorities of the trusted root. */
export function redoTimestamps(cms: CmsSignature, trust: Trust, times: readonly SigningTime[]): Section {
  const issuers = trust.timestampAuthorities.flatMap((authority) => authority.issuers());
  const anchors = issuers.filter(({ path }) => path.length === 0);
  const others = issuers.filter(({ path }) => path.length > 0);
  const pem = (name: string, der: Uint8Array): string =>
    `echo ${toBase64(der)} | openssl base64 -d -A | openssl x509 -inform DER >> "$d/${name}"`;
  const stamped = times.filter(({ source }) => source === 'timestamp');
  return {
    check: 'timestamp',
    evidence: [
      ['sha256 of signature', hash('sha256', cms.signature, 'hex')],
      ...stamped.map(({ at, by }): readonly [string, string] => ['time', `${isoTime(at)} by ${by}`]),
    ],
    commands: [
      put('signature', cms.signature),
      ': > "$d/tsa.pem"; : > "$d/tsa-root.pem"',
      ...anchors.map(({ certificate }) => pem('tsa-root.pem', certificate.der)),
      ...others.map(({ certificate }) => pem('tsa.pem', certificate.der)),
      ...cms.timestampTokens.flatMap((token, place) => [
        put(`token${place}`, encodedOf(token)),
        `openssl ts -verify -token_in -in "$d/token${place}" -data "$d/signature" -CAfile "$d/tsa-root.pem" -untrusted "$d/tsa.pem"`,
      ]),
    ],
  };
}
