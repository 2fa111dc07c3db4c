/** A policy file from its bytes: TOML, whose values know where they stand. */
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { MAX_POLICY_BYTES } from '../../core/limits.ts';
import { type ReadPolicy, readPolicy } from '../../core/policy/readPolicy.ts';
import type { Entry, Node, Place } from '../../core/policy/tree.ts';

/** Never throws but for a bug: what is wrong is in what it gives. */
export function parsePolicy(bytes: Uint8Array): ReadPolicy {
  const root = parseToml(bytes);
  return 'message' in root ? { policy: undefined, problems: [root], warnings: [] } : readPolicy(root);
}

/** The file as values, or the first thing in it that is no TOML. */
export function parseToml(bytes: Uint8Array): Node | (Place & { readonly message: string }) {
  if (bytes.length > MAX_POLICY_BYTES) return { ...START, message: 'The policy is larger than 256 KiB.' };
  const text = decode(bytes);
  if (text === undefined) return { ...START, message: 'The policy is not UTF-8.' };
  try {
    return toNode(parseTOML(text, { tomlVersion: '1.0' }));
  } catch (error) {
    // The parser calls itself for each bracket: a line of brackets fills its stack.
    if (error instanceof RangeError) return { ...START, message: 'The policy is nested too deeply.' };
    if (!(error instanceof ParseError)) throw error;
    const message = `This is no TOML: ${error.message}.`;
    return { line: error.lineNumber, column: error.column + 1, message };
  }
}

const START = { line: 1, column: 1 } as const;

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function toNode(program: AST.TOMLProgram): Node {
  const root: Table = { ...START, kind: 'table', entries: new Map() };
  for (const item of program.body[0].body) {
    if (item.type === 'TOMLKeyValue') addValue(root, item);
    else {
      const table = openTable(root, item);
      for (const entry of item.body) addValue(table, entry);
    }
  }
  return root;
}

/** A table while it is filled. */
type Table = Place & { readonly kind: 'table'; readonly entries: Map<string, Entry> };

/** Numbers in `resolvedKey` are places in arrays of tables. */
function openTable(root: Table, { resolvedKey, key, kind, loc }: AST.TOMLTable): Table {
  let table = root;
  for (const [depth, name] of resolvedKey.entries()) {
    if (typeof name === 'number') continue;
    const place = placeOf(key.keys.at(-1) ?? { loc });
    const isArray = typeof resolvedKey[depth + 1] === 'number';
    const isOwnItem = isArray && kind === 'array' && depth + 2 === resolvedKey.length;
    table = isArray ? itemOf(table, name, place, isOwnItem) : innerTable(table, name, place);
  }
  return table;
}

function innerTable(table: Table, name: string, place: Place): Table {
  const known = table.entries.get(name)?.value as Table | undefined;
  if (known !== undefined) return known;
  const value: Table = { ...place, kind: 'table', entries: new Map() };
  table.entries.set(name, { key: place, value });
  return value;
}

function itemOf(table: Table, name: string, place: Place, isNew: boolean): Table {
  const known = table.entries.get(name)?.value as (Node & { readonly kind: 'list' }) | undefined;
  const items = (known?.items ?? []) as Table[];
  if (known === undefined) table.entries.set(name, { key: place, value: { ...place, kind: 'list', items } });
  const last = items.at(-1);
  if (!isNew && last !== undefined) return last;
  const item: Table = { ...place, kind: 'table', entries: new Map() };
  items.push(item);
  return item;
}

/** `a.b = 1` is a table `a` with `b` in it. The parser has refused keys that occur twice. */
function addValue(table: Table, { key, value }: AST.TOMLKeyValue): void {
  const names = key.keys.map((part) => ({ place: placeOf(part), name: nameOf(part) }));
  const last = names.pop();
  if (last === undefined) return;
  const inner = names.reduce((at, { name, place }) => innerTable(at, name, place), table);
  inner.entries.set(last.name, { key: last.place, value: toValue(value) });
}

function toValue(value: AST.TOMLContentNode): Node {
  const place = placeOf(value);
  switch (value.type) {
    case 'TOMLArray':
      return { ...place, kind: 'list', items: value.elements.map(toValue) };
    case 'TOMLInlineTable': {
      const table: Table = { ...place, kind: 'table', entries: new Map() };
      for (const entry of value.body) addValue(table, entry);
      return table;
    }
    case 'TOMLValue':
      if (value.kind === 'string') return { ...place, kind: 'text', value: value.value };
      if (value.kind === 'boolean') return { ...place, kind: 'boolean', value: value.value };
      if (value.kind === 'integer' || value.kind === 'float')
        return { ...place, kind: 'number', value: value.value };
      return { ...place, kind: 'other' };
  }
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

function placeOf({ loc }: { readonly loc: AST.SourceLocation }): Place {
  return { line: loc.start.line, column: loc.start.column + 1 };
}
