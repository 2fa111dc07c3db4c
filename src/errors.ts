/**
 * Everything that can go wrong, as one error type. Imports nothing.
 *
 * `message` says what happened, `hint` what to do, `cause` is evidence for a log.
 * None of the three ever holds a token or a key.
 */

/** Exit codes; the table in docs/verifying.md is checked against this one. */
export const EXIT = {
  good: 0,
  /** verification says no */
  no: 1,
  /** usage, configuration, or a payload or identity that we refuse to sign */
  usage: 2,
  /** cannot be judged: malformed, foreign or unproven */
  unjudged: 3,
  /** login refused, cancelled, timed out or impossible here */
  login: 4,
  /** a service is unreachable or broken after retries */
  service: 5,
  /** no usable trusted root */
  noTrust: 6,
  bug: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The closed list of error codes with the exit code each one ends in. */
const EXIT_OF = {
  usage: EXIT.usage,
  config: EXIT.usage,
  'refused-payload': EXIT.usage,
  'refused-identity': EXIT.usage,
  malformed: EXIT.unjudged,
  'login-refused': EXIT.login,
  'login-cancelled': EXIT.login,
  'login-timeout': EXIT.login,
  'login-impossible': EXIT.login,
  'token-invalid': EXIT.login,
  'service-unreachable': EXIT.service,
  'service-refused': EXIT.service,
  'service-answer': EXIT.service,
  'already-logged': EXIT.service,
  'clock-skew': EXIT.service,
  'no-trust': EXIT.noTrust,
  'self-check': EXIT.bug,
  bug: EXIT.bug,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof EXIT_OF;

/** The lazily loaded bundles each hold a copy of this module: recognise by brand, not by class. */
const BRAND = Symbol.for('git-signet.SignetError');

export class SignetError extends Error {
  readonly code: ErrorCode;
  /** One sentence that says what to do; empty only where the message already does. */
  readonly hint: string;
  readonly exitCode: ExitCode;
  readonly [BRAND] = true;

  constructor(code: ErrorCode, message: string, hint = '', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SignetError';
    this.code = code;
    this.hint = hint;
    this.exitCode = EXIT_OF[code];
  }
}

export function isSignetError(error: unknown): error is SignetError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
