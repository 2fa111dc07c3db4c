/** A first policy file from a history: whoever writes it is in it, everybody else is a comment. */
import { counted } from '../core/counted.ts';
import { claimsOf } from '../core/objectClaims.ts';
import { ISSUER_ALIASES } from '../core/policy/issuers.ts';
import { PUBLIC_INSTANCES } from '../core/policy/readPolicy.ts';
import { isName } from '../core/policy/readSigners.ts';
import type { Signer } from '../core/verdict.ts';
import type { RawObject } from '../ports.ts';
import type { Judged } from './verifyObjects.ts';

/** One identity or key, and what it has signed. */
export interface FoundSigner {
  /** As a value of `[signers]`. */
  readonly toml: string;
  /** Of a Sigstore signature that is sound. */
  readonly signer?: Signer;
  /** Whoever signed an OpenPGP key only says so. */
  readonly openPgp?: string;
  /** Names and addresses in its committer lines, which nothing proves: the commonest first. */
  readonly committers: readonly string[];
  readonly commits: number;
  readonly tags: number;
  /** Milliseconds: of the newest, as it claims. */
  readonly last: number;
}

export interface SignedPast {
  readonly found: readonly FoundSigner[];
  readonly unsigned: number;
  /** Signed somehow, but neither sound nor by a key that could be listed. */
  readonly doubtful: number;
}

/** What else a signature can be by than a Sigstore identity. */
export interface KeyReading {
  readonly sshKey: (object: RawObject) => string | undefined;
  readonly openPgpKey: (object: RawObject) => string | undefined;
}

/** Goes through a history once. */
export async function collectSigners(objects: AsyncIterable<Judged>, keys: KeyReading): Promise<SignedPast> {
  const found = new Map<string, Tally>();
  let [unsigned, doubtful] = [0, 0];
  for await (const judged of objects) {
    const one = toFound(judged, keys);
    if (one === undefined) {
      if (judged.verdict.status === 'unreadable' && judged.verdict.format === 'none') unsigned += 1;
      else doubtful += 1;
      continue;
    }
    const tally = found.get(one.toml) ?? { ...one, lines: new Map(), commits: 0, tags: 0, last: 0 };
    found.set(one.toml, tally);
    count(tally, judged.object);
  }
  const all = [...found.values()].map(({ lines, ...rest }): FoundSigner => {
    const committers = [...lines].toSorted((a, b) => b[1] - a[1]).map(([line]) => line);
    return { ...rest, committers };
  });
  return { found: all.toSorted((a, b) => b.commits + b.tags - a.commits - a.tags), unsigned, doubtful };
}

type Tally = Pick<FoundSigner, 'toml' | 'signer' | 'openPgp'> & {
  readonly lines: Map<string, number>;
  commits: number;
  tags: number;
  last: number;
};

function toFound(
  { verdict, object }: Judged,
  keys: KeyReading,
): Pick<FoundSigner, 'toml' | 'signer' | 'openPgp'> | undefined {
  if (verdict.status === 'good' || verdict.status === 'untrusted') {
    return { toml: identityToml(verdict.signer), signer: verdict.signer };
  }
  if (verdict.status !== 'unreadable') return undefined;
  const ssh = verdict.format === 'ssh' ? keys.sshKey(object) : undefined;
  if (ssh !== undefined) return { toml: `{ ssh = ${JSON.stringify(ssh)} }` };
  const openPgp = verdict.format === 'pgp' ? keys.openPgpKey(object) : undefined;
  return openPgp === undefined ? undefined : { toml: `openpgp ${openPgp}`, openPgp };
}

function count(tally: Tally, object: RawObject): void {
  if (object.kind === 'tag') tally.tags += 1;
  else tally.commits += 1;
  tally.last = Math.max(tally.last, claimsOf(object.raw).claimedAt);
  const line = committerLine(object.raw);
  if (line !== '') tally.lines.set(line, (tally.lines.get(line) ?? 0) + 1);
}

/** `Name <address>`; a stranger's text. */
function committerLine(raw: Uint8Array): string {
  const text = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.length, 4096)).toString('utf8');
  return /^(?:committer|tagger) ([^\n]{1,200}>) \d/m.exec(text.slice(0, text.indexOf('\n\n')))?.[1] ?? '';
}

const SOURCE_REPOSITORY = 12;
const OWNER_ID = 17;

function identityToml({ identity, claims }: Signer): string {
  const { subject, issuer } = identity;
  const own = /^https:\/\/github\.com\/(([\w.-]+\/[\w.-]+)\/\.github\/workflows\/[^@]+@refs\/.+)$/.exec(
    subject.value,
  );
  const owner = claims.get(OWNER_ID);
  if (own !== null && issuer === ISSUER_ALIASES['github-actions'] && owner !== undefined) {
    const [, workflow, repository] = own;
    if (claims.get(SOURCE_REPOSITORY) === `https://github.com/${repository}`)
      return `{ workflow = ${JSON.stringify(workflow)}, claims = { source-repository-owner-identifier = ${JSON.stringify(owner)} } }`;
  }
  const alias = Object.entries(ISSUER_ALIASES).find(([, url]) => url === issuer)?.[0] ?? issuer;
  // TOML's basic strings are JSON's, but for DEL, which no identity has.
  return `{ ${subject.type} = ${JSON.stringify(subject.value)}, issuer = ${JSON.stringify(alias)} }`;
}

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
