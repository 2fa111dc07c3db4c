/** Lines that fit: broken between words where standard output is a terminal, and as they are where a program reads. */
import { stripVTControlCharacters } from 'node:util';

/** Columns of the terminal; undefined where there is none. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY === true ? process.stdout.columns : undefined;
}

/**
 * The text in lines of at most `width` columns, all but the first behind `indent` spaces. Words that are longer stay
 * whole, so that commands and ids can be copied. Escape codes take no room.
 */
export function wrapText(text: string, indent: number, width = terminalWidth()): string {
  if (width === undefined) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' && lines.length === 0 ? word : `${line} ${word}`;
    const room = width - (lines.length === 0 ? 0 : indent);
    if (line.trim() !== '' && columnsOf(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

function columnsOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
