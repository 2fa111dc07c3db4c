/** `[signers]` of a policy file: names, and the identities and keys that they stand for. */
import type { ClaimRule, PolicySigner, SignerIdentity, SignerMark } from '../policyFile.ts';
import { CLAIMS, NUMERIC_OWNERS, SOURCE_REPOSITORY } from './claims.ts';
import { ISSUER_ALIASES, toIssuer } from './issuers.ts';
import {
  complain,
  type Entry,
  type Findings,
  type Node,
  type Place,
  quoted,
  readFlag,
  readInstant,
  readItems,
  readTable,
  readText,
  readTexts,
  warn,
} from './tree.ts';

export interface NamedSigner {
  readonly signer: PolicySigner;
  /** Somebody, rather than a forge or a workflow. */
  readonly person: boolean;
  /** Of the name. */
  readonly place: Place;
}

/** By name, in the order of the file. */
export function readSigners(findings: Findings, entry: Entry | undefined): ReadonlyMap<string, NamedSigner> {
  const signers = new Map<string, NamedSigner>();
  if (entry === undefined) return signers;
  for (const [name, { key, value }] of readTable(findings, entry.value, '[signers]', 'any')) {
    if (!isName(name)) complain(findings, key, `${quoted(name)} is no name: ${NAME_RULE}.`);
    signers.set(name, { ...readSigner(findings, name, value), place: key });
  }
  return signers;
}

export const NAME_RULE = 'letters, digits, dots, hyphens and underscores, beginning with a letter or digit';

export function isName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
}

function readSigner(findings: Findings, name: string, node: Node): Omit<NamedSigner, 'place'> {
  const items = node.kind === 'list' ? readItems(findings, node, name) : [node];
  const read = items.map((item) => readIdentity(findings, name, item));
  const forge = read.some((one) => one.forge);
  if (forge && read.some((one) => !one.forge))
    complain(findings, node, `${name} is a forge by one identity and none by another; give them two names.`);
  const identities = read.flatMap(({ identity }) => (identity === undefined ? [] : [identity]));
  return { signer: { name, forge, identities }, person: !forge && read.some(({ workflow }) => !workflow) };
}

const MARKS = ['email', 'email-domain', 'uri', 'username', 'workflow', 'ssh', 'openpgp'] as const;
type MarkName = (typeof MARKS)[number];
const KEYS = [...MARKS, 'issuer', 'claims', 'committers', 'valid-from', 'valid-until', 'forge'];

interface Read {
  readonly identity: SignerIdentity | undefined;
  readonly forge: boolean;
  readonly workflow: boolean;
}

function readIdentity(findings: Findings, name: string, node: Node): Read {
  const entries = readTable(findings, node, `The identity of ${name}`, KEYS);
  const value = (key: string): Node | undefined => entries.get(key)?.value;
  const [kind, ...others] = MARKS.filter((mark) => entries.has(mark));
  if (node.kind === 'table' && (kind === undefined || others.length > 0))
    complain(findings, node, `An identity of ${name} needs exactly one of ${MARKS.join(', ')}.`);
  const mark = kind === undefined ? undefined : readMark({ findings, name, entries, node }, kind);
  const from = readInstant(findings, value('valid-from'), 'valid-from');
  const until = readInstant(findings, value('valid-until'), 'valid-until');
  if (from !== undefined && until !== undefined && from >= until)
    complain(findings, value('valid-until') ?? node, `valid-until of ${name} is not after valid-from.`);
  const committers = readTexts(findings, value('committers'), 'committers').map((item) => {
    if (!/^[^\s<>@]+@[^\s<>@]+$/.test(item.text))
      complain(findings, item, `${quoted(item.text)} is no e-mail address.`);
    return item.text;
  });
  const identity = mark && {
    ...mark,
    committers,
    ...(from !== undefined && { validFrom: from }),
    ...(until !== undefined && { validUntil: until }),
  };
  return { identity, forge: readFlag(findings, value('forge'), 'forge'), workflow: kind === 'workflow' };
}

interface About {
  readonly findings: Findings;
  readonly name: string;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly node: Node;
}

function readMark(about: About, kind: MarkName): SignerMark | undefined {
  const { findings, entries, name } = about;
  const entry = entries.get(kind);
  if (entry === undefined) return undefined;
  if (kind === 'openpgp' || kind === 'ssh') {
    for (const key of ['issuer', 'claims']) {
      const given = entries.get(key);
      if (given !== undefined) complain(findings, given.key, `A key of ${name} has no ${key}.`);
    }
    return kind === 'ssh' ? readSsh(findings, entry.value) : readOpenPgp(findings, entry.value);
  }
  const value = readText(findings, entry.value, kind);
  const claims = readClaims(findings, entries.get('claims'));
  const issuer = readIssuer(about, kind);
  if (value === undefined) return undefined;
  const wrong = wrongValue(kind, value);
  if (wrong !== undefined) return complain(findings, entry.value, `The ${kind} ${quoted(value)} ${wrong}.`);
  if (kind === 'workflow') return toWorkflow(about, value, claims);
  if (kind === 'email-domain')
    warn(findings, entry.value, `Anybody with an address at ${value} is ${name}: name people where you can.`);
  return issuer === undefined ? undefined : { type: kind, value, issuer, claims };
}

