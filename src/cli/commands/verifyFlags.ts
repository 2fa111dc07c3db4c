/** The flags of `git-signet verify`, gitsign's identity flags among them, as values. */
import type { Argv } from 'yargs';
import { type Demand, parsePattern, WORKFLOW_CLAIMS } from '../../app/demand.ts';
import { SignetError } from '../../errors.ts';

const FORMATS = ['text', 'json', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

const text = (describe: string) => ({ type: 'string', requiresArg: true, describe }) as const;
const switchOf = (describe: string) => ({ type: 'boolean', default: false, describe }) as const;

/** What may be judged besides what is named, and how it is shown. */
export const VERIFY_OPTIONS = {
  all: switchOf('every commit that a branch, a tag or HEAD reaches'),
  tags: switchOf('annotated tags too; alone: only these'),
  stdin: switchOf('object ids from standard input, one a line, each with its ref after a space or without'),
  offline: switchOf('do not ask the log for entries that signatures do not carry'),
  format: { choices: FORMATS, default: 'text', describe: 'for people, or for programs' },
  explain: switchOf('every check of one object with its evidence, and how to redo it'),
  'allow-unsigned': switchOf('what has no signature of this kind does not count'),
  cache: { type: 'boolean', default: true, describe: 'remember verified facts (--no-cache: do not)' },
} as const;

/** As gitsign calls them. Regular expressions must match the whole text here. */
export const IDENTITY_OPTIONS = {
  'certificate-identity': text('who must have signed'),
  'certificate-identity-regexp': text('the same as a regular expression, for the whole text'),
  'certificate-oidc-issuer': text('who must vouch for them'),
  'certificate-oidc-issuer-regexp': text('the same as a regular expression, for the whole text'),
  'certificate-github-workflow-trigger': text('event that started the workflow'),
  'certificate-github-workflow-sha': text('commit that the workflow ran for'),
  'certificate-github-workflow-name': text('name of the workflow'),
  'certificate-github-workflow-repository': text('repository of the workflow, as owner/name'),
  'certificate-github-workflow-ref': text('ref that the workflow ran for'),
} as const;

export function withVerifyFlags<T>(parser: Argv<T>) {
  return parser
    .options(VERIFY_OPTIONS)
    .options(IDENTITY_OPTIONS)
    .group(Object.keys(IDENTITY_OPTIONS), 'Who must have signed (then signet.allow does not count):');
}

type IdentityFlags = { readonly [F in keyof typeof IDENTITY_OPTIONS]?: string | undefined };

/** The demand that the flags make; undefined where there is none. Throws SignetError `usage`. */
export function parseDemand(flags: IdentityFlags): Demand | undefined {
  const names = Object.keys(IDENTITY_OPTIONS) as (keyof IdentityFlags)[];
  const given = names.filter((name) => flags[name] !== undefined);
  if (given.length === 0) return undefined;
  for (const name of given) {
    const value: unknown = flags[name];
    if (typeof value === 'string' && value !== '') continue;
    throw new SignetError('usage', `--${name} takes one value.`, 'Give it once, and not empty.');
  }
  const subject = wanted(flags, 'certificate-identity', 'certificate-identity-regexp');
  const issuer = wanted(flags, 'certificate-oidc-issuer', 'certificate-oidc-issuer-regexp');
  const claims = new Map<number, string>();
  for (const [name, number] of Object.entries(WORKFLOW_CLAIMS)) {
    const value = flags[`certificate-github-workflow-${name as keyof typeof WORKFLOW_CLAIMS}`];
    if (value !== undefined) claims.set(number, value);
  }
  return { subject, issuer, claims };
}

/** One of the two is needed: whoever runs a login service can vouch for any name. */
function wanted(flags: IdentityFlags, exactName: keyof IdentityFlags, patternName: keyof IdentityFlags) {
  const exact = flags[exactName];
  const source = flags[patternName];
  if (exact === undefined && source === undefined) {
    const what = `Neither --${exactName} nor --${patternName} is given.`;
    throw new SignetError('usage', what, 'A signer is both a name and who vouches for it: give both.');
  }
  return { exact, pattern: source === undefined ? undefined : parsePattern(patternName, source) };
}
