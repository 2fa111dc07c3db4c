/** `[[rule]]`, `[[revoke]]` and `[[exempt]]` of a policy file, and the names in them. */
import type { Exemption, Revocation, Rule } from '../policyFile.ts';
import { isName, NAME_RULE, type NamedSigner } from './readSigners.ts';
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
  readWord,
  type Text,
} from './tree.ts';

/** Who can be named, by name. */
export interface Names {
  readonly signers: ReadonlyMap<string, NamedSigner>;
  /** Names of signers by the name of a group. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

export function readGroups(
  findings: Findings,
  entry: Entry | undefined,
  signers: Names['signers'],
): Names['groups'] {
  const groups = new Map<string, readonly string[]>();
  if (entry === undefined) return groups;
  for (const [name, { key, value }] of readTable(findings, entry.value, '[groups]', 'any')) {
    if (!isName(name)) complain(findings, key, `${quoted(name)} is no name: ${NAME_RULE}.`);
    const items = readTexts(findings, value, name);
    for (const item of items.filter(({ text }) => text.startsWith('@')))
      complain(findings, item, `The group ${name} holds ${quoted(item.text)}, but groups hold signers only.`);
    const own = items.filter(({ text }) => !text.startsWith('@'));
    groups.set(name, toNames(findings, own, { signers, groups: new Map() }));
  }
  return groups;
}

/** Names of signers; a group's members in its place. */
export function readNames(
  findings: Findings,
  node: Node | undefined,
  what: string,
  names: Names,
): readonly string[] {
  return toNames(findings, readTexts(findings, node, what), names);
}

function toNames(findings: Findings, items: readonly Text[], { signers, groups }: Names): readonly string[] {
  const found = items.flatMap((item) => {
    const { text } = item;
    if (text.startsWith('@')) {
      const group = groups.get(text.slice(1));
      if (group === undefined) complain(findings, item, `No group is called ${quoted(text.slice(1))}.`);
      return group ?? [];
    }
    const signer = signers.get(text);
    if (signer === undefined) complain(findings, item, `No signer is called ${quoted(text)}.`);
    else if (signer.signer.forge)
      complain(findings, item, `${text} is a forge: say in \`forge\` of a rule what it may do.`);
    return [text];
  });
  return [...new Set(found)];
}

const RULE_KEYS = [
  'refs',
  'tags',
  'target',
  'paths',
  'signers',
  'merged',
  'forge',
  'forge-authors',
  'push-cert',
  'force',
  'delete',
  'update',
];

export function readRules(findings: Findings, entry: Entry | undefined, names: Names): readonly Rule[] {
  return readItems(findings, entry?.value, '[[rule]]').map((node) => readRule(findings, node, names));
}

function readRule(findings: Findings, node: Node, names: Names): Rule {
  const entries = readTable(findings, node, 'A rule', RULE_KEYS);
  const value = (key: string): Node | undefined => entries.get(key)?.value;
  for (const key of ['refs', 'signers'])
    if (node.kind === 'table' && !entries.has(key)) complain(findings, node, `A rule has no ${key}.`);
  const refs = readRefs(findings, value('refs'), 'refs');
  const paths = readPaths(findings, value('paths'));
  const signers = readNames(findings, value('signers'), 'signers', names);
  refuseMisplaced(findings, entries, refs);
  return {
    line: node.line,
    refs,
    paths,
    signers,
    merged: readMerged(findings, value('merged'), names) ?? signers,
    ...readForge(findings, value('forge'), paths.length > 0),
    forgeAuthors: readTexts(findings, value('forge-authors'), 'forge-authors').map(({ text }) => text),
    pushCert: readWord(findings, value('push-cert'), 'push-cert', ['off', 'require']),
    tags: readWord(findings, value('tags'), 'tags', ['signed', 'annotated', 'any']),
    target: readRefs(findings, value('target'), 'target'),
    force: readFlag(findings, value('force'), 'force'),
    delete: readFlag(findings, value('delete'), 'delete'),
    update: readFlag(findings, value('update'), 'update'),
  };
}

/** What would be without effect, and looks as if it had one. */
function refuseMisplaced(
  findings: Findings,
  entries: ReadonlyMap<string, Entry>,
  refs: readonly string[],
): void {
  const refuse = (keys: readonly string[], why: string): void => {
    for (const key of keys) {
      const place = entries.get(key)?.key;
      if (place !== undefined) complain(findings, place, `${key} ${why}.`);
    }
  };
  if (refs.length > 0 && !refs.some((ref) => ref.startsWith('refs/tags/') || /^refs\/\*/.test(ref)))
    refuse(['tags', 'target', 'update'], 'is about tags, but no ref of this rule begins with refs/tags/');
  if (entries.has('paths'))
    refuse(
      ['tags', 'target', 'force', 'delete', 'update'],
      'is about whole refs: put it into a rule without paths',
    );
}

function readMerged(
  findings: Findings,
  node: Node | undefined,
  names: Names,
): readonly string[] | '*' | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'text' && node.value === '*') return '*';
  return readNames(findings, node, 'merged', names);
}

