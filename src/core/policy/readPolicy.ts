/** A policy file from its values; everything that is wrong with it at once, each with its place. */

import type { PolicyFile, PolicyProblem } from '../policyFile.ts';
import { addDoubts } from './doubts.ts';
import {
  type Names,
  readExemptions,
  readGroups,
  readNames,
  readRevocations,
  readRules,
} from './readRules.ts';
import { readSigners } from './readSigners.ts';
import {
  complain,
  type Entry,
  type Findings,
  type Node,
  quoted,
  readTable,
  readTexts,
  readWord,
  warn,
} from './tree.ts';

/** The root certificates of the public Sigstore, by SHA-256: a policy counts under them unless it names others. */
export const PUBLIC_INSTANCES: readonly string[] = [
  '03a38ffb1f450100c2596d1d10b900ac4d504058006dda58199576bbeb9c73d0',
  '3ba7b6cc4e95469d4d334b49cb257ad8537076fa84b0ca87ff4ecfe6a54680c1',
];

export interface ReadPolicy {
  /** Undefined where there are problems. */
  readonly policy: PolicyFile | undefined;
  readonly problems: readonly PolicyProblem[];
  readonly warnings: readonly PolicyProblem[];
}

const KEYS = ['version', 'instance', 'policy', 'signers', 'groups', 'rule', 'revoke', 'exempt'];

export function readPolicy(root: Node): ReadPolicy {
  const findings: Findings = { problems: [], warnings: [] };
  const entries = readTable(findings, root, 'The policy', KEYS);
  readVersion(findings, entries.get('version'), root);
  const signers = readSigners(findings, entries.get('signers'));
  if (signers.size === 0)
    complain(findings, entries.get('signers')?.value ?? root, 'The policy has no signers.');
  const names: Names = { signers, groups: readGroups(findings, entries.get('groups'), signers) };
  const settings = readSettings(findings, entries.get('policy'), names);
  const policy: PolicyFile = {
    version: 1,
    instances: readInstances(findings, entries.get('instance')),
    ...settings,
    signers: [...signers.values()].map(({ signer }) => signer),
    rules: readRules(findings, entries.get('rule'), names),
    revocations: readRevocations(findings, entries.get('revoke'), names),
    exempt: readExemptions(findings, entries.get('exempt')),
  };
  const { problems, warnings } = findings;
  if (problems.length === 0) addDoubts(findings, policy, signers);
  return {
    policy: problems.length === 0 ? policy : undefined,
    problems: inOrder(problems),
    warnings: inOrder(warnings),
  };
}

function readVersion(findings: Findings, entry: Entry | undefined, root: Node): void {
  if (entry === undefined)
    complain(findings, root, 'The policy has no version; this one is written version = 1.');
  else if (entry.value.kind !== 'number' || entry.value.value !== 1)
    complain(findings, entry.value, 'The version of the policy is not 1, which is all that is known here.');
}

function readSettings(
  findings: Findings,
  entry: Entry | undefined,
  names: Names,
): Pick<PolicyFile, 'editors' | 'default' | 'committer'> {
  const entries = entry && readTable(findings, entry.value, '[policy]', ['editors', 'default', 'committer']);
  const value = (key: string): Node | undefined => entries?.get(key)?.value;
  return {
    editors: entries?.has('editors')
      ? readNames(findings, value('editors'), 'editors', names)
      : onlyPerson(findings, entry?.value, names),
    default: readWord(findings, value('default'), 'default', ['signed', 'deny', 'open']),
    committer: readWord(findings, value('committer'), 'committer', ['off', 'warn', 'require']),
  };
}

/** With one person there is no question who may change the policy; with two, saying nothing would be an answer. */
function onlyPerson(findings: Findings, node: Node | undefined, { signers }: Names): readonly string[] {
  const people = [...signers].filter(([, { person }]) => person).map(([name]) => name);
  const place = node ?? { line: 1, column: 1 };
  if (people.length === 1) {
    if (signers.size > 1) warn(findings, place, `No editors are named, so it is ${people[0]} alone.`);
    return people;
  }
  if (signers.size > 0)
    complain(findings, place, 'The policy has no editors: write editors = ["NAME"] below [policy].');
  return [];
}

function readInstances(findings: Findings, entry: Entry | undefined): readonly string[] {
  if (entry === undefined) return PUBLIC_INSTANCES;
  return readTexts(findings, entry.value, 'instance').map((item) => {
    if (!/^[0-9a-f]{64}$/i.test(item.text))
      complain(
        findings,
        item,
        `${quoted(item.text)} is no SHA-256 of a certificate: it has 64 hexadecimal digits.`,
      );
    return item.text.toLowerCase();
  });
}

function inOrder(list: readonly PolicyProblem[]): readonly PolicyProblem[] {
  return list.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
