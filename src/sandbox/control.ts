import {
  type Answer,
  EMPTY_404,
  isRecord,
  jsonAnswer,
  parseJsonBody,
  Refusal,
  type SandboxRequest,
  textAnswer,
} from './answer.ts';
import { type Fault, parseFaults } from './faults.ts';
import { type IdTokenOverrides, isEmail } from './idToken.ts';
import type { RequestCounts } from './server.ts';

/** What changes the TUF repository. */
export interface TufControls {
  readonly publish: (files?: Readonly<Record<string, string>>) => void;
  readonly rotateRoot: () => void;
}

/** What can be asked of a running sandbox beside its services. */
export interface Controls {
  readonly trustedRoot: string;
  /** Tells a sandbox of this folder from anything else at its port. */
  readonly health: () => Readonly<Record<string, unknown>>;
  readonly mintIdToken: (email: string, overrides?: IdTokenOverrides) => string;
  readonly tuf: TufControls;
  readonly setFaults: (faults: readonly Fault[]) => void;
  readonly faultsLeft: () => readonly Fault[];
  readonly requestCounts: () => RequestCounts;
}

/**
 * The sandbox's own interface. What changes something takes JSON only and no request from a page: a browser
 * cannot send such a thing across origins without asking first, and is told no.
 */
export async function answerControl(controls: Controls, request: SandboxRequest): Promise<Answer> {
  switch (`${request.method} ${request.path}`) {
    case 'GET /trusted_root.json':
      return textAnswer(200, 'application/json', controls.trustedRoot);
    case 'GET /sandbox/health':
      return jsonAnswer(200, controls.health(), '\n');
    case 'GET /sandbox/requests':
      return jsonAnswer(200, controls.requestCounts(), '\n');
    case 'GET /sandbox/faults':
      return jsonAnswer(200, controls.faultsLeft(), '\n');
    case 'POST /sandbox/faults':
      controls.setFaults(readFaults(request));
      return jsonAnswer(200, controls.faultsLeft(), '\n');
    case 'POST /sandbox/tuf':
      return changeRepository(controls.tuf, request);
    case 'POST /oidc/sandbox/token':
      return mint(controls, request);
    default:
      return EMPTY_404;
  }
}

function readFaults(request: SandboxRequest): Fault[] {
  const { faults } = readJson(request);
  try {
    return parseFaults(faults);
  } catch (error) {
    throw refusal(400, error instanceof Error ? error.message : 'not understood');
  }
}

/** `{"publish": {name: text}}`, which may be empty, or `{"rotateRoot": true}`. */
function changeRepository(tuf: TufControls, request: SandboxRequest): Answer {
  const { publish, rotateRoot, ...rest } = readJson(request);
  const files = publish === undefined ? undefined : readTexts(publish);
  if (Object.keys(rest).length > 0 || (files === undefined) === (rotateRoot !== true))
    throw refusal(400, 'either publish or rotateRoot');
  if (files === undefined) tuf.rotateRoot();
  else tuf.publish(files);
  return jsonAnswer(200, {}, '\n');
}

function readTexts(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string'))
    throw refusal(400, 'publish holds texts by their names');
  return value as Readonly<Record<string, string>>;
}

function mint(controls: Controls, request: SandboxRequest): Answer {
  const { email, ...overrides } = readJson(request);
  if (typeof email !== 'string' || !isEmail(email))
    throw refusal(400, 'email is missing or no e-mail address');
  return jsonAnswer(200, { id_token: controls.mintIdToken(email, readOverrides(overrides)) }, '\n');
}

const OVERRIDES = {
  expired: 'boolean',
  audience: 'string',
  issuer: 'string',
  subject: 'string',
  nonce: 'string',
  emailVerified: 'boolean',
  withoutEmail: 'boolean',
  lifetimeSeconds: 'number',
} as const satisfies Record<keyof IdTokenOverrides, string>;

function readOverrides(values: Readonly<Record<string, unknown>>): IdTokenOverrides {
  for (const [name, value] of Object.entries(values)) {
    const type = Object.entries(OVERRIDES).find(([known]) => known === name)?.[1];
    if (typeof value !== type) throw refusal(400, `${name} is not known or no ${type ?? 'field'}`);
  }
  return values;
}

function readJson(request: SandboxRequest): Readonly<Record<string, unknown>> {
  if (request.headers.origin !== undefined) throw refusal(403, 'not for pages');
  if (request.headers['content-type'] !== 'application/json') throw refusal(415, 'only application/json');
  const value = parseJsonBody(request.body, (message) => refusal(400, message));
  if (!isRecord(value)) throw refusal(400, 'an object is expected');
  return value;
}

function refusal(status: number, message: string): Refusal {
  return new Refusal(jsonAnswer(status, { error: message }, '\n'));
}
