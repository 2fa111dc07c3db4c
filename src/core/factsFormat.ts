/**
 * The form in which facts are kept: one JSON array, in one spelling. It says nothing of who wrote it, so whoever
 * keeps it must know that.
 */
import { decodeBase64, decodeText, sameBytes, toBase64 } from './bytes.ts';
import type { Sound } from './facts.ts';
import { isCheckFailure, refuse } from './failure.ts';
import { MAX_FACTS_BYTES } from './limits.ts';
import { CHECKS, type Check, type Checks, type LogProof, type Signer, type SigningTime } from './verdict.ts';

/** Another one with each change of what is written, or of what makes a signature sound. */
export const FACTS_VERSION = 'git-signet/facts/v2';

export function encodeFacts({ checks, algorithm, signer, signedAt, times, proof }: Sound): Uint8Array {
  const { identity, fingerprint, certificate, claims, instance, authority } = signer;
  const { subject, issuer } = identity;
  const fields = [
    FACTS_VERSION,
    CHECKS.map((name) => [checks[name].result, checks[name].detail]),
    [algorithm.publicKey, algorithm.hash],
    [
      subject.type,
      subject.value,
      issuer,
      fingerprint,
      toBase64(certificate),
      [...claims],
      instance,
      authority,
    ],
    signedAt.getTime(),
    times.map(({ source, at, by }) => [source, at.getTime(), by]),
    [`${proof.logIndex}`, proof.logId, proof.logUrl, proof.source],
  ];
  return Buffer.from(JSON.stringify(fields), 'utf8');
}

/** Undefined for whatever `encodeFacts` of this version does not write, byte for byte. */
export function parseFacts(bytes: Uint8Array): Sound | undefined {
  if (bytes.length > MAX_FACTS_BYTES) return undefined;
  try {
    const facts = toFacts(parseJson(bytes));
    return sameBytes(encodeFacts(facts), bytes) ? facts : undefined;
  } catch (error) {
    if (isCheckFailure(error)) return undefined;
    throw error;
  }
}

function toFacts(value: unknown): Sound {
  const [version, checks, algorithm, signer, signedAt, times, proof, ...more] = list(value);
  if (version !== FACTS_VERSION || more.length > 0) return refuse(WRONG);
  const [publicKey, digest] = list(algorithm);
  return {
    checks: toChecks(checks),
    algorithm: { publicKey: integer(publicKey), hash: integer(digest) },
    signer: toSigner(signer),
    signedAt: toDate(signedAt),
    times: list(times).map(toSigningTime),
    proof: toProof(proof),
  };
}

function toChecks(value: unknown): Checks {
  const found = list(value).map((check): Check => {
    const [result, detail] = list(check);
    return { result: oneOf(['passed', 'failed', 'skipped'], result), detail: text(detail) };
  });
  if (found.length !== CHECKS.length) return refuse(WRONG);
  return Object.fromEntries(CHECKS.map((name, place) => [name, found[place]])) as Checks;
}

function toSigner(value: unknown): Signer {
  const [type, subject, issuer, fingerprint, certificate, claims, instance, authority] = list(value);
  const pairs = list(claims).map((claim): [number, string] => {
    const [number, words] = list(claim);
    return [integer(number), text(words)];
  });
  return {
    identity: {
      subject: { type: oneOf(['email', 'uri', 'username'], type), value: text(subject) },
      issuer: text(issuer),
    },
    fingerprint: text(fingerprint),
    certificate: decodeBase64(text(certificate), 'a certificate'),
    claims: new Map(pairs),
    instance: text(instance),
    authority: text(authority),
  };
}

function toSigningTime(value: unknown): SigningTime {
  const [source, at, by] = list(value);
  return { source: oneOf(['log', 'timestamp'], source), at: toDate(at), by: text(by) };
}

function toProof(value: unknown): LogProof {
  const [logIndex, logId, logUrl, source] = list(value);
  if (!/^\d{1,20}$/.test(text(logIndex))) return refuse(WRONG);
  return {
    logIndex: BigInt(text(logIndex)),
    logId: text(logId),
    logUrl: text(logUrl),
    source: oneOf(['embedded', 'evidence'], source),
  };
}

const WRONG = 'these are no facts';

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes, 'a record'));
  } catch {
    return refuse(WRONG);
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(WRONG);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : refuse(WRONG);
}

function integer(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : refuse(WRONG);
}

function toDate(value: unknown): Date {
  const date = new Date(integer(value));
  return Number.isNaN(date.getTime()) ? refuse(WRONG) : date;
}

function oneOf<T extends string>(names: readonly T[], value: unknown): T {
  return names.find((name) => name === value) ?? refuse(WRONG);
}
