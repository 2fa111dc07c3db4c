/** A configuration file as values that know where they stand, and the reading of them with all that is wrong told at once. */
import type { PolicyProblem } from '../policyFile.ts';

/** Line and column, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Node = Place &
  (
    | { readonly kind: 'table'; readonly entries: ReadonlyMap<string, Entry> }
    | { readonly kind: 'list'; readonly items: readonly Node[] }
    | { readonly kind: 'text'; readonly value: string }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'other' }
  );

export interface Entry {
  /** Where the key stands. */
  readonly key: Place;
  readonly value: Node;
}

/** What is wrong (`problems`) or doubtful (`warnings`) so far. */
export interface Findings {
  readonly problems: PolicyProblem[];
  readonly warnings: PolicyProblem[];
}

export function complain(findings: Findings, { line, column }: Place, message: string): undefined {
  findings.problems.push({ line, column, message });
}

export function warn(findings: Findings, { line, column }: Place, message: string): undefined {
  findings.warnings.push({ line, column, message });
}

/** Entries by key; unknown keys are told. An empty map for what is no table, which is told too. */
export function readTable(
  findings: Findings,
  node: Node,
  what: string,
  keys: readonly string[] | 'any',
): ReadonlyMap<string, Entry> {
  if (node.kind !== 'table') {
    complain(findings, node, `${what} must be a table.`);
    return new Map();
  }
  for (const [name, { key }] of node.entries) {
    if (keys === 'any' || keys.includes(name)) continue;
    complain(findings, key, `${what} has the unknown key ${quoted(name)}; known are ${keys.join(', ')}.`);
  }
  return node.entries;
}

/** Undefined where it is not there, or no text. */
export function readText(findings: Findings, node: Node | undefined, what: string): string | undefined {
  if (node === undefined) return undefined;
  if (node.kind !== 'text') return complain(findings, node, `${what} must be text in quotes.`);
  if (node.value === '') return complain(findings, node, `${what} is empty.`);
  if (/[\x00-\x1f\x7f]/.test(node.value)) return complain(findings, node, `${what} has a control character.`);
  return node.value;
}

export function readFlag(findings: Findings, node: Node | undefined, what: string): boolean {
  if (node === undefined) return false;
  if (node.kind === 'boolean') return node.value;
  complain(findings, node, `${what} must be true or false.`);
  return false;
}

/** One of the words; the first where it is not there. */
export function readWord<T extends string>(
  findings: Findings,
  node: Node | undefined,
  what: string,
  words: readonly [T, ...T[]],
): T {
  const text = readText(findings, node, what);
  const word = words.find((one) => one === text);
  if (text !== undefined && word === undefined && node !== undefined)
    complain(findings, node, `${what} is ${quoted(text)}, which is none of ${words.join(', ')}.`);
  return word ?? words[0];
}

/** A text with its place. */
export interface Text extends Place {
  readonly text: string;
}

/** A list of texts that is not empty; empty where it is not there. */
export function readTexts(findings: Findings, node: Node | undefined, what: string): readonly Text[] {
  return readItems(findings, node, what).flatMap((item) => {
    const text = readText(findings, item, `an item of ${what}`);
    return text === undefined ? [] : [{ line: item.line, column: item.column, text }];
  });
}

/** The items of a list that must not be empty. */
export function readItems(findings: Findings, node: Node | undefined, what: string): readonly Node[] {
  if (node === undefined) return [];
  if (node.kind !== 'list') {
    complain(findings, node, `${what} must be a list in square brackets.`);
    return [];
  }
  if (node.items.length === 0) complain(findings, node, `${what} is empty; leave it out, or name something.`);
  return node.items;
}

/** An instant as in `2026-06-30T00:00:00Z`; by round trip, so that a 30th of February is none. */
export function readInstant(findings: Findings, node: Node | undefined, what: string): string | undefined {
  if (node?.kind === 'other')
    return complain(findings, node, `${what} must be text in quotes: "2026-06-30T00:00:00Z".`);
  const text = readText(findings, node, what);
  if (text === undefined || node === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? new Date(text) : new Date(Number.NaN);
  const isReal = !Number.isNaN(time.getTime()) && time.toISOString() === text.replace('Z', '.000Z');
  if (isReal) return text;
  return complain(findings, node, `${what} is ${quoted(text)}, which is no time as in 2026-06-30T00:00:00Z.`);
}

/** Foreign text in a message: bounded, and one line. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
