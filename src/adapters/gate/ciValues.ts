/** Names and ids as CI systems hand them on: nothing goes to git that could be anything else. */
import { SignetError } from '../../errors.ts';

/** A ref that is to move, or has moved. */
export interface CiMove {
  /** `request`: it is to land on the ref; `push`: the ref has moved already, or a merge queue moves it exactly so. */
  readonly kind: 'request' | 'push';
  /** Full name, as on the server. */
  readonly ref: string;
  /** Full id, all zeros for none, or full name of a ref here. */
  readonly base: string;
  readonly head: string;
}

/** Throws SignetError `malformed` unless it is a full id. */
export function ciOid(value: unknown, name: string): string {
  if (typeof value === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value)) return value;
  throw unreadable(`${name} is no full object id`);
}

/** Throws SignetError `malformed` unless it is the full name of a branch or tag. */
export function ciRef(value: unknown): string {
  if (typeof value === 'string' && isRefName(value)) return value;
  throw unreadable(`${JSON.stringify(value ?? null)} is no name of a branch or tag`);
}

/** git-check-ref-format(1), for branches and tags. */
export function isRefName(ref: string): boolean {
  return (
    /^refs\/(heads|tags)(\/(?!\.)[^/\0-\x20\x7f~^:?*[\\]+)+$/.test(ref) &&
    !/\.\.|@\{|\.lock(\/|$)|\.$/.test(ref)
  );
}

export function unreadable(why: string): SignetError {
  return new SignetError(
    'malformed',
    `What this CI says about its event cannot be read: ${why}.`,
    'Give --ref, --base, --head and --as.',
  );
}

export function movesNothing(what: string): SignetError {
  return new SignetError(
    'usage',
    `A ${what} moves no ref, so there is nothing to judge.`,
    'Run it for pull requests, pushes and merge queues, or give --ref, --base, --head and --as.',
  );
}
