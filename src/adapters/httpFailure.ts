/** What can happen instead of an answer, in words for the person. */
import { SignetError } from '../errors.ts';
import type { Service } from './http.ts';
import { isLoopback } from './loopback.ts';

export interface Failure {
  readonly kind: 'failed';
  readonly error: SignetError;
  /** It may go better the next time. */
  readonly passing: boolean;
}

/** What went wrong, in words that follow "Fulcio at https://… ". */
export class Broken extends Error {
  readonly passing: boolean;
  constructor(what: string, passing: boolean) {
    super(what);
    this.passing = passing;
  }
}

/** Says what an error of Node's, or a `Broken`, means for the person, and whether trying again makes sense. */
export function failureOf(service: Service, error: unknown): Failure {
  const at = `${service.name} at ${service.baseUrl.origin}`;
  const code = errorCode(error);
  const check =
    code === 'ECONNREFUSED' && isLoopback(service.baseUrl.hostname)
      ? `Nobody listens there: if it is the sandbox, git-signet sandbox start. Else check ${service.setting}.`
      : `Check the address in ${service.setting} and the network (a proxy: HTTPS_PROXY, NO_PROXY).`;
  if (error instanceof Broken && !error.passing) {
    const hint = `Check that ${service.setting} names a ${service.name}, and that nothing on the way answers in its place.`;
    return failed(new SignetError('service-answer', `${at} ${error.message}.`, hint), false);
  }
  if (code.startsWith('HPE_')) {
    const text = `${at} answered with something that is not HTTP (${code}).`;
    // Without Node's error as cause: it carries the raw answer, which may repeat what was sent.
    return failed(new SignetError('service-answer', text, check), false);
  }
  if (isTls(code)) {
    const hint =
      "If a company proxy or a private authority issued its certificate, name that authority's PEM file in NODE_EXTRA_CA_CERTS.";
    const text = `No secure connection to ${at} (${code}).`;
    return failed(new SignetError('service-unreachable', text, hint, error), false);
  }
  const text = `${at} ${networkText(error, code)}.`;
  return failed(new SignetError('service-unreachable', text, check, error), true);
}

function failed(error: SignetError, passing: boolean): Failure {
  return { kind: 'failed', error, passing };
}

/** Node's code of an error; where several addresses were tried, that of the last. */
function errorCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors.at(-1));
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** OpenSSL's and Node's names for a peer that cannot prove itself, or that speaks no TLS at all. */
function isTls(code: string): boolean {
  return /^(ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code);
}

function networkText(error: unknown, code: string): string {
  if (error instanceof Broken) return error.message;
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused the connection';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'cannot be found: its name does not resolve';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'closed the connection before its answer was complete';
    default:
      return `cannot be reached (${code || 'unknown reason'})`;
  }
}

/** For people: `9 s`, `0.25 s`. */
export function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(2))} s`;
}
