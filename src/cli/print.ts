/** Standard output of the commands (never of git's two calls): lines, tables, JSON. */
import { stripVTControlCharacters, styleText } from 'node:util';
import { writeAll } from '../adapters/writeBytes.ts';
import { hangText } from './wrap.ts';

export function print(lines: readonly string[]): void {
  if (lines.length > 0) writeAll(1, `${lines.join('\n')}\n`);
}

/** Sentences, and values behind their names, in lines that fit. Not for what is to be copied or piped on. */
export function printText(lines: readonly string[]): void {
  print(lines.map((line) => hangText(line)));
}

export function printJson(value: unknown): void {
  writeAll(1, `${JSON.stringify(value, null, 2)}\n`);
}

/** Columns as wide as their widest cell; the heading is bold on a terminal. */
export function printTable(heading: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = heading.length > 0 ? [heading, ...rows] : rows;
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ''))));
  const toLine = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd();
  print(all.map((row, i) => (i === 0 && heading.length > 0 ? colour('bold', toLine(row)) : toLine(row))));
}

/** Colours where standard output is a terminal that wants them (NO_COLOR and FORCE_COLOR as usual). */
export function colour(style: Parameters<typeof styleText>[0], text: string): string {
  const wanted = process.env['FORCE_COLOR']
    ? true
    : process.stdout.isTTY === true && !process.env['NO_COLOR'];
  return wanted ? styleText(style, text) : text;
}

/** Whether the terminal shows more than ASCII, by the locale as POSIX has it (XBD 8.2); on Windows it does. */
export function showsUnicode(env: NodeJS.ProcessEnv = process.env): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return process.platform === 'win32' || /utf-?8/i.test(locale);
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
