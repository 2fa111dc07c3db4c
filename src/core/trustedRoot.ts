/**
 * Trust material: the trusted_root.json of Sigstore (protobuf-specs: sigstore_trustroot.proto) as values.
 * What it says is believed; that it is the right one, whoever loads it has to know.
 */
import { hash } from 'node:crypto';
import { SignetError } from '../errors.ts';
import { decodeBase64, decodeText, toHex, view } from './bytes.ts';
import { findPathProblem } from './chain.ts';
import { parseDer } from './der.ts';
import { CheckFailure, refuse } from './failure.ts';
import { isoTime } from './isoTime.ts';
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
  /** Its id where the file does not say: cosign makes such files from keys alone. */
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
  /** Its certificates, nearest to the leafs first, the trust anchor last. Parsed at first use. */
  readonly issuers: () => readonly Issuer[];
  /** Whether these bytes stand in any of them: where a name does not, nobody of that name is among them. */
  readonly mentions: (bytes: Uint8Array) => boolean;
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
  /** The authority's own certificate first. Parsed when the first timestamp token is met. */
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

/**
 * Parses a trusted_root.json. Unknown fields are passed over; anything else unexpected is `no-trust`.
 *
 * `proven` is for the file that is shipped: that its certificates can be used and are signed by their roots
 * is proven by a test, and not looked at again by each process.
 */
export function parseTrustedRoot(bytes: Uint8Array, { proven = false } = {}): Trust {
  try {
    if (bytes.length > MAX_TRUSTED_ROOT_BYTES) return refuse('it is larger than 1 MiB');
    return toTrust(record(parseJson(bytes), 'the file'), bytes, proven);
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

/** Versions 0.1 in two spellings, and 0.2. */
const MEDIA_TYPE = /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.1|\.v0\.[12]\+json)$/;

function toTrust(root: Json, bytes: Uint8Array, proven: boolean): Trust {
  if (!MEDIA_TYPE.test(text(root, 'mediaType'))) return refuse('its media type is unknown');
  const toThisAuthority = (authority: Json) => toAuthority(authority, proven);
  const certificateAuthorities = list(root, 'certificateAuthorities').map(toThisAuthority);
  if (certificateAuthorities.length === 0) return refuse('it names no certificate authority');
  if (!proven) for (const { issuers } of certificateAuthorities) issuers();
  return {
    logs: list(root, 'tlogs').map(toLog),
    ctLogs: list(root, 'ctlogs').map(toLog),
    certificateAuthorities,
    timestampAuthorities: list(root, 'timestampAuthorities').map(toThisAuthority),
    get digest() {
      return hash('sha256', bytes, 'hex');
    },
    sandbox: certificateAuthorities.some(isSandbox),
  };
}

function toLog(log: Json): LogAuthority {
  const publicKey = record(log['publicKey'], 'the public key of a log');
  const spki = bytesIn(publicKey, 'rawBytes');
  const logId = toHex(bytesIn(record(log['logId'], 'the id of a log'), 'keyId'));
  return {
    baseUrl: text(log, 'baseUrl') || logId,
    logId,
    validFor: toPeriod(publicKey),
    key: once(() => ({ publicKey: importKey(parseDer(spki)), spki })),
  };
}

function toAuthority(authority: Json, proven: boolean): CertificateAuthority {
  const chain = record(authority['certChain'], 'the chain of an authority');
  const ders = list(chain, 'certificates').map((entry) => bytesIn(entry, 'rawBytes'));
  if (ders.length === 0) return refuse('an authority has no certificate');
  const certificates = once(() => ders.map(parseCertificate));
  return {
    uri: text(authority, 'uri'),
    validFor: toPeriod(authority),
    issuers: once(() => certificates().map((_, place, all) => toIssuer(all, place, proven))),
    mentions: (bytes) => ders.some((der) => view(der).includes(view(bytes))),
    root: once(() => describeRoot(certificates().at(-1) as Certificate)),
  };
}

function toIssuer(certificates: readonly Certificate[], place: number, proven: boolean): Issuer {
  const certificate = certificates[place] as Certificate;
  return {
    certificate,
    subjectKeyId: once(() => subjectKeyIdOf(certificate)),
    path: certificates.slice(place + 1),
    problem: once(() => (proven ? undefined : pathProblem(certificates, place))),
  };
}

/** What verdicts say of the root that a chain ends in. */
export function describeRoot(root: Certificate): { readonly instance: string; readonly authority: string } {
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

/** The search spares a process that judges by the public root the parsing of certificates that it will not use. */
function isSandbox({ issuers, mentions }: CertificateAuthority): boolean {
  if (!mentions(Buffer.from(SANDBOX_ORGANIZATION))) return false;
  const root = issuers().at(-1)?.certificate;
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
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  const right = !Number.isNaN(time) && (isPrinted(value, time) || RFC3339.test(String(value)));
  return right ? time : refuse('a validity has no right start or end');
}

/** As Date prints it, with or without milliseconds: nearly all are, and V8 compiles a pattern that is used twice. */
function isPrinted(value: unknown, time: number): boolean {
  const seconds = isoTime(new Date(time)).slice(0, -1);
  return value === `${seconds}Z` || value === `${seconds}.${String(time % 1000).padStart(3, '0')}Z`;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes, 'the file'));
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

/** protobuf-JSON leaves empty text out too. */
function text(holder: Json, name: string): string {
  const value = holder[name];
  return typeof value === 'string' ? value : '';
}

function bytesIn(holder: Json, name: string): Uint8Array {
  return decodeBase64(text(holder, name) || refuse(`${name} is missing`), name);
}
