/** Just enough Markdown to hold the documentation to its word. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** All documents, relative to the root of the repository. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
];

export interface Block {
  readonly language: string;
  readonly text: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
}

export function readDocument(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** Fenced blocks, those inside list items too; their indentation is taken off. */
export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = '', language = ''] = /^( *)```(\w+)$/.exec(lines[at] ?? '') ?? [];
    if (language === '') continue;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end < 0) throw new Error(`the block of line ${at + 1} has no end`);
    const text = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    blocks.push({ language, text: text.join('\n'), line: at + 2 });
    at = end;
  }
  return blocks;
}

/** The document without its fenced blocks. */
export function proseOf(markdown: string): string {
  return markdown.replace(/^( *)```\w+\n[\s\S]*?^\1```$/gm, '');
}

/** Rows of the table whose heading begins with these cells, without the heading. */
export function tableOf(markdown: string, ...heading: readonly string[]): readonly (readonly string[])[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => heading.every((cell, i) => cellsOf(line)[i] === cell));
  if (start < 0) throw new Error(`there is no table ${heading.join(' | ')}`);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  return lines.slice(start + 2, end < 0 ? lines.length : end).map(cellsOf);
}

/** The texts in backticks. */
export function codesOf(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

function cellsOf(line: string): readonly string[] {
  return line.startsWith('|')
    ? line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
    : [];
}
