/**
 * Trust material: the trusted_root.json of Sigstore (protobuf-specs: sigstore_trustroot.proto) as values.
 * What it says is believed; that it is the right one, whoever loads it has to know.
 */
import { hash } from 'node:crypto';
import { SignetError } from '../errors.ts';
import { decodeBase64, toHex } from './bytes.ts';
import { findPathProblem } from './chain.ts';
import { parseDer } from './der.ts';
import { CheckFailure, refuse } from './failure.ts';
import { importKey, type PublicKey } from './keys.ts';
import { MAX_TRUSTED_ROOT_BYTES } from './limits.ts';
import { once } from './once.ts';
import { type Certificate, nameOf, parseCertificate, subjectKeyIdOf } from './x509.ts';

/** Milliseconds since 1970, both ends inclusive. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/** A transparency or CT log. */
export interface LogAuthority {
  readonly baseUrl: string;
  /** Lower-case hex of the id, which entries and SCTs name. */
  readonly logId: string;
  readonly validFor: Period;
  /** Imported at first use and kept; refuses a kind of key that is not supported. */
  readonly key: () => { readonly publicKey: PublicKey; readonly spki: Uint8Array };
}

export interface CertificateAuthority {
  readonly uri: string;
  readonly validFor: Period;
  /** Its certificates, nearest to the leafs first, the trust anchor last. */
  readonly issuers: readonly Issuer[];
  /** SHA-256 of the root certificate, and its names. */
  readonly root: () => { readonly instance: string; readonly authority: string };
}

/** One certificate of an authority as issuer of others. */
export interface Issuer {
  readonly certificate: Certificate;
  readonly subjectKeyId: () => Uint8Array | undefined;
  /** From the next one up to the anchor. */
  readonly path: readonly Certificate[];
  /** Why it and the path cannot vouch for anything, whatever the time; looked at once. */
  readonly problem: () => string | undefined;
}

export interface Trust {
  readonly logs: readonly LogAuthority[];
  readonly ctLogs: readonly LogAuthority[];
  readonly certificateAuthorities: readonly CertificateAuthority[];
  /** The authority's own certificate first. Kept as parsed: nothing checks timestamps yet. */
  readonly timestampAuthorities: readonly CertificateAuthority[];
  /** SHA-256 of the file, lower-case hex. */
  readonly digest: string;
  /** A toy: its root certificate says that it belongs to `git-signet sandbox`. */
  readonly sandbox: boolean;
}

export function isWithin({ start, end }: Period, at: number): boolean {
  return at >= start && at <= end;
}

/** Organisation in the root certificate of an embedded Sigstore. */
export const SANDBOX_ORGANIZATION = 'git-signet sandbox';

/** Parses a trusted_root.json. Unknown fields are passed over; anything else unexpected is `no-trust`. */
export function parseTrustedRoot(bytes: Uint8Array): Trust {
  try {
    if (bytes.length > MAX_TRUSTED_ROOT_BYTES) return refuse('it is larger than 1 MiB');
    return toTrust(record(parseJson(bytes), 'the file'), hash('sha256', bytes, 'hex'));
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    throw new SignetError(
      'no-trust',
      `The trusted root cannot be used: ${error.message}.`,
      'Give a trusted_root.json as Sigstore distributes it.',
      error,
    );
  }
}

type Json = Readonly<Record<string, unknown>>;

const MEDIA_TYPES = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
];

function toTrust(root: Json, digest: string): Trust {
  if (!MEDIA_TYPES.includes(text(root, 'mediaType'))) return refuse('its media type is unknown');
  const certificateAuthorities = list(root, 'certificateAuthorities').map(toAuthority);
  if (certificateAuthorities.length === 0) return refuse('it names no certificate authority');
  return {
    logs: list(root, 'tlogs').map(toLog),
    ctLogs: list(root, 'ctlogs').map(toLog),
    certificateAuthorities,
    timestampAuthorities: list(root, 'timestampAuthorities').map(toAuthority),
    digest,
    sandbox: certificateAuthorities.some(({ issuers }) => isSandbox(issuers.at(-1)?.certificate)),
  };
}

function toLog(log: Json): LogAuthority {
  const publicKey = record(log['publicKey'], 'the public key of a log');
  const spki = bytesIn(publicKey, 'rawBytes');
  return {
    baseUrl: text(log, 'baseUrl'),
    logId: toHex(bytesIn(record(log['logId'], 'the id of a log'), 'keyId')),
    validFor: toPeriod(publicKey),
    key: once(() => ({ publicKey: importKey(parseDer(spki)), spki })),
  };
}

function toAuthority(authority: Json): CertificateAuthority {
  const chain = record(authority['certChain'], 'the chain of an authority');
  const certificates = list(chain, 'certificates').map((entry) =>
    parseCertificate(bytesIn(entry, 'rawBytes')),
  );
  if (certificates.length === 0) return refuse('an authority has no certificate');
  return {
    uri: typeof authority['uri'] === 'string' ? authority['uri'] : '',
    validFor: toPeriod(authority),
    issuers: certificates.map((certificate, place) => ({
      certificate,
      subjectKeyId: once(() => subjectKeyIdOf(certificate)),
      path: certificates.slice(place + 1),
      problem: once(() => pathProblem(certificates, place)),
    })),
    root: once(() => describeRoot(certificates.at(-1) as Certificate)),
  };
}

/** What verdicts say of the root that a chain ends in. */
function describeRoot(root: Certificate): { readonly instance: string; readonly authority: string } {
  const { organization, commonName } = nameOf(root.subject);
  return {
    instance: hash('sha256', root.der, 'hex'),
    authority: [organization, commonName].filter((part) => part !== '').join(', '),
  };
}

function pathProblem(certificates: readonly Certificate[], place: number): string | undefined {
  try {
    return findPathProblem(certificates, place);
  } catch (error) {
    if (error instanceof CheckFailure) return `an authority cannot be used: ${error.message}`;
    throw error;
  }
}

function isSandbox(root: Certificate | undefined): boolean {
  return root !== undefined && nameOf(root.subject).organization === SANDBOX_ORGANIZATION;
}

/** `validFor`: the start must be there, a missing end is open. */
function toPeriod(holder: Json): Period {
  const validFor = record(holder['validFor'], 'a validity');
  const end = validFor['end'];
  return {
    start: toTime(validFor['start']),
    end: end === undefined || end === null ? Number.POSITIVE_INFINITY : toTime(end),
  };
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function toTime(value: unknown): number {
  const time = typeof value === 'string' && RFC3339.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? refuse('a validity has no right start or end') : time;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse('it is not JSON');
  }
}

function record(value: unknown, what: string): Json {
  const right = typeof value === 'object' && value !== null && !Array.isArray(value);
  return right ? (value as Json) : refuse(`${what} is not an object`);
}

/** protobuf-JSON leaves empty lists out. */
function list(holder: Json, name: string): readonly Json[] {
  const value = holder[name] ?? [];
  if (!Array.isArray(value)) return refuse(`${name} is not a list`);
  return value.map((entry) => record(entry, `an entry of ${name}`));
}

function text(holder: Json, name: string): string {
  const value = holder[name];
  return typeof value === 'string' ? value : refuse(`${name} is missing`);
}

function bytesIn(holder: Json, name: string): Uint8Array {
  return decodeBase64(text(holder, name), name);
}