/** What is wrong with it, after its name; undefined where nothing is. */
function wrongValue(kind: Exclude<MarkName, 'ssh' | 'openpgp'>, value: string): string | undefined {
  if (value.includes('*')) return 'has a *, but identities are compared exactly';
  if (kind === 'username') return value.trim() === value ? undefined : 'begins or ends with a space';
  if (!/^[!-~]+$/.test(value)) return 'has a character that no certificate has there';
  switch (kind) {
    case 'email':
      return /^[^@]+@[^@]+$/.test(value) ? undefined : 'is no e-mail address';
    case 'email-domain':
      return /^[^@./]+(\.[^@./]+)+$/.test(value) ? undefined : 'is no domain as in example.com';
    case 'uri':
      return /^[a-z][a-z0-9+.-]*:./i.test(value) ? undefined : 'is no URI';
    case 'workflow':
      return WORKFLOW.test(value)
        ? undefined
        : 'is not as in owner/repository/.github/workflows/x.yml@refs/heads/main';
  }
}

const WORKFLOW = /^([\w.-]+\/[\w.-]+)\/\.github\/workflows\/[^@]+\.ya?ml@refs\/[^@]+$/;

/** GitHub's SAN is that of the workflow file, which other repositories may call: the calling one has to be said too. */
function toWorkflow(about: About, value: string, claims: readonly ClaimRule[]): SignerMark {
  const { findings, entries, name, node } = about;
  const [, repository = ''] = WORKFLOW.exec(value) ?? [];
  const own = { number: SOURCE_REPOSITORY, values: [`https://github.com/${repository}`] };
  const isSaid = claims.some(({ number }) => number === SOURCE_REPOSITORY);
  if (!claims.some(({ number }) => NUMERIC_OWNERS.includes(number))) {
    const place = entries.get('workflow')?.value ?? node;
    const text = `${name} has no source-repository-owner-identifier: whoever takes over the name ${repository} would be it.`;
    warn(findings, place, text);
  }
  return {
    type: 'uri',
    value: `https://github.com/${value}`,
    issuer: ISSUER_ALIASES['github-actions'] ?? '',
    claims: isSaid ? claims : [own, ...claims],
  };
}

function readIssuer({ findings, name, entries, node }: About, kind: MarkName): string | undefined {
  const entry = entries.get('issuer');
  if (entry === undefined) {
    if (kind === 'workflow') return undefined;
    return complain(findings, node, `An identity of ${name} has no issuer: say who vouches for it.`);
  }
  const text = readText(findings, entry.value, 'issuer');
  if (text === undefined) return undefined;
  const issuer = toIssuer(text);
  if (issuer === undefined) {
    const names = Object.keys(ISSUER_ALIASES).join(', ');
    return complain(
      findings,
      entry.value,
      `The issuer ${quoted(text)} is neither a URL nor one of ${names}.`,
    );
  }
  if (kind === 'workflow' && issuer !== ISSUER_ALIASES['github-actions'])
    return complain(findings, entry.value, 'A workflow is one of github-actions; for others write its uri.');
  return issuer;
}

function readClaims(findings: Findings, entry: Entry | undefined): readonly ClaimRule[] {
  if (entry === undefined) return [];
  const claims: ClaimRule[] = [];
  for (const [name, { key, value }] of readTable(findings, entry.value, 'claims', 'any')) {
    const number = Object.hasOwn(CLAIMS, name) ? CLAIMS[name] : undefined;
    if (number === undefined) {
      complain(findings, key, `${quoted(name)} is no claim; known are ${Object.keys(CLAIMS).join(', ')}.`);
      continue;
    }
    const texts =
      value.kind === 'list' ? readTexts(findings, value, name).map(({ text }) => text) : undefined;
    const one = texts === undefined ? readText(findings, value, name) : undefined;
    const values = texts ?? (one === undefined ? [] : [one]);
    if (values.some((text) => text.includes('*')))
      complain(findings, value, `The claim ${name} has a *, but claims are compared exactly.`);
    claims.push({ number, values });
  }
  return claims;
}

const SSH_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) ([A-Za-z0-9+/]+={0,2})(?: .*)?$/;

/** The key names its type again, in its first bytes (RFC 4253 6.6). */
function readSsh(findings: Findings, node: Node): SignerMark | undefined {
  const text = readText(findings, node, 'ssh');
  if (text === undefined) return undefined;
  const [, type = '', base64 = ''] = SSH_KEY.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  const inside = bytes.length > 4 ? bytes.toString('latin1', 4, 4 + bytes.readUInt32BE(0)) : '';
  if (type === '' || inside !== type)
    return complain(findings, node, `The ssh key ${quoted(text)} is no line of a public key file.`);
  return { type: 'ssh', key: `${type} ${base64}` };
}

function readOpenPgp(findings: Findings, node: Node): SignerMark | undefined {
  const entries = readTable(findings, node, 'openpgp', ['fingerprint', 'file']);
  const fingerprint = readText(findings, entries.get('fingerprint')?.value, 'fingerprint');
  const file = readText(findings, entries.get('file')?.value, 'file');
  if (node.kind === 'table' && (!entries.has('fingerprint') || !entries.has('file')))
    return complain(
      findings,
      node,
      'openpgp needs fingerprint and file: a file alone could be exchanged unseen.',
    );
  if (fingerprint === undefined || file === undefined) return undefined;
  if (!/^([0-9A-F]{40}|[0-9A-F]{64})$/i.test(fingerprint))
    return complain(findings, node, `The fingerprint ${quoted(fingerprint)} is not 40 hexadecimal digits.`);
  const isPath =
    !file.startsWith('/') && !file.split('/').some((part) => /^\.*$/.test(part)) && !/[\\*:]/.test(file);
  if (!isPath) return complain(findings, node, `The file ${quoted(file)} is no path inside the repository.`);
  return { type: 'openpgp', fingerprint: fingerprint.toUpperCase(), file };
}
