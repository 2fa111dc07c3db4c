import { SignetError } from '../errors.ts';

/** Misbehaviour of any service. */
export const TRANSPORT_KINDS = [
  'latency',
  'status',
  'drop',
  'cut',
  'hang',
  'html',
  'endless',
  'clockSkew',
] as const;

/** Misbehaviour of the answers that matter to one service's clients. */
export const OWN_KINDS = {
  oidc: [],
  fulcio: ['wrongSct', 'expiredCertificate', 'otherIdentity', 'otherKey'],
  rekor: ['wrongSet', 'wrongProof', 'staleCheckpoint', 'otherKeyCheckpoint', 'otherBody', 'noEntry'],
  rekorV2: ['wrongProof', 'staleCheckpoint', 'otherKeyCheckpoint', 'otherBody', 'noEntry'],
  tsa: ['wrongImprint', 'wrongNonce', 'otherKey', 'otherAuthority', 'rejection'],
  tuf: ['expired', 'rollback', 'mixAndMatch', 'wrongKey', 'truncated', 'wrongTarget'],
} as const;

export type Service = keyof typeof OWN_KINDS;
export const SERVICES = Object.keys(OWN_KINDS) as readonly Service[];

export type FaultKind = (typeof TRANSPORT_KINDS)[number] | (typeof OWN_KINDS)[Service][number];

/** One way to misbehave, for the next `times` requests that it concerns. */
export interface Fault {
  readonly service: Service;
  readonly kind: FaultKind;
  /** How many requests it lasts; 1 when not said. */
  readonly times?: number;
  /** Only for requests whose `METHOD /path` begins so, like `POST /api/v1/log/entries`. */
  readonly match?: string;
  /** The request is carried out and then answered so: what was logged stays logged. For drop, hang, status, html. */
  readonly afterwards?: boolean;
  /** latency: how long. */
  readonly latencyMs?: number;
  /** status, html: 503 and 200 when not said. */
  readonly status?: number;
  /** status: the Retry-After header. */
  readonly retryAfterSeconds?: number;
  /** clockSkew: what is added to the clock of this answer: Date header, times of certificates, entries and tokens. */
  readonly skewSeconds?: number;
}

/** The faults that are still to come. */
export class FaultBox {
  #faults: { readonly fault: Fault; left: number }[] = [];

  /** Replaces whatever was left. */
  set(faults: readonly Fault[]): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? 1 }));
  }

  /** The first fault that concerns this request, used up by one. */
  take(service: Service, method: string, path: string): Fault | undefined {
    const found = this.#faults.find(
      ({ fault, left }) => left > 0 && fault.service === service && concerns(fault, `${method} ${path}`),
    );
    if (found !== undefined) found.left--;
    return found?.fault;
  }

  /** Those with requests left. */
  left(): Fault[] {
    return this.#faults.filter(({ left }) => left > 0).map(({ fault, left }) => ({ ...fault, times: left }));
  }
}

/** Faults out of JSON; throws `usage` with the reason. */
export function parseFaults(value: unknown): Fault[] {
  if (!Array.isArray(value)) throw wrong('faults are a list');
  return value.map(parseFault);
}

/** The answers that the kinds of one service concern. */
const OWN_ANSWERS: Readonly<Record<Service, RegExp>> = {
  oidc: /^$/,
  fulcio: /^POST \/api\/v[12]\/signingCert$/,
  rekor: /^(POST \/api\/v1\/log\/entries(\/retrieve)?|GET \/api\/v1\/log\/entries(\/[0-9a-f]+)?)$/,
  rekorV2: /^(POST \/rekor2\/api\/v2\/log\/entries|GET \/rekor2\/api\/v2\/checkpoint)$/,
  tsa: /^POST \/tsa\/api\/v1\/timestamp$/,
  tuf: /^GET \/tuf\//,
};

const TIMESTAMP = /^GET \/tuf\/timestamp\.json$/;
const USUAL_FILES: Readonly<Partial<Record<FaultKind, RegExp>>> = {
  expired: TIMESTAMP,
  rollback: TIMESTAMP,
  mixAndMatch: /^GET \/tuf\/\d+\.snapshot\.json$/,
  wrongKey: TIMESTAMP,
  truncated: TIMESTAMP,
  wrongTarget: /^GET \/tuf\/targets\//,
};

function concerns(fault: Fault, request: string): boolean {
  if (fault.match !== undefined && !request.startsWith(fault.match)) return false;
  if (isOneOf(TRANSPORT_KINDS, fault.kind)) return true;
  // Any file of the repository can be attacked; where none is named it is the usual one.
  const usual = fault.service === 'tuf' && fault.match === undefined ? USUAL_FILES[fault.kind] : undefined;
  return (usual ?? OWN_ANSWERS[fault.service]).test(request);
}

const NUMBERS = ['times', 'latencyMs', 'status', 'retryAfterSeconds', 'skewSeconds'] as const;

function parseFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null) throw wrong('a fault is an object');
  const { service, kind, match, afterwards, ...rest } = value as Record<string, unknown>;
  if (!isOneOf(SERVICES, service)) throw wrong(`service is one of ${SERVICES.join(', ')}`);
  if (!isKindOf(service, kind)) throw wrong(`${service} has no such kind of fault`);
  if (match !== undefined && typeof match !== 'string') throw wrong('match is a text');
  if (afterwards !== undefined && typeof afterwards !== 'boolean') throw wrong('afterwards is true or false');
  const numbers: Partial<Record<(typeof NUMBERS)[number], number>> = {};
  for (const [name, number] of Object.entries(rest)) {
    if (!isOneOf(NUMBERS, name)) throw wrong(`unknown field ${JSON.stringify(name)}`);
    if (typeof number !== 'number' || !Number.isInteger(number)) throw wrong(`${name} is a whole number`);
    numbers[name] = number;
  }
  return {
    service,
    kind,
    ...(match === undefined ? {} : { match }),
    ...(afterwards === undefined ? {} : { afterwards }),
    ...numbers,
  };
}

function isKindOf(service: Service, kind: unknown): kind is FaultKind {
  return isOneOf(TRANSPORT_KINDS, kind) || isOneOf<string>(OWN_KINDS[service], kind);
}

function isOneOf<T extends string>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value);
}

function wrong(message: string): SignetError {
  return new SignetError('usage', message);
}