function readForge(findings: Findings, node: Node | undefined, hasPaths: boolean): Pick<Rule, 'forge'> {
  if (node === undefined) return hasPaths ? {} : { forge: [] };
  for (const item of readTexts(findings, node, 'forge')) {
    if (item.text !== 'clean-merge')
      complain(findings, item, `forge holds ${quoted(item.text)}, but all there is is clean-merge.`);
  }
  return { forge: ['clean-merge'] };
}

function readRefs(findings: Findings, node: Node | undefined, what: string): readonly string[] {
  return readTexts(findings, node, what).map((item) => {
    if (!item.text.startsWith('refs/'))
      complain(findings, item, `${quoted(item.text)} is no full name of a ref: it begins with refs/.`);
    else refuseSyntax(findings, item, item.text);
    return item.text;
  });
}

function readPaths(findings: Findings, node: Node | undefined): readonly string[] {
  return readTexts(findings, node, 'paths').map((item) => {
    if (item.text.startsWith('/') || item.text.startsWith('./'))
      complain(findings, item, `${quoted(item.text)} begins with a / or ./, which no path of a commit does.`);
    else refuseSyntax(findings, item, item.text);
    return item.text;
  });
}

/** Whoever writes them means something that `*` and `**` do not say. */
function refuseSyntax(findings: Findings, place: Place, pattern: string): void {
  if (/[?[\]{}\\]|\*{3}|\/\/|\/$/.test(pattern))
    complain(findings, place, `${quoted(pattern)} has more in it than names, * and ** (which end at no /).`);
}

export function readRevocations(
  findings: Findings,
  entry: Entry | undefined,
  names: Names,
): readonly Revocation[] {
  return readItems(findings, entry?.value, '[[revoke]]').flatMap((node) => {
    const entries = readTable(findings, node, 'A revocation', ['signer', 'after', 'reason']);
    const signerNode = entries.get('signer')?.value;
    const signer = readText(findings, signerNode, 'signer');
    const after = readInstant(findings, entries.get('after')?.value, 'after');
    if (node.kind === 'table' && (!entries.has('signer') || !entries.has('after')))
      complain(findings, node, 'A revocation needs signer and after.');
    if (signer !== undefined && signerNode !== undefined && !names.signers.has(signer))
      complain(
        findings,
        signerNode,
        `No signer is called ${quoted(signer)}; keep the signer that is revoked.`,
      );
    const reason = readText(findings, entries.get('reason')?.value, 'reason') ?? '';
    return signer === undefined || after === undefined ? [] : [{ signer, after, reason }];
  });
}

export function readExemptions(findings: Findings, entry: Entry | undefined): readonly Exemption[] {
  return readItems(findings, entry?.value, '[[exempt]]').map((node) => {
    const entries = readTable(findings, node, 'An exemption', ['commits', 'reason']);
    if (node.kind === 'table' && !entries.has('commits'))
      complain(findings, node, 'An exemption has no commits.');
    const commits = readTexts(findings, entries.get('commits')?.value, 'commits').map((item) => {
      if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(item.text))
        complain(
          findings,
          item,
          `${quoted(item.text)} is no full id of a commit in lower-case hexadecimal digits.`,
        );
      return item.text;
    });
    return { commits, reason: readText(findings, entries.get('reason')?.value, 'reason') ?? '' };
  });
}
