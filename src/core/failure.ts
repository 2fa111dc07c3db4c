import { isSignetError, SignetError } from '../errors.ts';

/**
 * A rule that bytes from outside break, in one plain sentence without a final stop. The parsers and
 * checks of the core throw it and nothing else; `verify` turns it into a verdict, other callers add where
 * the bytes came from.
 */
export class CheckFailure extends SignetError {
  constructor(reason: string) {
    super('malformed', reason);
    this.name = 'CheckFailure';
  }
}

export function refuse(reason: string): never {
  throw new CheckFailure(reason);
}

/** By its brand: trust material may have been parsed by the hot file's copy of this module. */
export function isCheckFailure(error: unknown): error is CheckFailure {
  return isSignetError(error) && error.code === 'malformed';
}
