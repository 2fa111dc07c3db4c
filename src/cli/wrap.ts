/** Lines that fit: broken between words where somebody reads on a terminal, and as they are where a program reads. */
import { stripVTControlCharacters } from 'node:util';

/** Columns of the terminal that a stream leads to; undefined where it leads to none, or to one that says 0 (script, expect). */
export function terminalWidth(stream: NodeJS.WriteStream = process.stdout): number | undefined {
  return stream.isTTY === true && stream.columns > 0 ? stream.columns : undefined;
}

/**
 * The text in lines of at most `width` columns, all but the first behind `indent` spaces. What can be copied stays whole:
 * long words, and a command at the end. Escape codes take no room.
 */
export function wrapText(text: string, indent: number, width = terminalWidth()): string {
  return wrapLines(text, indent, width).join(`\n${' '.repeat(indent)}`);
}

/** Longest name before a value. */
const MAX_NAME = 28;

/** The same, where each further line begins below the value, if the text is `name  value`; items of a list go in by two. */
export function hangText(text: string, width = terminalWidth()): string {
  const [name = ''] = /^ *\S+(?: \S+)* {2,}(?=\S)/.exec(text) ?? [];
  if (name !== '' && name.length <= MAX_NAME) return wrapText(text, name.length, width);
  return wrapText(text, text.startsWith(' ') ? text.search(/\S|$/) + 2 : 0, width);
}

/** The same as lines, without the spaces before them. */
export function wrapLines(text: string, indent: number, width: number | undefined): readonly string[] {
  if (width === undefined || columnsOf(text) <= width) return [text];
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of wordsOf(text)) {
    const longer: string = line === undefined ? word : `${line} ${word}`;
    const room = lines.length === 0 ? width : width - indent;
    if (line !== undefined && line.trim() !== '' && columnsOf(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line ?? ''];
}

/** Joined by spaces they are the text again. */
function wordsOf(text: string): readonly string[] {
  const [, before = text, command] = /^(.*?(?::|\bRun)) (git(?:-signet)? .*)$/s.exec(text) ?? [];
  return [...before.split(' '), ...(command === undefined ? [] : [command])];
}

function columnsOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
