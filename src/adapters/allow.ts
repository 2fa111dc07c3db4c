/**
 * `signet.allow`, multi-valued git configuration that names who may sign:
 * `alice@example.com github`, subject first, issuer last, one space between.
 */
import { ISSUER_ALIASES } from '../core/policy/issuers.ts';
import { NO_POLICY, type Policy } from '../core/policy.ts';
import type { Identity, San } from '../core/verdict.ts';
import { SignetError } from '../errors.ts';

/**
 * Makes a policy of all values in the order in which git lists them, widest scope first: an empty value
 * clears those before it, as git's own multi-valued settings do. Throws SignetError `config`.
 *
 * A list that was cleared and not filled again is no policy; a list with entries is.
 */
export function parseAllow(values: readonly string[]): Policy {
  const current = values.slice(values.lastIndexOf('') + 1);
  return current.length === 0 ? NO_POLICY : { kind: 'allow', identities: current.map(parseAllowEntry) };
}

/** Parses one value. Bytes are taken exactly: no trimming, no case folding. */
export function parseAllowEntry(value: string): Identity {
  const space = value.lastIndexOf(' ');
  const subject = value.slice(0, Math.max(space, 0));
  const issuer = value.slice(space + 1);
  if (subject === '' || issuer === '')
    throw bad(value, 'it needs a subject and an issuer with a space between');
  return { subject: parseSubject(value, subject), issuer: parseIssuer(value, issuer) };
}

/** The value that `parseAllowEntry` would read as this identity. */
export function toAllowEntry(identity: Identity): string {
  const { subject, issuer } = identity;
  const alias = Object.entries(ISSUER_ALIASES).find(([, url]) => url === issuer)?.[0];
  return `${subject.type === 'username' ? '!' : ''}${subject.value} ${alias ?? issuer}`;
}

function parseSubject(value: string, subject: string): San {
  const isName = !subject.includes('://') && !subject.includes('@');
  if (!isName && /\s/.test(subject)) throw bad(value, 'no address or URI has white space');
  if (subject.includes('://')) return { type: 'uri', value: subject };
  if (subject.includes('@')) return { type: 'email', value: subject };
  if (subject.startsWith('!') && subject.length > 1) return { type: 'username', value: subject.slice(1) };
  throw bad(value, 'its subject is neither an e-mail address, nor a URI, nor a user name with a leading !');
}

function parseIssuer(value: string, issuer: string): string {
  const alias = Object.hasOwn(ISSUER_ALIASES, issuer) ? ISSUER_ALIASES[issuer] : undefined;
  if (alias !== undefined) return alias;
  if (/^https?:\/\/./.test(issuer)) return issuer;
  throw bad(value, `its issuer is neither a URL nor one of ${Object.keys(ISSUER_ALIASES).join(', ')}`);
}

function bad(value: string, why: string): SignetError {
  return new SignetError(
    'config',
    `signet.allow holds ${JSON.stringify(value)}, but ${why}.`,
    'Write it as in: git config --add signet.allow "alice@example.com github"',
  );
}
