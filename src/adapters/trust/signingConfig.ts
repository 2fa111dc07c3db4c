/** signing_config.v0.2.json of a TUF repository: where the services of that Sigstore are (protocols 7.3). */
import { SignetError } from '../../errors.ts';

/** What is known about the settings that it may stand in for. */
export interface SettingsNow {
  readonly now: Date;
  /** Whether somebody set it: then it is not looked for. */
  readonly isSet: (key: string) => boolean;
  /** The version of the log where somebody set that. */
  readonly rekorVersion: 1 | 2 | undefined;
}

interface Service {
  readonly url: string;
  readonly version: number;
  readonly start: number;
  readonly operator: string;
}

/**
 * Values for the settings of services that nobody set, by their keys. Empty where the file names no service that
 * could be used: never the public one instead. Throws SignetError `config` for a file that cannot be followed.
 */
export function toInstanceDefaults(bytes: Uint8Array, settings: SettingsNow): ReadonlyMap<string, string> {
  const config = parse(bytes);
  const { now, isSet, rekorVersion } = settings;
  const pick = (list: string, versions: readonly number[]) => selectServices(config[list], versions, now);
  const defaults = new Map<string, string>();
  const add = (key: string, value: () => string): void => {
    if (!isSet(key)) defaults.set(key, value());
  };
  // Clients call Fulcio's second API, and the files say 1 all the same.
  add('signet.fulcio', () => pick('caUrls', [1])[0]?.url ?? '');
  add('signet.issuer', () => pick('oidcUrls', [1])[0]?.url ?? '');
  if (isSet('signet.rekor')) return defaults;
  const log = one(
    config,
    'rekorTlog',
    pick('rekorTlogUrls', rekorVersion === undefined ? [1, 2] : [rekorVersion]),
  );
  add('signet.rekor', () => log?.url ?? '');
  if (log?.version !== 2) return defaults;
  add('signet.rekorVersion', () => '2');
  // Only where the log gives no time: gitsign verifies no signature that has both.
  add('signet.timestampServerURL', () => one(config, 'tsa', pick('tsaUrls', [1]))?.url ?? '');
  return defaults;
}

type Json = Readonly<Record<string, unknown>>;

/** Those valid now, of the highest version that has any, newest first, one for each operator. */
function selectServices(list: unknown, versions: readonly number[], now: Date): readonly Service[] {
  const services = (Array.isArray(list) ? list : []).flatMap((entry) => parseService(entry, now));
  const usable = services.filter(({ version }) => versions.includes(version));
  const highest = Math.max(...usable.map(({ version }) => version));
  const newest = usable.filter(({ version }) => version === highest).sort((a, b) => b.start - a.start);
  return newest.filter(({ operator }, i) => newest.findIndex((other) => other.operator === operator) === i);
}

/** What cannot be read is no service of ours; what is not valid now, neither. */
function parseService(entry: unknown, now: Date): readonly Service[] {
  const { url, majorApiVersion, validFor, operator } = record(entry);
  const { start, end } = record(validFor);
  const from = Date.parse(String(start));
  const until = end === undefined || end === null ? Number.POSITIVE_INFINITY : Date.parse(String(end));
  const isValid = now.getTime() >= from && now.getTime() <= until;
  if (typeof url !== 'string' || typeof majorApiVersion !== 'number' || !isValid) return [];
  return [{ url, version: majorApiVersion, start: from, operator: String(operator ?? '') }];
}

/**
 * The one of them that is used: sigstore-go takes any at random where any will do, but a kept login belongs to one
 * instance, so here it is always the first. Whoever demands several is not served by one.
 */
function one(config: Json, name: 'rekorTlog' | 'tsa', services: readonly Service[]): Service | undefined {
  const { selector, count } = record(config[`${name}Config`]);
  const wanted = selector === 'ALL' ? services.length : selector === 'EXACT' ? Number(count) : 1;
  if (wanted <= 1) return services[0];
  const setting = name === 'tsa' ? 'signet.timestampServerURL' : 'signet.rekor';
  throw new SignetError(
    'config',
    `The signing config asks for ${wanted} services of a kind (${name}) for each signature, and one is used here.`,
    `Name that one in ${setting}.`,
  );
}

function parse(bytes: Uint8Array): Json {
  let config: Json = {};
  try {
    config = record(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // as below
  }
  if (config['mediaType'] === 'application/vnd.dev.sigstore.signingconfig.v0.2+json') return config;
  throw new SignetError(
    'config',
    'The signing config of the TUF repository is of an unknown kind.',
    'Name the services yourself: signet.fulcio, signet.rekor and signet.issuer.',
  );
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
