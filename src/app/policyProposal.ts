/** A first policy file from a history: whoever writes it is in it, everybody else is a comment. */
import { counted } from '../core/counted.ts';
import { PUBLIC_INSTANCES } from '../core/policy/readPolicy.ts';
import { isName } from '../core/policy/readSigners.ts';
import type { FoundSigner, SignedPast } from './signedPast.ts';

/** The file. Same committer's name, same person: a proposal, for somebody who knows them. */
export function proposePolicy(past: SignedPast, me: FoundSigner): string {
  const names = new Set<string>();
  const mine = nameOf(me, 'me', names);
  const instance = me.signer?.instance ?? '';
  const others = groupByPerson(past.found.filter((one) => one !== me));
  const withTags = past.found.some(({ tags }) => tags > 0);
  return [
    'version = 1',
    ...(PUBLIC_INSTANCES.includes(instance) ? [] : [`instance = ["${instance}"]  # not the public Sigstore`]),
    '',
    '[policy]',
    `editors = ["${mine}"]  # who may change this file`,
    '',
    '[signers]',
    `${mine} = ${me.toml}  # ${describe(me)}`,
    ...(others.length === 0
      ? []
      : ['', '# Found in the history. Take away the # before those whom you know:']),
    ...others.flatMap((group) => personLines(group, names)),
    ...pastLines(past),
    ...(withTags ? TAG_RULE : []),
    '',
  ].join('\n');
}

const TAG_RULE = ['', '# [[rule]]  # who releases', '# refs = ["refs/tags/v*"]', '# signers = []'];

function pastLines({ unsigned, doubtful }: SignedPast): readonly string[] {
  const some = [
    ...(unsigned > 0 ? [`# ${counted(unsigned, 'object')} of the past: not signed.`] : []),
    ...(doubtful > 0
      ? [`# ${counted(doubtful, 'object')} of the past: signed, but neither proven nor by a key to list.`]
      : []),
  ];
  return some.length === 0
    ? []
    : [
        '',
        ...some,
        '# The commit that brings this file is where trust begins; what is before it is not judged.',
      ];
}

function groupByPerson(found: readonly FoundSigner[]): readonly (readonly FoundSigner[])[] {
  const groups = new Map<string, FoundSigner[]>();
  for (const one of found) {
    const person = personOf(one);
    const group = groups.get(person);
    if (group === undefined) groups.set(person, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** Keys of forges and workflows stand for themselves. */
function personOf(one: FoundSigner): string {
  const [line = ''] = one.committers;
  const isPerson =
    !isForge(one) && (one.signer === undefined || one.signer.identity.subject.type === 'email');
  return isPerson && line !== '' ? line.replace(/ <[^<]*>$/, '').toLowerCase() : one.toml;
}

const FORGES = ['GitHub <noreply@github.com>', 'GitLab <noreply@gitlab.com>'];

function isForge({ openPgp, committers: [line = ''] }: FoundSigner): boolean {
  return openPgp !== undefined && FORGES.includes(line);
}

function personLines(group: readonly FoundSigner[], names: Set<string>): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const name = nameOf(first, 'signer', names);
  const [one] = group.length === 1 ? group : [];
  if (one?.openPgp !== undefined) return keyLines(one, name);
  if (one !== undefined) return [`# ${name} = ${one.toml}  # ${describe(one)}`];
  const lines = group.map((each) => `#   ${memberOf(each, name)},  # ${describe(each)}`);
  return [`# ${name} = [`, ...lines, '# ]'];
}

function memberOf({ toml, openPgp }: FoundSigner, name: string): string {
  return openPgp === undefined
    ? toml
    : `{ openpgp = { fingerprint = "${openPgp}", file = "keys/${name}.asc" } }`;
}

/** What a signature names may be a subkey, and the policy wants the primary key. */
function keyLines(one: FoundSigner, name: string): readonly string[] {
  const forge = isForge(one);
  const key = `{ fingerprint = "${one.openPgp}", file = "keys/${name}.asc" }`;
  const source =
    one.committers[0] === FORGES[0]
      ? 'curl https://github.com/web-flow.gpg'
      : 'gpg --armor --export FINGERPRINT';
  return [
    `# ${name} = { openpgp = ${key}${forge ? ', forge = true' : ''} }  # ${describe(one)}`,
    `#   the primary key's fingerprint: ${source} > keys/${name}.asc; gpg --show-keys keys/${name}.asc`,
  ];
}

function describe({ commits, tags, last, committers }: FoundSigner): string {
  const [line = ''] = committers;
  const parts = [
    ...(commits > 0 ? [counted(commits, 'commit')] : []),
    ...(tags > 0 ? [counted(tags, 'tag')] : []),
    ...(last > 0 ? [`last ${new Date(last).toISOString().slice(0, 10)}`] : []),
    ...(line === ''
      ? []
      : [`committer ${printable(line)}${committers.length > 1 ? ` and ${committers.length - 1} more` : ''}`]),
  ];
  return parts.join(', ');
}

/** A comment ends at its line, and a terminal may show it. */
function printable(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '?');
}

/** From the committer's name, else the address; each one once. */
function nameOf(one: FoundSigner, fallback: string, names: Set<string>): string {
  const workflow = /\/\.github\/workflows\/([\w.-]+?)\.ya?ml@/.exec(one.toml)?.[1];
  const [line = ''] = one.committers;
  const text = workflow ?? (isForge(one) ? line.replace(/ .*/, '') : line.replace(/ <[^<]*>$/, ''));
  const slug = text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const base = isName(slug) ? slug : fallback;
  let name = base;
  for (let number = 2; names.has(name); number += 1) name = `${base}-${number}`;
  names.add(name);
  return name;
}
